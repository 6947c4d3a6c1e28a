"""What assets work with: the workspace, its store and key, the way to servers, the lease.

Here: opening and closing, once a run. Not here: what is done with them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import dagster as dg

from meal_pipeline.kobo import KoboClient
from meal_pipeline.locale import current_language
from meal_pipeline.store import Store, lease
from meal_pipeline.workspace import Workspace, WorkspaceKey, check_key, token_for
from meal_pipeline.workspace.project import Project

from .partitions import PROJECT_TAG

Connect = Callable[[str, str], KoboClient]
"""Give a client for a project's code and a server's address."""
Progress = Callable[[str, str], None]
"""Called with a stage and a few words on how far it is."""

WAIT_SECONDS = 300.0
"""How long a run that nobody watches waits for another run of its project."""


@dataclass
class Rooms:
    """What one run works with; `reports` gathers what each stage said, by its name."""

    workspace: Workspace
    store: Store
    key: WorkspaceKey
    connect: Connect
    progress: Progress
    language: str
    reports: dict[str, Any] = field(default_factory=dict)
    _projects: dict[str, Project] = field(default_factory=dict)

    def project(self, code: str) -> Project:
        """Give the project as its file declared it when the run first asked: one for all stages."""
        if code not in self._projects:
            self._projects[code] = self.workspace.project(code)
        return self._projects[code]

    def clock(self) -> datetime:
        """Tell the time, in UTC."""
        return datetime.now(UTC)


OpenRooms = Callable[[], Rooms]
"""What the resource `rooms` is: call it, and the workspace is open until the run ends."""


def connect(project: str, server: str) -> KoboClient:
    """Give a client with the project's own token."""
    return KoboClient(server, token_for(project, server))


def quiet(_stage: str, _text: str) -> None:
    """Report progress to nobody."""


@contextmanager
def open_rooms(
    workspace: Workspace,
    *,
    project: str | None = None,
    connect: Connect = connect,
    progress: Progress = quiet,
    language: str | None = None,
    wait: float = 0,
) -> Iterator[Rooms]:
    """Open the workspace for one run, under the lease of `project` when one is named.

    `language` is that of sentences, by default the one in use. Raises KeyMissing, WrongKey,
    StoreUnreachable, and LeaseHeld when the project is still being run after `wait` seconds.
    """
    with ExitStack() as stack:
        key = workspace.key()
        store = workspace.open_store()
        stack.callback(store.close)
        check_key(store, key)
        if project is not None:
            stack.enter_context(lease(store, f"project:{project}", wait=wait))
        yield Rooms(workspace, store, key, connect, progress, language or current_language())


def rooms_resource(
    workspace: Workspace,
    *,
    connect: Connect = connect,
    wait: float = WAIT_SECONDS,
) -> dg.ResourceDefinition:
    """Give the resource `rooms`, which holds the lease of the run's project.

    It opens when the first stage asks, so that what is wrong is told by a stage, in a sentence.
    """

    @dg.resource(description="The workspace: store, key, servers, and the lease of the project")
    def rooms(context: dg.InitResourceContext) -> Iterator[OpenRooms]:
        project = context.run.tags.get(PROJECT_TAG) if context.run else None
        with ExitStack() as stack:
            yield cache(
                lambda: stack.enter_context(
                    open_rooms(
                        workspace,
                        project=project,
                        connect=connect,
                        language=workspace.settings.language,
                        wait=wait,
                    )
                )
            )

    return rooms
