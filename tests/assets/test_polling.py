"""The sensor that looks whether forms changed."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

import assets
from assets.instance import open_instance
from assets.partitions import PROJECTS, register_projects
from assets.polling import Memory, changed, in_turn, look_around, look_through, polling_sensor
from meal_pipeline.practice import PracticeServer
from meal_pipeline.store import Store
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.project import Project

from .small_world import answers, make_workspace, practice_client, put_form, uid_of


def project(code: str, server: str) -> Project:
    form = {"home": {"uid": uid_of(code)}}
    return Project.model_validate(
        {"code": code, "name": {"en": code}, "server": server, "forms": form}
    )


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes calls and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_change_and_its_return_are_three_events() -> None:
    memory, held = Memory(event=7), "A"
    numbers = []
    for state in ("A", "B", "A", "B"):
        wanted, memory = changed({"p": state}, {"p": held}, memory)
        numbers.append(wanted.get("p"))
        held = state  # the run that was asked for pulled it
    assert numbers == [None, 8, 9, 10]


def test_a_state_is_asked_for_once_while_its_run_has_not_pulled_it() -> None:
    wanted, memory = changed({"p": "B"}, {"p": "A"}, Memory(event=1))
    assert wanted == {"p": 2}
    again, memory = changed({"p": "B"}, {"p": "A"}, memory)
    assert again == {}


def test_a_project_that_was_never_pulled_is_asked_for() -> None:
    wanted, _memory = changed({"p": "A"}, {"p": None}, Memory(event=1))
    assert wanted == {"p": 2}


def test_a_failed_look_is_no_news() -> None:
    memory = Memory(event=1, asked={"p": "B"})
    wanted, after = changed({}, {"p": "A"}, memory)
    assert wanted == {}
    assert after.asked == {"p": "B"}


def test_without_a_memory_no_event_number_comes_again() -> None:
    first = Memory.of(None)
    _wanted, later = changed({"p": "B"}, {"p": "A"}, first)
    assert Memory.of(None).event >= first.event
    assert Memory.of("not a cursor").event > 1_700_000_000
    assert Memory.of(later.text()) == later


def test_who_waited_longest_is_asked_first() -> None:
    assert in_turn(["a", "b", "c", "new"], ["c", "gone", "a", "b"]) == ["new", "c", "a", "b"]


def test_a_silent_server_costs_one_wait_and_starves_nobody(
    silent: str, server: PracticeServer
) -> None:
    projects = [project(f"dead{n}", silent) for n in range(5)]
    projects += [project("north", server.url), project("south", server.url)]
    begun = time.monotonic()
    found = look_around(projects, look_through(practice_client), seconds=20)
    assert time.monotonic() - begun < 10
    assert set(found.seen) == {"north", "south"}
    assert set(found.trouble) == {"dead0"}
    assert sorted(found.turns) == sorted(one.code for one in projects)


@pytest.fixture
def slow() -> Iterator[str]:
    """The address of a server that answers each question after a second, a byte at a time."""

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"uid": "a"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                time.sleep(1 / len(body))
                self.wfile.write(bytes([byte]))

        def log_message(self, *_words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.fixture
def dead() -> str:
    """The address of a server that is down: the call is refused."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_dead_silent_and_slow_servers_starve_nobody(
    dead: str, silent: str, slow: str, server: PracticeServer
) -> None:
    projects = [
        project(f"{name}{n}", url)
        for n in range(3)
        for name, url in (("dead", dead), ("silent", silent), ("slow", slow))
    ]
    projects += [project("north", server.url), project("south", server.url)]
    by_code = {one.code: one for one in projects}
    turns: list[str] = []
    waiting = {f"slow{n}" for n in range(3)}
    for _tick in range(6):  # two would do on a computer that does nothing else
        begun = time.monotonic()
        order = in_turn(list(by_code), turns)
        found = look_around([by_code[code] for code in order], look_through(practice_client), 4)
        assert time.monotonic() - begun < 8
        assert {"north", "south"} <= set(found.seen)
        assert any(code.startswith("dead") for code in found.trouble)
        waiting -= set(found.seen)
        if not waiting:
            break
        turns = [*(code for code in order if code not in found.turns), *found.turns]
    assert not waiting, "each had its turn"


def test_a_tick_ends_in_time_and_those_left_come_first_in_the_next() -> None:
    def slow(_project: Project) -> str:
        time.sleep(0.2)
        return "A"

    projects = [project(f"p{n}", "https://kobo.example.org") for n in range(9)]
    begun = time.monotonic()
    found = look_around(projects, slow, seconds=0.5)
    assert time.monotonic() - begun < 1
    left = [one.code for one in projects if one.code not in found.turns]
    assert left
    assert in_turn([one.code for one in projects], [*left, *found.turns])[: len(left)] == left


def test_a_look_that_hangs_does_not_hold_the_tick() -> None:
    never = threading.Event()

    def look(one: Project) -> str:
        if one.code == "hangs":
            never.wait(5)
        return "A"

    projects = [project("hangs", "https://a.example"), project("fine", "https://b.example")]
    begun = time.monotonic()
    found = look_around(projects, look, seconds=0.3)
    never.set()
    assert time.monotonic() - begun < 2
    assert found.seen == {"fine": "A"}


def test_a_form_that_is_not_there_leaves_the_other_projects_of_its_server(
    server: PracticeServer,
) -> None:
    projects = [project("unknown", server.url), project("north", server.url)]
    found = look_around(projects, look_through(practice_client), seconds=20)
    assert set(found.seen) == {"north"}
    assert found.trouble == {"unknown": "NotFound"}


class Daemon:
    """Ticks the sensor as Dagster's daemon does, keeping its cursor."""

    def __init__(self, workspace: Workspace, instance: dg.DagsterInstance) -> None:
        self._sensor = polling_sensor(workspace, connect=practice_client)
        self._defs = assets.build_defs(workspace)
        self._instance = instance
        self._cursor: str | None = None

    def tick(self) -> list[tuple[str | None, str | None]]:
        context: Any = dg.build_sensor_context(
            instance=self._instance, cursor=self._cursor, definitions=self._defs
        )
        with partition_loading_context(dynamic_partitions_store=self._instance):
            found = self._sensor.evaluate_tick(context)
        self._cursor = found.cursor
        return [(one.partition_key, one.run_key) for one in found.run_requests or []]


def test_the_sensor_asks_for_exactly_the_project_that_changed(tmp_path: Path) -> None:
    with PracticeServer() as server:
        for code in ("calm", "busy"):
            put_form(server, code, rows=3)
        workspace = make_workspace(tmp_path / "ws", "calm", "busy", server=server.url)
        store = workspace.open_store()
        with open_instance(workspace) as instance:
            register_projects(instance, ["calm", "busy"])
            daemon = Daemon(workspace, instance)
            assert {code for code, _key in daemon.tick()} == {"calm", "busy"}
            for code in ("calm", "busy"):
                pull(store, workspace, code)
            assert daemon.tick() == []
            server.submit(uid_of("busy"), answers(1))
            asked = daemon.tick()
            assert [code for code, _key in asked] == ["busy"]
            assert daemon.tick() == []
            pull(store, workspace, "busy")
            server.submit(uid_of("busy"), answers(1))
            again = daemon.tick()
            assert [code for code, _key in again] == ["busy"]
            assert again != asked
        store.close()


def test_a_project_of_which_a_run_goes_is_left_alone(tmp_path: Path) -> None:
    @dg.job
    def nothing() -> None: ...

    with PracticeServer() as server:
        put_form(server, "busy", rows=3)
        workspace = make_workspace(tmp_path / "ws", "busy", server=server.url)
        with open_instance(workspace) as instance:
            register_projects(instance, ["busy"])
            instance.create_run_for_job(
                nothing,
                status=dg.DagsterRunStatus.STARTED,
                tags={"dagster/partition": "busy", "dagster/partition_set": str(PROJECTS.name)},
            )
            assert Daemon(workspace, instance).tick() == []


def pull(store: Store, workspace: Workspace, code: str) -> None:
    from datetime import UTC, datetime

    from meal_pipeline.collect import collect_project

    collect_project(
        store,
        workspace.project(code),
        key=workspace.key(),
        connect=lambda server: practice_client(code, server),
        clock=lambda: datetime.now(UTC),
    )
