"""One sheet of an export: its header found, its rows turned into answers by question.

Here: a frame of the form in a sheet. Not here: how sheets belong together (`bodies.py`).
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from meal_pipeline.exports.carrying import Lacks
from meal_pipeline.exports.cells import CELL_LIMIT, Codes, cell_text, is_ticked, point_text
from meal_pipeline.exports.encodings import is_damaged
from meal_pipeline.exports.headings import Headings, Wording, match_headings
from meal_pipeline.exports.workbook import Cell, Sheet
from meal_pipeline.forms import Column
from meal_pipeline.forms.question_types import is_media

Answers = list[tuple[int, Any]]
"""The answers of a row: the number of the column in `Frame.columns`, and the text."""

_HEADER_WITHIN = 6
_WORDS = ("text", "select_one", "select_multiple")


@dataclass
class Frame:
    """A sheet that holds the form's main frame (`repeat` None) or a repeat, ready to be read."""

    sheet: Sheet
    header_row: int
    headings: Headings
    wording: Wording
    repeat: str | None
    lacks: Lacks
    columns: list[Column] = field(default_factory=list)
    _texts: list[tuple[int, int, Column]] = field(default_factory=list)
    _readers: list[tuple[int, "_Reader"]] = field(default_factory=list)
    _paths: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_column: dict[str, tuple[Column, dict[str, list[int]]]] = {}
        for at, target in self.headings.targets.items():
            _column, parts = by_column.setdefault(target.column.name, (target.column, {}))
            parts.setdefault(target.part, []).append(at)
        for column, parts in by_column.values():
            number = len(self.columns)
            self.columns.append(column)
            whole = parts.pop("", [])
            if whole and not self._has_labels(column):
                self._texts += [(number, at, column) for at in whole]
            else:
                readers = self._readers_of(column, whole, parts)
                self._readers += [(number, reader) for reader in readers]
        self._watched = {**self.headings.unknown}
        self._width = 1 + max(
            [*self.headings.targets, *self.headings.meta, *self.headings.unknown,
             *self.headings.clashing, 0]
        )  # fmt: skip
        for text in self.headings.clashing.values():
            self.lacks.add("clash", text)

    def rows(self) -> Iterator[list[Cell]]:
        """Give the rows below the header, each as wide as the header; wholly empty ones not."""
        for row in islice(self.sheet.rows(), self.header_row + 1, None):
            if any(cell is not None for cell in row):
                yield row + [None] * (self._width - len(row)) if len(row) < self._width else row

    def answers(self, row: list[Cell], version: str) -> Answers:
        """Give the answers of a row that names this version of the form."""
        found: Answers = []
        for number, at, column in self._texts:
            cell = row[at]
            if type(cell) is str and len(cell) < CELL_LIMIT and cell.isalnum() and cell.isascii():
                found.append((number, cell))  # most cells, and nothing to look at
            elif cell is not None:
                found.append((number, self._text(column, cell)))
        for number, reader in self._readers:
            text = reader(row, version)
            if text is not None:
                found.append((number, text))
        for at in [at for at in self._watched if row[at] is not None]:
            self.lacks.add("unknown", self._watched.pop(at))
        if len(row) > self._width and any(one is not None for one in row[self._width :]):
            self.lacks.add("beyond", rows=1)
        return found

    def keyed(self, answers: Answers | Sequence[Any], version: str) -> dict[str, Any]:
        """Give answers by the keys that the form's version has; of unknown ones the newest has."""
        paths = self._paths.get(version)
        if paths is None:
            paths = self._paths[version] = [
                column.paths.get(version) or column.newest.path for column in self.columns
            ]
        return {paths[number]: text for number, text in answers}

    def meta(self, key: str) -> int | None:
        """Give the position of one of the server's own columns."""
        return next((at for at, name in self.headings.meta.items() if name == key), None)

    def has_dates(self) -> bool:
        """Tell whether Excel's own dates are among the first rows: then offsets are lost."""
        return any(isinstance(cell, date) for row in islice(self.rows(), 20) for cell in row)

    def missing(self) -> list[Column]:
        """Give the questions of the frame that have no column."""
        held = {column.name for column in self.columns}
        return [
            one
            for one in self.wording.union.columns_of(self.repeat)
            if one.name not in held and one.newest.has_answer
        ]

    def _has_labels(self, column: Column) -> bool:
        labelled = column.kind in ("select_one", "select_multiple")
        return labelled and self.headings.language is not None

    def _readers_of(
        self, column: Column, whole: list[int], parts: dict[str, list[int]]
    ) -> Iterator["_Reader"]:
        """Give what reads labels, or the columns of single choices, or the parts of a point."""
        language = self.headings.language
        if whole and language is not None:
            lists = {
                form.version_uid: form.choices_of(column.questions[form.version_uid])
                for form in self.wording.union.versions
                if form.version_uid in column.questions
            }
            codes = {uid: Codes.of([choices], language) for uid, choices in lists.items()}
            codes[""] = Codes.of(lists.values(), language)
            for at in whole:
                yield partial(self._code, column, codes, at, _one_each(parts))
        elif column.kind == "geopoint":
            yield partial(self._point, _one_each(parts))
        else:
            yield partial(self._ticked, column, _one_each(parts))

    def _text(self, column: Column, cell: Cell) -> str | list[Any] | None:
        kind = column.kind
        if type(cell) is str:
            return self._plain(column, kind, cell)
        if kind == "dateTime" or column.type == "time":
            self.lacks.add("offsets", column.name, 1)
        elif column.type in ("text", "barcode", "phonenumber") and not isinstance(cell, str):
            self.lacks.add("numbers", column.name, 1)
        return cell_text(cell, kind)

    def _plain(self, column: Column, kind: Any, text: str) -> str | list[Any]:
        if (not text.isascii() or "??" in text) and kind in _WORDS and is_damaged(text):
            self.lacks.add("damaged", column.name, 1)
        if len(text) == CELL_LIMIT:
            self.lacks.add("cut", column.name, 1)
        return _doubled(text) if text.startswith("[{'") else text

    def _code(  # noqa: PLR0917 - all but the row are bound beforehand
        self,
        column: Column,
        codes: dict[str, Codes],
        at: int,
        split: dict[str, int],
        row: list[Cell],
        version: str,
    ) -> str | None:
        """Give the code of a label in the list of the row's own version, else in that of all."""
        text = cell_text(row[at], "text")
        if text is None:
            return None
        lists = (codes[uid] for uid in (version, "") if uid in codes)
        several = column.kind == "select_multiple"
        found = ((one.several(text) if several else one.one(text)) for one in lists)
        code = next((one for one in found if one is not None), None)
        if code is None and split:
            ticked = [one for one, place in split.items() if is_ticked(row[place])]
            if ticked:
                self.lacks.add("order", column.name)
                return " ".join(ticked)
        if code is None:
            self.lacks.add("codes", column.name, 1)
        return code

    def _ticked(
        self, column: Column, split: dict[str, int], row: list[Cell], _version: str
    ) -> str | None:
        ticked = [code for code, at in split.items() if is_ticked(row[at])]
        if len(ticked) > 1:
            self.lacks.add("order", column.name)
        return " ".join(ticked) or None

    def _point(self, parts: dict[str, int], row: list[Cell], _version: str) -> str | None:
        return point_text({part: cell_text(row[at], "decimal") for part, at in parts.items()})


_Reader = Callable[[list[Cell], str], str | list[Any] | None]


def _doubled(text: str) -> str | list[Any]:
    """Give a doubled node as the API has it; a CSV shows it as Python writes a list."""
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return found if isinstance(found, list) else text


def _one_each(parts: dict[str, list[int]]) -> dict[str, int]:
    return {part: places[0] for part, places in parts.items()}


def find_frame(sheet: Sheet, wording: Wording, repeat: str | None) -> tuple[int, Headings] | None:
    """Find the header among the first rows of a sheet: its row (from 0), and what it says.

    A row above it, such as merged titles of groups, is no header. None where nothing fits.
    """
    best: tuple[int, Headings] | None = None
    for number, row in enumerate(islice(sheet.rows(), _HEADER_WITHIN)):
        if sum(isinstance(cell, str) for cell in row) < 2:
            continue
        headings = match_headings(row, wording, repeat)
        if headings.questions and (best is None or headings.questions > best[1].questions):
            best = number, headings
        if best and best[1].fit > 0.5:
            break
    return best


def lacks_of_files(columns: Sequence[Column], lacks: Lacks) -> None:
    """Note that of files an export has but the names, and of the audit nothing."""
    for column in columns:
        if column.type == "audit":
            lacks.add("audit")
        elif is_media(column.type):
            lacks.add("attachments", column.name)
