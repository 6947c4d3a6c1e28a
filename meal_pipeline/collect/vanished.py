"""Rows that a server no longer gives: deleted, or only hidden from us.

Here: whether they may be marked deleted without asking a person. Not here: finding them
(`differences`) and marking them (`submission_state`).

A right that was lost, a token of another account or a server with a fault look like deletions.
Rows are marked only when a proven complete look misses them, the account's rights are those of the
last such look and let it see every row, and they are few.
"""

from dataclasses import dataclass
from typing import Literal

import orjson

from meal_pipeline.kobo import Asset

Doubt = Literal["many", "rights", "partial"]
"""Why a person must decide: too many are gone, rights changed, the account sees some rows only."""

_VIEW, _PARTIAL = "view_submissions", "partial_submissions"


@dataclass(frozen=True)
class Vanished:
    """How many of the rows held are gone, and why a person must decide; no doubt: they need not."""

    gone: int
    held: int
    doubt: Doubt | None = None


def rights_of(asset: Asset) -> str:
    """Give what the account may see of a form's rows, as text that can be compared."""
    seen = sorted(asset.effective_permissions & {_VIEW, _PARTIAL})
    return orjson.dumps({"rights": seen, "counted": asset.submission_count is not None}).decode()


def judged(gone: int, held: int, *, before: str | None, now: str, percent: float) -> Vanished:
    """Judge `gone` of `held` rows, with the rights `before` and `now`, and the share allowed."""
    doubt: Doubt | None = None
    if gone:
        if before is not None and before != now:
            doubt = "rights"
        elif _sees_some_only(now):
            doubt = "partial"
        elif 100 * gone > percent * held:
            doubt = "many"
    return Vanished(gone, held, doubt)


def _sees_some_only(rights: str) -> bool:
    told = orjson.loads(rights)
    return not told["counted"] or (_PARTIAL in told["rights"] and _VIEW not in told["rights"])
