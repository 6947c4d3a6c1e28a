"""Telling a running Dagster that definitions changed.

Here: where the workspace's Dagster answers, and the reload. Not here: when to ask for one
(`folder.py`, the terminal) or starting it (`ui.py`).
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx

from meal_pipeline.workspace import Workspace

LOCATION = "assets"
"""The name of our code location, as `dagster dev` gives it too."""
DEVELOPMENT = "http://127.0.0.1:3000"
"""Where `dagster dev` listens."""

_IDENTITY = "{ instance { info } }"
_RELOAD = """
mutation Reload($location: String!) {
  reloadRepositoryLocation(repositoryLocationName: $location) { __typename }
}
"""


def address_file(workspace: Workspace) -> Path:
    """Give the file in which a running `meal ui` says where it answers."""
    return workspace.dagster_home / "ui.json"


def running_at(workspace: Workspace) -> str | None:
    """Give the address of the workspace's own Dagster, None when none runs."""
    try:
        candidates = [str(json.loads(address_file(workspace).read_text("utf-8"))["url"])]
    except (OSError, ValueError, KeyError):
        candidates = []
    if os.environ.get("DAGSTER_IS_DEV_CLI"):
        candidates.append(DEVELOPMENT)
    return next((url for url in candidates if is_of(workspace, url)), None)


def reload_definitions(workspace: Workspace) -> bool:
    """Have the running Dagster of the workspace load its definitions anew; False when none runs."""
    url = running_at(workspace)
    if url is None:
        return False
    answer = _ask(url, _RELOAD, {"location": LOCATION}, timeout=60)
    return bool(
        answer and answer["reloadRepositoryLocation"]["__typename"] == "WorkspaceLocationEntry"
    )


def is_of(workspace: Workspace, url: str) -> bool:
    """Say whether the Dagster at `url` keeps its history in this workspace."""
    answer = _ask(url, _IDENTITY, {}, timeout=5)
    return bool(answer and str(workspace.dagster_home) in str(answer["instance"]["info"]))


def _ask(url: str, query: str, variables: dict[str, str], *, timeout: float) -> Any:
    try:
        return httpx.post(
            f"{url}/graphql",
            json={"query": query, "variables": variables},
            timeout=timeout,
            trust_env=False,
        ).json()["data"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
