"""How each submission was validated on the server.

Here: the status that a submission's body holds. Not here: its history, and whether a row was edited
after approval, which only the log of submissions knows (`store.submission_log`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

Standing = Mapping[int, tuple[str, bool]]
"""`_id` → status (`approved`, `not_approved`, `on_hold`, `''`), and whether edited since then."""

_PREFIX = "validation_status_"


def standing_in_bodies(bodies: Iterable[Mapping[str, Any]]) -> dict[int, tuple[str, bool]]:
    """Give the status that each body holds; a body does not tell whether it was edited since."""
    found = {}
    for body in bodies:
        status = body.get("_validation_status")
        uid = status.get("uid") if isinstance(status, dict) else None
        if uid:
            found[int(body["_id"])] = (str(uid).removeprefix(_PREFIX), False)
    return found
