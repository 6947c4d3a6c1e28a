"""Hooks, files and trouble of the practice server, as a client meets them."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion

from .test_server import CONTENT, FORM, get, made, rows

HEADERS = {"authorization": f"Token {PRACTICE_TOKEN}"}


class Receiver:
    """A server that hooks may call; `says` are the statuses of its next answers."""

    def __init__(self) -> None:
        self.says: list[int] = []
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                given = {name.lower(): value for name, value in self.headers.items()}
                receiver.heard.append((self.command, self.path, given, body))
                status = receiver.says.pop(0) if receiver.says else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_GET = do_POST = answer

            def log_message(self, *args: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


def with_hook(receiver: Receiver, **more: Any) -> PracticeServer:
    version = PracticeVersion("v1", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    server = PracticeServer([PracticeForm(FORM, "Households", [version])], hook_waits=(0, 0, 0, 0))
    server.add_hook(FORM, name="bell", endpoint=receiver.url, **more)
    return server


def logs(server: PracticeServer) -> list[Any]:
    (hook,) = server.forms[FORM].hooks.values()
    return [(log.submission_id, log.tries, log.state) for log in hook.logs.values()]


def test_a_hook_fires_for_new_rows_and_copies_only(receiver: Receiver) -> None:
    with with_hook(receiver) as server:
        server.submit(FORM, {"demo/age": 30})
        server.edit(FORM, 1, {"demo/age": 31})
        server.validate(FORM, 1, status="approved")
        server.duplicate(FORM, 1)
        server.delete(FORM, 2)
        assert server.settle_hooks()
        assert [entry[:1] for entry in logs(server)] == [(1,), (2,)]
    first = json.loads(receiver.heard[0][3])
    assert first["_id"] == 1
    assert receiver.heard[0][2]["user-agent"].startswith("KoboToolbox external service - 127.0.0.1")


def test_what_a_hook_sends_is_what_the_data_route_shows(receiver: Receiver) -> None:
    with with_hook(receiver) as server:
        server.submit(FORM, {"demo/age": 30})
        assert server.settle_hooks()
        assert json.loads(receiver.heard[0][3]) == rows(server)[0]


def test_a_hook_signs_in_and_adds_its_headers(receiver: Receiver) -> None:
    settings = {"username": "u", "password": "p", "custom_headers": {"X-Secret": "s"}}
    with with_hook(receiver, auth_level="basic_auth", settings=settings) as server:
        server.submit(FORM, {})
        assert server.settle_hooks()
    headers = receiver.heard[0][2]
    assert (headers["authorization"], headers["x-secret"]) == ("Basic dTpw", "s")


def test_a_hook_sends_chosen_fields_in_its_template(receiver: Receiver) -> None:
    with with_hook(
        receiver, subset_fields=["demo", "_id"], payload_template='{"row": %SUBMISSION%}'
    ) as server:
        server.submit(FORM, {"demo/age": 30, "place": "x"})
        assert server.settle_hooks()
    assert json.loads(receiver.heard[0][3]) == {"row": {"demo/age": "30", "_id": 1}}


def test_a_hook_can_send_xml(receiver: Receiver) -> None:
    with with_hook(receiver, export_type="xml") as server:
        server.submit(FORM, {"demo/age": 30, "members": [{"members/name": "Rana"}]})
        assert server.settle_hooks()
    document = receiver.heard[0][3].decode()
    assert "<demo>\n    <age>30</age>" in document
    assert "<members>\n    <name>Rana</name>" in document


@pytest.mark.parametrize(
    ("says", "tries", "state"),
    [
        ([503, 502, 504], 4, "success"),
        ([503] * 5, 5, "failed"),
        ([500], 1, "failed"),
        ([429], 1, "failed"),
        ([302], 1, "success"),
    ],
)
def test_only_some_answers_are_tried_again(
    says: list[int], tries: int, state: str, receiver: Receiver
) -> None:
    receiver.says = list(says)
    with with_hook(receiver) as server:
        server.submit(FORM, {})
        assert server.settle_hooks()
        assert logs(server) == [(1, tries, state)]


def test_a_redirect_loses_the_row(receiver: Receiver) -> None:
    receiver.says = [302]
    with with_hook(receiver) as server:
        server.submit(FORM, {})
        assert server.settle_hooks()
    assert [(method, path, body) for method, path, _, body in receiver.heard[1:]] == [
        ("GET", "/elsewhere", b"")
    ]


def test_nobody_there_is_a_failure_at_once(receiver: Receiver) -> None:
    with with_hook(receiver) as server:
        (hook,) = server.forms[FORM].hooks.values()
        server.change_hook(FORM, hook.uid, endpoint="http://127.0.0.1:9/")
        server.submit(FORM, {})
        assert server.settle_hooks()
        assert logs(server) == [(1, 1, "failed")]


def test_an_inactive_hook_is_silent(receiver: Receiver) -> None:
    with with_hook(receiver, active=False) as server:
        server.submit(FORM, {})
        assert server.settle_hooks()
    assert receiver.heard == []


def test_media_files_of_a_form_are_listed_and_fetched() -> None:
    with made() as server:
        uid = server.add_media(FORM, "villages.csv", b"name,label\n", "text/csv")
        listed = get(server, f"/api/v2/assets/{FORM}/files/?file_type=form_media").json()
        (told,) = listed["results"]
        fetched = httpx.get(told["content"], headers=HEADERS)
        again = server.add_media(FORM, "villages.csv", b"name\n", "text/csv")
        replaced = get(server, f"/api/v2/assets/{FORM}/files/").json()["results"]
    assert (told["uid"], told["metadata"]["filename"]) == (uid, "villages.csv")
    assert fetched.content == b"name,label\n"
    assert [file["uid"] for file in replaced] == [again] != [uid]


def test_a_download_can_be_resumed() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.attach(FORM, 1, "photo", filename="a.jpg", content=b"0123456789")
        url = rows(server)[0]["_attachments"][0]["download_url"]
        whole = httpx.get(url, headers=HEADERS)
        rest = httpx.get(url, headers=HEADERS | {"range": "bytes=4-"})
    assert whole.content == b"0123456789"
    assert (rest.status_code, rest.content) == (206, b"456789")
    assert rest.headers["content-range"] == "bytes 4-9/10"


def test_attachments_of_an_old_server_have_numbers() -> None:
    with made() as server:
        server.submit(FORM, {})
        server.attach(FORM, 1, "photo", filename="a.jpg", content=b"1")
        server.old = True
        (file,) = rows(server)[0]["_attachments"]
        fetched = httpx.get(file["download_url"], headers=HEADERS)
    assert not file.keys() & {"uid", "is_deleted", "media_file_basename"}
    assert {"id", "instance", "xform"} <= file.keys()
    assert fetched.content == b"1"


def test_trouble_is_switched_over_http() -> None:
    with made() as server:
        url = f"{server.url}/practice/troubles/"
        on = httpx.post(url, json={"kind": "503", "times": 1})
        spoilt, healthy = (get(server, "/api/v2/assets/").status_code for _ in range(2))
        httpx.post(url, json={"kind": "html", "path": "/"})
        off = httpx.delete(url)
        assert get(server, "/me/").json()["username"] == "officer"
        unknown = httpx.post(url, json={"kind": "flood"})
    assert (on.status_code, spoilt, healthy, off.status_code) == (200, 503, 200, 204)
    assert (unknown.status_code, "no trouble named flood" in unknown.text) == (400, True)


def test_the_control_route_is_not_there_for_others() -> None:
    transport = httpx.ASGITransport(app=made().app, client=("192.0.2.7", 1234))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://practice") as http:
            return await http.post("/practice/troubles/", json={"kind": "503"})

    import asyncio

    assert asyncio.run(ask()).status_code == 404


def test_history_says_who_did_what(tmp_path: Path) -> None:
    with made() as server:
        server.submit(FORM, {}, submitted_by="omar")
        server.validate(FORM, 1, status="approved", by="halima")
        server.delete(FORM, 1, by="officer")
        rows(server)
        told = get(server, f"/api/v2/assets/{FORM}/history/?q=action:modify-submission").json()
        every = get(server, f"/api/v2/assets/{FORM}/history/").json()["results"]
    assert [entry["action"] for entry in every] == [
        "view-data", "delete-submission", "modify-submission", "add-submission",
    ]  # fmt: skip
    (change,) = told["results"]
    assert (change["username"], change["metadata"]["submission"]["status"]) == (
        "halima",
        "Approved",
    )


def test_methods_may_be_called_while_the_server_answers() -> None:
    with made() as server:
        threads = [
            threading.Thread(target=lambda: [server.submit(FORM, {}) for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        seen = [len(rows(server, limit=1000)) for _ in range(5)]
        for thread in threads:
            thread.join()
        assert [row["_id"] for row in rows(server, limit=1000)] == list(range(1, 201))
    assert seen == sorted(seen)
