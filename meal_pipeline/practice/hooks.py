"""REST services: what a form sends to whom when a submission comes in.

Here: hooks with their logs, what is sent, and the thread that sends it. Not here: the routes
(`hook_routes`), when something is sent (`world`: on creation only).
"""

import base64
import queue
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import orjson

from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.documents import written

FAILED, PENDING, SUCCESS = 0, 1, 2
RETRIED = frozenset({502, 503, 504})
"""The answers after which KoboToolbox tries again; everything else is a failure at once."""

WAITS = (60.0, 120.0, 240.0, 480.0)
"""Seconds between the five tries of one delivery."""

_TIMEOUT = 30.0
_PLACEHOLDER = "%SUBMISSION%"
_STATES = {FAILED: "failed", PENDING: "pending", SUCCESS: "success"}


@dataclass
class HookLog:
    """One delivery of one submission."""

    uid: str
    submission_id: int
    moment: datetime
    tries: int = 0
    status: int = PENDING
    status_code: int | None = None
    message: str = ""

    @property
    def state(self) -> str:
        """The status in a word."""
        return _STATES[self.status]


@dataclass
class Hook:
    """A hook as it was set up; `logs` by uid, the oldest first."""

    uid: str
    name: str
    endpoint: str
    moment: datetime
    active: bool = True
    export_type: str = "json"
    auth_level: str = "no_auth"
    settings: Mapping[str, Any] = field(default_factory=dict)
    subset_fields: Sequence[str] = ()
    payload_template: str | None = None
    email_notification: bool = True
    logs: dict[str, HookLog] = field(default_factory=dict)

    def count(self, status: int) -> int:
        """Count the deliveries in a status."""
        return sum(log.status == status for log in self.logs.values())

    def headers(self, host: str) -> dict[str, str]:
        """Give the headers of a call; without user name and password it signs in as None:None."""
        kind = "json" if self.export_type == "json" else "xml"
        headers = {
            "user-agent": f"KoboToolbox external service - {host} #{self.uid}",
            "content-type": f"application/{kind}",
            **{str(key): str(value) for key, value in self._custom_headers().items()},
        }
        if self.auth_level == "basic_auth":
            pair = f"{self.settings.get('username')}:{self.settings.get('password')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return headers

    def _custom_headers(self) -> Mapping[str, Any]:
        return self.settings.get("custom_headers") or {}

    def payload(self, row: Mapping[str, Any]) -> bytes:
        """Give what is sent for a row: cut to `subset_fields`, put into the template."""
        chosen = dict(row)
        if self.subset_fields:
            names = "|".join(re.escape(name) for name in self.subset_fields)
            wanted = re.compile(rf"(^|/)({names})(/|$)")
            chosen = {key: value for key, value in row.items() if wanted.search(key)}
        if self.export_type == "xml":
            return written(str(row["_xform_id_string"]), chosen)
        body = orjson.dumps(chosen)
        if self.payload_template:
            return self.payload_template.replace(_PLACEHOLDER, body.decode()).encode()
        return body


@dataclass
class Delivery:
    """One try to be made: `row` gives the current row or None; `waits` are the pauses left."""

    hook: Hook
    log: HookLog
    row: Callable[[], Mapping[str, Any] | None]
    waits: Sequence[float]


class Deliveries:
    """Sends in the background, two at once; `now` tells the moment for the logs."""

    def __init__(self, now: Callable[[], datetime], host: Callable[[], str]) -> None:
        self._now = now
        self._host = host
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._outstanding = 0
        self._threads: list[threading.Thread] = []

    def add(self, delivery: Delivery, wait: float = 0.0) -> None:
        """Send it after `wait` seconds."""
        with self._changed:
            self._outstanding += 1
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name="practice-hooks", daemon=True)
                    for _ in range(2)
                ]
                for thread in self._threads:
                    thread.start()
        if wait:
            timer = threading.Timer(wait, self._queue.put, (delivery,))
            timer.daemon = True
            timer.start()
        else:
            self._queue.put(delivery)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is left to be sent; tell whether that came about."""
        with self._changed:
            return self._changed.wait_for(lambda: self._outstanding == 0, timeout)

    def close(self) -> None:
        """End the threads; what waits for its next try is forgotten."""
        with self._changed:
            for _ in self._threads:
                self._queue.put(None)
            self._threads = []

    def _work(self) -> None:
        while (delivery := self._queue.get()) is not None:
            try:
                self.send(delivery)
            finally:
                with self._changed:
                    self._outstanding -= 1
                    self._changed.notify_all()

    def send(self, delivery: Delivery) -> None:
        """Make one try now, and note how it went; a retry is put into the queue."""
        hook, log, row = delivery.hook, delivery.log, delivery.row()
        log.tries += 1
        if row is None:
            log.status, log.status_code = FAILED, None
            log.message = "Submission has been deleted"
        else:
            self._call(hook, log, row)
        log.moment = self._now()
        if log.status == FAILED and log.status_code in RETRIED and delivery.waits:
            log.status = PENDING
            wait, *rest = delivery.waits
            self.add(Delivery(hook, log, delivery.row, rest), wait)

    def _call(self, hook: Hook, log: HookLog, row: Mapping[str, Any]) -> None:
        # A redirect is followed as a GET without the body, and booked as a success.
        try:
            with httpx.Client(timeout=_TIMEOUT, follow_redirects=True, trust_env=False) as client:
                headers = hook.headers(self._host())
                answer = client.post(hook.endpoint, content=hook.payload(row), headers=headers)
        except httpx.ReadTimeout as error:
            log.status, log.status_code, log.message = FAILED, 504, str(error) or "Read timed out."
        except httpx.HTTPError as error:
            log.status, log.status_code, log.message = FAILED, None, str(error)
        else:
            log.status = SUCCESS if answer.is_success else FAILED
            log.status_code, log.message = answer.status_code, answer.text


def new_log(hook: Hook, submission_id: int, moment: datetime) -> HookLog:
    """Open the log of a delivery."""
    uid = made_uid("hl", 23, hook.uid, submission_id, len(hook.logs))
    log = hook.logs[uid] = HookLog(uid, submission_id, moment)
    return log
