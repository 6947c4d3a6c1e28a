"""One line of a sheet or log that asks for a correction, and what is wrong with such lines.

Here: the shapes. Not here: reading files (`read_sheet`) and holding lines against rows
(`checked_entries`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

CHANGE, BLANK, REMOVE, NO_ACTION = (
    "change_response",
    "blank_response",
    "remove_survey",
    "no_action",
)
KINDS = (CHANGE, BLANK, REMOVE, NO_ACTION)

_MOST_LISTED = 50

Row = dict[str, Any]
"""A row of the table `corrections`."""


@dataclass(frozen=True)
class Entry:
    """What one line asks for; `where` names file, sheet and row.

    `submission` is an `_id` or any uuid that the row ever had. `kind` '' is worked out from the new
    value. `columns` gives the heading of each field in the file, for faults. `row_hash` is the
    hash that the row's body had when the sheet was made; '' where the file does not say.
    """

    where: str
    submission: str
    question: str = ""
    position: str = ""
    kind: str = ""
    old_value: str | None = None
    new_value: str | None = None
    reason: str = ""
    issue: str = ""
    form: str = ""
    row_hash: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line: where, in which column, and how it is put right."""

    where: str
    column: str
    sentence: str
    fix: str = ""

    def __str__(self) -> str:
        place = _("{where}, column {column}").format(where=self.where, column=self.column)
        told = f"{place if self.column else self.where}: {self.sentence}"
        return f"{told} {self.fix}".rstrip()


class CorrectionsRefused(MealError):
    """Lines that cannot be taken, each named; nothing of the file or command was done."""

    def __init__(self, faults: Sequence[Fault], *, next_step: str | None = None) -> None:
        count = len(faults)
        said = ngettext(
            "{n} line cannot be taken, so nothing was done:",
            "{n} lines cannot be taken, so nothing was done:",
            count,
        ).format(n=count)
        lines = [f"  {one}" for one in faults[:_MOST_LISTED]]
        if count > _MOST_LISTED:
            lines.append("  " + _("… and {n} more").format(n=count - _MOST_LISTED))
        super().__init__("\n".join([said, *lines]), next_step=next_step)
        self.faults = tuple(faults)
