"""JSON as KoboToolbox's API gives it: submissions, and definitions of forms.

Here: telling one from the other, pages, lists and one object a line. Not here: which form a
submission belongs to (`sources.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.locale import gettext as _

LINES = (".jsonl", ".ndjson")
_ROW_KEYS = ("_id", "_uuid", "_xform_id_string", "meta/instanceID")


@dataclass(frozen=True)
class Definition:
    """One version of a form as an asset, a version or bare content holds it."""

    content: Mapping[str, Any]
    asset_uid: str | None = None
    version_uid: str | None = None
    deployed_at: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class JsonFile:
    """What a JSON file holds: definitions of forms, or submissions, or neither."""

    definitions: tuple[Definition, ...] = ()
    has_rows: bool = False


def look_into(path: Path) -> JsonFile:
    """Tell what a JSON file holds. Raises UnreadableFile for what is no JSON."""
    if path.stat().st_size == 0:
        raise UnreadableFile(
            _("{file} is empty.").format(file=path.name), next_step=_("Download it again.")
        )
    first = next(json_rows(path), None)
    if first is not None:
        return JsonFile(has_rows=True)
    if path.suffix.lower() in LINES:
        return JsonFile()
    return JsonFile(definitions=tuple(_definitions(_parsed(path))))


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Give the submissions of a file: a page of the API, a list, one object, or one a line.

    Raises UnreadableFile where it is cut off or no JSON.
    """
    if path.suffix.lower() in LINES:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield from _rows(_loaded(path, line, number))
        return
    try:
        whole = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        with path.open("rb") as file:  # perhaps one object a line, under another name
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield from _rows(_loaded(path, line, number))
        return
    yield from _rows(whole)


def _parsed(path: Path) -> Any:
    return _loaded(path, path.read_bytes(), None)


def _loaded(path: Path, text: bytes, line: int | None) -> Any:
    try:
        return orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(
            _("{file} is cut off, or no JSON (line {line}).").format(
                file=path.name, line=line or error.lineno
            ),
            next_step=_("Download it again."),
        ) from error


def _rows(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, Mapping):
        found = found["results"] if isinstance(found.get("results"), list) else [found]
    for row in found if isinstance(found, list) else ():
        if isinstance(row, dict) and any(key in row for key in _ROW_KEYS):
            yield row


def _definitions(found: Any) -> Iterator[Definition]:
    """Give the definitions in an asset, a version, a page of these, or bare content."""
    if isinstance(found, list):
        for one in found:
            yield from _definitions(one)
        return
    if not isinstance(found, Mapping):
        return
    if isinstance(found.get("results"), list):
        yield from _definitions(found["results"])
        return
    content = found if "survey" in found else found.get("content") or found.get("data")
    if not (isinstance(content, Mapping) and isinstance(content.get("survey"), list)):
        return
    uid = str(found.get("uid") or "")
    url = str(found.get("url") or "")
    if "/versions/" in url:
        asset = url.split("/assets/", 1)[-1].split("/", 1)[0]
        yield Definition(content, asset or None, uid or None, found.get("date_deployed"))
        return
    yield Definition(
        content,
        uid or None,
        found.get("deployed_version_id") or found.get("version_id"),
        found.get("date_deployed"),
        found.get("name"),
    )
