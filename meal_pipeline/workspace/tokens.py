"""The tokens of KoboToolbox.

Here: where a project's token comes from and where `meal kobo login` puts it. Not here: using it
(`kobo/`). A token is never printed, logged or written into the workspace.
"""

import os
from urllib.parse import urlsplit

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.keyring_secrets import NoKeyring, read_secret, write_secret

VARIABLE = "MEAL_KOBO_TOKEN"


class NoToken(MealError):
    """No token was found for a project."""


def token_for(project: str, server: str) -> str:
    """Give the token of a project (its code) on a server (its address).

    The first that is there: environment `MEAL_KOBO_TOKEN__<PROJECT>` (capital letters, `-` as `_`),
    environment `MEAL_KOBO_TOKEN`, the keyring. Raises NoToken, saying how to give one.
    """
    for variable in (project_variable(project), VARIABLE):
        if token := os.environ.get(variable, "").strip():
            return token
    next_step = f"meal kobo login {project} --server {server}"
    try:
        if kept := read_secret(_name(project, server)):
            return kept
    except NoKeyring:
        next_step = _("Set the environment variable {variable}: there is no keyring here.").format(
            variable=project_variable(project)
        )
    raise NoToken(
        _("There is no token yet for project {project} on {server}.").format(
            project=project, server=server
        ),
        next_step=next_step,
    )


def keep_token(project: str, server: str, token: str) -> None:
    """Put a project's token into the keyring. Raises NoKeyring with the way around."""
    try:
        write_secret(_name(project, server), token.strip())
    except NoKeyring as error:
        raise NoKeyring(
            str(error),
            next_step=_("Set the environment variable {variable} instead.").format(
                variable=project_variable(project)
            ),
        ) from error


def project_variable(project: str) -> str:
    """Give the name of the environment variable for a project's token."""
    return f"{VARIABLE}__{project.upper().replace('-', '_')}"


def _name(project: str, server: str) -> str:
    parts = urlsplit(server if "://" in server else f"https://{server}")
    return f"token {project} {parts.scheme}://{parts.netloc}"
