"""The rows of a list of places, read and held against themselves.

Here: what one row of a file says, and what is wrong with it alone. Not here: whether the parents
and aliases fit what else is known (`import_places`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.exports.encodings import is_damaged
from meal_pipeline.exports.problems import Remark
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.columns import Columns, columns_of
from meal_pipeline.places.gazetteer import BETWEEN
from meal_pipeline.places.letters import name_letters
from meal_pipeline.places.sheets import Table, features_of, tables_of

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,24}")
_DAY = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ].*)?")
_ARABIC = re.compile(r"[\u0600-\u06ff]")


@dataclass(frozen=True)
class Spelling:
    """A name as a file writes it; `column` is the heading above it."""

    text: str
    language: str
    column: str


@dataclass(frozen=True)
class At:
    """A row of a file, and the headings of what it names."""

    file: str
    sheet: str
    row: int
    code: str
    parent: str = ""

    def fault(self, message: str, fix: str) -> Remark:
        """Give what is wrong with this row."""
        return Remark(self.file, message, fix, self.sheet, self.row)


@dataclass(frozen=True)
class ListedPlace:
    """What a row says of a place.

    `level` is None where the row only adds names to a place that is known. `implied` tells that the
    row is that of a place within it.
    """

    pcode: str
    level: int | None
    parent: str | None
    names: tuple[Spelling, ...]
    aliases: tuple[Spelling, ...]
    former: tuple[str, ...]
    valid_from: str | None
    valid_to: str | None
    at: At
    implied: bool = False

    def name(self, language: str) -> str | None:
        """Give its name in a language."""
        return next((one.text for one in self.names if one.language == language), None)


@dataclass
class Listed:
    """The places of files, and all that is wrong with their rows."""

    places: list[ListedPlace]
    faults: list[Remark]


def read_places(path: Path, *, sheet: str | None = None, level: int | None = None) -> Listed:
    """Read the places of a file: CSV, XLSX, GeoJSON, or a JSON list of names by P-code.

    sheet: the only sheet to read; by default all that have a column of P-codes. level: that of the
    rows where no heading tells it. Raises UnreadableFile; faults of rows are in what it gives.
    """
    if path.suffix.lower() == ".json" and path.is_file():
        features = features_of(path)
        if features and "properties" not in features[0]:
            return _names_by_code(path.name, features)
    tables = tables_of(path)
    found = Listed([], [])
    if sheet is not None:
        names = ", ".join(one.sheet for one in tables)
        tables = [one for one in tables if one.sheet == sheet]
        if not tables:
            said = _("There is no sheet {sheet}.").format(sheet=sheet)
            fix = _("Its sheets: {names}").format(names=names or "–")
            found.faults.append(Remark(path.name, said, fix))
            return found
    columns = [(one, columns_of(one, level)) for one in tables]
    coded = [(table, one) for table, one in columns if one.code is not None]
    if not coded:
        found.faults.append(_no_codes(path.name, tables))
    for table, one in coded:
        _read_table(table, one, found)
    return found


def _no_codes(file: str, tables: list[Table]) -> Remark:
    shown = "; ".join(
        f"{one.sheet}: {', '.join(one.headings)}" if one.sheet else ", ".join(one.headings)
        for one in tables
    )
    return Remark(
        file,
        _("No column holds P-codes. Its headings: {headings}.").format(headings=shown[:300] or "–"),
        _("Name the column pcode or admin2Pcode, or choose the sheet with --sheet."),
        row=1,
    )


def _read_table(table: Table, columns: Columns, found: Listed) -> None:
    headings = table.headings
    code_heading = headings[columns.code or 0]
    top = At(table.file, table.sheet, 1, code_heading)
    named = columns.own is not None and columns.names.get(columns.own)
    if not named and not columns.aliases:
        if columns.own is None and any(_PLAIN_NAME.search(one) for one in headings):
            said = _("The level of the places cannot be told from file, sheet or headings.")
            found.faults.append(top.fault(said, _("Say it: --level 3 for sub-districts.")))
        else:
            said = _("No column holds names beside {column}.").format(column=code_heading)
            found.faults.append(top.fault(said, _("Name the columns name_ar and name_en.")))
        return
    parents = columns.parents
    nearest = next(iter(parents), None)
    parent_at = columns.parent if nearest is None else parents[nearest]
    parent_heading = "" if parent_at is None else headings[parent_at]
    for number, cells in table.rows:
        at = At(table.file, table.sheet, number, code_heading, parent_heading)
        fault = next(_faults_of(at, columns, cells, headings), None)
        if fault is not None:
            found.faults.append(fault)
            continue
        place = _place(at, columns, cells, headings)
        found.places.append(place)
        if place.level is not None:
            found.places.extend(_around(at, columns, cells, headings))


_PLAIN_NAME = re.compile(r"(?i)^name")


def _faults_of(
    at: At, columns: Columns, cells: list[str], headings: tuple[str, ...]
) -> Iterator[Remark]:
    """Give what is wrong with a row; the first is enough to refuse it."""
    code = cells[columns.code or 0]
    if not _CODE.fullmatch(code):
        said = (
            _("{column}: “{text}” is no P-code.") if code else _("{column}: the P-code is missing.")
        ).format(column=at.code, text=code)
        yield at.fault(said, _("Correct the cell, or delete the row."))
    if columns.level is not None and cells[columns.level] not in tuple("01234"):
        said = _("{column}: “{text}” is no level.")
        yield at.fault(
            said.format(column=headings[columns.level], text=cells[columns.level]),
            _("Write 0 for a country … 4 for a settlement."),
        )
    for column in columns.parents.values():
        if columns.own is not None and not _CODE.fullmatch(cells[column]):
            said = _("{column}: the P-code of the place around {code} is missing.")
            yield at.fault(said.format(column=headings[column], code=code), _("Fill the cell in."))
    for column, _language in _name_columns(columns):
        if cells[column] and is_damaged(cells[column]):
            said = _("{column}: the name is unreadable; its letters were lost in saving.")
            yield at.fault(
                said.format(column=headings[column]),
                _("Take the original file, or save it as CSV UTF-8."),
            )
    for day in (columns.valid_from, columns.valid_to):
        if day is not None and cells[day] and not _DAY.fullmatch(cells[day]):
            said = _("{column}: “{text}” is no day.").format(column=headings[day], text=cells[day])
            yield at.fault(said, _("Write it as 2024-12-31."))
    names = columns.names.get(-1 if columns.own is None else columns.own, [])
    if columns.own is not None and not any(
        name_letters(cells[column]) for column, _language in names
    ):
        yield at.fault(
            _("{code} has no name.").format(code=code), _("Fill in its name, or delete the row.")
        )


def _name_columns(columns: Columns) -> list[tuple[int, str]]:
    return [
        *columns.names.get(columns.own if columns.own is not None else -1, []),
        *columns.aliases,
    ]


def _place(at: At, columns: Columns, cells: list[str], headings: tuple[str, ...]) -> ListedPlace:
    aliases = [
        Spelling(alias, language or _language(alias), headings[column])
        for column, language in columns.aliases
        for alias in map(str.strip, cells[column].split(BETWEEN))
        if name_letters(alias)
    ]
    around = [columns.parent] if columns.parent is not None else columns.parents.values()
    named = columns.own is not None and columns.level is not None
    return ListedPlace(
        cells[columns.code or 0],
        int(cells[columns.level or 0]) if named else columns.own,
        next((cells[column] for column in around if cells[column]), None),
        _names(columns, columns.own, cells, headings),
        tuple(aliases),
        tuple(
            code.strip()
            for column in columns.former
            for code in cells[column].split(BETWEEN)
            if code.strip()
        ),
        _day(cells, columns.valid_from),
        _day(cells, columns.valid_to),
        at,
    )


def _around(
    at: At, columns: Columns, cells: list[str], headings: tuple[str, ...]
) -> Iterator[ListedPlace]:
    """Give the places around the row's own that it names, too."""
    levels = list(columns.parents)
    for position, level in enumerate(levels):
        names = _names(columns, level, cells, headings)
        if names:
            outer = next(iter(levels[position + 1 :]), None)
            yield ListedPlace(
                cells[columns.codes[level]],
                level,
                None if outer is None else cells[columns.codes[outer]],
                names,
                (),
                (),
                None,
                None,
                At(at.file, at.sheet, at.row, headings[columns.codes[level]]),
                implied=True,
            )


def _names(
    columns: Columns, level: int | None, cells: list[str], headings: tuple[str, ...]
) -> tuple[Spelling, ...]:
    found = []
    for column, said in columns.names.get(-1 if level is None else level, []):
        text, language = cells[column], said
        if said.startswith("lang"):
            told = columns.languages.get(said.removeprefix("lang"))
            language = "" if told is None else cells[told]
        if name_letters(text):
            found.append(Spelling(text, language or _language(text), headings[column]))
    return tuple(found)


def _language(text: str) -> str:
    return "ar" if _ARABIC.search(text) else "en"


def _day(cells: list[str], column: int | None) -> str | None:
    found = None if column is None else _DAY.fullmatch(cells[column])
    return "-".join(found.groups()) if found else None


def _names_by_code(file: str, entries: list[dict[str, object]]) -> Listed:
    """Read names as Open Syria publishes them: names, aliases and outside codes by place."""
    found = Listed([], [])
    for number, entry in enumerate(entries, start=1):
        codes, names, aliases = entry.get("externalIds"), entry.get("name"), entry.get("aliases")
        code = codes.get("ochaPcode") if isinstance(codes, dict) else None
        at = At(file, "", number, "externalIds.ochaPcode")
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            said = _("{column}: the P-code is missing.").format(column=at.code)
            found.faults.append(at.fault(said, _("Fill it in, or delete the entry.")))
            continue
        spellings = [
            *((text, language, "name") for language, text in _items(names)),
            *(
                (one.get("value"), one.get("language"), "aliases")
                for one in (aliases if isinstance(aliases, list) else [])
                if isinstance(one, dict)
            ),
        ]
        found.places.append(
            ListedPlace(
                code,
                None,
                None,
                (),
                tuple(
                    Spelling(text, str(language or ""), column)
                    for text, language, column in spellings
                    if isinstance(text, str) and name_letters(text)
                ),
                (),
                None,
                None,
                at,
            )
        )
    return found


def _items(names: object) -> list[tuple[str, object]]:
    return list(names.items()) if isinstance(names, dict) else []
