"""The recorded exchanges of a real server, and which of them are not replayed, and why.

Here: reading the recording. Not here: the worlds in which it was made (`scenes`).
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.routing import compile_path

from meal_pipeline.practice.routes import LEFT_OUT, LEFT_OUT_BELOW, LEFT_OUT_WHOLE, PLACES
from meal_pipeline.practice.routing import Place

_BODIES = ("json", "form", "files", "content")
HOST = "http://127.0.0.1:58080"


@dataclass(frozen=True)
class Exchange:
    """One recorded request and answer; `name` is `folder/nn-slug`."""

    name: str
    user: str | None
    method: str
    path: str
    headers: dict[str, str]
    status: int
    content_type: str
    json: Any
    text: str
    size: int | None
    location: str | None
    sent: dict[str, Any]

    @property
    def number(self) -> tuple[str, int]:
        folder, _, slug = self.name.partition("/")
        return folder, int(slug.partition("-")[0])


@cache
def exchanges(root: Path) -> dict[str, Exchange]:
    """Every exchange, by `folder/nn-slug`; files that are no exchange are left out."""
    found = {}
    for path in sorted(root.glob("*/*.json")):
        recorded = json.loads(path.read_bytes())
        if not isinstance(recorded, dict) or "request" not in recorded:
            continue
        request, response = recorded["request"], recorded["response"]
        name = f"{path.parent.name}/{path.stem}"
        found[name] = Exchange(
            name=name,
            user=request["user"],
            method=request["method"],
            path=request["path"],
            headers=request["headers"],
            status=response["status"],
            content_type=response["headers"].get("content-type", ""),
            json=response.get("json"),
            text=response.get("text") or "",
            size=response.get("body_bytes"),
            location=response["headers"].get("location"),
            sent={key: request[key] for key in _BODIES if key in request},
        )
    return found


class Recording:
    """Looks answers up by folder and number, `answer("05-edits", 57)`."""

    def __init__(self, root: Path) -> None:
        self.exchanges = exchanges(root)
        self._at: dict[tuple[str, int], list[Exchange]] = {}
        for each in self.exchanges.values():
            self._at.setdefault(each.number, []).append(each)
        self._by_number = {
            each.number: each for each in self.exchanges.values() if each.json is not None
        }

    def at(self, folder: str, number: int) -> list[Exchange]:
        """The exchanges of a number; a few share one."""
        return self._at.get((folder, number), [])

    def answer(self, folder: str, number: int) -> Any:
        return self._by_number[folder, number].json

    def rows(self, folder: str, number: int) -> list[dict[str, Any]]:
        return [_as_kept(row) for row in self.answer(folder, number)["results"]]

    def row(self, folder: str, number: int) -> dict[str, Any]:
        return _as_kept(self.answer(folder, number))


def _as_kept(row: dict[str, Any]) -> dict[str, Any]:
    """Take the addresses out of attachments: the server makes them."""
    files = [
        {key: value for key, value in file.items() if not key.startswith("download_")}
        for file in row.get("_attachments", ())
    ]
    return row | {"_attachments": files}


_MONGOMOCK = {
    "03-submissions/84-list-query-or-not-a-list",
    "03-submissions/89-list-query-bad-regex",
}
_PROXY = {"12-attachments/20-range"}


def reason_left_out(exchange: Exchange) -> str | None:
    """Say why an exchange is not replayed, None when a scene or chain must have it."""
    path, _, query = exchange.path.partition("?")
    wanted = exchange.headers.get("accept", "*/*")
    if exchange.name in _MONGOMOCK:
        return "the recording server's stand-in for MongoDB decided"
    if exchange.name in _PROXY:
        return "the recording had no proxy in front, which resumes downloads"
    if exchange.headers.get("authorization", "").startswith("Digest"):
        return "a route that is not here"
    if is_left_out(exchange.method, path) or "metadata=on" in query:
        return "a route that is not here"
    if re.search(r"/\d+-(geojson|spss|bad-type)[^/]*$", exchange.name) and exchange.status != 400:
        return "an export format that is not here"
    if re.search(r"format=(xml|xls|geojson)", query) or "html" in wanted:
        return "a format other than JSON"
    return None


def is_left_out(method: str, path: str) -> bool:
    """Tell whether the practice server answers a path with 501 by its own table."""
    if method == "OPTIONS":
        return True
    place = place_of(path)
    if place.path == "/{path:path}":
        whole = [each for each in LEFT_OUT_WHOLE if each not in {"/api/v2/", "/formList"}]
        gone = (*whole, *LEFT_OUT_BELOW)
        return path in LEFT_OUT_WHOLE or path.startswith(gone)
    if place.path.endswith("{route}/"):
        return path.rstrip("/").rpartition("/")[2] in LEFT_OUT
    return method in place.missing or place.path.endswith("metadata/")


@cache
def place_of(path: str) -> Place:
    """Give the place of the practice server's table that answers a path."""
    return next(place for pattern, place in _PATTERNS if pattern.match(path))


_PATTERNS = [(compile_path(place.path)[0], place) for place in PLACES]
