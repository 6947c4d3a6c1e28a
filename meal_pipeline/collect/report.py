"""What a pull brought, form by form.

Here: the report, and how progress is told. Not here: pulling.
"""

from collections.abc import Callable
from dataclasses import dataclass

from meal_pipeline.collect.depth import Depth

Progress = Callable[[str, int, int], None]
"""Called after each page with the form's code, the rows read so far and those expected."""


@dataclass(frozen=True)
class FormReport:
    """What one pull brought; `complete` is always true, since an incomplete pull is an error."""

    form: str
    rows_on_server: int
    rows_held: int
    """Rows that hold now; more than on the server where deletions are found later, and fewer where
    rows were erased here."""
    rows_new: int
    rows_edited: int
    versions_new: int
    rows_deleted: int = 0
    rows_returned: int = 0
    """Rows that had been found deleted and are there again."""
    rows_revalidated: int = 0
    """Rows with another validation status."""
    files_new: int = 0
    """Attached lists of choices that are new or other than before."""
    depth: Depth = "scan"
    """How deep the pull looked; at `recent` and `modified`, deletions are found later."""
    complete: bool = True

    @property
    def changed(self) -> bool:
        """Whether there is anything new to read."""
        return bool(
            self.rows_new
            or self.rows_edited
            or self.rows_deleted
            or self.rows_returned
            or self.rows_revalidated
            or self.versions_new
            or self.files_new
        )


@dataclass(frozen=True)
class CollectReport:
    """One entry a form, in the project's order."""

    forms: list[FormReport]

    @property
    def changed(self) -> bool:
        """Whether any form has anything new to read."""
        return any(form.changed for form in self.forms)
