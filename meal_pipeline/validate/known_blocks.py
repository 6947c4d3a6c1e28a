"""Results of blocks that are remembered, so that only changed blocks are validated.

Here: what a block's result depends on, its parts in the snapshot store, and which blocks differ
from those of an earlier snapshot. Not here: validating a block (`validate_blocks`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

import orjson
import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.store import PartRef, Snapshot, SnapshotDamaged, Store
from meal_pipeline.validate.finding_store import Span
from meal_pipeline.validate.form_frames import (
    Block,
    blocks_of,
    load_blocks,
    starts_of,
)
from meal_pipeline.validate.form_rules import Rule
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.validate_blocks import (
    CHECK,
    FINDINGS,
    BlockResult,
    validate_blocks,
)
from meal_pipeline.workspace.project import Project

TOGETHER = 5
"""So many blocks are validated at a time: fewer take longer, more need more memory."""


def block_results(
    store: Store,
    read: Snapshot,
    project: Project,
    code: str,
    *,
    forms: Mapping[str, FormUnion],
    rules: Sequence[Rule],
    definition: str,
) -> list[BlockResult]:
    """Give the result of each block of form `code` of a read snapshot, in order.

    Those known are taken as they were; the others are validated and remembered. `rules` are the
    form's, `definition` is the hash of all declarations that a result depends on.
    """
    blocks = blocks_of(read, code)
    keys = [_key(definition, project.code, code, block) for block in blocks]
    results = {place: found for place, key in enumerate(keys) if (found := _known(store, key))}
    waiting = [place for place in range(len(blocks)) if place not in results]
    others = tuple(form for other, form in forms.items() if other != code)
    for places in _groups(waiting):
        some = [blocks[place] for place in places]
        form = load_blocks(read, project, code, forms[code], some)
        starts = {name: starts_of([block[name] for block in some]) for name in form.frames}
        for place, found in zip(
            places, validate_blocks(form, starts, project, rules, others), strict=True
        ):
            results[place] = _remembered(store, project.code, keys[place], found)
    return [results[place] for place in range(len(blocks))]


def changed_blocks(
    read: Snapshot, before: Snapshot | None, code: str
) -> tuple[list[int], list[Span] | None]:
    """Give the blocks of `read` that `before` has not, by number, and whose findings may differ.

    That is of the submissions in these blocks, and in blocks of `before` that are no more. Without
    `before`, or where its files are gone, all blocks, and None: of all submissions.
    """
    blocks = blocks_of(read, code)
    everything = list(range(len(blocks))), None
    if before is None or code not in before.frames:
        return everything
    held = blocks_of(before, code)
    new = [number for number, block in enumerate(blocks) if block not in held]
    try:
        spans = [_span(read, code, blocks[number]) for number in new]
        spans += [_span(before, code, block) for block in held if block not in blocks]
    except SnapshotDamaged:
        return everything
    return new, [one for one in spans if one is not None]


def _span(snapshot: Snapshot, code: str, block: Block) -> Span | None:
    ids = snapshot.store.read_part(block[""], ["_id"])["_id"]
    return Span(code, int(ids.min()), int(ids.max())) if len(ids) else None


def _groups(waiting: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(waiting), TOGETHER):
        yield list(waiting[first : first + TOGETHER])


def _key(definition: str, project: str, code: str, block: Block) -> str:
    parts = {name: part.hash for name, part in block.items()}
    made_of = orjson.dumps(
        ["validated block", definition, project, code, parts], option=orjson.OPT_SORT_KEYS
    )
    return hashlib.sha256(made_of).hexdigest()


def _known(store: Store, key: str) -> BlockResult | None:
    """Give a remembered result; None where there is none, or its files are damaged."""
    parts = store.snapshots.known_part(key)
    if parts is None:
        return None
    try:
        return _stored(store, parts)
    except SnapshotDamaged:
        for part in parts.values():  # each damaged file is set aside, to be written anew
            with suppress(SnapshotDamaged):
                store.snapshots.read_part(part)
        return None


def _remembered(store: Store, project: str, key: str, found: BlockResult) -> BlockResult:
    write = store.snapshots.write_part
    parts = {
        "checks": write(found.checks),
        "answered": write(found.answered),
        "rows": write(found.rows),
        "findings": write(found.findings.frame(FINDINGS)),
    }
    store.snapshots.remember_part(project, key, parts)
    return _stored(store, parts)


def _stored(store: Store, parts: Mapping[str, PartRef]) -> BlockResult:
    read = store.snapshots.read_part
    findings = LazyFrame(
        FINDINGS, parts["findings"].rows, partial(_columns, store, parts["findings"])
    )
    findings.frame(["at", CHECK])
    return BlockResult(
        read(parts["checks"]), read(parts["answered"]), read(parts["rows"]), findings
    )


def _columns(store: Store, part: PartRef, names: Sequence[str]) -> pd.DataFrame:
    return store.snapshots.read_part(part, names)
