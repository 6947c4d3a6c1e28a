"""What is missing: consent, answers of an interview, answers to a question, any variation.

Here: HFC11 to HFC14. Not here: single required answers, which are a rule of the form.
"""

from collections.abc import Iterator

import numpy as np

from meal_pipeline.rows.form_rows import declared_at
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun


def no_consent(interviews: Interviews) -> Iterator[Found]:
    """HFC11: an eligible row whose consent is missing or not given."""
    declared, code = interviews.settings.HFC11, interviews.form.code
    if declared is None:
        raise NotRun(key=f"validation.fieldwork.{code}.HFC11")
    with declared_at(f"validation.fieldwork.{code}.HFC11.question"):
        column = interviews.name(declared.question)
    agreed = interviews.frame.column(column).isin(declared.agreed).to_numpy(np.bool_)
    everyone = np.ones(len(interviews), dtype=np.bool_)
    yield interviews.found(column, everyone, ~agreed)


def missing_in_row(interviews: Interviews) -> Iterator[Found]:
    """HFC12: many of the questions asked in an interview have no answer."""
    limits, facts = interviews.settings.HFC12, interviews.answers
    enough = facts.asked >= limits.asked
    share = 100 * facts.empty / np.maximum(facts.asked, 1)
    yield interviews.found(
        "",
        enough,
        share > limits.percent,
        values=lambda rows: [f"{one:.0f} %" for one in share[rows]],
        limit=f"{limits.percent:g}",
    )


def missing_in_question(interviews: Interviews) -> Iterator[Found]:
    """HFC13: many of those asked a question do not answer, do not know or refuse."""
    limits = interviews.settings.HFC13
    for one in interviews.answers.questions:
        if one.asked < limits.asked:
            continue
        open_ = one.asked - one.given + one.unsure
        share = 100 * open_ / one.asked
        yield Found(
            one.name,
            one.asked,
            one.given,
            on_whole_form=share > limits.percent,
            observed=f"{share:.0f} %",
            words={
                "question": interviews.label(one.name),
                "missing": one.asked - one.given,
                "unsure": one.unsure,
                "asked": one.asked,
            },
        )


def no_variation(interviews: Interviews) -> Iterator[Found]:
    """HFC14: all answers to a question are the same."""
    least, consent = interviews.settings.HFC14.answers, interviews.settings.HFC11
    agreed = consent.question if consent is not None else ""
    for one in interviews.answers.questions:  # all who were interviewed agreed to be
        if one.given >= least and one.name != agreed and one.kind not in ("media", "line"):
            yield Found(
                one.name,
                one.asked,
                one.given,
                on_whole_form=one.same,
                words={"question": interviews.label(one.name), "answers": one.given},
            )
