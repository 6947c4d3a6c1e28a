"""What can be wrong with a file, and where.

Here: the error that stops an import, and remarks that do not. Not here: what a readable export
lacks beside the server (`carrying.py`).
"""

from dataclasses import dataclass

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _


class ImportFailed(MealError):
    """A folder cannot be imported as it is."""


class UnreadableFile(MealError):
    """One file cannot be read; the others are read without it."""


@dataclass(frozen=True)
class Remark:
    """Something to correct or to know: in which sheet and row, what, and how to mend it."""

    file: str
    message: str
    fix: str = ""
    sheet: str = ""
    row: int | None = None

    @property
    def place(self) -> str:
        """Where it is, in words: `form.xlsx, survey, row 12`."""
        parts = [self.file, self.sheet] if self.sheet else [self.file]
        if self.row is not None:
            parts.append(_("row {row}").format(row=self.row))
        return ", ".join(parts)
