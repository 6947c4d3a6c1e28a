"""A form as it is drawn: each row of its sheets with its place among groups and repeats.

Here: rows with their numbers, which `FormVersion` no longer has. Not here: what is wrong with them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from meal_pipeline.forms import Choice, FormVersion
from meal_pipeline.forms.question_types import is_meta, value_kind
from meal_pipeline.forms.sheets import Row, Sheets, cell_text, is_yes, read_sheets

EXPRESSIONS = ("relevant", "constraint", "calculation", "required", "repeat_count")
"""Columns that hold a whole expression; those of `choice_filter` may name columns of choices."""


@dataclass(frozen=True)
class DrawnRow:
    """A row of the survey sheet: its path, the conditions of the groups around it, its repeat."""

    row: Row
    path: str
    around: tuple[str, ...]
    repeat: str | None

    @property
    def name(self) -> str:
        """The name of the question or group."""
        return self.row.name or ""

    @property
    def is_group(self) -> bool:
        """Whether it opens a group or repeat."""
        return self.row.type.startswith("begin_")

    @property
    def is_asked(self) -> bool:
        """Whether a person answers it."""
        type_ = self.row.type
        by_app = is_meta(type_) or type_ in ("calculate", "hidden", "note")
        return not self.is_group and not by_app and value_kind(type_) != "none"

    @property
    def is_required(self) -> bool:
        """Whether it is always required."""
        return is_yes(self.row.cells.get("required"))

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Give each column that holds an expression, with it; a plain yes or no is none."""
        for column in EXPRESSIONS:
            text = self.row.cells.get(column)
            plain = column == "required" and text is not None and text.lower() in _ANSWERS
            if text is not None and not plain:
                yield column, text


_ANSWERS = {"yes", "no", "true", "false", "true()", "false()", "1", "0", "na", "n/a"}


@dataclass(frozen=True)
class DrawnChoice:
    """A row of the choices sheet."""

    number: int
    list_name: str
    choice: Choice


@dataclass(frozen=True)
class Drawn:
    """A form: its rows in order (those that close a group are left out), its choices, and it."""

    sheets: Sheets
    rows: tuple[DrawnRow, ...]
    choices: tuple[DrawnChoice, ...]
    version: FormVersion

    @cached_property
    def by_name(self) -> Mapping[str, list[int]]:
        """The places in `rows` of the rows with a name."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.rows):
            if one.name:
                found.setdefault(one.name, []).append(place)
        return found

    @cached_property
    def by_path(self) -> Mapping[str, DrawnRow]:
        """The rows by path; the first where one stands twice."""
        return {one.path: one for one in reversed(self.rows)}

    def codes_of(self, name: str) -> set[str] | None:
        """Give the choices of the question with this name; None for others and lists in files."""
        questions = self.version.by_name.get(name, ())
        if len(questions) != 1 or questions[0].list_file or not questions[0].list_name:
            return None
        return {one.name for one in self.version.choices_of(questions[0])}


def draw(content: Mapping[str, object], version: FormVersion) -> Drawn:
    """Give the form as drawn; `version` is the same content as `parse_content` gives it."""
    sheets = read_sheets(content)
    return Drawn(sheets, tuple(_rows(sheets)), tuple(_choices(content, sheets)), version)


def _rows(sheets: Sheets) -> Iterator[DrawnRow]:
    path: list[str] = []
    around: list[str | None] = []
    repeats: list[str | None] = []
    for row in sheets.survey:
        if row.type.startswith("end_"):
            if path:
                path.pop(), around.pop(), repeats.pop()
            continue
        here = "/".join([*path, row.name or ""])
        conditions = tuple(one for one in around if one)
        one = DrawnRow(row, here, conditions, repeats[-1] if repeats else None)
        yield one
        if one.is_group:
            path.append(row.name or "")
            around.append(row.cells.get("relevant"))
            repeats.append(here if row.type == "begin_repeat" else one.repeat)


def _choices(content: Mapping[str, object], sheets: Sheets) -> Iterator[DrawnChoice]:
    rows = content.get("choices")
    left = {name: iter(choices) for name, choices in sheets.choices.items()}
    for number, row in enumerate(rows if isinstance(rows, list) else [], start=2):
        name = cell_text(row.get("list_name")) or cell_text(row.get("list name"))
        choice = next(left.get(name or "", iter(())), None) if _code(row) else None
        if name and choice is not None:
            yield DrawnChoice(number, name, choice)


def _code(row: Mapping[str, object]) -> str | None:
    """Give the code of a choice as `read_sheets` finds it."""
    keys = ("name", "value", "$autovalue", "$autoname")
    return next((text for key in keys if (text := cell_text(row.get(key)))), None)
