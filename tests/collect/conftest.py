"""One form on a practice server, and the office that pulls it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meal_pipeline.collect import FormReport, collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import bodies, head_index
from meal_pipeline.store.submission_state import validation_index
from meal_pipeline.workspace import WorkspaceKey
from meal_pipeline.workspace.project import Project

UID = "aHousehold"
CONTENT: dict[str, Any] = {
    "survey": [
        {"type": "text", "name": "name", "$xpath": "name"},
        {"type": "begin_repeat", "name": "members", "$xpath": "members"},
        {"type": "text", "name": "who", "$xpath": "members/who"},
        {"type": "end_repeat"},
    ]
}


@dataclass
class Office:
    """Pulls the form `aHousehold` of a practice server into a store, at its own time."""

    store: Store
    server: PracticeServer
    key: WorkspaceKey = field(default_factory=lambda: WorkspaceKey(b"k" * 32))
    now: datetime = datetime(2026, 11, 25, 6, tzinfo=UTC)
    token: str = PRACTICE_TOKEN
    sync: dict[str, Any] = field(default_factory=lambda: {"deleted_percent": 50})

    @property
    def where(self) -> tuple[str, str]:
        return self.server.url, UID

    @property
    def project(self) -> Project:
        return Project.model_validate(
            {
                "code": "food",
                "name": {"en": "Food"},
                "server": self.server.url,
                "forms": {"household": {"uid": UID}},
                "sync": self.sync,
            }
        )

    def pull(self, **options: Any) -> FormReport:
        """Pull an hour later than the last time."""
        self.now += timedelta(hours=1)
        report = collect_project(
            self.store,
            self.project,
            key=self.key,
            connect=self.connect,
            clock=lambda: self.now,
            **options,
        )
        return report.forms[0]

    def connect(self, server: str) -> KoboClient:
        return KoboClient(server, self.token, retries=2, sleep=lambda _seconds: None)

    def held(self, as_of: datetime | None = None) -> dict[int, dict[str, Any]]:
        """Give what is held, without the status, which has its own history."""
        moment = None if as_of is None else as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = bodies(self.store, *self.where, None, self.key, as_of=moment)
        return {body["_id"]: without_status(body) for body in found}

    def ids(self) -> list[int]:
        numbers: list[int] = head_index(self.store, *self.where)[0].tolist()
        return numbers

    def statuses(self) -> dict[int, tuple[str, bool]]:
        return validation_index(self.store, *self.where)

    def truth(self) -> dict[int, dict[str, Any]]:
        """Give what the server holds, read by a bare client."""
        with self.connect(self.server.url) as client:
            rows = [row for page in client.submissions(UID) for row in page.rows]
        return {row["_id"]: without_status(row) for row in rows}


def without_status(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "_validation_status"}


@pytest.fixture
def office(store: Store) -> Iterator[Office]:
    """An office, and a server with twelve rows that it has not pulled yet."""
    deployed = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    with PracticeServer(
        [PracticeForm(UID, "Household", versions=[deployed])], max_page=5
    ) as server:
        for number in range(12):
            server.submit(UID, {"name": f"Household {number}"})
        yield Office(store, server)
