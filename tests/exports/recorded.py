"""A real server's form, its rows and the exports it made of them."""

import json
from pathlib import Path
from typing import Any

FORM = "ak4MLs7CVnwze5TcemRfXr"


def _answer(root: Path, name: str) -> Any:
    return json.loads((root / name).read_bytes())["response"]["json"]


def versions(recorded: Path) -> list[dict[str, Any]]:
    """The three deployed versions, as the API gives each."""
    return [
        _answer(recorded, str(path.relative_to(recorded)))
        for number in (37, 38, 39)
        for path in (recorded / "02-forms").glob(f"{number}-*")
    ]


def rows(recorded: Path) -> dict[int, dict[str, Any]]:
    """The last state of every row that was ever listed, by number."""
    found: dict[int, dict[str, Any]] = {}
    for pattern in ("05-edits/57-*", "05-edits/85-*", "03-submissions/157-*", "11-exports/64-*"):
        for path in recorded.glob(pattern):
            answer = _answer(recorded, str(path.relative_to(recorded)))
            found |= {row["_id"]: row for row in answer.get("results", [answer])}
    return found
