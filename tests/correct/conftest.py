"""A project whose rows were pulled, read, validated and measured, in a real store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from meal_pipeline.collect import collect_project
from meal_pipeline.correct import (
    Entry,
    approve_corrections,
    propose_corrections,
    read_entries,
    write_sheet,
)
from meal_pipeline.erase import erase_submission
from meal_pipeline.kobo import KoboClient
from meal_pipeline.measure.measure_project import measure_project
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.read import read_project
from meal_pipeline.store import Store
from meal_pipeline.store.tables.measure import estimates
from meal_pipeline.store.tables.validate import findings, row_accounts
from meal_pipeline.validate.report import ValidateReport
from meal_pipeline.validate.validate_project import validate_project
from meal_pipeline.workspace import WorkspaceKey
from meal_pipeline.workspace.project import Project

UID = "aHousehold"
CONTENT = {
    "survey": [
        {"type": "text", "name": "head_name", "label": ["Name of the head of household"]},
        {"type": "text", "name": "remark"},
        {"type": "integer", "name": "age", "constraint": ". < 120"},
        {"type": "date", "name": "visit"},
        {"type": "select_one", "name": "water", "select_from_list_name": "sources"},
        {"type": "select_multiple", "name": "needs", "select_from_list_name": "sources"},
        {"type": "geopoint", "name": "spot"},
        {"type": "begin_repeat", "name": "members"},
        {"type": "integer", "name": "years", "constraint": ". < 120"},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": "sources", "name": "network", "label": ["Public network"]},
        {"list_name": "sources", "name": "tanker", "label": ["Water tanker"]},
    ],
    "translations": ["English (en)"],
}


@dataclass
class Office:
    """Runs the stages of the project, as notebooks do. Row 4 is 150 years old, row 6 has no age
    that can be read, and in row 5 the second member is 300."""

    store: Store
    server: PracticeServer
    key: WorkspaceKey
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        personal = {"head_name": {"kind": "name", "treatment": "drop"}}
        return Project.model_validate(
            {
                "code": "food",
                "name": {"en": "Food"},
                "server": self.server.url,
                "forms": {"household": {"uid": UID, "personal_data": personal, "place": "water"}},
                "limits": {"quarantined_percent": 100},
                "indicators": {
                    "age": {
                        "name": {"en": "Age"},
                        "level": "outcome",
                        "form": "household",
                        "statistic": "mean",
                        "expression": "${age}",
                    }
                },
                **self.settings,
            }
        )

    @staticmethod
    def clock() -> datetime:
        return datetime(2026, 11, 25, 6, tzinfo=UTC)

    def pull(self) -> None:
        project = self.project
        collect_project(self.store, project, key=self.key, connect=self.connect, clock=self.clock)
        read_project(self.store, project, key=self.key, clock=self.clock)

    def validate(self) -> ValidateReport:
        report = validate_project(self.store, self.project, suites=[], clock=self.clock)
        measure_project(self.store, self.project)
        return report

    def connect(self, address: str) -> KoboClient:
        return KoboClient(address, PRACTICE_TOKEN)

    def propose(self, *entries: Entry, by: str = "Rana") -> tuple[str, ...]:
        return propose_corrections(self.store, self.project, entries, by=by, clock=self.clock).ids

    def approve(self, *ids: str, by: str = "Samer") -> None:
        approve_corrections(self.store, self.project, ids, by=by, clock=self.clock)

    def correct(self, *entries: Entry) -> ValidateReport:
        """Propose, approve and apply."""
        self.approve(*self.propose(*entries))
        return self.validate()

    def edit(self, submission_id: int, **answers: Any) -> None:
        """Let the server have other answers, and read them."""
        self.server.edit(UID, submission_id, answers)
        self.pull()

    def erase(self, submission_id: int) -> None:
        erase_submission(
            self.store,
            self.project,
            "household",
            submission_id,
            reason="withdrawn",
            key=self.key,
            clock=self.clock,
        )

    def valid(self, *columns: str, frame: str = "household") -> list[Any]:
        snapshot = self.store.snapshots.latest("food", "validate")
        assert snapshot is not None
        rows = snapshot.frame(frame)
        return rows[list(columns)].astype(object).where(rows.notna(), None).to_numpy().tolist()

    def found(self, *columns: str) -> list[tuple[Any, ...]]:
        return self.rows(findings, *columns)

    def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        with self.store.read() as connection:
            asked = select(*(table.c[name] for name in columns))
            return sorted((tuple(one) for one in connection.execute(asked)), key=repr)

    def account(self) -> tuple[Any, ...]:
        snapshot = self.store.snapshots.latest("food", "validate")
        assert snapshot is not None
        names = ("snapshot_id", "pulled", "valid", "not_eligible", "quarantined", "removed")
        return next(
            one[1:] for one in self.rows(row_accounts, *names) if one[0] == snapshot.snapshot_id
        )

    def mean_age(self) -> float:
        ((estimate,),) = self.rows(estimates, "estimate")
        return float(estimate)

    def sheet(self) -> Path:
        path = self.folder / "sheet.xlsx"
        write_sheet(self.store, self.project, path, language="en")
        return path

    def take(self, path: Path, by: str = "Rana") -> tuple[str, ...]:
        return self.propose(*read_entries(path, project="food"), by=by)


class Sheet:
    """The sheet that went out, in an officer's hands."""

    def __init__(self, path: Path) -> None:
        self.path, self.book = path, load_workbook(path)
        self.sheet = self.book["corrections"]
        self.at = {cell.value: cell.column for cell in self.sheet[1] if cell.value}

    def row(self, submission_id: int, question: str) -> int:
        return next(
            number
            for number in range(3, self.sheet.max_row + 1)
            if self.cell(number, "row").value == str(submission_id)
            and self.cell(number, "question").value == question
        )

    def cell(self, number: int, field: str) -> Any:
        return self.sheet.cell(number, self.at[field])

    def fill(self, number: int, **cells: Any) -> "Sheet":
        for name, value in cells.items():
            self.cell(number, name).value = value
        return self

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Iterator[Office]:
    deployed = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    with PracticeServer([PracticeForm(UID, "Household", versions=[deployed])]) as server:
        ages = ["30", "30", "40", "150", "20", "ten"]
        for number, age in enumerate(ages, start=1):
            years = "300" if number == 5 else "7"
            server.submit(
                UID,
                {
                    "head_name": f"Head {number}",
                    "remark": f"remark {number}",
                    "age": age,
                    "visit": "2026-03-01",
                    "water": "network",
                    "needs": "network tanker",
                    "spot": "35 36 0 0",
                    "members": [{"members/years": "5"}, {"members/years": years}],
                },
                id=number,
            )
        made = Office(store, server, WorkspaceKey(b"k" * 32), tmp_path)
        made.pull()
        made.validate()
        yield made
