"""Remarks on names: doubled, shared between groups, or so alike that people mix them up.

Here: names of questions and groups, and the comparison of names. Not here: codes of choices
(`choice_remarks`).
"""

from collections.abc import Iterable, Iterator

from meal_pipeline.lint.drawn import Drawn, DrawnRow
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.letters import name_letters


def name_remarks(drawn: Drawn) -> Iterator[FormRemark]:
    """Give them in the order of the form."""
    seen: dict[str, DrawnRow] = {}
    by_name: dict[str, DrawnRow] = {}
    for one in drawn.rows:
        if not one.name:
            continue
        if one.path in seen:
            said = _("The name {name} stands in row {row} already, in the same group.")
            yield _remark("name.doubled", one, said, seen[one.path])
        elif one.name in by_name and not one.is_group:
            said = _("Row {row} in another group has the name {name}, too; ${{{name}}} is unclear.")
            yield _remark("name.shared", one, said, by_name[one.name])
        seen.setdefault(one.path, one)
        if not one.is_group:
            by_name.setdefault(one.name, one)
    for name, other in alike(by_name):
        said = _("The names {name} and {other} differ only in letters that are easily mixed up.")
        yield FormRemark(
            "name.alike",
            "survey",
            by_name[name].row.number,
            name,
            said.format(name=name, other=other),
            _("Give one of them another name before data come in."),
        )


def alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give each name that differs from an earlier one only in case or in letters that look alike.

    Which Arabic letters look alike is the rule of `places.letters`; signs such as `_` do count.
    """
    first: dict[tuple[str, ...], str] = {}
    for name in dict.fromkeys(names):
        key = tuple(name_letters(part) for part in name.replace("-", "_").split("_"))
        if not any(key):
            continue
        if key in first:
            yield name, first[key]
        first.setdefault(key, name)


def _remark(code: str, one: DrawnRow, said: str, before: DrawnRow) -> FormRemark:
    return FormRemark(
        code,
        "survey",
        one.row.number,
        one.name,
        said.format(name=one.name, row=before.row.number),
        _("Give each question a name of its own."),
    )
