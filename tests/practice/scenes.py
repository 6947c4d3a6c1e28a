"""What the recorded server's forms and rows were at each moment.

A scene is a stretch of the recording during which nothing changed; its world is rebuilt from other
recorded answers wherever there are any.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from meal_pipeline.practice import (
    ANONYMOUS,
    PracticeForm,
    PracticeServer,
    PracticeUser,
    PracticeVersion,
    Rights,
)

from .recorded_rows import (
    rows_edited,
    rows_ever,
    rows_first,
    rows_last,
    rows_special,
    rows_special_edited,
    rows_until,
    rows_water,
)
from .recordings import Exchange, Recording

HOUSEHOLD, WATER, LIFECYCLE = (
    "ak4MLs7CVnwze5TcemRfXr",
    "aC333U6VPMumYqgn5iQCag",
    "a2a7imXTH7iKkyKTh4iuXP",
)
_NAMES = ("officer", "viewer", "stranger", "partner", "editor", "validator", "boss")
TOKENS = {name: f"{name}token" for name in _NAMES}
PASSWORD = "right"


def _server(*forms: PracticeForm, **shared: Rights) -> PracticeServer:
    for form in forms:
        form.rights.update(shared)
    users = {
        token: PracticeUser(name, token, PASSWORD if name == "officer" else None)
        for name, token in TOKENS.items()
    }
    return PracticeServer(forms, users)


def form_of(detail: dict[str, Any], **more: Any) -> PracticeForm:
    return PracticeForm(
        uid=detail["uid"],
        name=detail["name"],
        owner=detail["owner__username"],
        settings=detail["settings"],
        asset_type=detail["asset_type"],
        formhub_uuid=detail["deployment__uuid"],
        created_at=detail["date_created"],
        last_submission_time=detail["deployment__last_submission_time"],
        **more,
    )


def _versions(recording: Recording, listed: int) -> list[PracticeVersion]:
    """The household form's versions as list 02/`listed` has them, oldest first."""
    contents = {
        version["uid"]: version["content"]
        for version in (recording.answer("02-forms", n) for n in (37, 38, 39))
    }
    return [
        PracticeVersion(
            uid=entry["uid"],
            content=contents[entry["uid"]],
            deployed_at=entry["date_deployed"] or None,
            modified_at=entry["date_modified"],
            content_hash=entry["content_hash"],
        )
        for entry in reversed(recording.answer("02-forms", listed)["results"])
    ]


Place = tuple[str, int]


def household(
    recording: Recording,
    rows: list[dict[str, Any]],
    *,
    versions: int = 30,
    detail: Place = ("02-forms", 28),
) -> PracticeForm:
    told = recording.answer(*detail)
    told = told.get("asset", told)
    return form_of(
        told["results"][0] if "results" in told else told,
        versions=_versions(recording, versions),
        submissions=rows,
    )


def _edits(recording: Recording, server: PracticeServer) -> PracticeServer:
    """Make the edits of 05-edits that were done by other routes."""

    def by_answer(number: int, submission: int, *names: str) -> None:
        row = recording.row("05-edits", number)
        server.edit(
            HOUSEHOLD,
            submission,
            {name: row.get(name) for name in names},
            instance_uuid=row["_uuid"],
            version=row["__version__"],
        )

    by_answer(20, 5, "enumerator")
    server.forms[HOUSEHOLD].put(recording.row("05-edits", 22))
    by_answer(24, 6, "enumerator")
    return server


def _bulk(recording: Recording, server: PracticeServer) -> PracticeServer:
    changes = {"demo/community": "دابق", "needs/shelter/remark": "bulk"}
    results = recording.answer("05-edits", 30)["results"]
    for submission, result in zip((7, 8), results, strict=True):
        version = server.forms[HOUSEHOLD].find(str(submission)).head["__version__"]
        server.edit(HOUSEHOLD, submission, changes, instance_uuid=result["uuid"], version=version)
    return server


def _web_edit(recording: Recording, server: PracticeServer, *numbers: int) -> PracticeServer:
    """Edit row 1 as the web form did, with the newest version; once or twice."""
    for number in numbers:
        row = recording.row("05-edits", number)
        before = server.forms[HOUSEHOLD].find("1").row()
        meta = {"_id", "_uuid", "meta/instanceID", "meta/deprecatedID", "_attachments"}
        changed = {
            name: row.get(name)
            for name in (row.keys() | before.keys()) - meta
            if row.get(name) != before.get(name)
        }
        changed.pop("__version__", None)
        server.edit(HOUSEHOLD, 1, changed, instance_uuid=row["_uuid"])
    return server


def _all_assets(recording: Recording) -> PracticeServer:
    forms = []
    for detail in recording.answer("02-forms", 61)["results"]:
        version = PracticeVersion(
            detail["version_id"] or "", {}, detail["date_deployed"], detail["date_modified"]
        )
        forms.append(form_of(detail, versions=[version]))
    server = _server(*forms)
    _share(server, "viewer", "view_asset", "view_submissions")
    for form in forms:
        last = form.last_submission_time
        known = {HOUSEHOLD: rows_last, WATER: rows_water}.get(form.uid)
        for row in known(recording) if known else ():
            form.put(row)
        if form.name == "Hook form":
            server.submit(form.uid, {})
            server.submit(form.uid, {})
        form.last_submission_time = last
    server.delete(WATER, 47)
    server.delete(WATER, 48)
    return server


def _share(server: PracticeServer, name: str, *permissions: str, rows: Any = None) -> None:
    server.forms[HOUSEHOLD].rights[name] = Rights(frozenset(permissions), rows)


def _lifecycle(recording: Recording, rows: int | None, detail: int) -> PracticeServer:
    told = recording.answer("13-lifecycle", detail)
    listed = recording.answer("13-lifecycle", 32 if told["version_count"] == 2 else 20)["results"]
    form = form_of(
        told,
        versions=[
            PracticeVersion(
                entry["uid"],
                {},
                entry["date_deployed"] or None,
                entry["date_modified"],
                content_hash=entry["content_hash"],
            )
            for entry in reversed(listed)
        ],
        submissions=recording.rows("13-lifecycle", rows) if rows else [],
        active=told["deployment__active"],
    )
    return _server(form)


@dataclass(frozen=True)
class Scene:
    """A moment of the real server: which recorded exchanges belong to it, and its world."""

    name: str
    folder: str
    numbers: tuple[range, ...]
    build: Callable[[Recording], PracticeServer]

    def members(self, recording: Recording) -> Iterator[Exchange]:
        for exchange in recording.exchanges.values():
            folder, number = exchange.number
            if folder == self.folder and any(number in span for span in self.numbers):
                yield exchange


def _drafted(recording: Recording) -> PracticeServer:
    return _server(household(recording, [], versions=7, detail=("02-forms", 2)))


def _with_rows(
    rows: Callable[[Recording], list[dict[str, Any]]],
    *,
    versions: int = 30,
    detail: Place = ("02-forms", 28),
    viewer: bool = True,
) -> Callable[[Recording], PracticeServer]:
    def build(recording: Recording) -> PracticeServer:
        form = household(recording, rows(recording), versions=versions, detail=detail)
        server = _server(form)
        if viewer:
            _share(server, "viewer", "view_asset", "view_submissions")
        return server

    return build


def _deployed_first(recording: Recording) -> PracticeServer:
    rows = rows_until("04:07:09")
    server = _with_rows(rows, detail=("02-forms", 20), viewer=False)(recording)
    del server.forms[HOUSEHOLD].versions[1:]
    return server


def _deployed_second(recording: Recording) -> PracticeServer:
    server = _with_rows(rows_until("04:07:11"), detail=("02-forms", 25), viewer=False)(recording)
    server.forms[HOUSEHOLD].versions.pop()
    return server


def _partner(*permissions: str, rows: Any = None) -> Callable[[Recording], PracticeServer]:
    def build(recording: Recording) -> PracticeServer:
        server = _with_rows(rows_ever, detail=("10-permissions", 11))(recording)
        for gone in {row["_id"] for row in rows_ever(recording)} - {
            row["_id"] for row in rows_last(recording)
        }:
            server.delete(HOUSEHOLD, gone)
        if permissions:
            _share(server, "partner", *permissions, rows=rows)
        return server

    return build


_AT_THE_END = _with_rows(rows_last, detail=("10-permissions", 75))


def _public(recording: Recording) -> PracticeServer:
    server = _with_rows(rows_last, detail=("10-permissions", 69))(recording)
    _share(server, ANONYMOUS, "view_asset", "view_submissions")
    return server


def _water(*gone: int) -> Callable[[Recording], PracticeServer]:
    def build(recording: Recording) -> PracticeServer:
        detail = recording.answer("04-paging", 29)
        (told,) = detail["deployed_versions"]["results"]
        version = PracticeVersion(
            told["uid"],
            {},
            told["date_deployed"],
            told["date_modified"],
            content_hash=told["content_hash"],
        )
        rows = rows_water(recording)
        server = _server(form_of(detail, versions=[version], submissions=rows))
        for identity in gone:
            server.delete(WATER, identity)
        return server

    return build


def _empty_water(recording: Recording) -> PracticeServer:
    server = _water()(recording)
    for identity in list(server.forms[WATER].ids(0, 10_000)):
        server.forms[WATER].remove(identity)
    return server


def _nothing(recording: Recording) -> PracticeServer:
    return _server()


def _span(first: int, last: int) -> tuple[range, ...]:
    return (range(first, last + 1),)


_FIRST = _with_rows(rows_first)
_EDITED = _with_rows(rows_edited, detail=("05-edits", 59), viewer=False)

SCENES = [
    Scene("no forms yet", "01-auth", _span(1, 40), _nothing),
    Scene(
        "a view-only user",
        "01-auth",
        _span(41, 70),
        _with_rows(rows_special_edited, detail=("01-auth", 46)),
    ),
    Scene("at the end", "01-auth", _span(71, 80), _AT_THE_END),
    Scene("a draft", "02-forms", _span(2, 11), _drafted),
    Scene("deployed once", "02-forms", _span(13, 18), _deployed_first),
    Scene(
        "second version drafted",
        "02-forms",
        _span(20, 21),
        _with_rows(rows_until("04:07:09"), versions=21, detail=("02-forms", 17), viewer=False),
    ),
    Scene("deployed twice", "02-forms", _span(23, 23), _deployed_second),
    Scene(
        "third version drafted",
        "02-forms",
        _span(25, 26),
        _with_rows(rows_until("04:07:11"), versions=26, detail=("02-forms", 23), viewer=False),
    ),
    Scene("deployed three times", "02-forms", _span(28, 60), _with_rows(rows_first, viewer=False)),
    Scene("seven assets", "02-forms", _span(61, 96), _all_assets),
    Scene("35 rows", "03-submissions", _span(21, 156), _FIRST),
    Scene("39 rows", "03-submissions", _span(157, 160), _with_rows(rows_last)),
    Scene("no rows", "04-paging", _span(3, 3), _empty_water),
    Scene("1180 rows", "04-paging", _span(4, 18), _water()),
    Scene("1179 rows", "04-paging", _span(20, 23), _water(47)),
    Scene("1178 rows", "04-paging", _span(25, 30), _water(47, 48)),
    Scene("before edits", "05-edits", (range(1, 3), range(25, 26)), _FIRST),
    Scene(
        "after two edits",
        "05-edits",
        (range(20, 21), range(24, 25)),
        lambda recording: _edits(recording, _FIRST(recording)),
    ),
    Scene("before bulk edits", "05-edits", _span(28, 29), _FIRST),
    Scene(
        "after bulk edits",
        "05-edits",
        (range(31, 33), range(48, 49)),
        lambda recording: _bulk(recording, _FIRST(recording)),
    ),
    Scene("38 rows", "05-edits", (range(50, 52), range(56, 78)), _EDITED),
    Scene("43 rows", "05-edits", _span(85, 87), _with_rows(rows_special)),
    Scene(
        "edited in the web form",
        "05-edits",
        _span(91, 97),
        lambda recording: _web_edit(recording, _with_rows(rows_special)(recording), 91),
    ),
    Scene(
        "edited again",
        "05-edits",
        _span(99, 102),
        lambda recording: _web_edit(recording, _with_rows(rows_special)(recording), 91, 99),
    ),
    Scene("not shared", "10-permissions", _span(1, 8), _partner()),
    Scene("form shared", "10-permissions", _span(10, 17), _partner("view_asset")),
    Scene(
        "rows shared", "10-permissions", _span(19, 27), _partner("view_asset", "view_submissions")
    ),
    Scene(
        "some rows shared",
        "10-permissions",
        _span(29, 43),
        _partner("view_asset", "partial_submissions", rows={"demo/governorate": "idlib"}),
    ),
    Scene(
        "no rows shared",
        "10-permissions",
        _span(45, 52),
        _partner("view_asset", "partial_submissions", rows={"_submitted_by": "nobody"}),
    ),
    Scene("a row by another user", "10-permissions", _span(56, 66), _with_rows(rows_last)),
    Scene("public", "10-permissions", _span(68, 72), _public),
    Scene("no longer public", "10-permissions", _span(74, 74), _AT_THE_END),
    Scene(
        "deployed, no rows",
        "13-lifecycle",
        _span(3, 3),
        lambda recording: _lifecycle(recording, None, 29),
    ),
    Scene(
        "archived",
        "13-lifecycle",
        (range(11, 19), range(20, 21)),
        lambda recording: _lifecycle(recording, 12, 11),
    ),
    Scene(
        "unarchived", "13-lifecycle", _span(23, 23), lambda recording: _lifecycle(recording, 23, 29)
    ),
    Scene(
        "archived again",
        "13-lifecycle",
        _span(25, 25),
        lambda recording: _lifecycle(recording, 23, 25),
    ),
    Scene(
        "before a rename",
        "13-lifecycle",
        _span(27, 29),
        lambda recording: _lifecycle(recording, 23, 29),
    ),
    Scene(
        "renamed", "13-lifecycle", _span(31, 33), lambda recording: _lifecycle(recording, 23, 31)
    ),
    Scene("in the trash", "13-lifecycle", _span(35, 41), _nothing),
    Scene(
        "out of the trash",
        "13-lifecycle",
        _span(46, 47),
        lambda recording: _lifecycle(recording, 47, 46),
    ),
]
