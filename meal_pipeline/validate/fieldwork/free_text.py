"""What stands in words: other answers to recode, and personal data where none was asked for.

Here: HFC21 and HFC32. Not here: questions declared personal, whose answers are not among the rows.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from meal_pipeline.forms import Column
from meal_pipeline.validate.fieldwork.identifiers import holds_identifier
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews
from meal_pipeline.validate.outcomes import Positions
from meal_pipeline.validate.version_rows import held_name


def other_answers(interviews: Interviews) -> Iterator[Found]:
    """HFC21: each answer in words under "other", to be recoded; none that holds personal data."""
    codes = interviews.settings.HFC21.codes
    for one in interviews.of_kind("text"):
        if not _asks_for_other(one, codes):
            continue
        column = interviews.frame.column(held_name(one.name))
        given = column.notna().to_numpy(np.bool_)

        def shown(rows: Positions, column: pd.Series = column) -> Sequence[str | None]:
            answers = column.take(rows).to_list()
            return [None if holds_identifier(str(text)) else str(text) for text in answers]

        yield interviews.found(
            one.name, given, given, values=shown, question=interviews.label(one.name)
        )


def identifiers_in_text(interviews: Interviews) -> Iterator[Found]:
    """HFC32: phones, national numbers and e-mail addresses in free text; they are never shown."""
    keys = {interviews.form.form.subject, *interviews.project.design.model_dump().values()}
    for one in interviews.of_kind("text"):
        if one.type != "text" or keys & {one.name, one.newest.name, one.newest.path}:
            continue
        given, identified = interviews.answers.texts[one.name]
        yield Found(
            one.name,
            given,
            given,
            identified,
            [None] * len(identified),
            words={"question": interviews.label(one.name)},
        )


def _asks_for_other(column: Column, codes: Sequence[str]) -> bool:
    """Tell whether the question is asked where a choice for "other" was taken."""
    if column.type != "text":
        return False
    name, relevant = column.newest.name.lower(), column.newest.relevant or ""
    quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"", relevant)
    asked = {code for pair in quoted for code in pair if code}
    return bool(asked & set(codes)) or name.endswith(("_other", "_autre", "other_specify"))
