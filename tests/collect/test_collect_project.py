"""Pulling a project over real HTTP, on both databases."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keyring
import orjson
import pytest
from keyring.backends.fail import Keyring as FailKeyring
from sqlalchemy import select

from meal_pipeline.collect import CollectReport, FormReport, PullFailed, collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.practice.accounts import PracticeUser, Rights
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import bodies, form_versions, head_index
from meal_pipeline.store.tables import metadata
from meal_pipeline.store.tables.collect import pulls, submissions
from meal_pipeline.workspace import NoToken, WorkspaceKey, token_for
from meal_pipeline.workspace.project import Project

UID = "aHousehold"
KEY = WorkspaceKey(b"k" * 32)
CONTENT = {"survey": [{"type": "text", "name": "name"}], "choices": []}


def form(rows: int = 0, **settings: Any) -> PracticeForm:
    deployed = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00Z")
    return PracticeForm(UID, "Household", **{"versions": [deployed], **settings})


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    users = {PRACTICE_TOKEN: "officer", "f" * 40: PracticeUser("stranger", "f" * 40)}
    with PracticeServer([form()], users, max_page=10) as practice:
        for number in range(25):
            practice.submit(UID, {"name": f"Household {number}"})
        yield practice


def project(server: PracticeServer | str, **forms: str) -> Project:
    return Project.model_validate(
        {
            "code": "food",
            "name": {"en": "Food"},
            "server": server if isinstance(server, str) else server.url,
            "forms": {code: {"uid": uid} for code, uid in (forms or {"household": UID}).items()},
        }
    )


def connect(token: str = PRACTICE_TOKEN) -> Callable[[str], KoboClient]:
    return lambda address: KoboClient(address, token, retries=1, sleep=lambda _seconds: None)


def now() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)


def pull(store: Store, server: PracticeServer, **options: Any) -> CollectReport:
    return collect_project(
        store, project(server), **{"key": KEY, "connect": connect(), "clock": now, **options}
    )


def names(store: Store, server: PracticeServer) -> dict[int, str]:
    return {one["_id"]: one["name"] for one in bodies(store, server.url, UID, None, KEY)}


def everything(store: Store) -> dict[str, list[Any]]:
    with store.read() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def what_holds(store: Store, server: PracticeServer) -> list[Any]:
    numbers, hashes = head_index(store, server.url, UID)
    return [numbers.tolist(), hashes.tolist(), form_versions(store, server.url, UID)]


def logged(store: Store) -> int:
    with store.read() as connection:
        return len(connection.execute(select(submissions.c.submission_id)).all())


def test_the_first_pull_brings_every_row_and_version(store: Store, server: PracticeServer) -> None:
    report = pull(store, server)
    assert report.forms == [
        FormReport("household", 25, 25, rows_new=25, rows_edited=0, versions_new=1, depth="first")
    ]
    assert names(store, server) == {n + 1: f"Household {n}" for n in range(25)}
    assert form_versions(store, server.url, UID) == [("v1", CONTENT)]


def test_bodies_are_kept_exactly_as_the_server_gives_them(
    store: Store, server: PracticeServer
) -> None:
    pull(store, server)
    with KoboClient(server.url, PRACTICE_TOKEN) as client:
        given = [row for page in client.submissions(UID) for row in page.rows]
    assert list(bodies(store, server.url, UID, None, KEY)) == given


def test_an_unchanged_form_adds_nothing(store: Store, server: PracticeServer) -> None:
    pull(store, server)
    before = what_holds(store, server)
    report = pull(store, server)
    assert (report.changed, logged(store)) == (False, 25)
    assert what_holds(store, server) == before


def test_new_and_edited_rows_are_found(store: Store, server: PracticeServer) -> None:
    pull(store, server)
    server.edit(UID, 3, {"name": "Edited"})
    added = server.submit(UID, {"name": "New"})
    (report,) = pull(store, server).forms
    assert (report.rows_new, report.rows_edited, report.rows_held) == (1, 1, 26)
    found = names(store, server)
    assert (found[3], found[added], logged(store)) == ("Edited", "New", 27)


def test_a_row_that_became_visible_late_is_found(store: Store, server: PracticeServer) -> None:
    server.submit(UID, {"name": "Last"}, id=40)
    pull(store, server)
    server.submit(UID, {"name": "Late"}, id=30)
    (report,) = pull(store, server).forms
    assert report.rows_new == 1
    assert names(store, server)[30] == "Late"


def test_a_redeployed_form_brings_its_new_version(store: Store, server: PracticeServer) -> None:
    pull(store, server)
    server.draft(UID, {"survey": []}, "v2-draft")
    server.deploy(UID, {"survey": [{"type": "text", "name": "other"}]}, "v2")
    report = pull(store, server)
    assert report.changed
    assert [uid for uid, _content in form_versions(store, server.url, UID)] == ["v1", "v2"]


def test_a_version_deployed_while_rows_are_pulled_is_not_missed(
    store: Store, server: PracticeServer
) -> None:
    def deploy(_form: str, read: int, _expected: int) -> None:
        if read == 10:
            server.deploy(UID, {"survey": []}, "v2")
            server.submit(UID, {"name": "Of the new version"})

    pull(store, server, progress=deploy)
    assert [uid for uid, _content in form_versions(store, server.url, UID)] == ["v1", "v2"]
    assert len(names(store, server)) == 26


def test_a_row_deleted_during_the_first_pull_is_not_held(
    store: Store, server: PracticeServer
) -> None:
    def delete(_form: str, read: int, _expected: int) -> None:
        if read == 10 and server.form(UID).get(2):
            server.delete(UID, 2)

    (report,) = pull(store, server, progress=delete).forms
    assert (report.rows_on_server, report.rows_held, report.rows_deleted) == (24, 24, 1)


def test_without_any_submission_there_is_nothing_to_hold(store: Store) -> None:
    before = everything(store)
    with (
        PracticeServer([form()]) as practice,
        pytest.raises(PullFailed, match="form household has no submission yet"),
    ):
        pull(store, practice)
    assert everything(store) == before


def test_each_form_of_a_project_is_reported(store: Store, server: PracticeServer) -> None:
    server.add(PracticeForm("aFeedback", "Feedback", versions=form().versions))
    both = project(server, household=UID, feedback="aFeedback")
    report = collect_project(store, both, key=KEY, connect=connect(), clock=now)
    assert [(one.form, one.rows_held) for one in report.forms] == [
        ("household", 25),
        ("feedback", 0),
    ]


def test_progress_counts_up_to_all_rows(store: Store, server: PracticeServer) -> None:
    seen: list[tuple[str, int, int]] = []
    pull(store, server, progress=lambda *step: seen.append(step))
    assert seen == [("household", 10, 25), ("household", 20, 25), ("household", 25, 25)]


def test_each_pull_is_recorded_with_its_proof(store: Store, server: PracticeServer) -> None:
    pull(store, server)
    with store.read() as connection:
        record = connection.execute(select(pulls)).one()
    assert (record.project, record.form, record.complete) == ("food", "household", True)
    assert (record.rows_on_server, record.rows_held, record.rows_new) == (25, 25, 25)
    assert record.requests >= 5
    assert record.received_bytes > 1000


def draft_only(practice: PracticeServer) -> None:
    practice.forms[UID].versions = [PracticeVersion("v1", CONTENT)]


def encrypt(practice: PracticeServer) -> None:
    practice.forms[UID].encrypted = True


def share_without_rows(practice: PracticeServer) -> None:
    practice.forms[UID].owner = "someone"
    practice.forms[UID].rights["officer"] = Rights(frozenset({"view_asset"}))


def break_off(practice: PracticeServer) -> None:
    practice.fault("/api/v2/assets/", truncate=0.5, times=10)


def drop(practice: PracticeServer) -> None:
    practice.fault("/api/v2/assets/", drop=True, times=10)


def fail(practice: PracticeServer) -> None:
    practice.fault("/api/v2/assets/", status=502, times=10)


def web_page(practice: PracticeServer) -> None:
    practice.fault(
        "/api/v2/assets/", status=200, headers={"content-type": "text/html"}, body=b"<p>", times=10
    )


@pytest.mark.parametrize("pulled_before", [False, True])
@pytest.mark.parametrize(
    ("spoil", "token", "sentence", "next_step"),
    [
        (None, "wrong", "token", "meal kobo login food"),
        (None, "ö", "token", "meal kobo login food"),
        (None, "f" * 40, "no form aHousehold that this account may see", "owner"),
        (share_without_rows, PRACTICE_TOKEN, "may not see the submissions", "View submissions"),
        (draft_only, PRACTICE_TOKEN, "household has not been deployed", "Deploy it"),
        (encrypt, PRACTICE_TOKEN, "household are encrypted", "encryption off"),
        (break_off, PRACTICE_TOKEN, "broke off", "meal run food"),
        (drop, PRACTICE_TOKEN, "broke off|cannot be reached", "again"),
        (fail, PRACTICE_TOKEN, "out of order", "meal run food"),
        (web_page, PRACTICE_TOKEN, "does not answer like", "address"),
    ],
)
def test_a_pull_that_cannot_begin_is_one_sentence_and_changes_nothing(
    store: Store,
    server: PracticeServer,
    spoil: Callable[[PracticeServer], None] | None,
    token: str,
    sentence: str,
    next_step: str,
    pulled_before: bool,
) -> None:
    if pulled_before:
        pull(store, server)
    before = everything(store)
    if spoil:
        spoil(server)
    with pytest.raises(PullFailed, match=sentence) as failure:
        pull(store, server, connect=connect(token))
    assert next_step in str(failure.value.next_step)
    assert str(token) not in f"{failure.value} {failure.value.next_step}"
    assert everything(store) == before


def test_an_unreachable_server_is_one_sentence_and_changes_nothing(
    store: Store, server: PracticeServer
) -> None:
    pull(store, server)
    before = everything(store)
    server.stop()
    with pytest.raises(PullFailed, match="cannot be reached") as failure:
        pull(store, server)
    assert "internet" in str(failure.value.next_step)
    assert everything(store) == before


def test_without_a_token_one_is_told_how_to_give_one_and_nothing_changes(
    store: Store, server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", FailKeyring())
    for variable in ("MEAL_KOBO_TOKEN", "MEAL_KOBO_TOKEN__FOOD"):
        monkeypatch.delenv(variable, raising=False)
    before = everything(store)
    with pytest.raises(NoToken, match="no token yet for project food"):
        pull(store, server, connect=lambda url: KoboClient(url, token_for("food", url)))
    assert everything(store) == before


def test_a_wrong_uid_is_named(store: Store, server: PracticeServer) -> None:
    with pytest.raises(PullFailed, match="no form aHousehol that"):
        collect_project(
            store, project(server, household="aHousehol"), key=KEY, connect=connect(), clock=now
        )


def miscount(body: bytes) -> bytes:
    page = orjson.loads(body)
    return orjson.dumps({**page, "count": page["count"] + 1})


def half_of_the_rows(body: bytes) -> bytes:
    page = orjson.loads(body)
    return orjson.dumps({**page, "results": page["results"][::2]})


DATA = f"/api/v2/assets/{UID}/data/"


@pytest.mark.parametrize("pulled_before", [False, True])
@pytest.mark.parametrize(
    "trouble",
    [
        {"rewrite": miscount, "times": 99},
        {"rewrite": half_of_the_rows, "times": 99},
        {"truncate": 0.7, "times": 99, "skip": 1},
        {"status": 503, "times": 99, "skip": 2},
    ],
)
def test_a_pull_that_cannot_be_proven_changes_nothing_that_holds(
    store: Store, server: PracticeServer, trouble: dict[str, Any], pulled_before: bool
) -> None:
    if pulled_before:
        pull(store, server)
        for number in range(25):
            server.submit(UID, {"name": f"New {number}"})
        server.edit(UID, 1, {"name": "Edited"})
    before = what_holds(store, server)
    server.fault(DATA, **trouble)
    with pytest.raises(PullFailed):
        pull(store, server)
    assert what_holds(store, server) == before
    with store.read() as connection:
        last = connection.execute(
            select(pulls.c.complete, pulls.c.error).order_by(pulls.c.complete)
        ).first()
    assert last is not None
    assert (last.complete, bool(last.error)) == (False, True)
    server.clear_faults()
    pull(store, server)
    assert len(names(store, server)) == len(server.forms[UID])


def test_a_passing_trouble_is_not_even_noticed(store: Store, server: PracticeServer) -> None:
    server.fault(DATA, status=503, skip=1)
    server.fault(DATA, truncate=0.4, skip=2)
    assert pull(store, server).forms[0].rows_held == 25


class Interrupted(BaseException):
    pass


def test_a_pull_interrupted_between_pages_goes_on_where_it_stopped(
    store: Store, server: PracticeServer
) -> None:
    def interrupt(_form: str, read: int, _expected: int) -> None:
        if read == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        pull(store, server, progress=interrupt)
    assert (logged(store), what_holds(store, server)[0]) == (20, [])
    read: list[int] = []
    (report,) = pull(store, server, progress=lambda _f, rows, _n: read.append(rows)).forms
    assert read[0] == 5
    assert (report.rows_new, report.rows_held, logged(store)) == (25, 25, 25)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a matter of POSIX")
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_after_a_kill_a_rerun_equals_an_undisturbed_run(
    store: Store, server: PracticeServer, tmp_path: Path
) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
import time
from datetime import UTC, datetime
from meal_pipeline.collect import collect_project
from meal_pipeline.kobo import KoboClient
from meal_pipeline.store import open_store
from meal_pipeline.workspace import NoToken, WorkspaceKey, token_for
from meal_pipeline.workspace.project import Project
project = Project.model_validate(dict(code="food", name=dict(en="Food"), server={server.url!r},
    forms=dict(household=dict(uid={UID!r}))))
def slow(form, read, expected):
    print(read, flush=True)
    time.sleep(60)
collect_project(open_store({store.engine.url.database!r}, snapshots=Path()), project,
    key=WorkspaceKey(b"k" * 32), connect=lambda url: KoboClient(url, {PRACTICE_TOKEN!r}),
    clock=lambda: datetime.now(UTC), progress=slow)
"""
    running = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "10\n"
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    assert (logged(store), what_holds(store, server)[0]) == (10, [])
    pull(store, server)
    disturbed = what_holds(store, server)
    from meal_pipeline.store import open_store

    fresh = open_store(tmp_path / "fresh.sqlite", snapshots=tmp_path)
    fresh.migrate()
    pull(fresh, server)
    assert what_holds(fresh, server) == disturbed
    assert list(bodies(fresh, server.url, UID, None, KEY)) == list(
        bodies(store, server.url, UID, None, KEY)
    )
    fresh.close()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_no_answer_can_be_read_in_the_database_file(
    store: Store, server: PracticeServer, tmp_path: Path
) -> None:
    server.submit(UID, {"name": "SalmaTheTailor " * 20})
    pull(store, server)
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert UID.encode() in content
    for answer in (b"SalmaTheTailor", b"Household 3"):
        assert answer not in content


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_ten_thousand_rows_are_pulled_in_seconds(store: Store) -> None:
    row = {f"question_{number}": "some answer" for number in range(100)}
    with PracticeServer([form()]) as practice:
        for _ in range(10_000):
            practice.submit(UID, row)
        started = time.perf_counter()
        pull(store, practice)
        assert time.perf_counter() - started < 60
        assert len(names_only(store, practice)) == 10_000


def names_only(store: Store, server: PracticeServer) -> list[int]:
    ids: list[int] = head_index(store, server.url, UID)[0].tolist()
    return ids
