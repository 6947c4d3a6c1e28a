"""CSV files, read row by row.

Here: delimiter, encoding, quotes. Not here: what the columns mean.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.exports.encodings import encoding_of
from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.exports.workbook import Cell
from meal_pipeline.locale import gettext as _

_DELIMITERS = ";,\t|"
_LONGEST_CELL = 16_000_000


@dataclass(frozen=True)
class Delimited:
    """A CSV file: how it is written; `legacy` names an encoding that had to be found out."""

    path: Path
    encoding: str
    delimiter: str
    legacy: str | None

    def rows(self) -> Iterator[list[Cell]]:
        """Give the rows; empty cells are None. Raises UnreadableFile for bytes that are no text."""
        csv.field_size_limit(_LONGEST_CELL)
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            try:
                for number, row in enumerate(csv.reader(file, delimiter=self.delimiter)):
                    if number == 0 and len(row) <= 2 and row and row[0].startswith("sep="):
                        continue  # Excel's own hint
                    yield [cell or None for cell in row]
            except csv.Error as error:
                raise UnreadableFile(
                    _("{file} is no CSV file: {reason}.").format(
                        file=self.path.name, reason=str(error)
                    ),
                    next_step=_("Export it again."),
                ) from error


def open_delimited(path: Path) -> Delimited:
    """Open a CSV file: the delimiter is that which gives the first row most columns.

    Raises UnreadableFile for an empty file and for an encoding that cannot be told.
    """
    if path.stat().st_size == 0:
        raise UnreadableFile(
            _("{file} is empty.").format(file=path.name), next_step=_("Export it again.")
        )
    encoding = encoding_of(path)
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        first = file.readline()
        if first.startswith("sep=") and len(first.strip()) == 5:
            return Delimited(path, encoding.name, first.strip()[-1], _legacy(encoding.name))
        file.seek(0)
        start = [line for _number, line in zip(range(50), file, strict=False)]
    widths = {one: len(next(csv.reader(start, delimiter=one), [])) for one in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda one: widths[one])
    return Delimited(path, encoding.name, delimiter, _legacy(encoding.name))


def _legacy(name: str) -> str | None:
    return {"cp1256": "Windows-1256", "cp1252": "Windows-1252"}.get(name)
