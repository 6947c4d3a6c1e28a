"""The sampling frame against what was achieved.

Here: HFC29. Not here: weights and strata that are missing (`design_checks`).
"""

from collections.abc import Iterator

import pandas as pd

from meal_pipeline.forms.model import Labels
from meal_pipeline.rows.form_rows import declared_at
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun
from meal_pipeline.validate.fieldwork.texts import words_of
from meal_pipeline.validate.outcomes import Part
from meal_pipeline.validate.sentences import short_labels


def progress(interviews: Interviews) -> Iterator[Found]:
    """HFC29: strata with fewer eligible interviews in a round than were planned."""
    declared, project, code = interviews.settings.HFC29, interviews.project, interviews.form.code
    if declared is None:
        raise NotRun(key=f"validation.fieldwork.{code}.HFC29")
    question = declared.question or project.design.strata
    if question is None:
        raise NotRun(key="design.strata")
    with declared_at(f"validation.fieldwork.{code}.HFC29.question"):
        strata = interviews.column(question)
    mine = pd.DataFrame({"round": interviews.rounds, "stratum": strata})[interviews.eligible]
    done = mine.value_counts().to_dict()
    begun = set(mine["round"].dropna())
    labels = _labels(interviews, question)
    for closed in (True, False):
        rounds = [one for one in begun if (one in declared.closed) == closed]
        parts = tuple(
            _part(interviews, one, stratum, labels, (done.get((one, stratum), 0), target))
            for one in sorted(rounds)
            for stratum, target in declared.targets.items()
            if done.get((one, stratum), 0) < target
        )
        planned = len(rounds) * len(declared.targets)
        yield Found(
            question if closed else "",
            planned,
            planned,
            parts=parts,
            severity="warning" if closed else "info",
            rule="" if closed else "open_round",
        )


def _part(
    interviews: Interviews,
    round_: str,
    stratum: str,
    labels: dict[str, Labels],
    counts: tuple[int, int],
) -> Part:
    done, target = counts
    rounds = interviews.project.rounds
    name: Labels = {"en": "", "ar": ""}
    if rounds is not None and round_ in rounds.values:
        name = {one: f" ({text})" for one, text in rounds.values[round_].name.items()}
    message = words_of("sample")["HFC29"].finding(
        stratum=labels.get(stratum, {"en": stratum}), round=name, done=done, target=target
    )
    return Part(f"{round_}|{stratum}", message, f"{done} / {target}")


def _labels(interviews: Interviews, question: str) -> dict[str, Labels]:
    union = interviews.form.union
    choices = union.choices_of(union.column(question))
    return {one.name: short_labels(one.labels, one.name) for one in choices}
