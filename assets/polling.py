"""The look, which sees that a form has changed on its server.

Here: which project is asked next, what counts as changed, and the sensor around both. Not here:
pulling. Only what a form's description tells is seen: new rows, rows taken away, a new version.
An edit moves nothing there; the clock's pull finds it.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import dagster as dg
from sqlalchemy import func, select

from meal_pipeline.errors import MealError
from meal_pipeline.kobo import KoboClient, KoboError, TryLater, UnexpectedAnswer, Unreachable
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store
from meal_pipeline.store.tables.collect import forms, pulls
from meal_pipeline.workspace import Workspace, token_for
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.server_address import is_folder

from .instance import STARTED_BY
from .partitions import PROJECT_RUN, projects_in_flight, registered_projects
from .resources import Connect

BUDGET_SECONDS = 40.0
"""What one tick may take; Dagster gives up on it after 60."""
PATIENCE_SECONDS = 8.0
"""How long one server may keep one question waiting."""

Fingerprint = str
"""What a project's forms look like on their server, as a short hash."""
Look = Callable[[Project], Fingerprint]
"""Ask the server; raises KoboError, or MealError where there is no token."""


@dataclass(frozen=True)
class Memory:
    """What the sensor keeps between ticks, as its cursor.

    `event` is the number of the last event. `asked` holds the fingerprint for which a run was asked
    for last. `turns` names the projects in the order of their last turn, the longest ago first.
    """

    event: int
    asked: dict[str, Fingerprint] = field(default_factory=dict)
    turns: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: str | None) -> "Memory":
        """Read a cursor. Without one, events are counted from the clock: no number comes again."""
        try:
            return cls(**json.loads(cursor or ""))
        except (ValueError, TypeError):
            return cls(event=int(time.time()))

    def text(self) -> str:
        """Write the cursor."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Round:
    """What one tick saw: fingerprints, whose turn it was, and what went wrong, by project."""

    seen: dict[str, Fingerprint]
    turns: list[str]
    trouble: dict[str, str]


def in_turn(codes: Collection[str], turns: Sequence[str]) -> list[str]:
    """Give the projects in the order in which they are asked: never asked, then longest ago."""
    waiting = [code for code in codes if code not in turns]
    return [*waiting, *(code for code in turns if code in codes)]


def changed(
    seen: Mapping[str, Fingerprint], held: Mapping[str, Fingerprint | None], memory: Memory
) -> tuple[dict[str, int], Memory]:
    """Give the projects of which a run is wanted, each with the number of its event.

    `held` is what each project last pulled completely, None when that is not known. A state for
    which a run was already asked is not asked for again; once it is held, or gone back, it is
    forgotten, so that A → B → A → B are three events. A project that was not seen stays as it is: a
    failed look is no news.
    """
    asked, event = dict(memory.asked), memory.event
    wanted: dict[str, int] = {}
    for code, state in seen.items():
        if state == held.get(code):
            asked.pop(code, None)
        elif state != asked.get(code):
            event += 1
            wanted[code] = event
            asked[code] = state
    return wanted, Memory(event, asked, memory.turns)


def look_around(projects: Sequence[Project], look: Look, seconds: float) -> Round:
    """Ask the servers, each on its own, about the projects in this order, for so many seconds.

    A server that does not answer is left for this time: its other projects have had their turn.
    """
    seen: dict[str, Fingerprint] = {}
    trouble: dict[str, str] = {}
    turns: list[str] = []
    deadline = time.monotonic() + seconds
    by_server: dict[str, list[Project]] = {}
    for project in projects:
        by_server.setdefault(project.server, []).append(project)

    def ask(waiting: list[Project]) -> None:
        for at, project in enumerate(waiting):
            if time.monotonic() > deadline:
                return
            try:
                seen[project.code] = look(project)
            except (Unreachable, TryLater, UnexpectedAnswer) as error:
                trouble[project.code] = type(error).__name__
                turns.extend(one.code for one in waiting[at:])
                return
            except KoboError as error:
                trouble[project.code] = type(error).__name__
            except MealError as error:
                trouble[project.code] = str(error)
            turns.append(project.code)

    threads = [
        threading.Thread(target=ask, args=(waiting,), daemon=True) for waiting in by_server.values()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return Round(dict(seen), list(turns), dict(trouble))


def fingerprint(states: Sequence[tuple[str | None, str | None, int | None]]) -> Fingerprint:
    """Give one word for the deployed version, last submission time and count of each form."""
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()[:16]


def look_through(connect: Connect) -> Look:
    """Give the look that asks over `connect`; forms that are not deployed are told as such."""

    def look(project: Project) -> Fingerprint:
        with connect(project.code, project.server) as client:
            assets = [
                client.asset(form.uid, exclude=("content",)) for form in project.forms.values()
            ]
        return fingerprint(
            [
                (one.deployed_version_id, one.last_submission_time, one.submission_count)
                for one in assets
            ]
        )

    return look


def patient(project: str, server: str) -> KoboClient:
    """Give a client that asks once and does not wait long."""
    return KoboClient(server, token_for(project, server), timeout=PATIENCE_SECONDS, retries=0)


def held_fingerprints(store: Store, projects: Collection[Project]) -> dict[str, Fingerprint | None]:
    """Give what each project last pulled, None where a form is not pulled or by another since."""
    last_pull = select(
        pulls.c.project, pulls.c.server, pulls.c.asset_uid, func.max(pulls.c.finished_at)
    ).where(pulls.c.complete.is_(True))
    with store.read() as connection:
        pulled = {
            (row[0], row[1], row[2]): row[3]
            for row in connection.execute(
                last_pull.group_by(pulls.c.project, pulls.c.server, pulls.c.asset_uid)
            )
        }
        known = {(row.server, row.asset_uid): row for row in connection.execute(select(forms))}
    held: dict[str, Fingerprint | None] = {}
    for project in projects:
        states = []
        for form in project.forms.values():
            row = known.get((project.server, form.uid))
            at = pulled.get((project.code, project.server, form.uid))
            if row is not None and at is not None and at >= row.looked_at:
                states.append(
                    (row.deployed_version_uid, row.last_submission_time, row.submission_count)
                )
        complete = len(states) == len(project.forms)
        held[project.code] = fingerprint(states) if complete else None
    return held


def polling_sensor(workspace: Workspace, *, connect: Connect = patient) -> dg.SensorDefinition:
    """Give the sensor `look`, which asks for a run of exactly the projects that changed."""

    @dg.sensor(
        name="look",
        job_name=PROJECT_RUN,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Looks whether forms changed on their servers, and pulls those projects."),
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        memory = Memory.of(context.cursor)
        instance = context.instance
        resting = set(registered_projects(instance)) - projects_in_flight(instance)
        declared = workspace.projects()
        asked = [one for one in declared if one in resting and not is_folder(declared[one].server)]
        order = in_turn(asked, memory.turns)
        projects = [declared[code] for code in order]
        found = look_around(projects, look_through(connect), BUDGET_SECONDS)
        store = workspace.open_store()
        try:
            held = held_fingerprints(store, projects)
        finally:
            store.close()
        wanted, memory = changed(found.seen, held, memory)
        later = [code for code in in_turn(list(declared), memory.turns) if code not in found.turns]
        memory = Memory(memory.event, memory.asked, [*later, *found.turns])
        reasons = [f"{code}: {reason}" for code, reason in sorted(found.trouble.items())]
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=f"{code}#{event}", partition_key=code, tags={STARTED_BY: "look"}
                )
                for code, event in wanted.items()
            ],
            cursor=memory.text(),
            skip_reason=None
            if wanted
            else "; ".join(reasons)
            or _("{n} projects looked at, nothing changed.").format(n=len(found.seen)),
        )

    return look
