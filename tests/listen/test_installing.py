"""Hooks on a server: set up by the command, and everything after them, over real HTTP."""

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from meal_pipeline.cli.main import run
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
from meal_pipeline.store.times import utc_now
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.hook_secrets import secret_variable

from ..assets.small_world import answers, make_workspace, put_form, uid_of
from .ringing import SECRET, Receiver, receiver

UID = uid_of("wash")


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with PracticeServer(clock=utc_now, hook_waits=(0.05, 0.05, 0.05, 0.05)) as one:
        put_form(one, "wash", rows=3)
        yield one


@pytest.fixture(scope="module")
def office(server: PracticeServer, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_workspace(tmp_path_factory.mktemp("ws") / "ws", "wash", server=server.url)


@pytest.fixture(scope="module")
def listening(office: Workspace) -> Iterator[Receiver]:
    with receiver(office, "wash") as one:
        yield one


@pytest.fixture
def kobo(server: PracticeServer) -> PracticeServer:
    """The server, without hooks."""
    server.forms[UID].hooks.clear()
    return server


@pytest.fixture(autouse=True)
def workspace(
    office: Workspace, kobo: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """The workspace in use, with an empty inbox."""
    monkeypatch.setenv("MEAL_WORKSPACE", str(office.root))
    monkeypatch.setenv("MEAL_KOBO_TOKEN", PRACTICE_TOKEN)
    monkeypatch.setenv(secret_variable("wash"), SECRET)
    with closing(sqlite3.connect(office.store_address)) as store:
        store.execute("delete from events")
        store.commit()
    return office


def dead_address() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def hooks(kobo: PracticeServer) -> list[Any]:
    return list(kobo.forms[UID].hooks.values())


def kept(workspace: Workspace) -> list[int]:
    with closing(sqlite3.connect(workspace.store_address)) as store:
        return [row for (row,) in store.execute("select submission_id from events")]


def meal(*arguments: str) -> int:
    return run(["--lang", "en", "kobo", "hook", *arguments])


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    meal("show", "wash", "--format", "json")
    (row,) = json.loads(capsys.readouterr().out)
    return dict(row)


def test_a_submission_reaches_the_inbox_with_its_id_and_no_answer(
    kobo: PracticeServer, workspace: Workspace, listening: Receiver
) -> None:
    assert meal("install", "wash", "--url", listening.url) == 0
    (hook,) = hooks(kobo)
    assert json.loads(hook.payload({"_id": 1, "_uuid": "u", "water": "yes"})) == {
        "_id": 1,
        "_uuid": "u",
    }
    row = kobo.submit(UID, answers(1))
    assert kobo.settle_hooks()
    assert kept(workspace) == [row["_id"] if isinstance(row, dict) else row]


def test_the_secret_is_printed_nowhere(
    workspace: Workspace, listening: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    meal("install", "wash", "--url", listening.url)
    meal("show", "wash")
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err


def test_installing_again_changes_its_own_hook_and_no_other(
    kobo: PracticeServer, workspace: Workspace, listening: Receiver
) -> None:
    kobo.add_hook(UID, name="of somebody else", endpoint="https://example.org/hook")
    for _time in range(3):
        assert meal("install", "wash", "--url", f"{listening.url}/") == 0
    assert [hook.endpoint for hook in hooks(kobo)] == [
        "https://example.org/hook",
        f"{listening.url}/hook/wash/home",
    ]


def test_a_double_and_a_hook_that_was_switched_off_are_brought_in_order(
    kobo: PracticeServer, workspace: Workspace, listening: Receiver
) -> None:
    meal("install", "wash", "--url", listening.url)
    (hook,) = hooks(kobo)
    kobo.change_hook(UID, hook.uid, active=False)
    kobo.add_hook(UID, name=hook.name, endpoint="http://127.0.0.1:1/old")
    meal("install", "wash", "--url", listening.url)
    (only,) = hooks(kobo)
    assert only.active
    assert only.endpoint == f"{listening.url}/hook/wash/home"


class Elsewhere(BaseHTTPRequestHandler):
    """A web server that is not the receiver: it redirects calls, and is content with a GET."""

    def do_POST(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()


def test_an_address_that_redirects_is_refused_before_kobo_hears_of_it(
    kobo: PracticeServer,
    workspace: Workspace,
    elsewhere: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert meal("install", "wash", "--url", elsewhere) == 1
    assert "sends on to /" in capsys.readouterr().err
    assert hooks(kobo) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [("meal.example.org", "is no web address"), ("ftp://example.org", "is no web address")],
)
def test_an_address_that_is_none_is_refused(
    url: str, said: str, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert meal("install", "wash", "--url", url) == 1
    assert said in capsys.readouterr().err


def test_an_address_where_nothing_listens_is_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert meal("install", "wash", "--url", dead_address()) == 1
    assert "does not answer" in capsys.readouterr().err


def test_success_at_another_address_is_told_as_lost(
    kobo: PracticeServer,
    workspace: Workspace,
    listening: Receiver,
    elsewhere: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meal("install", "wash", "--url", listening.url)
    (hook,) = hooks(kobo)
    kobo.change_hook(UID, hook.uid, endpoint=elsewhere)  # as when a proxy begins to redirect
    kobo.submit(UID, answers(1))
    assert kobo.settle_hooks()
    row = shown(capsys)
    assert row["succeeded"] == 1
    assert row["mark"] == "✗"
    assert "not in the inbox" in row["needs"]
    assert kept(workspace) == []


def test_failures_are_shown_with_what_to_do_and_are_delivered_after_a_retry(
    kobo: PracticeServer,
    workspace: Workspace,
    listening: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meal("install", "wash", "--url", listening.url)
    (hook,) = hooks(kobo)
    kobo.change_hook(UID, hook.uid, settings={"custom_headers": {"X-Meal-Secret": "old"}})
    kobo.submit(UID, answers(1))
    assert kobo.settle_hooks()
    row = shown(capsys)
    assert (row["succeeded"], row["failed"], row["pending"]) == (0, 1, 0)
    (failure,) = row["failures"]
    assert failure["status"] == 401
    assert "install the hook again" in failure["next"]
    meal("install", "wash", "--url", listening.url)
    capsys.readouterr()
    meal("show", "wash", "--retry")
    assert "1 delivery is retried." in capsys.readouterr().err
    assert kobo.settle_hooks()
    assert len(kept(workspace)) == 1
    assert shown(capsys)["mark"] == "✓"


def test_a_dead_receiver_is_a_failure_of_which_the_look_still_learns(
    kobo: PracticeServer,
    workspace: Workspace,
    listening: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meal("install", "wash", "--url", listening.url)
    (hook,) = hooks(kobo)
    kobo.change_hook(UID, hook.uid, endpoint=dead_address())
    kobo.submit(UID, answers(1))
    assert kobo.settle_hooks()
    (failure,) = shown(capsys)["failures"]
    assert failure["status"] == "no answer"
    assert "meal serve runs" in failure["next"]


def test_removing_leaves_the_hooks_of_others(
    kobo: PracticeServer,
    workspace: Workspace,
    listening: Receiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kobo.add_hook(UID, name="of somebody else", endpoint="https://example.org/hook")
    meal("install", "wash", "--url", listening.url)
    assert meal("remove", "wash") == 0
    assert [hook.name for hook in hooks(kobo)] == ["of somebody else"]
    assert meal("show", "wash") == 1
    assert "It has no hook" in capsys.readouterr().out
