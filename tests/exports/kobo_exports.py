"""Exports as KoboToolbox makes them, of rows as its API gives them; nothing of the product is used.

Written after the server's own exports: one sheet a repeat, `_index` and `_parent_index`, choices as
one column, split, or both.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

META = [
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "__version__", "_tags", "meta/rootUuid",
]  # fmt: skip


@dataclass
class Asked:
    """A question to export: its path, its heading's parts, its choices as code → heading."""

    path: str
    heading: tuple[str, ...]
    choices: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def table(
    rows: Sequence[Mapping[str, Any]],
    asked: Sequence[Asked],
    *,
    separator: str = "/",
    groups: bool = True,
    select: str = "both",
) -> tuple[list[str], list[list[str]]]:
    """Give the header and the rows of the main sheet, without `_index`."""
    columns = list(_columns(asked, separator, groups, select))
    header = [heading for heading, _one, _code in columns] + META
    made = []
    for row in rows:
        cells = [_cell(row, one, code) for _heading, one, code in columns]
        made.append(cells + [_meta(row, key) for key in META])
    return header, made


def _columns(
    asked: Sequence[Asked], separator: str, groups: bool, select: str
) -> Iterator[tuple[str, Asked, str | None]]:
    for one in asked:
        parts = one.heading if groups else one.heading[-1:]
        if not one.choices or select != "split":
            yield separator.join(parts), one, None
        if one.choices and select != "one":
            for code, text in one.choices.items():
                yield separator.join((*parts, text)), one, code


def _cell(row: Mapping[str, Any], one: Asked, code: str | None) -> str:
    answer = row.get(one.path, "")
    if code is None:
        return " ".join(one.labels.get(part, part) for part in answer.split(" ")) if answer else ""
    return "" if not answer else str(int(code in answer.split()))


def _meta(row: Mapping[str, Any], key: str) -> Any:
    value = row.get(key, "")
    return value.get("uid", "") if isinstance(value, Mapping) else value


def write_csv(path: Path, header: list[str], rows: list[list[str]], **how: Any) -> None:
    """Write a CSV as the server does: `;`, all quoted, CRLF."""
    encoding = how.pop("encoding", "utf-8")
    how = {"delimiter": ";", "quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"} | how
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, **how)
        writer.writerow([*header, "_index"])
        writer.writerows([*row, number] for number, row in enumerate(rows, 1))


def write_xlsx(path: Path, sheets: Mapping[str, tuple[list[Any], list[list[Any]]]]) -> None:
    """Write a workbook of sheets: header and rows; empty texts are empty cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, (header, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(header)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)


def write_whole(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    asked: Sequence[Asked],
    repeats: Mapping[str, tuple[str | None, Sequence[Asked]]],
    **how: Any,
) -> None:
    """Write every sheet: `repeats` is path → the repeat around it and its questions."""
    header, made = table(rows, asked, **how)
    sheets: dict[str, tuple[list[Any], list[list[Any]]]] = {
        "Survey": (
            [*header, "_index"],
            [[*row, number] for number, row in enumerate(made, 1)],
        )
    }
    above: dict[str | None, list[tuple[int, Mapping[str, Any], Mapping[str, Any]]]] = {
        None: [(number, row, row) for number, row in enumerate(rows, 1)]
    }
    for repeat, (around, questions) in repeats.items():
        inside = [
            (index, entry, whole)
            for index, row, whole in above[around]
            for entry in row.get(repeat, [])
        ]
        above[repeat] = [(n, entry, whole) for n, (_i, entry, whole) in enumerate(inside, 1)]
        head, _rows = table([], questions, **how)
        questions_only = head[: len(head) - len(META)]
        sheets[repeat.rpartition("/")[2]] = (
            [*questions_only, "_index", "_parent_table_name", "_parent_index", "_submission__id",
             "_submission___version__"],
            [
                [*table([entry], questions, **how)[1][0][: len(questions_only)], number,
                 around or "Survey", index, whole["_id"], whole.get("__version__", "")]
                for number, (index, entry, whole) in enumerate(inside, 1)
            ],
        )  # fmt: skip
    write_xlsx(path, sheets)
