"""Small forms, their typed frames as reading gives them, and projects over them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from meal_pipeline.forms import FormUnion, FormVersion, parse_content, unite
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import FormVersion as Received
from meal_pipeline.store.submission_log import append_versions
from meal_pipeline.store.tables.collect import pulls
from meal_pipeline.validate.form_frames import FormFrames, pseudonyms_of
from meal_pipeline.workspace.project import Project

SERVER = "https://kobo.example.org"
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
DTYPES = {
    "integer": "Int64",
    "decimal": "Float64",
    "date": "datetime64[us]",
    "dateTime": "datetime64[us, UTC]",
    "media": "boolean",
}
VERDICTS = ("frame", "position", "question", "rule", "severity", "message", "value")


def row(type_: str, name: str | None = None, **cells: Any) -> dict[str, Any]:
    return {key: one for key, one in {"type": type_, "name": name, **cells}.items() if one}


def choices(list_name: str, *names: str) -> list[dict[str, Any]]:
    return [{"list_name": list_name, "name": name, "label": [name, name]} for name in names]


def content(*survey: dict[str, Any], lists: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "survey": list(survey),
        "choices": lists or [],
        "translations": ["English (en)", "Arabic (ar)"],
    }


def form(
    *survey: dict[str, Any], lists: list[dict[str, Any]] | None = None, uid: str = "v1"
) -> FormVersion:
    return parse_content(content(*survey, lists=lists), asset_uid="aHome", version_uid=uid)


def main_frame(union: FormUnion, *answers: dict[str, Any]) -> pd.DataFrame:
    """Give the form's rows: `_id` counts from 1, one submission an hour, unless given."""
    count = len(answers)
    ids = [one.get("_id", number) for number, one in enumerate(answers, 1)]
    sent = [
        one.get("_submission_time", START + timedelta(hours=n)) for n, one in enumerate(answers)
    ]
    newest = union.newest.version_uid
    frame = pd.DataFrame(
        {
            "_id": pd.array(ids, dtype="int64"),
            "_uuid": pd.array([f"u{one}" for one in ids], dtype="str"),
            "_version": pd.array([one.get("_version", newest) for one in answers], dtype="str"),
            "_submission_time": pd.array(sent, dtype="datetime64[us, UTC]"),
            "_enumerator": pd.array(["P-1"] * count, dtype="str"),
            "_edited": pd.array([False] * count, dtype="bool"),
        }
    )
    return _with_answers(frame, union, None, answers)


def child_frame(union: FormUnion, repeat: str, *answers: dict[str, Any]) -> pd.DataFrame:
    """Give a repeat's rows; each names its `_id` and `_position`."""
    positions = [one["_position"] for one in answers]
    parents = [one.rpartition("/")[0] for one in positions]
    frame = pd.DataFrame(
        {
            "_id": pd.array([one["_id"] for one in answers], dtype="int64"),
            "_position": pd.array(positions, dtype="str"),
            "_index": pd.array([int(one.rpartition("/")[2]) for one in positions], dtype="int64"),
            "_parent_position": pd.array(parents, dtype="str"),
        }
    )
    return _with_answers(frame, union, repeat, answers)


def _with_answers(
    frame: pd.DataFrame, union: FormUnion, repeat: str | None, answers: tuple[dict[str, Any], ...]
) -> pd.DataFrame:
    columns = {}
    for column in union.columns_of(repeat):
        given = [one.get(column.name) for one in answers]
        if column.kind == "geopoint":
            for part, place in (("latitude", 0), ("longitude", 1)):
                values = [None if one is None else one[place] for one in given]
                columns[f"{column.name}/{part}"] = pd.array(values, dtype="Float64")
            continue
        dtype = DTYPES.get(column.kind, "str")
        columns[column.name] = pd.array(given, dtype=dtype)
        if column.kind == "select_multiple":
            for choice in union.choices_of(column):
                picked = [None if one is None else choice.name in one.split() for one in given]
                columns[f"{column.name}/{choice.name}"] = pd.array(picked, dtype="boolean")
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def verdict_frame(*verdicts: dict[str, Any]) -> pd.DataFrame:
    blank = {"position": "", "severity": "warning", "message": '{"en": "?"}'}
    full = [{**blank, **one} for one in verdicts]
    columns = {"_id": pd.array([one.get("_id") for one in full], dtype="Int64")}
    columns |= {name: pd.array([one.get(name) for one in full], dtype="str") for name in VERDICTS}
    return pd.DataFrame(columns)


def project(**changes: Any) -> Project:
    return Project.model_validate(
        {
            "code": "p",
            "name": {"en": "P"},
            "server": SERVER,
            "forms": {"home": {"uid": "aHome"}},
            **changes,
        }
    )


def loaded(
    union: FormUnion,
    main: pd.DataFrame,
    declared: Project | None = None,
    *,
    verdicts: pd.DataFrame | None = None,
    pulled: int | None = None,
    **repeats: pd.DataFrame,
) -> FormFrames:
    """Give the form `home` as loaded from a snapshot."""
    settings = (declared or project()).forms["home"]
    return FormFrames(
        "home",
        settings,
        union,
        {"": main, **repeats},
        verdict_frame() if verdicts is None else verdicts,
        len(main) if pulled is None else pulled,
        pseudonyms_of(union, settings),
    )


def held_rows(
    store: Store,
    form_content: dict[str, Any],
    *answers: dict[str, Any],
    verdicts: pd.DataFrame | None = None,
    pulled: int | None = None,
    complete: bool = True,
    block: int = 10_000,
    **repeats: pd.DataFrame,
) -> FormUnion:
    """Put a pulled and read form `home` of project `p` into the store; give its union."""
    union = unite([parse_content(form_content, asset_uid="aHome", version_uid="v1")])
    main = main_frame(union, *answers)
    verdicts = verdict_frame() if verdicts is None else verdicts
    write = store.snapshots.write_part
    mains = blocks(main, block)
    parts = {"home": [write(part) for part in mains]}
    for name, frame in repeats.items():
        parts[f"home/{name}"] = [write(of_rows(frame, part)) for part in mains]
    parts["home:verdicts"] = [write(of_rows(verdicts, part)) for part in mains]
    parts["home:verdicts"].append(write(verdicts[verdicts["_id"].isna()].reset_index(drop=True)))
    with store.write() as connection:
        here = (SERVER, "aHome")
        if not _has_version(store):
            append_versions(connection, *here, [Received("v1", "h", form_content, "2026")])
        connection.execute(pulls.insert(), _pull(store, len(main), complete))
    count = len(main) if pulled is None else pulled
    parents = {"home": {"server": SERVER, "asset_uid": "aHome", "rows": count, "versions": ["v1"]}}
    store.snapshots.save("p", "read", parts, parents, lambda: START)
    return union


def blocks(frame: pd.DataFrame, size: int) -> list[pd.DataFrame]:
    starts = range(0, max(len(frame), 1), size)
    return [frame[start : start + size].reset_index(drop=True) for start in starts]


def of_rows(frame: pd.DataFrame, main: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of a repeat, or the verdicts, that belong to some of the form's rows."""
    return frame[frame["_id"].isin(main["_id"]).fillna(False)].reset_index(drop=True)


def _has_version(store: Store) -> bool:
    from meal_pipeline.store.submission_log import version_uids

    return bool(version_uids(store, SERVER, "aHome"))


def _pull(store: Store, rows: int, complete: bool) -> dict[str, Any]:
    from sqlalchemy import func, select

    with store.read() as connection:
        number = connection.execute(select(func.count()).select_from(pulls)).scalar()
    return {
        "pull_id": f"pull-{number}",
        "project": "p",
        "form": "home",
        "server": SERVER,
        "asset_uid": "aHome",
        "started_at": f"2026-03-02T00:00:{number:02d}Z",
        "finished_at": None,
        "rows_on_server": rows if complete else rows + 1,
        "rows_held": rows,
        "rows_new": rows,
        "rows_edited": 0,
        "requests": 1,
        "received_bytes": 1,
        "complete": complete,
        "error": None,
    }
