"""A world whose forms tell other servers what comes in, and that can go wrong.

Here: hooks set up, changed, fired and retried; trouble switched on and off. Not here: the sending
itself (`hooks`), the spoiling itself (`faults`), the routes (`hook_routes`, `control_routes`).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import orjson

from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.data import shown
from meal_pipeline.practice.faults import Fault, FaultList
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.hooks import (
    PENDING,
    WAITS,
    Deliveries,
    Delivery,
    Hook,
    HookLog,
    new_log,
)
from meal_pipeline.practice.lifecycle import Lifecycle
from meal_pipeline.practice.troubles import CLOCK_SKEW, named_trouble


class Services(Lifecycle):
    """`hook_waits` are the seconds between tries; `url` is where the server is found."""

    def __init__(self, *args: Any, hook_waits: Sequence[float] = WAITS, **more: Any) -> None:
        super().__init__(*args, **more)
        self.url = ""
        self.hook_waits = tuple(hook_waits)
        self.faults = FaultList()
        self._deliveries = Deliveries(self.now, lambda: self.url.partition("//")[2] or "practice")

    def add_hook(
        self, form_uid: str, *, by: str | None = None, name: str, endpoint: str, **more: Any
    ) -> Hook:
        """Set up a hook; `more` are fields of `hooks.Hook`."""
        with self.lock:
            form = self.form(form_uid)
            uid = made_uid("h", 22, self._seed, form_uid, self.serial())
            hook = form.hooks[uid] = Hook(uid, name, endpoint, self.tick(), **more)
            self._noted(form, "register-service", by, hook)
            return hook

    def change_hook(self, form_uid: str, uid: str, *, by: str | None = None, **more: Any) -> None:
        """Change fields of a hook."""
        with self.lock:
            form = self.form(form_uid)
            hook = form.hooks[uid]
            for name, value in more.items():
                setattr(hook, name, value)
            hook.moment = self.tick()
            self._noted(form, "modify-service", by, hook)

    def remove_hook(self, form_uid: str, uid: str, *, by: str | None = None) -> None:
        """Remove a hook with its logs."""
        with self.lock:
            form = self.form(form_uid)
            self._noted(form, "delete-service", by, form.hooks.pop(uid))

    def settle_hooks(self, timeout: float = 10.0) -> bool:
        """Wait until every delivery is over, retries included; tell whether that came about."""
        return self._deliveries.settle(timeout)

    def close_hooks(self) -> None:
        """End the threads that send; a later submission starts them again."""
        self._deliveries.close()

    def created(self, form: PracticeForm, row: Mapping[str, Any]) -> None:
        """Fire the hooks of the form: each once for a submission, and never for its edits."""
        for hook in form.hooks.values():
            if hook.active:
                log = new_log(hook, row["_id"], self.now())
                self._deliveries.add(self._delivery(form, hook, log, self.hook_waits))

    def queue_again(self, form_uid: str, hook_uid: str, log_uid: str) -> None:
        """Send a delivery once more, in the background."""
        with self.lock:
            form = self.form(form_uid)
            hook = form.hooks[hook_uid]
            log = hook.logs[log_uid]
            log.status = PENDING
            self._deliveries.add(self._delivery(form, hook, log, ()))

    def send_again(self, form_uid: str, hook_uid: str, log_uid: str) -> None:
        """Send a delivery once more and wait for the answer; takes no lock while it waits."""
        form = self.form(form_uid)
        hook = form.hooks[hook_uid]
        self._deliveries.send(self._delivery(form, hook, hook.logs[log_uid], ()))

    # -- trouble --------------------------------------------------------------------------------

    def fault(self, path_prefix: str, **trouble: Any) -> None:
        """Spoil the next answer for paths that begin so; `trouble` as in `faults.Fault`."""
        self.faults.add(Fault(path_prefix, **trouble))

    def trouble(self, kind: str, value: float | None = None, **limits: Any) -> None:
        """Switch on one of the named `troubles.KINDS`; `limits` are its `path`, `times`, `skip`.

        `clock-skew` and `late-rows` change the server, the others spoil its answers.
        """
        made = named_trouble(kind, value, **limits)
        if isinstance(made, Fault):
            self.faults.add(made)
        elif kind == CLOCK_SKEW:
            self.skew_clock(timedelta(seconds=made))
        else:
            self.late_rows = int(made)

    def clear_faults(self) -> None:
        """Spoil nothing more, and put the clock right; rows that were late stay held."""
        self.faults.clear()
        self.skew_clock(timedelta())
        self.late_rows = 0

    def _delivery(
        self, form: PracticeForm, hook: Hook, log: HookLog, waits: Sequence[float]
    ) -> Delivery:
        return Delivery(hook, log, partial(self._current, form, log.submission_id), waits)

    def _current(self, form: PracticeForm, submission_id: int) -> dict[str, Any] | None:
        """Give the row as it is now, which is what a retry sends."""
        with self.lock:
            stored = form.get(submission_id)
            if stored is None:
                return None
            row: dict[str, Any] = orjson.loads(shown(stored, None, form, self.url, old=self.old))
            return row

    def _noted(self, form: PracticeForm, action: str, by: str | None, hook: Hook) -> None:
        told = {"uid": hook.uid, "active": hook.active, "endpoint": hook.endpoint}
        self.happened(form, action, by, extra={"hook": told})
