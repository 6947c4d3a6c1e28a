"""A project whose rows were pulled, read and validated, in a real store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from meal_pipeline.collect import collect_project
from meal_pipeline.erase import Erasure, erase_submission
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.read import read_project
from meal_pipeline.store import Store
from meal_pipeline.validate.validate_project import validate_project
from meal_pipeline.workspace import WorkspaceKey
from meal_pipeline.workspace.project import Project

UID = "aHousehold"
CONTENT = {
    "survey": [
        {"type": "text", "name": "place"},
        {"type": "integer", "name": "age", "constraint": ". < 120"},
        {"type": "begin_repeat", "name": "members"},
        {"type": "text", "name": "who"},
        {"type": "end_repeat"},
    ]
}


@dataclass
class Office:
    """Runs the first stages of the project, as notebooks do."""

    store: Store
    server: PracticeServer
    key: WorkspaceKey

    @property
    def project(self) -> Project:
        forms = {"household": {"uid": UID}}
        return Project.model_validate(
            {
                "code": "food",
                "name": {"en": "Food"},
                "server": self.server.url,
                "forms": forms,
                "limits": {"quarantined_percent": 100},
            }
        )

    @staticmethod
    def clock() -> datetime:
        return datetime(2026, 11, 25, 6, tzinfo=UTC)

    def run(self) -> None:
        """Pull, read and validate."""
        collect_project(
            self.store, self.project, key=self.key, connect=self.connect, clock=self.clock
        )
        read_project(self.store, self.project, key=self.key, clock=self.clock)
        validate_project(self.store, self.project, suites=[], clock=self.clock)

    def connect(self, address: str) -> KoboClient:
        return KoboClient(address, PRACTICE_TOKEN)

    def erase(self, submission_id: int, **options: Any) -> Erasure:
        return erase_submission(
            self.store,
            self.project,
            "household",
            submission_id,
            **{"reason": "withdrawn", "key": self.key, "clock": self.clock, **options},
        )

    def ids(self, stage: str) -> list[int]:
        snapshot = self.store.snapshots.latest("food", stage)
        assert snapshot is not None
        return sorted(snapshot.frame("household")["_id"].tolist())


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Iterator[Office]:
    deployed = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    with PracticeServer([PracticeForm(UID, "Household", versions=[deployed])]) as server:
        for number in range(6):
            members = [{"members/who": f"Member {number}"}]
            age = 150 if number == 3 else 30
            server.submit(UID, {"place": f"Place {number}", "age": age, "members": members})
        made = Office(store, server, WorkspaceKey(b"k" * 32))
        made.run()
        yield made
