"""What is on a practice server, and what happens to its submissions.

Here: forms, accounts, the clock, and each thing that can happen to a submission, with the traces
that a real server leaves of it. Not here: what happens to a form as a whole (`lifecycle`), HTTP.

Every method takes the lock, so tests may call them from any thread while the server answers.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.accounts import PracticeUser
from meal_pipeline.practice.files import read_folder
from meal_pipeline.practice.forms import Happened, PracticeForm, root_uuid
from meal_pipeline.practice.openrosa import Sent
from meal_pipeline.practice.rows import (
    bulk_edited_row,
    duplicated_row,
    edited_row,
    flattened,
    made_uuid,
    new_row,
    replaced_row,
    with_old_manners,
)

PRACTICE_TOKEN = "practice" * 5
"""The token of the account `officer`, which exists where no users are given."""

STATUSES = {
    "validation_status_approved": "Approved",
    "validation_status_not_approved": "Not Approved",
    "validation_status_on_hold": "On Hold",
}
"""The validation statuses that there are, with their labels."""

OLD_PAGE = 30_000
"""The page of `/data/` on servers before March 2026, by default and at most."""

_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Forms, accounts and a clock; see `PracticeServer` for the arguments."""

    def __init__(
        self,
        forms: Iterable[PracticeForm] = (),
        users: Mapping[str, str | PracticeUser] | None = None,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        default_page: int | None = None,
        max_page: int | None = None,
        old: bool = False,
        date_modified: bool = False,
    ) -> None:
        self.forms = {form.uid: form for form in forms}
        self.users = {
            token: PracticeUser(user, token) if isinstance(user, str) else user
            for token, user in (users or {PRACTICE_TOKEN: "officer"}).items()
        }
        self.default_page = default_page or (OLD_PAGE if old else 100)
        self.max_page = max_page or (OLD_PAGE if old else 1000)
        self.old = old
        self.date_modified = date_modified
        self.late_rows = 0
        self.lock = RLock()
        self._seed = seed
        self._clock = clock
        self._ticks = self._serial = 0
        self._skew = timedelta()
        self._revoked: dict[str, PracticeUser] = {}
        self._last_id = max((form.last_id for form in self.forms.values()), default=0)

    # -- the clock ------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Tell the time, without moving it."""
        told = self._clock() if self._clock else _FIRST_MOMENT + timedelta(seconds=self._ticks)
        return told + self._skew

    def skew_clock(self, by: timedelta) -> None:
        """Let the server's clock go wrong by so much from now on (0 puts it right)."""
        with self.lock:
            self._skew = by

    def set_clock(self, clock: Callable[[], datetime] | None) -> None:
        """Let another clock tell the time from now on; None for the one that starts with 2026."""
        with self.lock:
            self._clock = clock

    def serial(self) -> int:
        """Give a number that was never given before, for ids."""
        self._serial += 1
        return self._serial

    def tick(self) -> datetime:
        """Move the clock by the second that one thing happening takes, and tell the time."""
        self._ticks += 1
        return self.now()

    def upgrade(self) -> None:
        """Turn an old server into one of today, between two requests; its rows stay as they are."""
        with self.lock:
            self.old, self.default_page, self.max_page = False, 100, 1000

    # -- accounts -------------------------------------------------------------------------------

    def revoke(self, token: str) -> None:
        """Make a token worthless, as when its owner asks for another one."""
        with self.lock:
            self._revoked[token] = self.users.pop(token)

    def reinstate(self, token: str) -> None:
        """Make a token good that was revoked."""
        with self.lock:
            self.users[token] = self._revoked.pop(token)

    # -- forms ----------------------------------------------------------------------------------

    def add(self, form: PracticeForm) -> PracticeForm:
        """Add a form."""
        with self.lock:
            self.forms[form.uid] = form
            self._last_id = max(self._last_id, form.last_id)
            return form

    def load(self, folder: Path) -> None:
        """Add the forms, submissions and users of a folder; see `files`."""
        users, forms = read_folder(folder)
        with self.lock:
            self.users |= users
            for form, submissions in forms:
                self.add(form)
                for submission in submissions:
                    self.submit(form.uid, **submission)

    def form(self, uid: str) -> PracticeForm:
        """Give a form; raise `MealError` when there is none."""
        if uid not in self.forms:
            raise MealError(_("The practice server has no form {uid}.").format(uid=uid))
        return self.forms[uid]

    # -- submissions ----------------------------------------------------------------------------

    def submit(
        self,
        form_uid: str,
        answers: Mapping[str, Any],
        *,
        version: str | None = None,
        submission_time: datetime | None = None,
        id: int | None = None,
        instance_uuid: str | None = None,
        submitted_by: str | None = None,
        held: bool = False,
    ) -> int:
        """Receive a submission and give its `_id`.

        `answers` by full group path; numbers become text, None and empty answers and wholly empty
        rows of repeats vanish. `version` is the version's uid, by default the one deployed. A row
        that is `held` has its `_id` and is seen only after `reveal`.
        """
        with self.lock:
            form = self.form(form_uid)
            identity = self._next_id(id)
            deployed = form.deployed
            received = submission_time or self.tick()
            form.last_submission_time = f"{received.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
            row = new_row(
                form,
                answers,
                identity=identity,
                version=version or (deployed.uid if deployed else None),
                uuid=instance_uuid or made_uuid(self._seed, form_uid, identity, 0),
                received=received,
                submitted_by=submitted_by,
            )
            self._arrived(form, row, by=submitted_by, held=held or self._is_late(identity))
            return identity

    def receive(self, form_uid: str, sent: Sent, *, submitted_by: str | None) -> int:
        """Receive a submission as a device sent it, and give its `_id`."""
        with self.lock:
            form, identity = self.form(form_uid), self._next_id(None)
            received = self.tick()
            form.last_submission_time = f"{received.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
            if sent.submission_date:  # its offset is dropped, not converted
                received = datetime.fromisoformat(sent.submission_date).replace(tzinfo=UTC)
            row = new_row(
                form,
                sent.answers,
                identity=identity,
                version=sent.version,
                uuid=sent.instance_uuid or made_uuid(self._seed, form_uid, identity, 0),
                received=received,
                submitted_by=submitted_by,
                formhub=sent.formhub_uuid is not None,
            )
            self._arrived(form, row, by=submitted_by, held=self._is_late(identity))
            return identity

    def edit_whole(self, form_uid: str, submission_id: int, sent: Sent, *, by: str | None) -> int:
        """Replace all answers of a submission by those of a document, and give its `_id`."""
        with self.lock:
            form = self.form(form_uid)
            row = self._row(form, submission_id)
            self.tick()
            edited = replaced_row(
                form,
                row,
                sent.answers,
                uuid=sent.instance_uuid or made_uuid(self._seed, form_uid, row["_uuid"]),
                version=sent.version,
                formhub=sent.formhub_uuid is not None,
            )
            self._touched(form, edited, "modify-submission", by=by)
            return submission_id

    def edit(
        self,
        form_uid: str,
        submission_id: int,
        changes: Mapping[str, Any],
        *,
        instance_uuid: str | None = None,
        version: str | None = None,
        by: str | None = None,
    ) -> str:
        """Edit a submission as its owner would in the web form, and give its new `_uuid`.

        A change to None removes the answer. `__version__` becomes the one deployed, unless
        `version` says otherwise. A status that the row has stays.
        """
        with self.lock:
            form = self.form(form_uid)
            row = self._row(form, submission_id)
            uuid = instance_uuid or made_uuid(self._seed, form_uid, submission_id, row["_uuid"])
            deployed = form.deployed
            used = version or (deployed.uid if deployed else None)
            self.tick()
            edited = edited_row(form, row, changes, uuid=uuid, version=used)
            self._touched(form, edited, "modify-submission", by=by)
            return uuid

    def bulk_edit(
        self,
        form_uid: str,
        submission_ids: Iterable[int],
        changes: Mapping[str, Any],
        *,
        by: str | None = None,
    ) -> list[str]:
        """Set answers in many submissions as the table of the web page does; give their new uuids.

        `__version__` stays, and a path that the row's version does not have is put in all the same.
        """
        with self.lock:
            form = self.form(form_uid)
            uuids = []
            for submission_id in submission_ids:
                row = self._row(form, submission_id)
                uuid = made_uuid(self._seed, form_uid, submission_id, row["_uuid"])
                self.tick()
                edited = bulk_edited_row(form, row, changes, uuid=uuid)
                self._touched(form, edited, "modify-submission", by=by)
                uuids.append(uuid)
            return uuids

    def delete(self, form_uid: str, *submission_ids: int, by: str | None = None) -> None:
        """Delete submissions; nothing of them remains but the day's count."""
        with self.lock:
            form = self.form(form_uid)
            rows = [self._row(form, submission_id) for submission_id in submission_ids]
            for row in rows:
                form.remove(row["_id"])
                self.happened(form, "delete-submission", by, row)

    def validate(
        self, form_uid: str, *submission_ids: int, status: str | None, by: str | None = None
    ) -> None:
        """Set the validation status: `approved`, `not_approved`, `on_hold`, None for none.

        The full `validation_status_…` does as well; what is no status clears it. `_uuid` stays.
        """
        uid = f"validation_status_{(status or '').removeprefix('validation_status_')}"
        with self.lock:
            form = self.form(form_uid)
            rows = [self._row(form, submission_id) for submission_id in submission_ids]
            for row in rows:
                moment = self.tick()
                row["_validation_status"] = {}
                if uid in STATUSES:
                    row["_validation_status"] = {
                        "timestamp": int(moment.timestamp()),
                        "uid": uid,
                        "by_whom": by or form.owner,
                        "label": STATUSES[uid],
                    }
                self._touched(
                    form, row, "modify-submission", by=by, status=STATUSES.get(uid, "None")
                )

    def duplicate(
        self,
        form_uid: str,
        submission_id: int,
        *,
        instance_uuid: str | None = None,
        by: str | None = None,
    ) -> int:
        """Copy a submission as the web page does, and give the `_id` of the copy."""
        with self.lock:
            form = self.form(form_uid)
            row = self._row(form, submission_id)
            identity, moment = self._next_id(None), self.tick()
            uuid = instance_uuid or made_uuid(self._seed, form_uid, identity, 0)
            copy = duplicated_row(row, identity=identity, uuid=uuid, moment=moment)
            copy["_submitted_by"] = by or form.owner
            self._arrived(form, copy, by=by)
            return identity

    def reveal(self, form_uid: str, *submission_ids: int) -> None:
        """Let rows be seen that were held; without ids, all of them."""
        with self.lock:
            form = self.form(form_uid)
            for submission_id in submission_ids or form.held:
                form.reveal(submission_id)

    # -- what each of these has in common -------------------------------------------------------

    def happened(
        self,
        form: PracticeForm,
        action: str,
        by: str | None,
        row: Mapping[str, Any] | None = None,
        *,
        status: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the history of a form."""
        subject, sender = (root_uuid(row), row.get("_submitted_by")) if row else ("", None)
        entry = Happened(action, by or form.owner, self.now(), subject, sender, status, extra)
        form.history.append(entry)

    def created(self, form: PracticeForm, row: Mapping[str, Any]) -> None:
        """Do what follows when a submission is new; nothing here, hooks in `PracticeServer`."""

    def _is_late(self, identity: int) -> bool:
        return self.late_rows > 0 and identity % 3 == 0

    def _next_id(self, wanted: int | None) -> int:
        identity = wanted if wanted is not None else self._last_id + 1
        self._last_id = max(self._last_id, identity)
        return identity

    def _row(self, form: PracticeForm, submission_id: int) -> dict[str, Any]:
        stored = form.get(submission_id)
        if stored is None:
            raise MealError(
                _("The practice server has no submission {id} of form {uid}.").format(
                    id=submission_id, uid=form.uid
                )
            )
        return stored.row()

    def _arrived(
        self, form: PracticeForm, row: dict[str, Any], *, by: str | None, held: bool = False
    ) -> None:
        if self.old:
            row = with_old_manners(form, row)
        row = self._rebuilt(form, row)
        if held:
            form.hold(row)
        else:
            form.put(row)
        waiting = form.held
        if self.late_rows and waiting and row["_id"] >= waiting[0] + self.late_rows:
            form.reveal(waiting[0])
        self.happened(form, "add-submission", by or row["_submitted_by"], row)
        self.created(form, row)

    def _touched(
        self,
        form: PracticeForm,
        row: dict[str, Any],
        action: str,
        *,
        by: str | None,
        status: str | None = None,
    ) -> None:
        form.put(self._rebuilt(form, row))
        self.happened(form, action, by, row, status=status)

    def _rebuilt(self, form: PracticeForm, row: dict[str, Any]) -> dict[str, Any]:
        """Give the row as the current form makes it, with the moment when the switch is on."""
        if removed := form.removed_repeats:
            row = flattened(row, removed)
        if self.date_modified:
            row["_date_modified"] = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return row
