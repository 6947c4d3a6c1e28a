"""The recorded exchanges of a real server, and which of them are not replayed, and why.

Here: reading the recording. Not here: the worlds in which it was made (`scenes`).
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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
        )
    return found


class Recording:
    """Looks answers up by folder and number, `answer("05-edits", 57)`."""

    def __init__(self, root: Path) -> None:
        self.exchanges = exchanges(root)
        self._by_number = {
            each.number: each for each in self.exchanges.values() if each.json is not None
        }

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


_LATER_TOPICS = {
    "06-deletes", "07-validation", "08-hooks", "09-history", "11-exports", "12-attachments",
    "14-xlsx-import", "15-special", "histories", "exports",
}  # fmt: skip
_MONGOMOCK = {
    "03-submissions/84-list-query-or-not-a-list",
    "03-submissions/89-list-query-bad-regex",
}
_ROUTES = re.compile(
    r"/(token|me|api/v1/.*|assets|environment)/?$"
    r"|/api/v2/(no-such-route|assets)/?$"
    r"|/api/v2/assets/(hash|counts|minimal-list)/$"
    r"|/api/v2/assets/(?!metadata)[^/.]+//?((versions|data)/([^/]+/?)?|data|data\.json|content/"
    r"|deployment/|counts/)?$"
)


def reason_left_out(exchange: Exchange) -> str | None:
    """Say why an exchange is not replayed, None when a scene must have it."""
    folder, _ = exchange.number
    path, _, query = exchange.path.partition("?")
    refused = exchange.status == 405 and "submission" not in path and "data/bulk" not in path
    wanted = exchange.headers.get("accept", "*/*")
    if folder in _LATER_TOPICS:
        return "its topic comes later"
    if exchange.method in {"POST", "PUT", "PATCH", "DELETE"} and not refused and path != "/token/":
        return "writes over HTTP"
    if exchange.method == "POST" and path.endswith("/deployment/"):
        return "writes over HTTP"
    if not _ROUTES.match(path) or exchange.method == "OPTIONS" or "metadata=on" in query:
        return "a route that is not here"
    if re.search(r"format=(xml|xls|geojson)", query) or "html" in wanted:
        return "a format other than JSON"
    if exchange.name in _MONGOMOCK:
        return "the recording server's stand-in for MongoDB decided"
    return None
