"""The read stage: a project's submissions as they are held now, as a snapshot of typed frames.

Here: blocks of submissions, which of them were read before, the verdicts on whole forms, the
snapshot. Not here: what an answer becomes (`block.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import orjson
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion, parse_content, unite
from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale import gettext as _
from meal_pipeline.read import verdicts as v
from meal_pipeline.read.block import read_block
from meal_pipeline.read.personal import key_of
from meal_pipeline.read.plan import ColumnPlan, FormPlan, plan_form
from meal_pipeline.read.pseudonyms import PhoneNumber
from meal_pipeline.read.typed import SENTENCES_OF_TYPES
from meal_pipeline.store import Clock, PartRef, Store
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import bodies, form_versions, head_index
from meal_pipeline.workspace.project import Form, Project

READ_VERSION = 1
"""To be raised whenever the same submissions are read into other frames, so that all are reread."""
BLOCK_ROWS = 10_000

Progress = Callable[[str, int, int], None]
"""Called with the form's code, its rows done and its rows in all."""


class NothingCollected(MealError):
    """A form of the project was never pulled."""


class ChangedMeanwhile(MealError):
    """Submissions changed in the store while they were being read."""


@dataclass(frozen=True)
class ReadReport:
    """What was read: rows by frame (without verdicts), and how many verdicts there are."""

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
    progress: Progress | None = None,
) -> ReadReport:
    """Read all submissions of the project's forms into a snapshot of the stage `read`.

    Frames: `<form>`, `<form>/<repeat>`, `<form>:verdicts`, with the columns of `plan.plan_form` and
    `verdicts.verdict_frame`. Submissions are read in blocks of 10 000 in `_id` order; a block in
    which nothing changed is taken from the last time. The same submissions, forms, settings and key
    give the same snapshot, read at once or little by little.

    Raises NothingCollected where a form was never pulled, FormError where a form cannot be read,
    BodyUnreadable with another key.
    """
    before = store.snapshots.latest(project.code, "read")
    frames: dict[str, list[PartRef]] = {}
    parents: dict[str, Any] = {}
    for code, form in project.forms.items():
        reading = _FormReading(store, project, code, form, key)
        for parts in reading.blocks(progress):
            for name, part in parts.items():
                frames.setdefault(name, []).append(part)
        unknown = _unknown_questions(store, frames.pop(f"{code}:unknown"))
        verdicts = v.verdict_frame(form_verdicts(reading.plan, unknown))
        frames[f"{code}:verdicts"].append(store.snapshots.write_part(verdicts))
        parents[code] = reading.parents()
    snapshot = store.snapshots.save(project.code, "read", frames, parents, clock)
    rows = {name: snapshot.rows(name) for name in snapshot.frames}
    return ReadReport(
        snapshot.snapshot_id,
        changed=before is None or before.snapshot_id != snapshot.snapshot_id,
        rows={name: count for name, count in rows.items() if not name.endswith(":verdicts")},
        notices=sum(count for name, count in rows.items() if name.endswith(":verdicts")),
    )


def form_verdicts(plan: FormPlan, unknown: Mapping[str, int]) -> list[v.Verdict]:
    """Give the verdicts on the form as a whole: moved, withheld and unknown questions.

    `unknown` is how many rows answer each key that no version of the form has.
    """
    found: list[v.Verdict] = []
    not_evaluated = dict(reversed(plan.rules.not_evaluated))

    def say(rule: str, one: ColumnPlan, value: str | None = None) -> None:
        message = v.sentence(v.SENTENCES[rule], one.labels)
        frame = plan.frame_name(one.column.repeat)
        found.append(v.Verdict(None, frame, "", one.column.name, rule, message, value))

    for one in (column for columns in plan.frames.values() for column in columns):
        if len(set(one.column.paths.values())) > 1:
            say(v.MOVED_QUESTION, one)
        if one.treatment and not one.treatment.declared:
            say(v.WITHHELD, one)
        if key_of(one.column) in not_evaluated:
            say(v.NOT_EVALUATED, one, not_evaluated[key_of(one.column)])
    for name, rows in sorted(unknown.items()):
        labels = dict.fromkeys(LANGUAGES, name)
        message = v.sentence(v.SENTENCES[v.UNKNOWN_QUESTION], labels, rows=rows)
        found.append(v.Verdict(None, plan.code, "", name, v.UNKNOWN_QUESTION, message))
    return found


class _FormReading:
    """The reading of one form of the project."""

    def __init__(
        self, store: Store, project: Project, code: str, form: Form, key: SubkeySource
    ) -> None:
        self.store, self.project, self.key = store, project, key
        self.server, self.asset_uid = project.server, form.uid
        versions = form_versions(store, self.server, self.asset_uid)
        if not versions:
            raise NothingCollected(
                _("Form {form} of project {project} was never pulled.").format(
                    form=code, project=project.code
                ),
                next_step=f"meal run {project.code}",
            )
        self.plan = plan_form(code, form, _united(form.uid, versions), project.country)
        self.secret = key.subkey("pseudonyms")
        self.phones: dict[str, PhoneNumber] = {}
        self.ids, self.hashes = head_index(store, self.server, self.asset_uid)
        wording = v.wording_hash([*v.SENTENCES.values(), *SENTENCES_OF_TYPES])
        self.basis = _digest(
            READ_VERSION,
            code,
            [[uid, _digest(content)] for uid, content in versions],
            form.model_dump(mode="json", include={"personal_data", "same_choices", "enumerator"}),
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
            "heads": _digest(self.ids.tolist(), self.hashes.tolist()),
        }

    def _block(self, start: int, stop: int) -> dict[str, PartRef]:
        ids = self.ids[start:stop].tolist()
        made_of = _digest(self.basis, ids, self.hashes[start:stop].tolist())
        known = self.store.snapshots.known_part(made_of)
        if known is not None:
            return known
        block = read_block(self.plan, self._bodies(ids), self.secret, self.phones)
        write = self.store.snapshots.write_part
        parts = {self.plan.frame_name(name): write(frame) for name, frame in block.frames.items()}
        parts[f"{self.plan.code}:verdicts"] = write(v.verdict_frame(block.verdicts))
        parts[f"{self.plan.code}:unknown"] = write(_unknown_frame(block.unknown))
        self.store.snapshots.remember_part(self.project.code, made_of, parts)
        return parts

    def _bodies(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        if not ids:
            return []
        span = range(ids[0], ids[-1] + 1)
        found = list(bodies(self.store, self.server, self.asset_uid, span, self.key))
        if [body["_id"] for body in found] != ids:
            raise ChangedMeanwhile(
                _("Submissions of form {form} changed while they were being read.").format(
                    form=self.plan.code
                ),
                next_step=f"meal run {self.project.code}",
            )
        return found


def _united(asset_uid: str, versions: Sequence[tuple[str, Mapping[str, Any]]]) -> FormUnion:
    return unite(
        [parse_content(content, asset_uid=asset_uid, version_uid=uid) for uid, content in versions]
    )


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
