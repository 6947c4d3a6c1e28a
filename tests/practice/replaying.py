"""Recorded requests sent to the practice server, and their answers compared.

Here: requests in our words (ids that our server made instead of the recorded ones), and answers
compared up to what each server makes up. Not here: which exchanges belong together (`chains`).
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from .correspondence import Correspondence, unlike
from .recordings import HOST, Exchange
from .scenes import PASSWORD, TOKENS

MADE_UP = frozenset(
    {
        "_id", "_uuid", "meta/instanceID", "meta/rootUuid", "meta/deprecatedID", "formhub/uuid",
        "__version__", "_xform_id_string", "uid", "uuid", "root_uuid", "uid_asset", "version_id",
        "deployed_version_id", "deployment__uuid", "content_hash", "version__content_hash",
        "user_uid", "latest_version_uid", "latest_deployed_version_uid", "submission_id", "$kuid",
        "pending_uids", "instanceID", "asset_uid", "filename",
    }
)  # fmt: skip
IGNORED = frozenset(
    {
        # moments
        "date_created", "date_modified", "date_deployed", "timestamp", "_submission_time",
        "submissionDate", "markedAsCompleteDate", "last_submission_time", "server_time",
        "deployment__last_submission_time", "processing_time_seconds", "hash",
        # for KoboToolbox's own pages
        "report_styles", "advanced_features", "deployment__links", "summary", "permissions",
        "deployment__data_download_links", "assignable_permissions", "export_settings",
        "effective_permissions",
    }
)  # fmt: skip
_DATES = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?|\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d(_\w{7})?"
)
_ONLY_HERE = "Connection refused|Max retries|is not allowed|Errno"


class Replay:
    """Sends exchanges to a server, one after another, and remembers what corresponds."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pairs = Correspondence()
        self.others: dict[str, str] = {}

    def send(self, http: httpx.Client, exchange: Exchange) -> httpx.Response:
        """Send a recorded request in our words."""
        headers = sent_headers(exchange)
        if "kobo.example.org" in str(exchange.json):
            headers["host"] = "kobo.example.org"
        body = exchange.sent
        more: dict[str, Any] = {}
        if "json" in body:
            more["content"] = json.dumps(self._ours(body["json"])).encode()
        elif "files" in body:
            more["files"] = [
                (each["field"], (each["filename"], self._file(each["text"]), each["content_type"]))
                for each in body["files"]
            ]
            headers.pop("content-type", None)
        elif "form" in body:
            more["data"] = body["form"]
        elif "content" in body:
            more["content"] = body["content"]
        return http.request(exchange.method, self._path(exchange.path), headers=headers, **more)

    def _path(self, path: str) -> str:
        path = self._text(path)
        return re.sub(
            r"(?<=/data/)\d+(?=/)", lambda m: str(self.pairs.given.get(int(m[0]), m[0])), path
        )

    def _text(self, text: str) -> str:
        for recorded, ours in self.others.items():
            text = text.replace(recorded, ours)
        return self.pairs.in_our_words(text.replace(HOST, self.url))

    def _ours(self, sent: Any) -> Any:
        if isinstance(sent, dict):
            return {key: self._ours(value) for key, value in sent.items()}
        if isinstance(sent, list):
            return [
                self.pairs.given.get(each, each) if type(each) is int else self._ours(each)
                for each in sent
            ]
        return self._text(sent) if isinstance(sent, str) else sent

    def _file(self, text: str) -> bytes:
        if size := re.fullmatch(r"<(\d+) bytes>", text):
            return bytes(int(size[1]))
        return self._text(text).encode()

    def differences(self, exchange: Exchange, answer: httpx.Response) -> list[str]:
        """Name what differs, as sentences."""
        kind, recorded_kind = (
            text.partition(";")[0]
            for text in (answer.headers.get("content-type", ""), exchange.content_type)
        )
        if answer.status_code != exchange.status:
            return [f"status {answer.status_code}, recorded {exchange.status}: {answer.text[:200]}"]
        if exchange.status == 302:
            places = answer.headers["location"], exchange.location or ""
            if self.pairs.pair(*places):
                return []
            return [f"to {places[0]}, recorded {places[1]}"]
        if exchange.status in {204, 301, 304} or exchange.method == "HEAD":
            return []
        if kind != recorded_kind:
            return [f"type {kind}, recorded {recorded_kind}"]
        if exchange.json is None:
            return list(self._unlike_text(exchange, answer))
        given, recorded = answer.json(), exchange.json
        if isinstance(recorded, dict):
            recorded = dict(recorded)
        if isinstance(recorded, dict) and "_trimmed" in recorded:
            count = recorded["_trimmed"]["rows_in_answer"]
            if len(given["results"]) != count:
                return [f"{len(given['results'])} rows, recorded {count}"]
            given["results"] = given["results"][:3] + given["results"][-2:]
            del recorded["_trimmed"]
        given, recorded = self._plain(given), self._plain(recorded)
        return list(unlike(given, recorded, self.pairs, MADE_UP, IGNORED))

    def _unlike_text(self, exchange: Exchange, answer: httpx.Response) -> Iterator[str]:
        if exchange.size is not None:
            picture = exchange.content_type.startswith("image")
            if picture and len(answer.content) != exchange.size:
                yield f"{len(answer.content)} bytes, recorded {exchange.size}"
            return
        ours, theirs = (_DATES.sub("…", text) for text in (answer.text, exchange.text))
        if (
            ours.strip() != _DATES.sub("…", self._text(exchange.text)).strip()
            and "<html" not in theirs
        ):
            yield f"text {ours[:200]!r}, recorded {theirs[:200]!r}"

    def _plain(self, value: Any, key: str = "") -> Any:
        """Take URLs apart, and away what only one of the two servers can know."""
        if isinstance(value, dict):
            plain = {name: self._plain(item, name) for name, item in value.items()}
            if "daily_submission_counts" in plain:
                days = plain["daily_submission_counts"]
                plain["daily_submission_counts"] = sorted(days.values())
            if isinstance(plain.get("asset"), int):
                plain["asset"] = "a number"
            for name in ("fields", "implied", "contradictory", "actions"):
                if isinstance(plain.get(name), list):
                    plain[name] = sorted(map(str, plain[name]))
            for name in ("start", "end"):
                if str(plain.get(name)).startswith("2026-11-25T"):
                    plain[name] = "copied"
            return plain
        if isinstance(value, list):
            plain = [self._plain(item) for item in value]
            if plain and isinstance(plain[0], dict) and "logs_url" in plain[0]:
                plain.sort(key=_place_of_hook)
            return plain
        if isinstance(value, str):
            if re.search(_ONLY_HERE, value):
                return "no connection"
            for recorded, ours in self.others.items():
                value = value.replace(recorded, ours)
            for host in (HOST, self.url, "http://kobo.example.org"):
                if value.startswith(host):
                    parts = urlsplit(value)
                    steps = [part for part in parts.path.split("/") if part]
                    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
                    told = [_step(step) for step in steps]
                    if "private-media" in steps:
                        told[-1] = {"filename": steps[-1]}
                    return {"steps": told, "query": query}
        return value


def _place_of_hook(hook: dict[str, Any]) -> tuple[str, ...]:
    """Hooks come by name; of three with the same name, no order is promised."""
    return hook["name"], hook["auth_level"], str(hook["payload_template"])


def _step(step: str) -> Any:
    """A made-up part of a path is compared by correspondence."""
    if re.fullmatch(r"\d+", step):
        return {"_id": int(step)}
    step = re.sub(r"\.xls$|\.xml$", "", step)
    if re.fullmatch(r"(a|h|hl|e|es|v|p|u|att|af|s)[A-Za-z0-9]{20,22}", step):
        return {"uid": step}
    return _DATES.sub("…", unquote(step))


def sent_headers(exchange: Exchange) -> dict[str, str]:
    """The recorded headers with our tokens."""
    given = dict(exchange.headers)
    authorization = given.get("authorization", "")
    user = (exchange.user or "").partition(" ")[0]
    if user in TOKENS and authorization.startswith("Token"):
        given["authorization"] = f"Token {TOKENS[user]}"
    elif authorization.startswith("Basic"):
        password = "wrong" if exchange.status == 401 else PASSWORD
        pair = f"{user or 'officer'}:{password}"
        given["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return given
