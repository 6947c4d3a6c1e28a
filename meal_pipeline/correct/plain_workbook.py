"""A list as a workbook to look at: one sheet, headings, texts that are never formulas.

Here: writing it. Not here: what is listed, and the sheet that comes back (`write_sheet`).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_plain_workbook(
    path: Path,
    headings: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    *,
    right_to_left: bool,
) -> None:
    """Write rows under headings (field → words); numbers stay numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    for at, words in enumerate(headings.values(), start=1):
        sheet.cell(1, at, words).font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        for at, name in enumerate(headings, start=1):
            value = row.get(name)
            if isinstance(value, str):
                set_text(sheet.cell(number, at), value)
            else:
                sheet.cell(number, at, value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.sheet_view.rightToLeft = right_to_left
    book.save(path)


def set_text(cell: Any, text: str) -> None:
    """Write a text as a text, also where it begins as a formula does."""
    cell.value = _ILLEGAL.sub("\ufffd", text)
    cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True
