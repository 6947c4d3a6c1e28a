"""The practice server: a KoboToolbox look-alike in memory, on a real port.

Here: trouble on demand, and running the server. Not here: what happens on it (`world`,
`lifecycle`), what it answers (`app`), folders of example data (`files`).
"""

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.app import practice_app
from meal_pipeline.practice.faults import Fault, Faults
from meal_pipeline.practice.lifecycle import Lifecycle
from meal_pipeline.practice.troubles import CLOCK_SKEW, named_trouble


class PracticeServer(Lifecycle):
    """A server with forms; use it in a `with` block, or `start` and `stop` it.

    `users` maps tokens to user names or `PracticeUser`s. Ids, uuids and times are the same whenever
    the same things happen in the same order; `seed` gives other uuids. `clock` tells the time; by
    default it starts with 2026 and advances one second each time something happens. `default_page`
    and `max_page` are the page sizes of `/data/` (100 and 1000 on servers since March 2026). An
    `old` server has pages of 30 000, and its rows no root uuid and two version keys; with
    `date_modified` rows carry `_date_modified`, which KoboToolbox has only as a proposal. Both may
    be switched later, as when a server is upgraded; rows that are there stay as they are.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._faults = Faults(practice_app(self))
        self._running: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self.url = ""

    # -- trouble --------------------------------------------------------------------------------

    def fault(self, path_prefix: str, **trouble: Any) -> None:
        """Spoil the next answer for paths that begin so; `trouble` as in `faults.Fault`."""
        self._faults.add(Fault(path_prefix, **trouble))

    def trouble(self, kind: str, value: float | None = None, **limits: Any) -> None:
        """Switch on one of the named `troubles.KINDS`; `limits` are its `path`, `times`, `skip`.

        `clock-skew` and `late-rows` change the server, the others spoil its answers.
        """
        made = named_trouble(kind, value, **limits)
        if isinstance(made, Fault):
            self._faults.add(made)
        elif kind == CLOCK_SKEW:
            self.skew_clock(timedelta(seconds=made))
        else:
            self.late_rows = int(made)

    def clear_faults(self) -> None:
        """Spoil nothing more, and put the clock right; rows that were late stay held."""
        self._faults.clear()
        self.skew_clock(timedelta())
        self.late_rows = 0

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
