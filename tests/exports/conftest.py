"""A small office with a folder of files beside its store."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from meal_pipeline.collect.differences import state_of
from meal_pipeline.exports import ImportedForm, import_folder
from meal_pipeline.read import read_project
from meal_pipeline.store import Store
from meal_pipeline.store.snapshots import Snapshot
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
    bodies,
)
from meal_pipeline.store.submission_publishing import publish_submissions
from meal_pipeline.workspace.key import WorkspaceKey
from meal_pipeline.workspace.project import Project

KEY = WorkspaceKey(b"k" * 32)
API = "https://kobo.example.org"
NOW = "2026-11-25T06:00:00Z"


def clock() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)


@dataclass
class Office:
    """A store, a folder `files`, and what comes of importing the one or logging the other."""

    store: Store
    files: Path
    uid: str = "household"

    def project(self, server: str = "folder:files") -> Project:
        declared = {"code": "p", "name": {"en": "P"}, "server": server}
        return Project.model_validate(declared | {"forms": {"hh": {"uid": self.uid}}})

    def imported(self) -> ImportedForm:
        return import_folder(self.store, self.project(), self.files, key=KEY, clock=clock)[0]

    def rows(self) -> dict[int, dict[str, Any]]:
        held = bodies(self.store, "folder:files", self.uid, None, KEY)
        return {body["_id"]: body for body in held}

    def received(
        self, rows: Sequence[Mapping[str, Any]], versions: Sequence[tuple[str, Any, str]]
    ) -> None:
        """Log rows and versions as a pull from a server does."""
        found = [FormVersion(uid, uid, content, at) for uid, content, at in versions]
        with self.store.write() as connection:
            append_versions(connection, API, self.uid, found)
            append_submissions(
                connection, API, self.uid, rows, key=KEY, pull_id="x", received_at=NOW
            )
            seen = {row["_id"]: state_of(row) for row in rows}
            publish_submissions(connection, API, self.uid, at=NOW, seen=seen)

    def snapshot(self, server: str) -> Snapshot:
        """Read the project from this server."""
        read_project(self.store, self.project(server), key=KEY, clock=clock)
        snapshot = self.store.snapshots.latest("p", "read")
        assert snapshot is not None
        return snapshot

    def frames(self, server: str) -> dict[str, pd.DataFrame]:
        """Give the typed frames by name."""
        snapshot = self.snapshot(server)
        return {name: snapshot.frame(name) for name in snapshot.frames if ":" not in name}

    def hashes(self, server: str) -> dict[str, list[str]]:
        """Give the content hashes of the typed frames' parts."""
        snapshot = self.snapshot(server)
        names = [name for name in snapshot.frames if ":" not in name]
        return {name: [part.hash for part in snapshot.parts(name)] for name in names}

    def lacks(self, imported: ImportedForm) -> set[tuple[str, str]]:
        return set(imported.lacks.counted)

    def xlsform(
        self, survey: Sequence[Sequence[Any]], choices: Sequence[Sequence[Any]] = (), **more: Any
    ) -> None:
        """Write an XLSForm of rows (type, name, label, …); the first row is the header."""
        book = openpyxl.Workbook()
        sheets = {"survey": survey, "choices": choices}
        settings = {"id_string": self.uid} | more.pop("settings", {})
        sheets["settings"] = [list(settings), list(settings.values())]
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        book.save(self.files / more.pop("name", "form.xlsx"))

    def write_json(self, name: str, found: Any) -> None:
        (self.files / name).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")

    def copy(self, *paths: Path) -> None:
        for path in paths:
            shutil.copy(path, self.files / path.name)


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    """An office with an empty folder, on each database."""
    (tmp_path / "files").mkdir()
    return Office(store, tmp_path / "files")
