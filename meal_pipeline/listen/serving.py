"""The receiver on a port, for one workspace.

Here: opening the port, running until it is stopped, ending gracefully. Not here: what is answered
(`receiver`).
"""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn

from meal_pipeline.errors import MealError
from meal_pipeline.listen.receiver import listen_app
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.hook_secrets import hook_secret

PORT = 8790
_CONNECTIONS = 1000
_END_SECONDS = 15


class PortTaken(MealError):
    """The receiver's port cannot be opened."""


def project_secrets(workspace: Workspace) -> dict[str, str]:
    """Give the secret of each project that is declared now and has one.

    A project whose file has a fault at the moment is still listened to, by its folder's name.
    """
    projects = workspace.projects()
    codes = [*projects, *(file.parent.name for file in projects.faults)]
    found = ((code, hook_secret(workspace, code)) for code in codes)
    return {code: secret for code, secret in found if secret}


def serve(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    ready: Callable[[str], None] = print,
) -> None:
    """Listen until SIGINT or SIGTERM; deliveries that are being taken are then finished.

    `ready` hears the address. Raises PortTaken, StoreUnreachable and StoreIsNewer.
    """
    with _opened(host, port) as listening, _ended_by_signals():
        store = workspace.open_store()
        store.engine.dispose()  # later connections get the writer's settings
        try:
            app = listen_app(store, lambda: project_secrets(workspace))
            settings = uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                server_header=False,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_END_SECONDS,
            )
            shown = f"[{host}]" if ":" in host else host
            ready(f"http://{shown}:{listening.getsockname()[1]}")
            uvicorn.Server(settings).run(sockets=[listening])
        finally:
            store.close()


@contextmanager
def _opened(host: str, port: int) -> Iterator[socket.socket]:
    """Open the port; calls wait in it until the receiver runs."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    with listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise PortTaken(
                _("{host} port {port} cannot be used: it is taken or not allowed.").format(
                    host=host, port=port
                ),
                next_step=f"meal serve --port {port + 1}",
            ) from error
        listening.listen(_CONNECTIONS)
        yield listening


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl+C does, once uvicorn has ended its work."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
