"""Remarks on the choices sheet: codes with blanks, doubled or alike, choices without Arabic.

Here: rows of that sheet. Not here: questions without choices (`question_remarks`).
"""

import re
from collections.abc import Iterator

from meal_pipeline.forms.question_types import value_kind
from meal_pipeline.lint.drawn import Drawn, DrawnChoice
from meal_pipeline.lint.labels import arabic_language, fault_of
from meal_pipeline.lint.name_remarks import alike
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

_BLANK = re.compile(r"\s")


def choice_remarks(drawn: Drawn) -> Iterator[FormRemark]:
    """Give them list by list."""
    lists: dict[str, list[DrawnChoice]] = {}
    for one in drawn.choices:
        lists.setdefault(one.list_name, []).append(one)
    several = {
        one.row.list_name for one in drawn.rows if value_kind(one.row.type) == "select_multiple"
    }
    language = arabic_language(drawn)
    for name, choices in lists.items():
        yield from _codes(choices, several=name in several)
        if language:
            yield from _labels(name, choices, language)


def _codes(choices: list[DrawnChoice], *, several: bool) -> Iterator[FormRemark]:
    first: dict[str, DrawnChoice] = {}
    for one in choices:
        code = one.choice.name
        if _BLANK.search(code):
            message = (
                _("The code “{code}” holds a blank; several answers are kept with blanks between.")
                if several
                else _("The code “{code}” holds a blank.")
            )
            fix = _("Write _ for the blank.")
            yield _remark("choice.blank_in_code", one, message.format(code=code), fix)
        # Lists may repeat a code where a filter shows one of the rows only.
        if code in first and one.choice.attributes == first[code].choice.attributes:
            message = _("The code {code} stands in row {row} of the list already.")
            said = message.format(code=code, row=first[code].number)
            fix = _("Give each choice of a list a code of its own, or delete one.")
            yield _remark("choice.doubled", one, said, fix)
        first.setdefault(code, one)
    for code, other in alike(first):
        message = _("The codes {code} and {other} differ only in letters that are easily mixed up.")
        said = message.format(code=code, other=other)
        yield _remark("choice.alike", first[code], said, _("Give one of them another code."))


def _labels(name: str, choices: list[DrawnChoice], language: str) -> Iterator[FormRemark]:
    without = [one for one in choices if fault_of(one.choice.labels, language) == "missing"]
    if without:
        said = ngettext(
            "A choice of the list {list} has no Arabic label: {codes}.",
            "{n} choices of the list {list} have no Arabic label: {codes}.",
            len(without),
        ).format(n=len(without), list=name, codes=", ".join(c.choice.name for c in without[:5]))
        yield _remark("label.missing", without[0], said, _("Write it in the Arabic column."))


def _remark(code: str, one: DrawnChoice, message: str, fix: str) -> FormRemark:
    return FormRemark(code, "choices", one.number, one.list_name, message, fix)
