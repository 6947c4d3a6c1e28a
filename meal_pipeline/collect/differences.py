"""What a look at the server's rows means for the rows held here.

Here: comparing what is held with what was seen. Not here: looking (`form_pull`), and what may be
done about rows that are gone (`vanished`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from meal_pipeline.kobo.fields import ATTACHMENTS, ID, UUID
from meal_pipeline.store.body_hash import attachments_hash, validation_of
from meal_pipeline.store.submission_state import Held, State
from meal_pipeline.store.times import utc_text_of_seconds


@dataclass(frozen=True)
class Differences:
    """Rows whose bodies are wanted, and rows held that were not seen."""

    wanted: list[int]
    gone: list[int]


def state_of(row: Mapping[str, Any]) -> State:
    """Give the state of a row, be it a whole body or only the fields of a scan."""
    status, seconds = validation_of(row)
    return State(
        row.get(UUID) or "",
        status,
        None if seconds is None else utc_text_of_seconds(seconds),
        attachments_hash(row.get(ATTACHMENTS)),
    )


def differences(
    held: Mapping[int, Held],
    seen: Mapping[int, State],
    *,
    files: bool,
    erased: Collection[int] = (),
) -> Differences:
    """Compare `held` with `seen`; `files` says whether the look told of files, too.

    A validation status is no difference of bodies. Rows in `erased` are never wanted.
    """
    wanted = [
        number
        for number, state in seen.items()
        if number not in erased and _differs(held.get(number), state, files=files)
    ]
    gone = [number for number, one in held.items() if not one.deleted and number not in seen]
    return Differences(wanted, gone)


def _differs(held: Held | None, seen: State, *, files: bool) -> bool:
    if held is None or held.state.uuid != seen.uuid:
        return True
    return files and held.state.attachments != seen.attachments


def identity_fields(*, files: bool) -> tuple[str, ...]:
    """Give the fields that tell a row's state."""
    return (ID, UUID, "_validation_status", *((ATTACHMENTS,) if files else ()))
