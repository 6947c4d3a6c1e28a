"""The receiver on a real port: who may call it, what it keeps, and what no fault can lose."""

import base64
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from meal_pipeline.listen.door import HEADER
from meal_pipeline.listen.receiver import LARGEST_BODY
from meal_pipeline.workspace import Workspace

from .ringing import SECRET, Receiver, caller, office, receiver

Rows = list[tuple[str, str, int | None]]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return office(tmp_path_factory.mktemp("ws") / "ws", "wash", "food-aid", "no-secret")


@pytest.fixture(scope="module")
def running(workspace: Workspace) -> Iterator[Receiver]:
    with receiver(workspace, "wash", "food-aid") as one:
        yield one


@pytest.fixture
def hook(running: Receiver, workspace: Workspace) -> str:
    with closing(sqlite3.connect(workspace.store_address)) as store:
        store.execute("delete from events")
        store.commit()
    return f"{running.url}/hook/wash/home"


def kept(workspace: Workspace) -> Rows:
    with closing(sqlite3.connect(workspace.store_address)) as store:
        return store.execute("select project, form, submission_id from events").fetchall()


def test_a_delivery_is_in_the_store_when_it_is_acknowledged(
    hook: str, workspace: Workspace
) -> None:
    with caller() as client:
        answer = client.post(hook, json={"_id": 1227, "_uuid": "78ecd1a8", "name": "Amal"})
    assert answer.status_code == 202
    assert kept(workspace) == [("wash", "home", 1227)]


def test_nothing_but_the_id_of_a_delivery_is_written_anywhere(
    hook: str, workspace: Workspace
) -> None:
    with caller() as client:
        client.post(hook, json={"_id": 1, "name": "Amal-of-the-answers"})
    for file in workspace.private.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Amal-of-the-answers" not in content, file
            assert SECRET.encode() not in content, file


def test_answers_take_milliseconds(hook: str) -> None:
    with caller() as client:
        taken = sorted(
            client.post(hook, json={"_id": row}).elapsed.total_seconds() for row in range(50)
        )
    assert taken[25] < 0.05


def test_basic_authentication_opens_too(hook: str, workspace: Workspace) -> None:
    with httpx.Client(trust_env=False) as client:
        assert client.post(hook, auth=("wash", SECRET), json={"_id": 7}).status_code == 202
        assert client.post(hook, auth=("food-aid", SECRET), json={"_id": 7}).status_code == 401
    assert len(kept(workspace)) == 1


def forged() -> list[tuple[str, dict[str, str]]]:
    coded = base64.b64encode(b"wash:wrong").decode()
    return [
        ("wash", {}),
        ("wash", {HEADER: ""}),
        ("wash", {HEADER: SECRET[:-1]}),
        ("wash", {HEADER: SECRET + "x"}),
        ("wash", {HEADER: "\xff\xfe"}),
        ("wash", {"Authorization": f"Basic {coded}"}),
        ("wash", {"Authorization": "Basic ==="}),
        ("wash", {"Authorization": f"Bearer {SECRET}"}),
        ("unknown", {HEADER: SECRET}),
        ("no-secret", {HEADER: SECRET}),
        ("no-secret", {HEADER: ""}),
    ]


@pytest.mark.parametrize(("project", "headers"), forged(), ids=range(11))
def test_a_forged_delivery_is_refused_and_leaves_nothing(
    project: str, headers: dict[str, str], hook: str, running: Receiver, workspace: Workspace
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    url = f"{running.url}/hook/{project}/home"
    with httpx.Client(trust_env=False) as client:
        assert client.post(url, headers=raw, json={"_id": 1}).status_code == 401
    assert kept(workspace) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\x00\xff\xfe",
        b"<xml/>",
        b'{"_id": "1"}',
        b'{"_id": true}',
        b'{"_id": -1}',
        b'{"_id": 99999999999999999999999999}',
        b"[" * 5000,
    ],
)
def test_a_body_of_any_kind_only_says_look(body: bytes, hook: str, workspace: Workspace) -> None:
    with caller() as client:
        assert client.post(hook, content=body).status_code == 202
    assert kept(workspace) == [("wash", "home", None)]


def test_a_body_that_is_too_large_is_not_read(hook: str, workspace: Workspace) -> None:
    with caller() as client:
        assert client.post(hook, content=b"x" * (LARGEST_BODY + 1)).status_code == 413
        assert client.post(hook, content=b"x" * LARGEST_BODY).status_code == 202
    assert len(kept(workspace)) == 1


def test_a_body_of_unknown_length_is_cut_off(hook: str, workspace: Workspace) -> None:
    def endless() -> Iterator[bytes]:
        for _part in range(40):
            yield b"x" * 50_000

    # It may hang up while we are still sending.
    with caller() as client, suppress(httpx.TransportError):
        assert client.post(hook, content=endless()).status_code == 413
    assert kept(workspace) == []


def test_an_address_with_a_slash_at_its_end_is_not_redirected(
    hook: str, workspace: Workspace
) -> None:
    with caller() as client:
        assert client.post(f"{hook}/", json={"_id": 3}).status_code == 202
    assert kept(workspace) == [("wash", "home", 3)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/hook/wash/home", 405),
        ("POST", "/hook/wash/Not A Code", 404),
        ("POST", "/hook/wash", 404),
        ("GET", "/", 404),
        ("GET", "/health", 200),
    ],
)
def test_other_requests_are_answered_and_keep_nothing(
    method: str, path: str, status: int, hook: str, running: Receiver, workspace: Workspace
) -> None:
    with caller() as client:
        assert client.request(method, running.url + path).status_code == status
    assert kept(workspace) == []


def test_a_fault_in_a_project_file_silences_no_bell(tmp_path: Path) -> None:
    workspace = office(tmp_path / "ws", "wash")
    (workspace.root / "projects" / "wash" / "project.yaml").write_text("code: [", "utf-8")
    with receiver(workspace, "wash") as one, caller() as client:
        assert client.post(f"{one.url}/hook/wash/home", json={"_id": 1}).status_code == 202


def test_while_the_store_is_locked_a_delivery_waits_then_is_kept(
    hook: str, workspace: Workspace
) -> None:
    with caller() as client, ThreadPoolExecutor() as pool:
        with closing(sqlite3.connect(workspace.store_address, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            waiting = pool.submit(client.post, hook, json={"_id": 5})
            time.sleep(1)
            assert not waiting.done()
            writer.execute("COMMIT")
        assert waiting.result().status_code == 202
    assert kept(workspace) == [("wash", "home", 5)]


def test_no_acknowledged_event_is_lost_by_kill_9(tmp_path: Path) -> None:
    workspace = office(tmp_path / "ws", "wash")
    acknowledged = []
    row = 0
    for _life in range(3):
        with receiver(workspace, "wash") as one, caller() as client:
            for _call in range(20):
                row += 1
                if client.post(f"{one.url}/hook/wash/home", json={"_id": row}).is_success:
                    acknowledged.append(row)
            one.kill()
    assert len(acknowledged) == 60
    assert [number for _project, _form, number in kept(workspace)] == acknowledged


def test_kill_9_amid_deliveries_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    workspace = office(tmp_path / "ws", "wash")
    acknowledged = set()

    def call(row: int) -> None:
        try:
            if client.post(f"{one.url}/hook/wash/home", json={"_id": row}).is_success:
                acknowledged.add(row)
        except httpx.TransportError:
            pass  # the receiver died

    with (
        receiver(workspace, "wash") as one,
        caller() as client,
        ThreadPoolExecutor(8) as pool,
    ):
        calls = [pool.submit(call, row) for row in range(1, 400)]
        while len(acknowledged) < 50:
            time.sleep(0.005)
        one.kill()
        for each in calls:
            each.result()
    assert len(acknowledged) >= 50
    assert acknowledged <= {number for _project, _form, number in kept(workspace)}


def test_it_stops_gracefully_and_in_order(tmp_path: Path) -> None:
    workspace = office(tmp_path / "ws", "wash")
    with receiver(workspace, "wash") as one, caller() as client:
        assert client.post(f"{one.url}/hook/wash/home", json={"_id": 1}).status_code == 202
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(timeout=20) == 0
    assert kept(workspace) == [("wash", "home", 1)]
