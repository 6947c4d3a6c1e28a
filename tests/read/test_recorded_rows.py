"""Every row that real servers answered with is read; only encrypted ones are refused, by name."""

import json
import re

from meal_pipeline.forms import parse_content, unite
from meal_pipeline.read.block import EncryptedForm, read_block
from meal_pipeline.read.plan import plan_form
from meal_pipeline.workspace.project import Form

ASSET = re.compile(r"/assets/(a[A-Za-z0-9]{20,})/|__assets_(a[A-Za-z0-9]{20,})")


def recorded(folder):
    """Give contents by asset and version, and the rows by asset, of every recorded answer."""
    contents, rows = {}, {}
    for file in sorted([*folder.glob("recorded/**/*.json"), *folder.glob("answers/*.json")]):
        exchange = json.loads(file.read_bytes())
        if not isinstance(exchange, dict):
            continue
        request = exchange.get("request") or {}
        asset = ASSET.search(f"{request.get('path', '')} {request.get('uri', '')} {file.name}")
        body = exchange.get("body") or (exchange.get("response") or {}).get("json")
        if asset is None or not isinstance(body, dict):
            continue
        uid = asset[1] or asset[2]
        content = body.get("content")
        if isinstance(content, dict) and "survey" in content:
            version = body.get("deployed_version_id") or body.get("version_id") or body["uid"]
            contents.setdefault(uid, {})[version] = content
        for row in body.get("results") or [body]:
            if isinstance(row, dict) and isinstance(row.get("_id"), int) and len(row) > 8:
                rows.setdefault(uid, {})[row["_id"]] = row
    return contents, rows


def test_every_recorded_row_of_every_form_is_read_or_refused_by_name(shared):
    contents, rows = recorded(shared / "reference/kobo")
    read, encrypted = 0, 0

    unrecorded = {"v1": {"survey": [{"type": "text", "name": "q"}]}}
    for uid in contents.keys() | rows.keys():
        versions = contents.get(uid, unrecorded)
        union = unite(
            [parse_content(one, asset_uid=uid, version_uid=name) for name, one in versions.items()]
        )
        plan = plan_form("form", Form(uid=uid), union, "SY")
        bodies = [row for _number, row in sorted(rows.get(uid, {}).items())]
        try:
            block = read_block(plan, bodies, b"k" * 32)
        except EncryptedForm:
            encrypted += 1
            continue
        assert block.frames[None]["_id"].tolist() == [row["_id"] for row in bodies]
        read += len(bodies)

    assert len(contents) > 10
    assert read > 60
    assert encrypted == 1


def test_a_repeat_that_turned_flat_on_a_real_server_is_the_same_rows_as_before(shared, read_rows):
    folder = shared / "reference/kobo/recorded/15-special"
    before, after = (
        json.loads((folder / name).read_bytes())["response"]["json"]["results"]
        for name in ("04-repeat-data-v1.json", "09-repeat-data-after-touch.json")
    )
    survey = [
        {"type": "text", "name": "q"},
        {"type": "begin_repeat", "name": "kids"},
        {"type": "text", "name": "kid"},
        {"type": "integer", "name": "age"},
        {"type": "end_repeat"},
        {"type": "begin_repeat", "name": "one"},
        {"type": "text", "name": "o"},
        {"type": "end_repeat"},
    ]
    versions = {before[0]["__version__"]: {"survey": survey}, "vLater": {"survey": survey[:1]}}

    first, second = read_rows(versions, *before), read_rows(versions, *after)

    assert "one/o" in after[0]
    for name in ("kids", "one"):
        columns = ["_id", "_position", *[c for c in first.repeats[name] if c[0] != "_"]]
        assert second.repeats[name][columns].equals(first.repeats[name][columns])


def test_a_row_with_any_one_key_gone_odd_is_read(shared):
    contents, rows = recorded(shared / "reference/kobo")
    uid = "ak4MLs7CVnwze5TcemRfXr"  # the recorded household form
    content = next(iter(contents[uid].values()))
    union = unite([parse_content(content, asset_uid=uid, version_uid="v1")])
    plan = plan_form("form", Form(uid=uid), union, "SY")
    body = rows[uid][1]

    for key in body.keys() - {"_id"}:
        for odd in ([{key: "a"}, {key: "b"}], {"x": "y"}, ["a"], 5, "", None, True):
            block = read_block(plan, [body | {key: odd}], b"k" * 32)
            assert len(block.frames[None]) == 1
