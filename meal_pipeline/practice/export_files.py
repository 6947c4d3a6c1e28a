"""Export files: CSV as KoboToolbox writes it, and workbooks with a sheet for each repeat.

Here: rows put into files. Not here: what stands in a cell (`exporting`).
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meal_pipeline.practice.exporting import Column, Options, Row, Sheet, columns, typed

_META = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
    "meta/rootUuid",
)
_SHEET_LENGTH = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


class ExportFailed(Exception):
    """The real server fails to make this file, with this kind of error and these words."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


@dataclass
class Export:
    """One file (or the failure to make it) for one account."""

    uid: str
    owner: str
    moment: datetime
    settings: Mapping[str, Any]
    filename: str
    content: bytes = b""
    error: ExportFailed | None = None
    latest: str | None = None
    setting: str = ""


def csv_file(rows: Sequence[Row], form: Sheet, options: Options) -> bytes:
    """Give all rows without repeats: `;`, everything quoted, CRLF, UTF-8 without a mark."""
    wanted = _with_meta(columns(form, options), options)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*(title for title, _ in wanted), "_index"])
    for index, row in enumerate(rows, start=1):
        writer.writerow([*(_text(cell(row)) for _, cell in wanted), str(index)])
    return text.getvalue().encode()


def workbook(rows: Sequence[Row], sheets: Sequence[Sheet], title: str, options: Options) -> bytes:
    """Give an XLSX file; raises `ExportFailed` for a row with a doubled node, as KoboToolbox does.

    Needs openpyxl.
    """
    from openpyxl import Workbook

    tables = [
        (name, [[_cell(value) for value in line] for line in lines])
        for name, lines in _tables(rows, sheets, title, options)
    ]
    book = Workbook(write_only=True)
    for name, lines in tables:
        sheet = book.create_sheet(_sheet_title(name))
        for line in lines:
            sheet.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _tables(
    rows: Sequence[Row], sheets: Sequence[Sheet], title: str, options: Options
) -> Iterator[tuple[str, list[list[Any]]]]:
    """Give each sheet's name and lines; a repeat's rows point to their parent by its index."""
    form, *repeats = sheets
    wanted = _with_meta(columns(form, options), options)
    top = [[*(cell(row) for _, cell in wanted), index] for index, row in enumerate(rows, start=1)]
    yield title, [[*(name for name, _ in wanted), "_index"], *top]
    parents: dict[str, list[tuple[int, Row, Row]]] = {
        "": [(index, row, row) for index, row in enumerate(rows, start=1)]
    }
    names = {"": title}
    for repeat in repeats:
        above = max((path for path in parents if _is_above(path, repeat.path)), key=len)
        inside = [
            (parent, submission, row)
            for parent, submission, holder in parents[above]
            for row in holder.get(repeat.path, ())
        ]
        numbered = enumerate(inside, start=1)
        parents[repeat.path] = [
            (index, submission, row) for index, (_, submission, row) in numbered
        ]
        names[repeat.path] = repeat.path.rpartition("/")[2]
        own, meta = columns(repeat, options), _with_meta([], options)
        head = [name for name, _ in own] + ["_index", "_parent_table_name", "_parent_index"]
        lines: list[list[Any]] = [[*head, *(f"_submission_{name}" for name, _ in meta)]]
        for index, (parent, submission, row) in enumerate(inside, start=1):
            lines.append(
                [
                    *(cell(row) for _, cell in own),
                    index,
                    names[above],
                    parent,
                    *(cell(submission) for _, cell in meta),
                ]
            )
        yield names[repeat.path], lines


def _is_above(path: str, below: str) -> bool:
    return path == "" or below.startswith(f"{path}/")


def _with_meta(wanted: list[Column], options: Options) -> list[Column]:
    names = [name for name in _META if not options.fields or name in options.fields]
    return [*wanted, *((name, _meta_cell(name, options)) for name in names)]


def _meta_cell(name: str, options: Options) -> Callable[[Row], Any]:
    def cell(row: Row) -> Any:
        value = row.get(name)
        if isinstance(value, Mapping):
            value = value.get("uid" if options.lang is None else "label")
        if name == "_submission_time":
            return typed(value, "datetime", options)
        return value

    return cell


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        raise ExportFailed("TypeError", f"Unsupported type {type(value)} in write()")
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value if value != "" else None


def _sheet_title(name: str) -> str:
    plain = name.translate(_FORBIDDEN)
    return plain if len(plain) <= _SHEET_LENGTH else f"{plain[: _SHEET_LENGTH - 3]}..."
