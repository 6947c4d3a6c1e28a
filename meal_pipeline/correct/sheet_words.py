"""What the sheet of corrections is called, its columns, and what binds the cells of a line.

Here: names that writing and reading the sheet share. Not here: either.
"""

import hashlib
from collections.abc import Sequence

SHEET = "corrections"
LISTS = "lists"
README = "readme"

COLUMNS = (
    *("form", "row", "position", "question", "label", "issue", "rule"),
    *("enumerator", "team", "place", "old_value"),
    *("action", "new_value", "reason"),
    *("row_hash", "check"),
)
"""The fields in their order; the first row of the sheet names them, and is hidden."""
ASKED = ("action", "new_value", "reason")
"""What a person fills in."""
TECHNICAL = ("form", "row", "position", "question", "old_value", "row_hash")
"""What a line is about; `check` binds these cells together."""


def key_check(cells: Sequence[str]) -> str:
    """Give the 12 hex digits that bind these cells of one line."""
    return hashlib.blake2b("\x1f".join(cells).encode(), digest_size=6).hexdigest()


def project_mark(project: str) -> str:
    """Give the technical cell that names the project of a sheet."""
    return f"project:{project}"
