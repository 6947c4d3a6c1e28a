r"""Which form version each submission is read with.

Here: the version keys of a submission. Not here: where a version has its answers (`layout.py`).
Source: KoboToolbox itself infers a row's version so (`_infer_version_id`, pattern
`^__?version__?(\d{3})?$`): the newest known one among all its version keys, else the latest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_VERSION_KEY = re.compile(r"__?version__?([0-9]{3})?")


@dataclass(frozen=True)
class RowVersions:
    """The version of each row, and what the rows name for which it is a fallback.

    `fallback` is row → the version that it names and nobody knows, None where it names none.
    """

    versions: list[str]
    fallback: dict[int, str | None]


def row_versions(bodies: Sequence[Mapping[str, Any]], known: Sequence[str]) -> RowVersions:
    """Give the version each body is read with.

    `known` are the uids of the form's versions, oldest first. A row may name several versions
    (`__version__`, `_version_`, `_version__001`): the newest known one counts. Where none is
    known, the newest version of all is the fallback.
    """
    age = {uid: position for position, uid in enumerate(known)}
    all_keys = set().union(*bodies)
    keys = sorted(key for key in all_keys if _VERSION_KEY.fullmatch(key))
    versions: list[str] = []
    fallback: dict[int, str | None] = {}
    for row, body in enumerate(bodies):
        named = [uid for key in keys if isinstance(uid := body.get(key), str) and uid]
        known_ones = [age[uid] for uid in named if uid in age]
        if not known_ones:
            fallback[row] = named[0] if named else None
        versions.append(known[max(known_ones)] if known_ones else known[-1])
    return RowVersions(versions, fallback)
