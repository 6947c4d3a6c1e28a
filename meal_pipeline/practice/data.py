"""The answers of `/data/`: rows chosen by `query`, cut to `fields`, paged.

Here: parameters read with the server's own refusals, and pages written as JSON. Not here: rights
and routes (`app`), the query language (`query`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from meal_pipeline.practice.accounts import Rights
from meal_pipeline.practice.forms import HEAD, PracticeForm, Stored
from meal_pipeline.practice.paging import Window, data_window, links
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.query import (
    UnsupportedQuery,
    id_limits,
    row_test,
    sorted_rows,
    wanted_ids,
)

_ALWAYS = ("_uuid", "meta/rootUuid", "_id")
_BY_ID: Mapping[str, Any] = {"_id": 1}
_SIZES = ("large", "medium", "small")


def data_page(
    form: PracticeForm,
    rights: Rights,
    params: Mapping[str, str],
    *,
    url: str,
    base: str,
    default: int,
    largest: int,
    old: bool = False,
) -> bytes:
    """Give one page of submissions as JSON; `url` is the route's own, `base` the server's.

    An `old` server tells attachments in the shape of before 2025.
    """
    if "count" in params:
        words = "This param is not implemented. Use `count` property of the response instead."
        raise Problem(400, {"count": words})
    window = data_window(params, default=default, largest=largest)
    fields = fields_wanted(params)
    query, sort = _json_object(params, "query", {}), _json_object(params, "sort", _BY_ID)
    rows, count = _chosen(form, rights, query, sort, window)
    following, previous = links(url, params, window, count)
    start = orjson.dumps({"count": count, "next": following, "previous": previous})
    pieces = b",".join(shown(row, fields, form, base, old=old) for row in rows)
    return start[:-1] + b',"results":[' + pieces + b"]}"


def fields_wanted(params: Mapping[str, str]) -> list[str] | None:
    """Read `fields`: a JSON list, or the keys of an object; None or empty means every key."""
    if "fields" not in params:
        return None
    fields = _json(params, "fields")
    if not isinstance(fields, list | dict):
        raise Problem.fault()
    return [str(name) for name in fields] or None


def shown(
    row: Stored,
    fields: Sequence[str] | None,
    form: PracticeForm,
    base: str,
    *,
    old: bool = False,
) -> bytes:
    """Give one row as JSON, cut to `fields`, with the addresses of its attachments."""
    attachments = row.head.get("_attachments") or ()
    if fields is None:
        if not attachments:
            return row.body
        whole = row.row()
        return orjson.dumps(
            whole | {"_attachments": _addressed(attachments, whole, form, base, old)}
        )
    source = row.head if HEAD.issuperset(fields) else row.row()
    cut = {name: source[name] for name in (*fields, *_ALWAYS) if name in source}
    if "_attachments" in cut and attachments:
        cut["_attachments"] = _addressed(attachments, cut, form, base, old)
    # Injected empty when it was not asked for, whatever the row's status is.
    cut.setdefault("_validation_status", {})
    return orjson.dumps(cut)


def visible(form: PracticeForm, rights: Rights, row: Stored) -> bool:
    """Tell whether an account may see a row of the form."""
    return rights.sees_all_rows or (rights.rows is not None and row_test(rights.rows)(row.row()))


def matching_ids(form: PracticeForm, rights: Rights, query: Any) -> list[int]:
    """Give the ids of the rows that a query of a payload means, among those an account may see."""
    if not isinstance(query, Mapping):
        raise Problem.fault()
    return _matching(form, rights, query)


def _chosen(
    form: PracticeForm,
    rights: Rights,
    query: Mapping[str, Any],
    sort: Mapping[str, Any],
    window: Window,
) -> tuple[list[Stored], int]:
    """Give the rows of the window and the count of all that match."""
    ids = _matching(form, rights, query)
    if sort and sort != _BY_ID:
        rows = [row.row() for row in map(form.get, ids) if row]
        ids = [row["_id"] for row in sorted_rows(rows, sort)]
    page = ids[window.start : window.start + window.limit]
    return [row for row in map(form.get, page) if row], len(ids)


def _matching(form: PracticeForm, rights: Rights, query: Mapping[str, Any]) -> list[int]:
    if not rights.sees_all_rows:
        query = {"$and": [query, rights.rows or {"_id": None}]}
    try:
        low, high, rest = id_limits(query)
        test = row_test(rest)
        wanted = wanted_ids(rest)
    except UnsupportedQuery:
        raise Problem(400, ["Unsupported query"]) from None
    ids = form.ids(low, high)
    if wanted is not None:
        inside = set(wanted)
        ids = (
            [each for each in ids if each in inside]
            if len(ids) < len(inside)
            else sorted(each for each in inside if low <= each <= high and form.get(each))
        )
    known = [(each, form.get(each)) for each in ids] if rest else []
    if rest:
        ids = [each for each, row in known if row and test(_needed(row, rest))]
    return ids


def _needed(row: Stored, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give as much of a row as a query needs: its head, or all of it."""
    return row.head if HEAD.issuperset(_keys(query)) else row.row()


def _keys(query: Mapping[str, Any]) -> set[str]:
    keys: set[str] = set()
    for key, value in query.items():
        if key in {"$and", "$or"}:
            for part in value:
                keys |= _keys(part)
        else:
            keys.add("_validation_status" if key.startswith("_validation_status.") else key)
    return keys


def _addressed(
    attachments: Sequence[Mapping[str, Any]],
    row: Mapping[str, Any],
    form: PracticeForm,
    base: str,
    old: bool,
) -> list[dict[str, Any]]:
    """Give attachments with addresses; the question is found only if the row shows its answer."""
    if old:
        return [_legacy(file, row, form, base) for file in attachments if not file["is_deleted"]]
    addressed = []
    for attachment in attachments:
        url = f"{base}/api/v2/assets/{form.uid}/data/{row['_id']}/attachments/{attachment['uid']}/"
        entry = dict(attachment) | {"download_url": url}
        if str(attachment.get("mimetype", "")).startswith("image/"):
            entry |= {f"download_{size}_url": f"{url}{size}/" for size in _SIZES}
        if attachment.get("question_xpath") not in row:
            entry["question_xpath"] = ""
        addressed.append(entry)
    return addressed


def legacy_number(uid: str) -> int:
    """Give the number under which old servers keep an attachment."""
    return int.from_bytes(hashlib.sha256(uid.encode()).digest()[:4])


def _legacy(
    attachment: Mapping[str, Any], row: Mapping[str, Any], form: PracticeForm, base: str
) -> dict[str, Any]:
    """Give an attachment as servers before 2025 did: numbers instead of a uid, no `is_deleted`."""
    number = legacy_number(attachment["uid"])
    url = f"{base}/api/v2/assets/{form.uid}/data/{row['_id']}/attachments/{number}/"
    return {
        "download_url": url,
        **{f"download_{size}_url": f"{url}{size}/" for size in _SIZES},
        "mimetype": attachment["mimetype"],
        "filename": attachment["filename"],
        "instance": row["_id"],
        "xform": sum(form.uid.encode()),
        "id": number,
        "question_xpath": attachment["question_xpath"],
    }


def _json(params: Mapping[str, str], name: str) -> Any:
    try:
        return orjson.loads(params[name])
    except orjson.JSONDecodeError:
        raise Problem(400, {name: "Value must be valid JSON."}) from None


def _json_object(
    params: Mapping[str, str], name: str, absent: Mapping[str, Any]
) -> Mapping[str, Any]:
    if name not in params:
        return absent
    value = _json(params, name)
    if not isinstance(value, dict):
        raise Problem.fault()
    return value
