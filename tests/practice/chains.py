"""Stretches of the recording in which things were changed, with the world at their beginning.

Everything of a chain is sent in order to one server. Where the recorded server was changed by
something that is not recorded, `between` does the same before the exchange of that number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from meal_pipeline.practice import (
    ANONYMOUS,
    PracticeForm,
    PracticeServer,
    PracticeUser,
    PracticeVersion,
    Rights,
)
from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.forms import Happened

from .recorded_rows import rows_ever, rows_first, rows_last, rows_special_edited, rows_water
from .recordings import Exchange, Recording
from .replaying import Replay
from .scenes import HOUSEHOLD, PASSWORD, TOKENS, form_of, household

HOOK_FORM, CONFIRM_FORM = "aHcnAJh79jBU9kZ9xXSxtB", "aD8zxnxtqLQyZDQ4FLbwrJ"
REPEAT_FORM, NAMES_FORM = "agvkyUkHPyPHxsobp4M3gD", "aFoCU4JRkS4jx3J4Ymq5bQ"
ENCRYPTED_FORM = "afCDsQLbdj9JWxcohxQoiz"
DAY = datetime(2026, 11, 25, 4, 13, tzinfo=UTC)
VIEW = ("view_asset", "view_submissions")
OTHERS = {
    "viewer": VIEW,
    "editor": (*VIEW, "change_submissions", "add_submissions"),
    "validator": (*VIEW, "validate_submissions"),
}

Between = Callable[[PracticeServer, Replay, Recording], None]


@dataclass(frozen=True)
class Chain:
    """Exchanges by number, the world before the first, and what came in between.

    A number of another folder than the chain's own is written with it.
    """

    name: str
    folder: str
    numbers: Sequence[int | tuple[str, int]]
    build: Callable[[Recording], PracticeServer]
    between: Mapping[int | tuple[str, int], Between] = field(default_factory=dict)
    without: frozenset[int] = frozenset()

    def members(self, recording: Recording) -> Iterator[Exchange]:
        """The exchanges, in order; names that share a number come as they were recorded."""
        for number in self.numbers:
            place = number if isinstance(number, tuple) else (self.folder, number)
            if number in self.without:
                continue
            yield from recording.at(*place)


def serving(*forms: PracticeForm, **more: Any) -> PracticeServer:
    users = {
        token: PracticeUser(name, token, PASSWORD, superuser=name == "boss")
        for name, token in TOKENS.items()
    }
    return PracticeServer(forms, users, clock=lambda: DAY, hook_waits=(0, 0, 0, 0), **more)


def household_with(
    rows: Callable[[Recording], list[dict[str, Any]]], *names: str
) -> Callable[[Recording], PracticeServer]:
    def build(recording: Recording) -> PracticeServer:
        form = household(recording, rows(recording))
        for name in names:
            form.rights[name] = Rights(frozenset(OTHERS[name]))
        return serving(form)

    return build


def approved(recording: Recording) -> list[dict[str, Any]]:
    status = {"uid": "validation_status_approved", "label": "Approved"}
    status |= {"timestamp": 1, "by_whom": "officer"}
    return [
        row | {"_validation_status": {} if row["_id"] in {15, 16} else status}
        for row in rows_special_edited(recording)
    ]


def _before_sharing(recording: Recording) -> PracticeServer:
    server = household_with(rows_ever, "viewer", "validator", "editor")(recording)
    kept = {row["_id"] for row in rows_last(recording)}
    for gone in {row["_id"] for row in rows_ever(recording)} - kept:
        server.delete(HOUSEHOLD, gone)
    return server


def _confirmed(recording: Recording) -> PracticeServer:
    form = form_of(
        recording.answer("06-deletes", 35),
        versions=[_version(recording, "06-deletes", 35)],
        submissions=[
            row | {"_submission_time": "2026-11-25T04:21:35", "_submitted_by": "officer"}
            for row in recording.rows("06-deletes", 31)
        ],
    )
    return serving(form)


def _version(recording: Recording, folder: str, number: int, content: Any = None) -> Any:
    (told,) = recording.answer(folder, number)["deployed_versions"]["results"]
    content = content or {"survey": [{"type": "text", "name": "q", "$xpath": "q"}]}
    return PracticeVersion(told["uid"], content, told["date_deployed"], told["date_modified"])


def _hooks(recording: Recording) -> PracticeServer:
    return serving()


def _later(server: PracticeServer, replay: Replay, recording: Recording) -> None:
    """Two minutes went by, in which the logs of the copied row were looked up."""
    server.skew_clock(timedelta(seconds=130))
    (form,) = server.forms.values()
    copied = replay.pairs.given[1229]
    for name, number in (("429", 87), ("refused", 93), ("404", 99)):
        (hook,) = [each for each in form.hooks.values() if each.name == name]
        (log,) = [each for each in hook.logs.values() if each.submission_id == copied]
        assert replay.pairs.pair(log.uid, recording.answer("08-hooks", number)["uid"])


def _repaired(server: PracticeServer, replay: Replay, recording: Recording) -> None:
    """The hook that had been refused with 429 was pointed at a healthy address."""
    (form,) = server.forms.values()
    (hook,) = [each for each in form.hooks.values() if each.name == "429"]
    healthy = hook.endpoint.replace("/hook/429", "/hook/ok?after429")
    server.change_hook(form.uid, hook.uid, endpoint=healthy)
    server.skew_clock(timedelta(seconds=500))


def _attachments(recording: Recording) -> PracticeServer:
    row = recording.row("12-attachments", 1)
    server = household_with(
        lambda recording: [each for each in rows_last(recording) if each["_id"] != 1225] + [row],
        "viewer",
    )(recording)
    sizes = {"image/png": 5151, "text/csv": 4}
    for stored in server.forms[HOUSEHOLD].stored():
        for file in stored.head["_attachments"]:
            content = b"a,b\n" if file["mimetype"] == "text/csv" else bytes(sizes["image/png"])
            server.forms[HOUSEHOLD].contents[file["uid"]] = content
    return server


def _repeats(recording: Recording) -> PracticeServer:
    told = recording.answer("15-special", 5)["asset"]
    newest, oldest = told["deployed_versions"]["results"]
    content = told["content"]
    repeats = [
        {"type": "begin_repeat", "$xpath": "kids"}, {"type": "end_repeat"},
        {"type": "begin_repeat", "$xpath": "one"}, {"type": "end_repeat"},
    ]  # fmt: skip
    old = {"survey": [*content["survey"], *repeats]}
    first = PracticeVersion(oldest["uid"], old, oldest["date_deployed"], oldest["date_modified"])
    draft = PracticeVersion(newest["uid"], content)
    return serving(form_of(told, versions=[first, draft]))


def _names(recording: Recording) -> PracticeServer:
    told = recording.answer("15-special", 15)
    version = _version(recording, "15-special", 15, told["content"])
    return serving(form_of(told, versions=[version]))


def _encrypted(recording: Recording) -> PracticeServer:
    told = recording.answer("15-special", 21)
    version = _version(recording, "15-special", 21)
    form = form_of(told, versions=[version], encrypted=True)
    form.last_submission_time = None
    return serving(form)


def _historic(recording: Recording) -> PracticeServer:
    """Entries that were listed whole: the deletions, the redeploys, what `validator` did."""
    server = household_with(rows_last, "viewer")(recording)
    lists = (recording.answer("09-history", number)["results"] for number in (10, 19, 8))
    entries = sorted(
        (entry for each in lists for entry in reversed(each)), key=lambda e: e["date_created"]
    )
    for entry in entries:
        told = entry["metadata"].get("submission", {})
        extra = {
            key: value for key, value in entry["metadata"].items() if key.startswith("latest_")
        }
        moment = datetime.fromisoformat(entry["date_created"])
        server.forms[HOUSEHOLD].history.append(
            Happened(
                entry["action"],
                entry["username"],
                moment,
                told.get("root_uuid", ""),
                told.get("submitted_by"),
                told.get("status"),
                extra,
            )
        )
    return server


def water(recording: Recording) -> PracticeServer:
    told = recording.answer("04-paging", 29)
    return serving(
        form_of(
            told, versions=[_version(recording, "04-paging", 29)], submissions=rows_water(recording)
        )
    )


def _nothing(recording: Recording) -> PracticeServer:
    return serving()


def _exported(recording: Recording) -> PracticeServer:
    """The rows while exports were made: after the deletions, before two more came in."""
    kept = {row["_id"] for row in rows_last(recording)} | {1152}
    server = household_with(
        lambda recording: [row for row in approved(recording) if row["_id"] in kept], "viewer"
    )(recording)
    moments = count()  # files are named by the second
    server.set_clock(lambda: DAY + timedelta(seconds=next(moments)))
    return server


def _ten_rows(server: PracticeServer, replay: Replay, recording: Recording) -> None:
    """Rows came in that are not recorded."""
    (uid,) = server.forms
    for _ in range(10):
        server.submit(uid, {})


def _nine_rows(server: PracticeServer, replay: Replay, recording: Recording) -> None:
    (uid,) = server.forms
    for _ in range(9):
        server.submit(uid, {})


def _public(server: PracticeServer, replay: Replay, recording: Recording) -> None:
    """The assignments were listed, which is not recorded."""
    ours = made_uid("p", 22, HOUSEHOLD, ANONYMOUS, "view_asset")
    assert replay.pairs.pair(ours, "pqAZwmWGvVaumLUsUX5Xbb")


CHAINS = [
    Chain(
        "a form is made, answered, changed twice",
        "03-submissions",
        [
            *(("02-forms", number) for number in (1, 2, 3, 6, 7, 8, 12)),
            *range(1, 18), ("02-forms", 19), ("02-forms", 22), 18,
            ("02-forms", 24), ("02-forms", 27), 19, 20,
        ],
        _nothing,
        {("02-forms", 19): _ten_rows, ("02-forms", 24): _nine_rows},
    ),
    Chain(
        "a form of which pages are read",
        "04-paging",
        [1, 2],
        _nothing,
    ),
    Chain("rows deleted between pages", "04-paging", [19, 24], water),
    Chain(
        "edits, bulk edits, copies",
        "05-edits",
        [*range(17, 56), *range(79, 85)],
        household_with(rows_first),
    ),
    Chain(
        "deletes",
        "06-deletes",
        range(1, 31),
        household_with(approved, "viewer", "editor"),
    ),
    Chain("deleting all, sending again", "06-deletes", range(31, 40), _confirmed),
    Chain(
        "statuses",
        "07-validation",
        range(1, 60),
        household_with(rows_special_edited, "viewer", "validator"),
    ),
    Chain("bulk statuses", "07-validation", range(60, 69), household_with(rows_last)),
    Chain(
        "hooks",
        "08-hooks",
        range(1, 108),
        _hooks,
        {86: _later, 104: _repaired},
    ),
    Chain(
        "sharing",
        "10-permissions",
        range(1, 76),
        _before_sharing,
        {73: _public},
    ),
    Chain(
        "history",
        "09-history",
        [8, 10, 11, 12, 13, 14, 16, 17, 19, 20, 21, 23, 24, 25, 27],
        _historic,
    ),
    Chain("files", "12-attachments", range(1, 36), _attachments),
    Chain(
        "lifecycle", "13-lifecycle", range(1, 49), _nothing, without=frozenset({19})
    ),
    Chain("exports", "11-exports", range(1, 97), _exported, without=frozenset({48})),
    Chain("repeats", "15-special", range(1, 10), _repeats),
    Chain("names and strangers", "15-special", range(10, 21), _names),
    Chain("encrypted", "15-special", range(21, 24), _encrypted),
    Chain("addresses", "15-special", range(24, 28), household_with(rows_last)),
]  # fmt: skip
