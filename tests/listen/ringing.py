"""A workspace with secrets, and its receiver on a real port in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from meal_pipeline.listen.door import HEADER
from meal_pipeline.workspace import Workspace, init_workspace
from meal_pipeline.workspace.hook_secrets import secret_variable

SECRET = "a-long-random-word"
PROJECT = """\
code: {code}
name: {{en: Water}}
server: http://127.0.0.1:1
forms:
  home: {{uid: aHome00000000000000001}}
"""


def office(root: Path, *codes: str) -> Workspace:
    """Make a workspace with these projects."""
    workspace, _phrase = init_workspace(root)
    for code in codes:
        file = workspace.root / "projects" / code / "project.yaml"
        file.parent.mkdir()
        file.write_text(PROJECT.format(code=code), "utf-8")
    return workspace


@dataclass
class Receiver:
    """A running `meal serve`."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def receiver(workspace: Workspace, *codes: str) -> Iterator[Receiver]:
    """Run `meal serve` on a free port; the secret of each project is SECRET."""
    secrets = {secret_variable(code): SECRET for code in codes}
    command = [sys.executable, "-m", "meal_pipeline.cli", "--workspace", str(workspace.root)]
    with subprocess.Popen(
        [*command, "--lang", "en", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **secrets, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            running = Receiver(process.stdout.readline().split()[-1], process)
            ready(running.url)
            yield running
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)


def ready(url: str) -> None:
    """Wait until it answers."""
    with httpx.Client(transport=httpx.HTTPTransport(retries=5), trust_env=False) as client:
        assert client.get(f"{url}/health", timeout=30).status_code == 200


def caller() -> httpx.Client:
    """A client that shows the secret, as KoboToolbox does."""
    return httpx.Client(headers={HEADER: SECRET}, timeout=30, trust_env=False)
