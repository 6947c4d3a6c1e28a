"""`python -m benchmarks sync`: what keeping in step costs, beside others and beside the least.

Here: the first pull, a sync after few changes, attachments; each in a process of its own, the
server in another. Not here: the server (`sync_server`), whether what is held is right
(`histories`).
"""

import tempfile
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from benchmarks.measuring import Measurement, measure
from benchmarks.sync_server import UID, sync_server
from meal_pipeline.practice import PRACTICE_TOKEN


class _Clock:
    """Seconds since it was made: loading libraries is over by then."""

    def __init__(self) -> None:
        self._begun, self._cpu_begun = time.perf_counter(), time.process_time()

    def told(self) -> dict[str, float]:
        """Give seconds, and CPU seconds of all threads."""
        return {
            "seconds": time.perf_counter() - self._begun,
            "cpu_seconds": time.process_time() - self._cpu_begun,
        }


def pull(folder: Path, server: str, depth: str | None) -> dict[str, float]:
    """Pull into the store of a folder; give seconds, requests, bytes and what was found."""
    from meal_pipeline.collect import collect_project
    from meal_pipeline.kobo import KoboClient
    from meal_pipeline.store import open_store
    from meal_pipeline.workspace import WorkspaceKey
    from meal_pipeline.workspace.project import Project

    store = open_store(folder / "store.sqlite", snapshots=folder / "parts")
    store.migrate()
    project = Project.model_validate(
        {"code": "food", "name": {"en": "Food"}, "server": server, "forms": {"main": {"uid": UID}}}
    )
    client = KoboClient(server, PRACTICE_TOKEN)
    clock = _Clock()
    report = collect_project(
        store,
        project,
        key=WorkspaceKey(b"k" * 32),
        connect=lambda _url: client,
        clock=lambda: datetime.now(UTC),
        depth=depth,  # type: ignore[arg-type]
    ).forms[0]
    told = clock.told()
    store.close()
    traffic = client.traffic
    return told | {
        "rows": report.rows_held,
        "new": report.rows_new,
        "edited": report.rows_edited,
        "deleted": report.rows_deleted,
        "requests": traffic.requests,
        "body_bytes": traffic.body_bytes,
        "wire_bytes": traffic.bytes_received,
    }


def bare_loop(server: str) -> dict[str, float]:
    """Ask for page after page with httpx, parse it with orjson, keep nothing."""
    import httpx
    import orjson

    last = rows = 0
    clock = _Clock()
    headers = {"Authorization": f"Token {PRACTICE_TOKEN}"}
    with httpx.Client(base_url=server, headers=headers, timeout=60) as http:
        while True:
            asked: dict[str, str | int] = {
                "limit": 1000,
                "query": orjson.dumps({"_id": {"$gt": last}}).decode(),
                "sort": '{"_id":1}',
                "format": "json",
            }
            answer = http.get(f"/api/v2/assets/{UID}/data/", params=asked)
            page = orjson.loads(answer.content)["results"]
            if not page:
                return clock.told() | {"rows": rows}
            rows, last = rows + len(page), page[-1]["_id"]


def pykobo_fetch(server: str) -> dict[str, float]:
    """Fetch with pykobo, which stops at the first page, patched to see all of them."""
    from importlib import import_module

    import requests

    class AllPages:
        """What `pykobo` takes for the answer to one request."""

        status_code = 200

        def __init__(self, url: str, headers: dict[str, str]) -> None:
            self.results: list[Any] = []
            with requests.Session() as session:
                while True:
                    params = {"start": str(len(self.results)), "limit": "1000"}
                    page = session.get(url, headers=headers, params=params).json()
                    self.results += page["results"]
                    if len(self.results) >= page["count"]:
                        return

        def json(self) -> dict[str, Any]:
            """Give all rows as one page."""
            return {"results": self.results}

    get = requests.get

    def patched(url: str, headers: dict[str, str]) -> Any:
        if url.rstrip("/").endswith(("/data", "/data.json")):
            return AllPages(url, headers)
        return get(url=url, headers=headers)

    form = import_module("pykobo.form").KoboForm(UID)
    form.headers = {"Authorization": f"Token {PRACTICE_TOKEN}"}
    form.url_asset = f"{server}/api/v2/assets/{UID}/?format=json"
    form.url_data = f"{server}/api/v2/assets/{UID}/data/"
    clock = _Clock()
    requests.get = patched  # type: ignore[assignment]
    try:
        form.fetch_data()
    finally:
        requests.get = get
    return clock.told() | {"rows": len(form.data)}


def first_pulls(rows: int, folder: Path, *, peers: bool) -> dict[str, Measurement]:
    """Measure the first pull of `rows`, and the same by others."""
    found = {}
    with sync_server(rows) as server:
        measure(bare_loop, server.url)  # once for nothing: the first answers are slower
        if peers:
            found["httpx and orjson, nothing stored"] = measure(bare_loop, server.url)
        found["meal_pipeline"] = measure(pull, folder, server.url, None)
        if peers:
            found["httpx and orjson, again"] = measure(bare_loop, server.url)
            if find_spec("pykobo"):
                found["pykobo, patched"] = measure(pykobo_fetch, server.url)
            else:
                click.echo("pykobo is not installed: left out", err=True)
    return found


def after_changes(rows: int, folder: Path, *, modified: bool) -> dict[str, Measurement]:
    """Measure the first pull, then a sync after 100 new, 50 edited and 10 deleted rows.

    A third of the rows is validated before.
    """
    with sync_server(rows, modified=modified) as server:
        server.let("validate", rows // 3)
        first = measure(pull, folder, server.url, None)
        for what, count in (("submit", 100), ("edit", 50), ("delete", 10)):
            server.let(what, count)
        depth = "modified" if modified else "scan"
        found = {"first pull": first, f"sync, {depth}": measure(pull, folder, server.url, depth)}
        if modified:
            found["the next scan"] = measure(pull, folder, server.url, "scan")
    return found


def attachments(rows: int, folder: Path) -> dict[str, Measurement]:
    """Measure the first pull of `rows` rows with a picture each, and a sync after changes."""
    with sync_server(rows, files=rows) as server:
        first = measure(pull, folder, server.url, None)
        server.let("edit", 50)
        return {"first pull": first, "sync, scan": measure(pull, folder, server.url, "scan")}


@click.command()
@click.option("--rows", default=100_000, show_default=True, help="Submissions of the large form.")
@click.option("--files", default=40_000, show_default=True, help="Rows that have a picture each.")
def main(rows: int, files: int) -> None:
    """Measure first pulls and syncs, and print them as tables."""
    for few in (rows // 5, rows):
        with tempfile.TemporaryDirectory() as folder:
            found = first_pulls(few, Path(folder), peers=few == rows)
        click.echo(_table(f"first pull of {few} rows", found) + "\n")
    for modified in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            found = after_changes(rows, Path(folder), modified=modified)
        told = " that tells when rows were modified" if modified else ""
        click.echo(_table(f"{rows} rows on a server{told}", found) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        click.echo(_table(f"{files} rows with a picture each", attachments(files, Path(folder))))


def _table(title: str, found: dict[str, Measurement]) -> str:
    names = ("s", "CPU s", "rows/s", "peak MB", "requests", "body MB", "wire MB", "+", "~", "-")
    lines = [f"| {title} | " + " | ".join(names) + " |", "| --- " + "| ---: " * len(names) + "|"]
    for name, one in found.items():
        told: dict[str, float] = one.result
        cells = [
            f"{told['seconds']:.1f}",
            f"{told['cpu_seconds']:.1f}",
            f"{told['rows'] / told['seconds']:.0f}",
            f"{one.peak_bytes / 1e6:.0f}",
            str(told.get("requests", "")),
            *(f"{told[key] / 1e6:.2f}" if key in told else "" for key in _BYTES),
            *(str(told.get(key, "")) for key in ("new", "edited", "deleted")),
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


_BYTES = ("body_bytes", "wire_bytes")


if __name__ == "__main__":
    main()
