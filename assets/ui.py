"""Dagster's pages on a workspace, as `meal ui` opens them.

Here: starting code server, web server and daemon, watching over them, and ending all of them. Not
here: what they show. The code server comes first; the other two share it, so that one reload is
seen by both.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import orjson
from dagster._grpc.client import DagsterGrpcClient

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.workspace import VARIABLE

from .instance import open_instance
from .partitions import register_projects
from .reload import LOCATION, address_file, is_of, running_at

_START_SECONDS = 120
_END_SECONDS = 15


class UiFailed(MealError):
    """Dagster's pages could not be opened, or one of its processes ended."""


def serve_ui(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 3000,
    tell: Callable[[str], None] = print,
) -> None:
    """Open Dagster on the workspace and stay until Ctrl+C or SIGTERM.

    `tell` hears one line once the pages answer. Raises UiFailed when the port is taken, when it is
    open already, or when one of the processes ends by itself.
    """
    if url := running_at(workspace):
        raise UiFailed(
            _("Dagster is open on this workspace already: {url}").format(url=url),
            next_step=_("Use that page, or end it first."),
        )
    _refuse_taken(host, port)
    with open_instance(workspace) as instance:
        register_projects(instance, list(workspace.projects()))
    url = f"http://{_name(host)}:{port}"
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        logs = workspace.dagster_home / "logs"
        logs.mkdir(exist_ok=True)
        processes = _Processes(logs, _environment(workspace))
        stack.callback(processes.end)
        code_port = _free_port()
        processes.start("code", ["dagster", "code-server", "start", *_code(code_port)])
        processes.wait_for(lambda: _serves(code_port))
        locations = workspace.dagster_home / "workspace.yaml"
        locations.write_text(
            "load_from:\n"
            f"  - grpc_server: {{host: 127.0.0.1, port: {code_port}, location_name: {LOCATION}}}\n",
            encoding="utf-8",
        )
        shared = ["-w", str(locations)]
        processes.start("web", ["dagster_webserver", "-h", host, "-p", str(port), *shared])
        processes.start("daemon", ["dagster._daemon", "run", "--log-level", "warning", *shared])
        processes.wait_for(lambda: is_of(workspace, url))
        note = address_file(workspace)
        note.write_bytes(orjson.dumps({"url": url}))
        stack.callback(note.unlink, missing_ok=True)
        tell(_("Dagster is open: {url}   (stop it with Ctrl+C)").format(url=url))
        processes.watch()


class _Processes:
    """The processes of one Dagster, in the order of their start."""

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, module: list[str]) -> None:
        """Start a Python module with its log in a file; a Ctrl+C is for us to pass on."""
        with (self._logs / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *module],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait until `ready`; raise UiFailed where a process ends or it takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while not ready():
            self._check()
            if time.monotonic() > deadline:
                raise UiFailed(
                    _("Dagster did not start in {n} seconds.").format(n=_START_SECONDS),
                    next_step=_("Look into {folder}.").format(folder=self._logs),
                )
            time.sleep(0.2)

    def watch(self) -> None:
        """Wait until interrupted; raise UiFailed where a process ends by itself."""
        with suppress(KeyboardInterrupt):
            while True:
                self._check()
                time.sleep(1)

    def _check(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise UiFailed(
                    _("A process of Dagster ended by itself ({name}).").format(name=name),
                    next_step=_("Look into {folder}.").format(folder=self._logs / f"{name}.log"),
                )

    def end(self) -> None:
        """End all, the last started first; one that does not listen is killed."""
        for process in reversed(self._running.values()):
            with suppress(OSError):
                process.send_signal(
                    signal.SIGINT if os.name == "posix" else signal.CTRL_BREAK_EVENT  # type: ignore[attr-defined,unused-ignore]
                )
        deadline = time.monotonic() + _END_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(workspace: Workspace) -> dict[str, str]:
    return {
        **os.environ,
        "DAGSTER_HOME": str(workspace.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        VARIABLE: str(workspace.root),
    }


def _code(port: int) -> list[str]:
    """Give what the code server loads: this package, whichever name it has here."""
    package = str(__package__)
    root = Path(__file__).parents[len(package.split("."))]
    return [
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--module-name", package, "--working-directory", str(root)),
        *("--location-name", LOCATION, "--startup-timeout", str(_START_SECONDS)),
    ]


def _serves(port: int) -> bool:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return False
    client = DagsterGrpcClient(host="127.0.0.1", port=port)
    return str(client.health_check_query()) == "SERVING"  # type: ignore[no-untyped-call]


def _name(host: str) -> str:
    """Give the name by which a browser on this machine reaches `host`."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UiFailed(
                _("{host} port {port} cannot be used: it is taken or not allowed.").format(
                    host=host, port=port
                ),
                next_step=f"meal ui --port {port + 1}",
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl+C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
