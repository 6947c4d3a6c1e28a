"""The practice server: a KoboToolbox look-alike in memory, on a real port.

Here: making forms and submissions happen from Python, and running the server. Not here: what it
answers (`app`), folders of example data (`files`).
"""

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock, Thread
from types import TracebackType
from typing import Any, Self

import uvicorn

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.accounts import PracticeUser
from meal_pipeline.practice.app import practice_app
from meal_pipeline.practice.faults import Fault, Faults
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion
from meal_pipeline.practice.rows import edited_row, made_uuid, new_row

PRACTICE_TOKEN = "practice" * 5
"""The token of the account `officer`, which exists where no users are given."""

_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class PracticeServer:
    """A server with forms; use it in a `with` block, or `start` and `stop` it.

    `users` maps tokens to user names or `PracticeUser`s. Ids, uuids and times are the same whenever
    the same things happen in the same order; `seed` gives other uuids. `clock` tells the time; by
    default it starts with 2026 and advances one second each time something happens. `default_page`
    and `max_page` are the page sizes of `/data/` (100 and 1000 on servers since March 2026).
    """

    def __init__(
        self,
        forms: Iterable[PracticeForm] = (),
        users: Mapping[str, str | PracticeUser] | None = None,
        *,
        seed: int = 0,
        clock: Callable[[], datetime] | None = None,
        default_page: int = 100,
        max_page: int = 1000,
    ) -> None:
        self.forms = {form.uid: form for form in forms}
        self.users = {
            token: PracticeUser(user, token) if isinstance(user, str) else user
            for token, user in (users or {PRACTICE_TOKEN: "officer"}).items()
        }
        self.default_page = default_page
        self.max_page = max_page
        self.lock = RLock()
        self._seed = seed
        self._clock = clock
        self._ticks = 0
        self._last_id = max((form.last_id for form in self.forms.values()), default=0)
        self._faults = Faults(practice_app(self))
        self._running: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self.url = ""

    # -- what happens ---------------------------------------------------------------------------

    def now(self) -> datetime:
        """Tell the time, without moving it."""
        return self._clock() if self._clock else _FIRST_MOMENT + timedelta(seconds=self._ticks)

    def _tick(self) -> datetime:
        self._ticks += 1
        return self.now()

    def add(self, form: PracticeForm) -> PracticeForm:
        """Add a form."""
        with self.lock:
            self.forms[form.uid] = form
            self._last_id = max(self._last_id, form.last_id)
            return form

    def load(self, folder: Path) -> None:
        """Add the forms, submissions and users of a folder; see `files.load`."""
        from meal_pipeline.practice.files import load

        load(self, folder)

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
    ) -> int:
        """Receive a submission and give its `_id`.

        `answers` by full group path; numbers become text, None and empty answers and wholly empty
        rows of repeats vanish. `version` is the version's uid, by default the one deployed.
        """
        with self.lock:
            form = self._form(form_uid)
            identity = id if id is not None else self._last_id + 1
            self._last_id = max(self._last_id, identity)
            deployed = form.deployed
            received = submission_time or self._tick()
            form.last_submission_time = f"{received.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
            form.put(
                new_row(
                    form,
                    answers,
                    identity=identity,
                    version=version or (deployed.uid if deployed else None),
                    uuid=instance_uuid or made_uuid(self._seed, form_uid, identity, 0),
                    received=received,
                    submitted_by=submitted_by,
                )
            )
            return identity

    def edit(
        self,
        form_uid: str,
        submission_id: int,
        changes: Mapping[str, Any],
        *,
        instance_uuid: str | None = None,
        version: str | None = None,
    ) -> str:
        """Edit a submission as its owner would in the web form, and give its new `_uuid`.

        A change to None removes the answer. `__version__` becomes the one deployed, unless
        `version` says otherwise.
        """
        with self.lock:
            form = self._form(form_uid)
            row = self._stored(form, submission_id)
            uuid = instance_uuid or made_uuid(self._seed, form_uid, submission_id, row["_uuid"])
            deployed = form.deployed
            used = version or (deployed.uid if deployed else None)
            form.put(edited_row(form, row, changes, uuid=uuid, version=used))
            return uuid

    def delete(self, form_uid: str, submission_id: int) -> None:
        """Delete a submission; nothing of it remains."""
        with self.lock:
            form = self._form(form_uid)
            self._stored(form, submission_id)
            form.remove(submission_id)

    def deploy(self, form_uid: str, content: Mapping[str, Any], version: str) -> None:
        """Deploy a new version of a form."""
        with self.lock:
            moment = f"{self._tick():%Y-%m-%dT%H:%M:%S.%fZ}"
            self._form(form_uid).versions.append(
                PracticeVersion(version, content, deployed_at=moment, modified_at=moment)
            )

    def draft(self, form_uid: str, content: Mapping[str, Any], version: str) -> None:
        """Save a new version of a form without deploying it."""
        with self.lock:
            moment = f"{self._tick():%Y-%m-%dT%H:%M:%S.%fZ}"
            self._form(form_uid).versions.append(
                PracticeVersion(version, content, modified_at=moment)
            )

    def fault(self, path_prefix: str, **trouble: Any) -> None:
        """Spoil the next answer for paths that begin so; `trouble` as in `faults.Fault`."""
        self._faults.add(Fault(path_prefix, **trouble))

    def clear_faults(self) -> None:
        """Spoil nothing more."""
        self._faults.clear()

    def _form(self, uid: str) -> PracticeForm:
        if uid not in self.forms:
            raise MealError(_("The practice server has no form {uid}.").format(uid=uid))
        return self.forms[uid]

    def _stored(self, form: PracticeForm, submission_id: int) -> dict[str, Any]:
        stored = form.get(submission_id)
        if stored is None:
            raise MealError(
                _("The practice server has no submission {id} of form {uid}.").format(
                    id=submission_id, uid=form.uid
                )
            )
        return stored.row()

    # -- running --------------------------------------------------------------------------------

    @property
    def app(self) -> Faults:
        """The ASGI application."""
        return self._faults

    def _server(self) -> uvicorn.Server:
        return uvicorn.Server(
            uvicorn.Config(
                self._faults,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve from a thread of its own and give the address; port 0 takes a free one."""
        listening = _listen(host, port)
        self.url = f"http://{host}:{listening.getsockname()[1]}"
        self._running = self._server()
        self._thread = Thread(
            target=self._running.run, args=([listening],), name="practice", daemon=True
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        """End what `start` began."""
        if self._running and self._thread:
            self._running.should_exit = True
            self._thread.join()
            self._running = self._thread = None

    def serve_forever(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ready: Callable[[str], None] = lambda url: None,
    ) -> None:
        """Serve until interrupted; `ready` is called with the address first."""
        listening = _listen(host, port)
        self.url = f"http://{host}:{listening.getsockname()[1]}"
        ready(self.url)
        self._server().run([listening])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    """Listen before the server runs, so that its address answers at once.

    The protocol is named because asyncio switches off Nagle's algorithm only then; without it
    every answer waits 40 ms for an acknowledgement.
    """
    listening = None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _name, address = found[0]
        listening = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        if listening:
            listening.close()
        raise MealError(
            _("Port {port} of {host} is in use or not allowed.").format(port=port, host=host),
            next_step=_("Choose another port, or 0 for any free one."),
        ) from None
    return listening
