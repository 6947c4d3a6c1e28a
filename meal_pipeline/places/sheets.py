"""Files of places as tables: CSV, XLSX and the attributes of GeoJSON.

Here: headings and rows of texts, each row with its number in the file. Not here: what the columns
mean (`columns`); encodings and delimiters (`exports`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from meal_pipeline.exports.delimited import open_delimited
from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.exports.workbook import Cell, open_workbook
from meal_pipeline.locale import gettext as _

Row = tuple[int, list[str]]
"""The row's number in its file, and its cells; '' for an empty one."""


@dataclass(frozen=True)
class Table:
    """One table of a file; `sheet` is '' where a file has but one."""

    file: str
    sheet: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def tables_of(path: Path) -> list[Table]:
    """Give the tables of a file. Raises UnreadableFile for one that is none of the three kinds."""
    if not path.is_file():
        raise UnreadableFile(
            _("There is no file {file}.").format(file=path.name), next_step=_("Check its path.")
        )
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv", ".txt"}:
        return [_table(path.name, "", open_delimited(path).rows())]
    if ending in {".xlsx", ".xlsm", ".xls"}:
        sheets = open_workbook(path).sheets
        return [_table(path.name, one.name, one.rows()) for one in sheets]
    if ending in {".geojson", ".json"}:
        return [_attributes(path.name, features_of(path))]
    raise UnreadableFile(
        _("{file} is none of CSV, XLSX and GeoJSON.").format(file=path.name),
        next_step=_("Download the list from HDX as XLSX, CSV or GeoJSON."),
    )


def features_of(path: Path) -> list[Any]:
    """Give the features of a GeoJSON file, or the objects of a JSON list."""
    try:
        content = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(
            _("{file} is no JSON, or cut off.").format(file=path.name),
            next_step=_("Download it again."),
        ) from error
    found = content.get("features") if isinstance(content, Mapping) else content
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise UnreadableFile(
            _("{file} is JSON without features.").format(file=path.name),
            next_step=_("Download the list from HDX as XLSX, CSV or GeoJSON."),
        )
    return found


def _table(file: str, sheet: str, rows: Iterable[list[Cell]]) -> Table:
    """Give the table below its first row with cells; rows of hashtags (HXL) are no places."""
    filled = (
        (number, [_text(cell) for cell in cells])
        for number, cells in enumerate(rows, start=1)
        if any(cell is not None for cell in cells)
    )
    _number, headings = next(filled, (0, []))
    return Table(file, sheet, tuple(headings), tuple(_places(filled, len(headings))))


def _places(rows: Iterable[Row], width: int) -> Iterator[Row]:
    for number, cells in rows:
        if not all(cell.startswith("#") for cell in cells if cell):
            yield number, cells + [""] * (width - len(cells))


def _attributes(file: str, features: list[Any]) -> Table:
    all_properties = [one.get("properties") or {} for one in features]
    headings = tuple(dict.fromkeys(key for one in all_properties for key in one))
    return Table(
        file,
        "",
        headings,
        tuple(
            (number, [_text(one.get(key)) for key in headings])
            for number, one in enumerate(all_properties, start=1)
        ),
    )


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else " ".join(str(cell).split())
