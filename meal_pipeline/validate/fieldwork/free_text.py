"""What stands in words: other answers to recode, and personal data where none was asked for.

Here: HFC21 and HFC32. Not here: questions declared personal, whose answers are not among the rows.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from meal_pipeline.forms import Column
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.fieldwork.answers import loaded
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews
from meal_pipeline.validate.outcomes import Positions
from meal_pipeline.validate.version_rows import held_name

_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
_TO_LATIN = str.maketrans(_DIGITS[10:], "0123456789" * 2)
_LIKELY = rf"@|[{_DIGITS}][{_DIGITS} .()/-]{{5,}}[{_DIGITS}]"
"""What any identifier looks like to a quick search."""
_NUMBER = re.compile(r"\+?\d[\d .()/-]{5,}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


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
    questions = [
        one
        for one in interviews.of_kind("text")
        if one.type == "text" and not keys & {one.name, one.newest.name, one.newest.path}
    ]
    for one, column in loaded(interviews.frame, questions):
        wrong = _with_identifiers(column)
        yield interviews.found(
            one.name,
            column.notna().to_numpy(np.bool_),
            wrong,
            values=lambda rows: [None] * len(rows),
            question=interviews.label(one.name),
        )


def holds_identifier(text: str) -> bool:
    """Tell whether a text holds a phone number, a national number or an e-mail address.

    A number counts from 8 digits on, also in Arabic digits and with blanks between; a date does
    not. Syrian mobile numbers have 9 or 10 digits, national numbers 11.
    """
    plain = text.translate(_TO_LATIN)
    if _MAIL.search(plain):
        return True
    numbers = (found[0] for found in _NUMBER.finditer(_DATE.sub(" ", plain)))
    return any(8 <= sum(letter.isdigit() for letter in one) <= 15 for one in numbers)


def _with_identifiers(column: pd.Series) -> BoolArray:
    codes, values = pd.factorize(column)
    texts = values.to_series().astype("str")
    wrong = texts.str.contains(_LIKELY, regex=True).to_numpy(np.bool_).copy()
    for place in np.flatnonzero(wrong):
        wrong[place] = holds_identifier(str(values[place]))
    found: BoolArray = np.append(wrong, False)[codes]  # -1, no answer, takes the last
    return found


def _asks_for_other(column: Column, codes: Sequence[str]) -> bool:
    """Tell whether the question is asked where a choice for "other" was taken."""
    if column.type != "text":
        return False
    name, relevant = column.newest.name.lower(), column.newest.relevant or ""
    quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"", relevant)
    asked = {code for pair in quoted for code in pair if code}
    return bool(asked & set(codes)) or name.endswith(("_other", "_autre", "other_specify"))
