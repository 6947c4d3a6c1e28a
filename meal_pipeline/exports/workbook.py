"""Excel workbooks, read row by row.

Here: .xlsx and .xlsm (and .xls that are such), from the sheets' XML straight to cells; a workbook
of a hundred megabytes passes in the memory of its distinct texts. Old binary .xls come whole. Not
here: what the cells mean.

openpyxl opens the workbook, its shared texts and its styles; the rows are taken from the XML here,
as openpyxl makes an object of every cell, which takes ten times as long.
"""

import gc
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.locale import gettext as _

Cell = str | int | float | bool | datetime | date | time | None
"""What a cell holds: None for an empty one."""

_PIECE = 1 << 18
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEET_DATA = re.compile(rb"<(\w+:)?sheetData[^>]*>")
_ROOT = re.compile(rb"<(?:\w+:)?worksheet[^>]*>")
_BROKEN = (
    BadZipFile, ElementTree.ParseError, zlib.error, KeyError, IndexError, ValueError, TypeError,
    EOFError, NotImplementedError,
)  # fmt: skip
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Formula(str):
    """A formula without a result, such as `=1+1`: how XLSX exports write the answer "=1+1"."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and its rows as often as they are asked for."""

    name: str
    rows: Callable[[], Iterator[list[Cell]]]


@dataclass(frozen=True)
class Workbook:
    """The visible and hidden sheets of a workbook; `made` is when it was made, as it says."""

    sheets: tuple[Sheet, ...]
    made: str = ""
    macros: bool = False


def open_workbook(path: Path) -> Workbook:
    """Open a workbook. Raises UnreadableFile for one that is empty, damaged or locked."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise UnreadableFile(
            _("{file} is empty.").format(file=path.name), next_step=_("Export it again.")
        )
    if start.startswith(_ZIP):
        return _open_xlsx(path)
    if start.startswith(_OLE):
        return _open_xls(path)
    raise UnreadableFile(
        _("{file} is no Excel workbook, whatever its name says.").format(file=path.name),
        next_step=_("Export it again as XLSX."),
    )


def _damaged(path: Path) -> UnreadableFile:
    return UnreadableFile(
        _("{file} is damaged, or no Excel workbook.").format(file=path.name),
        next_step=_("Download or export it again."),
    )


def _open_xlsx(path: Path) -> Workbook:
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # of headers, footers and validations it leaves out
            # Step by step: the whole `load_workbook` would read each sheet once for its width.
            book = ExcelReader(file, read_only=True, data_only=True)
            book.read_manifest()
            book.read_strings()
            book.read_workbook()
            book.read_properties()
            apply_stylesheet(book.archive, book.wb)
            found = [(sheet.name, rel) for sheet, rel in book.parser.find_sheets()]
            names = set(book.archive.namelist())
    except _BROKEN as error:
        raise _damaged(path) from error
    dates = set(book.wb._date_formats) | set(book.wb._timedelta_formats)
    made = book.wb.properties.created
    return Workbook(
        tuple(
            Sheet(name, _rows_in(path, rel.target, book.shared_strings, dates, book.wb.epoch))
            for name, rel in found
            if rel.target in names and rel.Type.endswith("/worksheet")
        ),
        made.strftime("%Y-%m-%dT%H:%M:%S") if made else "",
        macros=any(name.startswith(("xl/vbaProject", "xl/macrosheets")) for name in names),
    )


def _rows_in(
    path: Path, part: str, texts: Sequence[str], dates: set[int], epoch: datetime
) -> Callable[[], Iterator[list[Cell]]]:
    def rows() -> Iterator[list[Cell]]:
        try:
            with ZipFile(path) as archive, archive.open(part) as source:
                yield from _rows_of(source, _CellReader(texts, dates, epoch))
        except _BROKEN as error:
            raise _damaged(path) from error

    return rows


def _rows_of(source: IO[bytes], read: "_CellReader") -> Iterator[list[Cell]]:
    """Give the rows of a sheet: complete `<row>` elements are parsed, a piece at a time."""
    data = source.read(_PIECE)
    begin = _SHEET_DATA.search(data)
    root = _ROOT.search(data)
    if begin is None or root is None or begin[0].endswith(b"/>"):
        return
    end = b"</" + (begin[1] or b"") + b"row>"
    close = b"</" + re.split(rb"[\s>]", root[0][1:], maxsplit=1)[0] + b">"
    rest, last = data[begin.end() :], 0
    while True:
        cut = rest.rfind(end)
        if cut >= 0:
            cut += len(end)
            with _collector_at_rest():
                rows: list[list[Cell]] = []
                for row in ElementTree.fromstring(root[0] + rest[:cut] + close):  # noqa: S314
                    number = int(row.get("r") or last + 1)
                    rows += [[] for _missing in range(last + 1, number)]
                    last = number
                    rows.append(read.row(row))
            yield from rows
            rest = rest[cut:]
        data = source.read(_PIECE)
        if not data:
            return
        rest += data


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the garbage collector rest: elements hold no cycles, and it takes two thirds of the time.

    They are freed as they are left, all the same.
    """
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


class _CellReader:
    """Turns the XML of a row into values; dates are told by the styles of their cells."""

    def __init__(self, texts: Sequence[str], dates: set[int], epoch: datetime) -> None:
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._columns: dict[str, int] = {}

    def row(self, row: ElementTree.Element) -> list[Cell]:
        """Give the cells of a row, in their columns."""
        cells: list[Cell] = []
        for element in row:
            reference = element.get("r")
            if reference is not None:
                at = self._column(reference.rstrip("0123456789"))
                if at > len(cells):
                    cells.extend([None] * (at - len(cells)))
            cells.append(self._value(element))
        return cells

    def _column(self, letters: str) -> int:
        found = self._columns.get(letters)
        if found is None:
            found = 0
            for letter in letters:
                found = found * 26 + ord(letter) - 64
            self._columns[letters] = found = found - 1
        return found

    def _value(self, element: ElementTree.Element) -> Cell:
        kind = element.get("t")
        if kind == "inlineStr":
            return "".join(element.itertext()) or None  # in rich text several pieces
        text = formula = None
        for one in element:
            if one.tag.endswith("v"):
                text = one.text
            elif one.tag.endswith("f"):
                formula = one.text
        if formula and text in (None, "", "0"):
            return Formula(f"={formula}")
        if not text or kind == "e":
            return None
        if kind is None or kind == "n":
            return self._number(text, element.get("s"))
        if kind == "b":
            return text == "1"
        return (self._texts[int(text)] or None) if kind == "s" else text

    def _number(self, text: str, style: str | None) -> Cell:
        number = float(text)
        if style is not None and int(style) in self._dates:
            from openpyxl.utils.datetime import from_excel

            try:
                found: Cell = from_excel(number, self._epoch)
            except (ValueError, OverflowError):
                return number
            return found if isinstance(found, datetime | date | time) else number
        return int(number) if number.is_integer() else number


def _open_xls(path: Path) -> Workbook:
    import xlrd

    data = path.read_bytes()
    if _ENCRYPTED in data:
        raise _locked(path)
    try:
        book = xlrd.open_workbook(file_contents=data)
    except xlrd.XLRDError as error:
        raise _locked(path) if "encrypted" in str(error).lower() else _damaged(path) from error

    def rows_of(sheet: Any) -> Callable[[], Iterator[list[Cell]]]:
        return lambda: (
            [_xls_value(cell, book.datemode) for cell in sheet.row(number)]
            for number in range(sheet.nrows)
        )

    return Workbook(tuple(Sheet(sheet.name, rows_of(sheet)) for sheet in book.sheets()))


def _xls_value(cell: Any, datemode: int) -> Cell:
    import xlrd

    value = cell.value
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR) or value == "":
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        moment: datetime = xlrd.xldate_as_datetime(value, datemode)
        return moment
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value  # type: ignore[no-any-return]


def _locked(path: Path) -> UnreadableFile:
    return UnreadableFile(
        _("{file} is locked with a password.").format(file=path.name),
        next_step=_("Open it in Excel, remove the password (File, Info), and save it."),
    )
