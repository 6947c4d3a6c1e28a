"""The read stage: a project's submissions as they are held now, as a snapshot of typed frames.

Here: blocks of submissions, which of them were read before, the verdicts on whole forms, the
snapshot. Not here: what an answer becomes (`block.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.exports.carrying import cannot_carry
from meal_pipeline.locale import gettext as _
from meal_pipeline.read import verdicts as v
from meal_pipeline.read.block import read_block
from meal_pipeline.read.form_verdicts import form_verdicts
from meal_pipeline.read.plan import plan_form
from meal_pipeline.read.pseudonyms import PhoneNumber
from meal_pipeline.rows.typed import SENTENCES_OF_TYPES
from meal_pipeline.rows.unions import form_union
from meal_pipeline.store import Clock, PartRef, Store
from meal_pipeline.store.form_files import form_files
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import bodies, form_versions, head_index
from meal_pipeline.store.submission_state import validation_index
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Form, Project

READ_VERSION = 2
"""To be raised whenever the same submissions are read into other frames, so that all are reread."""
BLOCK_ROWS = 10_000
READ_SETTINGS = {
    "personal_data",
    "enumerator",
    "same_choices",
    "same_questions",
    "same_repeats",
    "different_questions",
}
"""What a project says of a form that reading depends on."""

Progress = Callable[[str, int, int], None]
"""Called with the form's code, its rows done and its rows in all."""


class NothingCollected(MealError):
    """A form of the project was never pulled."""


class ChangedMeanwhile(MealError):
    """Submissions changed in the store while they were being read."""


@dataclass(frozen=True)
class ReadReport:
    """What was read: rows by frame that count, and how many verdicts there are."""

    snapshot_id: str
    changed: bool
    rows: dict[str, int]
    notices: int


def read_project(
    store: Store,
    project: Project,
    *,
    key: SubkeySource,
    clock: Clock,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> ReadReport:
    """Read all submissions of the project's forms into a snapshot of the stage `read`.

    Frames: `<form>`, `<form>/<repeat>`, `<form>:calculated/<repeat>` (rows in which no person
    answered anything: kept, and counted nowhere), `<form>:verdicts`, with the columns of
    `plan.plan_form` and `verdicts.verdict_frame`. Submissions are read in blocks of 10 000 in `_id`
    order; a block in which nothing changed is taken from the last time. The same submissions,
    forms, settings and key give the same snapshot, read at once or little by little.

    as_of: a past moment, to read the submissions as they were known then, with the forms and
    settings of today; the snapshot that holds stays as it is. None for now.

    Raises NothingCollected where a form was never pulled, FormError where a form cannot be read,
    EncryptedForm where submissions are encrypted, BodyUnreadable with another key.
    """
    before = store.snapshots.latest(project.code, "read")
    moment = None if as_of is None else utc_text(as_of)
    frames: dict[str, list[PartRef]] = {}
    parents: dict[str, Any] = {}
    for code, form in project.forms.items():
        reading = _FormReading(store, project, code, form, key=key, as_of=moment)
        for parts in reading.blocks(progress):
            for name, part in parts.items():
                frames.setdefault(name, []).append(part)
        unknown = _unknown_questions(store, frames.pop(f"{code}:unknown"))
        verdicts = v.verdict_frame(form_verdicts(reading.plan, unknown, reading.lacks))
        frames[f"{code}:verdicts"].append(store.snapshots.write_part(verdicts))
        parents[code] = reading.parents()
    snapshot = store.snapshots.save(
        project.code, "read", frames, parents, clock, holds=as_of is None
    )
    rows = {name: snapshot.rows(name) for name in snapshot.frames}
    return ReadReport(
        snapshot.snapshot_id,
        changed=before is None or before.snapshot_id != snapshot.snapshot_id,
        rows={name: count for name, count in rows.items() if ":" not in name},
        notices=sum(count for name, count in rows.items() if name.endswith(":verdicts")),
    )


class _FormReading:
    """The reading of one form of the project."""

    def __init__(
        self,
        store: Store,
        project: Project,
        code: str,
        form: Form,
        *,
        key: SubkeySource,
        as_of: str | None,
    ) -> None:
        self.store, self.project, self.key = store, project, key
        self.server, self.asset_uid = project.server, form.uid
        union = form_union(store, self.server, form)
        if union is None:
            raise NothingCollected(
                _("Form {form} of project {project} was never pulled.").format(
                    form=code, project=project.code
                ),
                next_step=f"meal run {project.code}",
            )
        self.plan = plan_form(code, form, union, project.country)
        self.secret = key.subkey("pseudonyms")
        self.phones: dict[str, PhoneNumber] = {}
        self.as_of = as_of
        self.ids, self.hashes = head_index(store, self.server, self.asset_uid, as_of=as_of)
        self.standing = validation_index(store, self.server, self.asset_uid, as_of=as_of)
        self.files = {
            f"{one.name}:{one.content_hash}": one.problem
            for one in form_files(store, self.server, self.asset_uid)
        }
        self.lacks = cannot_carry(store, self.server, self.asset_uid)
        wording = v.wording_hash([*v.SENTENCES.values(), v.NO_VERSION, *SENTENCES_OF_TYPES])
        self.basis = _digest(
            READ_VERSION,
            code,
            [
                [uid, _digest(content)]
                for uid, content in form_versions(store, self.server, self.asset_uid)
            ],
            self.files,
            form.model_dump(mode="json", include=READ_SETTINGS),
            project.country,
            _digest("key of pseudonyms", self.secret.hex()),
            wording,
        )

    def blocks(self, progress: Progress | None) -> Iterator[dict[str, PartRef]]:
        """Give the parts of each block, frame → part; one block without rows for an empty form."""
        total = len(self.ids)
        for start in range(0, max(total, 1), BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, total)
            yield self._block(start, stop)
            if progress:
                progress(self.plan.code, stop, total)

    def parents(self) -> dict[str, Any]:
        """Give what the form's frames were made of."""
        return {
            "server": self.server,
            "asset_uid": self.asset_uid,
            "rows": len(self.ids),
            "versions": self.plan.layout.versions,
            "files": _digest(self.files),
            "heads": _digest(self.ids.tolist(), self.hashes.tolist()),
            "validation": _digest(sorted(self.standing.items())),
            **({"cannot_carry": self.lacks} if self.lacks else {}),
        }

    def _block(self, start: int, stop: int) -> dict[str, PartRef]:
        ids = self.ids[start:stop].tolist()
        standing = {one: self.standing[one] for one in ids if one in self.standing}
        made_of = _digest(
            self.basis, ids, self.hashes[start:stop].tolist(), sorted(standing.items())
        )
        known = self.store.snapshots.known_part(made_of)
        if known is not None:
            return known
        block = read_block(self.plan, self._bodies(ids), self.secret, self.phones, standing)
        write = self.store.snapshots.write_part
        parts = {self.plan.code: write(block.frames.pop(None))}
        for repeat, frame in block.frames.items():
            answered = frame["_answered"].to_numpy(bool)
            parts[self.plan.frame_name(repeat)] = write(frame[answered])
            parts[f"{self.plan.code}:calculated/{repeat}"] = write(frame[~answered])
        parts[f"{self.plan.code}:verdicts"] = write(v.verdict_frame(block.verdicts))
        parts[f"{self.plan.code}:unknown"] = write(_unknown_frame(block.unknown))
        self.store.snapshots.remember_part(self.project.code, made_of, parts)
        return parts

    def _bodies(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        if not ids:
            return []
        span = range(ids[0], ids[-1] + 1)
        found = list(
            bodies(self.store, self.server, self.asset_uid, span, self.key, as_of=self.as_of)
        )
        if [body["_id"] for body in found] != ids:
            raise ChangedMeanwhile(
                _("Submissions of form {form} changed while they were being read.").format(
                    form=self.plan.code
                ),
                next_step=f"meal run {self.project.code}",
            )
        return found


def _unknown_frame(unknown: Mapping[str, int]) -> pd.DataFrame:
    """Give keys without a question: `key` str, `rows` int64."""
    keys = sorted(unknown)
    text = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.DataFrame(
        {
            "key": pd.Series(keys, dtype=text),
            "rows": np.array([unknown[key] for key in keys], dtype=np.int64),
        }
    )


def _unknown_questions(store: Store, parts: Sequence[PartRef]) -> dict[str, int]:
    unknown: dict[str, int] = {}
    for part in parts:
        if part.rows:
            frame = store.snapshots.read_part(part)
            for key, rows in zip(frame["key"], frame["rows"].tolist(), strict=True):
                unknown[key] = unknown.get(key, 0) + rows
    return unknown


def _digest(*values: Any) -> str:
    return sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()
