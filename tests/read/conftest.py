"""Small forms and submissions for the tests of reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from meal_pipeline.forms import parse_content, unite
from meal_pipeline.forms.attached_files import AttachedFile, with_files
from meal_pipeline.read.block import read_block
from meal_pipeline.read.plan import plan_form
from meal_pipeline.read.read_project import ReadReport, read_project
from meal_pipeline.read.validation_status import Standing
from meal_pipeline.read.verdicts import verdict_frame
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
)
from meal_pipeline.store.submission_publishing import publish_submissions
from meal_pipeline.workspace.key import WorkspaceKey
from meal_pipeline.workspace.project import Form, Project

KEY = b"k" * 32
SERVER = "https://kobo.example.org"

Content = dict[str, Any]


def submission(number: int, version: str = "v1", **answers: Any) -> dict[str, Any]:
    """A submission as KoboToolbox gives it."""
    return {
        "_id": number,
        "_uuid": f"00000000-0000-4000-8000-{number:012d}",
        "__version__": version,
        "_submission_time": "2026-03-17T03:37:43",
        "_submitted_by": "lina",
        "meta/instanceID": f"uuid:00000000-0000-4000-8000-{number:012d}",
        **answers,
    }


@dataclass
class ReadRows:
    """What submissions became: `main`, `repeats` by name, `verdicts`, `unknown` keys."""

    main: pd.DataFrame
    repeats: dict[str, pd.DataFrame]
    verdicts: pd.DataFrame
    unknown: dict[str, int]

    def rules(self) -> list[tuple[int, str, str]]:
        """The verdicts as (submission, question, rule)."""
        found = self.verdicts[["_id", "question", "rule"]]
        return [tuple(row) for row in found.itertuples(index=False)]  # type: ignore[misc]


@pytest.fixture
def make_submission() -> Callable[..., dict[str, Any]]:
    """Give a submission with an `_id`, a version and answers by key."""
    return submission


@pytest.fixture
def read_rows() -> Callable[..., ReadRows]:
    """Read submissions of a form's versions (`{uid: content}`, oldest first; one content: `v1`)."""

    def read(
        contents: Content | dict[str, Content],
        *bodies: dict[str, Any],
        country: str = "SY",
        key: bytes = KEY,
        files: Sequence[AttachedFile] = (),
        standing: Standing | None = None,
        **settings: Any,
    ) -> ReadRows:
        versions = {"v1": contents} if "survey" in contents else contents
        form = Form.model_validate({"uid": "a1", **settings})
        parsed = [
            parse_content(one, asset_uid="a1", version_uid=uid) for uid, one in versions.items()
        ]
        union = unite([with_files(one, files) for one in parsed], form)
        block = read_block(plan_form("hh", form, union, country), bodies, key, standing=standing)
        repeats = {name: frame for name, frame in block.frames.items() if name is not None}
        return ReadRows(block.frames[None], repeats, verdict_frame(block.verdicts), block.unknown)

    return read


@dataclass
class Office:
    """A store with one project of one form, whose submissions come in by `receive`."""

    store: Store
    settings: dict[str, Any] = field(default_factory=dict)
    key: WorkspaceKey = field(default_factory=lambda: WorkspaceKey(KEY))

    @property
    def project(self) -> Project:
        form = {"uid": "a1", **self.settings}
        declared = {"code": "p", "name": {"en": "P"}, "server": SERVER, "forms": {"hh": form}}
        return Project.model_validate(declared)

    def deploy(self, uid: str, content: Content) -> None:
        version = FormVersion(uid, uid, content, "2026-01-01T00:00:00Z")
        with self.store.write() as connection:
            append_versions(connection, self.project.server, "a1", [version])

    def receive(self, *bodies: dict[str, Any]) -> None:
        with self.store.write() as connection:
            append_submissions(
                connection,
                self.project.server,
                "a1",
                bodies,
                key=self.key,
                pull_id="pull",
                received_at="2026-03-18T00:00:00Z",
            )
            publish_submissions(connection, self.project.server, "a1", at="2026-03-18T00:00:00Z")

    def read(self) -> ReadReport:
        return read_project(self.store, self.project, key=self.key, clock=self.clock)

    def clock(self) -> datetime:
        return datetime(2026, 3, 18, tzinfo=UTC)

    def frame(self, name: str) -> pd.DataFrame:
        snapshot = self.store.snapshots.latest("p", "read")
        assert snapshot is not None
        return snapshot.frame(name)


@pytest.fixture
def office(store: Store) -> Office:
    """An empty office on each database."""
    return Office(store)
