"""Cells of an export, turned back into answers as KoboToolbox keeps them: texts.

Here: one cell, or the cells of one question. Not here: which column is which (`headings.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from meal_pipeline.exports.headings import plain
from meal_pipeline.exports.workbook import Cell, Formula
from meal_pipeline.forms import Choice
from meal_pipeline.forms.question_types import ValueKind

CELL_LIMIT = 32_767
"""So many letters a cell of Excel holds; a longer answer was cut there."""

_NUMBERS = ("integer", "decimal")
_TICKED = {"1", "true", "yes", "x"}


def cell_text(cell: Cell, kind: ValueKind) -> str | None:
    """Give a cell as the text that the server has for a question of this kind.

    Dates and times are written as ISO 8601; what Excel dropped, such as an offset, stays dropped.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, Formula):
        return "0" if kind in _NUMBERS else str(cell)
    if isinstance(cell, datetime):
        return _moment_text(cell, kind)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).upper() if isinstance(cell, bool) else str(cell)


def _moment_text(moment: datetime, kind: ValueKind) -> str:
    if kind == "date":
        return moment.date().isoformat()
    if kind == "time":
        return moment.time().isoformat()
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def is_ticked(cell: Cell) -> bool:
    """Tell whether the split column of a choice says that it was chosen."""
    if isinstance(cell, int | float):
        return bool(cell)
    return isinstance(cell, str) and cell.strip().lower() in _TICKED


@dataclass
class Codes:
    """From the labels of a list of choices in one language back to its codes.

    A label of two codes, and a text that is no label, give nothing: nothing is guessed.
    """

    by_label: dict[str, str | None] = field(default_factory=dict)
    _found: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, lists: Iterable[Iterable[Choice]], language: str) -> "Codes":
        """Give the codes of the lists that the versions of a form have for one question."""
        labels: dict[str, set[str]] = {}
        codes: set[str] = set()
        for choice in (one for choices in lists for one in choices):
            codes.add(choice.name)
            label = choice.labels.get(language)
            if label:
                labels.setdefault(plain(label), set()).add(choice.name)
        by_label: dict[str, str | None] = {
            label: next(iter(names)) if len(names) == 1 else None for label, names in labels.items()
        }
        for code in codes:  # a choice without a label is exported as its code
            by_label.setdefault(code, code)
        return cls(by_label)

    def one(self, text: str) -> str | None:
        """Give the code of a label."""
        return self.by_label.get(plain(text))

    def several(self, text: str) -> str | None:
        """Give the codes of labels with blanks between, where they can be told in one way only."""
        if text not in self._found:
            ways = self._ways(plain(text))
            self._found[text] = ways[0] if len(ways) == 1 else None
        return self._found[text]

    def _ways(self, text: str) -> list[str]:
        """Give up to two ways to take the text apart, from its end to its beginning."""
        ends: list[list[str]] = [[] for _place in range(len(text) + 1)]
        ends[len(text)] = [""]
        for start in range(len(text) - 1, -1, -1):
            if start and text[start - 1] != " ":
                continue
            for label, code in self.by_label.items():
                stop = start + len(label)
                if not text.startswith(label, start) or (stop < len(text) and text[stop] != " "):
                    continue
                if code is None:
                    return []
                following = ends[stop + 1] if stop < len(text) else ends[stop]
                made = [f"{code} {rest}".rstrip() for rest in following]
                ends[start] = [*dict.fromkeys([*ends[start], *made])][:2]
        return ends[0]


def point_text(parts: Mapping[str, str | None]) -> str | None:
    """Give a point as one text from its parts; what is missing of height and accuracy is 0."""
    latitude, longitude = parts.get("latitude"), parts.get("longitude")
    if latitude is None or longitude is None:
        return None
    rest = " ".join(parts.get(one) or "0" for one in ("altitude", "precision"))
    return f"{latitude} {longitude} {rest}"
