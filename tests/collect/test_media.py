"""Files of submissions, fetched on demand over real HTTP."""

import stat
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from meal_pipeline.collect.media import fetch_media, media_files

SURVEY = [{"type": "text", "name": "name"}, {"type": "image", "name": "photo"}]
PICTURE = bytes(range(256)) * 40


@pytest.fixture
def pictures(office: Any, tmp_path: Path) -> Any:
    """An office whose form has two pictures."""
    office.server.deploy("aHousehold", {"survey": SURVEY}, "v2")
    for number in (2, 5):
        office.server.attach("aHousehold", number, "photo", filename="صورة 1.jpg", content=PICTURE)
    office.pull()
    return office


def listed(office: Any, folder: Path) -> list[Any]:
    form = office.project.forms["household"]
    return list(media_files(office.store, office.project, form, key=office.key, folder=folder))


def test_files_are_fetched_once_and_kept_private(pictures: Any, tmp_path: Path) -> None:
    files = listed(pictures, tmp_path)
    with pictures.connect(pictures.server.url) as client:
        assert fetch_media(client, files).fetched == 2
        assert fetch_media(client, files).here == 2
    assert [file.target.read_bytes() for file in files] == [PICTURE, PICTURE]
    assert [file.target.parent.name for file in files] == ["2", "5"]
    assert {stat.S_IMODE(file.target.stat().st_mode) for file in files} == {0o600}


def test_a_file_that_is_no_longer_there_is_counted_as_missing(
    pictures: Any, tmp_path: Path
) -> None:
    files = listed(pictures, tmp_path)
    uid = pictures.truth()[2]["_attachments"][0]["uid"]
    pictures.server.detach("aHousehold", uid)
    with pictures.connect(pictures.server.url) as client:
        report = fetch_media(client, files)
    assert (report.fetched, report.missing) == (1, 1)
    assert not list(tmp_path.rglob("*.part"))


def test_what_came_of_a_broken_off_file_is_not_fetched_as_if_whole(
    pictures: Any, tmp_path: Path
) -> None:
    files = listed(pictures, tmp_path)
    pictures.server.fault("/api/v2/assets/aHousehold/data/2/attachments", truncate=0.5)
    with pictures.connect(pictures.server.url) as client:
        fetch_media(client, files)
    assert [file.target.read_bytes() for file in files] == [PICTURE, PICTURE]


@pytest.fixture
def storage() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Another host that gives files; with what it was asked."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PICTURE)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/bucket/file", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_in_a_storage_elsewhere_is_fetched_without_the_token(
    pictures: Any, storage: Any, tmp_path: Path
) -> None:
    address, seen = storage
    path = "/api/v2/assets/aHousehold/data/2/attachments"
    pictures.server.fault(path, status=302, headers={"location": address})
    files = listed(pictures, tmp_path)
    with pictures.connect(pictures.server.url) as client:
        assert fetch_media(client, files).fetched == 2
    assert files[0].target.read_bytes() == PICTURE
    assert "authorization" not in seen[0]
