"""The secrets by which deliveries of KoboToolbox are told from forged ones.

Here: where a project's secret comes from and how it is made. Not here: holding a delivery against
it (`listen`). A secret is never printed, logged or written into the workspace.
"""

import os
import secrets

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.keyring_secrets import NoKeyring, read_secret, write_secret
from meal_pipeline.workspace.workspace import Workspace

VARIABLE = "MEAL_HOOK_SECRET"


def hook_secret(workspace: Workspace, project: str) -> str | None:
    """Give a project's secret, None where there is none yet.

    The first that is there: environment `MEAL_HOOK_SECRET__<PROJECT>` (capital letters, `-` as
    `_`), the keyring. Without a keyring there is none.
    """
    if given := os.environ.get(secret_variable(project), "").strip():
        return given
    try:
        return read_secret(_name(workspace, project))
    except NoKeyring:
        return None


def made_hook_secret(workspace: Workspace, project: str) -> str:
    """Give a project's secret; where there is none, make one and keep it in the keyring.

    Raises NoKeyring, naming the environment variable that takes its place.
    """
    if held := hook_secret(workspace, project):
        return held
    made = secrets.token_urlsafe(32)
    try:
        write_secret(_name(workspace, project), made)
    except NoKeyring as error:
        raise NoKeyring(
            str(error),
            next_step=_(
                "Set the environment variable {variable} to a long random word, here and for "
                "meal serve."
            ).format(variable=secret_variable(project)),
        ) from error
    return made


def secret_variable(project: str) -> str:
    """Give the name of the environment variable for a project's secret."""
    return f"{VARIABLE}__{project.upper().replace('-', '_')}"


def _name(workspace: Workspace, project: str) -> str:
    return f"hook {workspace.settings.id} {project}"
