"""The practice server: a KoboToolbox look-alike in memory, on a real port.

Here: running the server. Not here: what happens on it (`world`,
`lifecycle`, `services`), what it answers (`app`), folders of example data (`files`).
"""

import os
import socket
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.app import practice_app
from meal_pipeline.practice.faults import Faults
from meal_pipeline.practice.services import Services


class PracticeServer(Services):
    """A server with forms; use it in a `with` block, or `start` and `stop` it.

    `users` maps tokens to user names or `PracticeUser`s. Ids, uuids and times are the same whenever
    the same things happen in the same order; `seed` gives other uuids. `clock` tells the time; by
    default it starts with 2026 and advances one second each time something happens. `default_page`
    and `max_page` are the page sizes of `/data/` (100 and 1000 on servers since March 2026). An
    `old` server has pages of 30 000, and its rows no root uuid and two version keys; with
    `date_modified` rows carry `_date_modified`, which KoboToolbox has only as a proposal. Both may
    be switched later, as when a server is upgraded; rows that are there stay as they are.
    `hook_waits` are the seconds between the tries of a hook.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._app = Faults(practice_app(self), self.faults)
        self._running: uvicorn.Server | None = None
        self._thread: Thread | None = None

    # -- running --------------------------------------------------------------------------------

    @property
    def app(self) -> Faults:
        """The ASGI application."""
        return self._app

    def _server(self) -> uvicorn.Server:
        return uvicorn.Server(
            uvicorn.Config(
                self._app,
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
        self.close_hooks()

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
