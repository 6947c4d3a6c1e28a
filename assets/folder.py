"""The workspace's folder: projects that come, change and go.

Here: what a change of the files means, and the sensor that sees it. Not here: reading the files
(`meal_pipeline.workspace`) or reloading (`ui.py`).
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import dagster as dg
from sqlalchemy import select

from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store
from meal_pipeline.store.tables.collect import pulls
from meal_pipeline.workspace import ProjectFolder, Workspace

from .declared import read_declared
from .faults import check_evaluations
from .instance import STARTED_BY
from .partitions import (
    PROJECT_RUN,
    PROJECTS,
    Steps,
    mark_retired,
    projects_in_flight,
    registered_projects,
    steps_to,
)
from .reload import reload_definitions

DECLARED = ("meal.yaml", "projects/*/project.yaml", "expectations/*", "dbt_like_sql/*/*")
"""What definitions are made of."""


@dataclass(frozen=True)
class Memory:
    """What the sensor keeps between ticks: the hash of each file, the folder of each project."""

    event: int
    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str | None) -> "Memory":
        """Read a cursor. Without one, events are counted from the clock: no number comes again."""
        try:
            return cls(**json.loads(cursor or ""))
        except (ValueError, TypeError):
            return cls(event=int(time.time()))


@dataclass(frozen=True)
class News:
    """What a tick does: partitions, projects whose declaration changed, what to remember."""

    steps: Steps
    edited: dict[str, int]
    files_changed: bool
    memory: Memory


def file_hashes(root: Path) -> dict[str, str]:
    """Give a hash for each declared file, by its path in the workspace."""
    found = {}
    for pattern in DECLARED:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and not path.name.startswith("."):
                content = path.read_bytes()
                found[path.relative_to(root).as_posix()] = hashlib.sha256(content).hexdigest()[:16]
    return found


def folder_hash(files: Mapping[str, str]) -> str:
    """Give one hash over all of them."""
    return hashlib.sha256(json.dumps(dict(sorted(files.items()))).encode()).hexdigest()


def news(
    projects: ProjectFolder,
    files: Mapping[str, str],
    registered: list[str],
    in_flight: set[str],
    memory: Memory,
) -> News:
    """Compare the folder with what was remembered.

    A project whose file has a fault is not gone: its folder is that in which it was seen last, or
    bears its code. A project is `edited` when its file is another than at the last tick.
    """
    faulty = {path.parent.name for path in projects.faults}
    unreadable = {code for code, folder in memory.folders.items() if folder in faulty} | faulty
    steps = steps_to(list(projects), registered, unreadable=unreadable, in_flight=in_flight)
    folders = {code: path.parent.name for code, path in projects.files.items()}
    edited: dict[str, int] = {}
    event = memory.event
    for code, folder in folders.items():
        path = f"projects/{folder}/project.yaml"
        before = memory.files.get(path)
        if before is not None and before != files.get(path) and code in registered:
            event += 1
            edited[code] = event
    kept = {code: folder for code, folder in memory.folders.items() if code in unreadable}
    return News(
        steps, edited, dict(files) != memory.files, Memory(event, dict(files), {**kept, **folders})
    )


def fully_pulled(store: Store, projects: ProjectFolder) -> set[str]:
    """Give the projects of which every form was pulled once: they can be read without a pull."""
    statement = select(pulls.c.project, pulls.c.server, pulls.c.asset_uid).where(
        pulls.c.complete.is_(True)
    )
    with store.read() as connection:
        pulled = {tuple(row) for row in connection.execute(statement.distinct())}
    return {
        code
        for code, project in projects.items()
        if all((code, project.server, form.uid) in pulled for form in project.forms.values())
    }


def folder_sensor(
    workspace: Workspace,
    after_pull: list[dg.AssetKey],
) -> dg.SensorDefinition:
    """Give the sensor `folder`.

    It keeps the partitions in step with the project files, marks projects retired, remakes (without
    a pull, the assets `after_pull`) those whose declaration changed, reports faulty files as failed
    checks, and has the definitions loaded anew when the files are others than these were made of.
    """
    loaded = folder_hash(file_hashes(workspace.root))

    @dg.sensor(
        name="folder",
        job_name=PROJECT_RUN,
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Keeps Dagster in step with the files of the workspace."),
    )
    def folder(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        if not (workspace.root / "projects").is_dir():
            return dg.SensorResult(skip_reason=_("The folder projects/ cannot be read."))
        files = file_hashes(workspace.root)
        if folder_hash(files) != loaded:
            _reload_soon(workspace)
        memory = Memory.of(context.cursor)
        registered = registered_projects(context.instance)
        if files == memory.files and set(registered) == set(memory.folders):
            return dg.SensorResult(skip_reason=_("Nothing changed."), cursor=context.cursor)
        declared = read_declared(workspace)
        projects = declared.projects
        in_flight = projects_in_flight(context.instance)
        found = news(projects, files, registered, in_flight, memory)
        steps = found.steps
        store = workspace.open_store()
        try:
            mark_retired(
                store,
                dict.fromkeys([*steps.removed, *steps.waits], True)
                | dict.fromkeys(projects, False),
            )
            ready = fully_pulled(store, projects) if found.edited else set()
        finally:
            store.close()
        requests = [
            dg.RunRequest(
                run_key=f"{code}#{event}",
                partition_key=code,
                asset_selection=after_pull,
                tags={STARTED_BY: "folder"},
            )
            for code, event in found.edited.items()
            if code in ready
        ]
        return dg.SensorResult(
            run_requests=requests,
            skip_reason=None if requests else _said(found),
            dynamic_partitions_requests=[
                PROJECTS.build_add_request(steps.added),
                PROJECTS.build_delete_request(steps.removed),
            ],
            asset_events=check_evaluations(declared) if found.files_changed else [],
            cursor=json.dumps(asdict(found.memory)),
        )

    return folder


def _said(found: News) -> str:
    """Word what a tick did that starts no run."""
    steps = found.steps
    changes = [
        _("{projects} added").format(projects=", ".join(steps.added)) if steps.added else "",
        _("{projects} retired").format(projects=", ".join(steps.removed)) if steps.removed else "",
    ]
    return "; ".join(filter(None, changes)) or _("No project is to be computed anew.")


def _reload_soon(workspace: Workspace) -> None:
    """Ask for a reload once this tick is over, since it takes away the process that runs it."""

    def later() -> None:
        time.sleep(3)
        reload_definitions(workspace)

    threading.Thread(target=later, daemon=True).start()
