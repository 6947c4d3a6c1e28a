"""`meal kobo`: tokens, and the forms that a token sees.

Here: asking and printing. Not here: the client (`meal_pipeline.kobo`) or where a token is kept
(`meal_pipeline.workspace.tokens`).
"""

from collections.abc import Callable
from typing import TypeVar

import click

from meal_pipeline.errors import MealError
from meal_pipeline.kobo import (
    AssetGone,
    InvalidToken,
    KoboClient,
    KoboError,
    NotFound,
    Unreachable,
)
from meal_pipeline.locale import gettext as _

from .printing import DONE, Format, format_option, print_rows

Answer = TypeVar("Answer")

SERVER = "https://kf.kobotoolbox.org"


@click.group(help=_("Tokens and forms of KoboToolbox."))
def kobo() -> None:
    """Hold the commands of KoboToolbox."""


@kobo.command(
    help=_("Keep the token of PROJECT in the keyring, after trying it.")
    + "\n\n"
    + _("The token stands in KoboToolbox under Account settings, Security.")
    + "\n\n\b\nmeal kobo login wash\nmeal kobo login wash --server https://eu.kobotoolbox.org"
)
@click.argument("project", metavar="PROJECT")
@click.option("--server", help=_("Address of the server, where there is no project yet."))
@click.pass_obj
def login(folder: str | None, project: str, server: str | None) -> None:
    """Ask for a token, try it, keep it."""
    from meal_pipeline.workspace import keep_token, open_workspace

    address = server or open_workspace(folder).project(project).server
    token = click.prompt(_("Token for {server}").format(server=address), hide_input=True)
    with client_for(address, token.strip()) as client:
        account = asked(client.me, address)
    keep_token(project, address, token)
    click.echo(
        f"{DONE} "
        + _("The token works; it is that of {user} and is kept in the keyring.").format(
            user=account.username
        )
    )


@kobo.command(
    help=_("List the forms that the token of PROJECT sees, with their uids.")
    + "\n\n\b\nmeal kobo forms wash\nmeal kobo forms --server https://eu.kobotoolbox.org"
)
@click.argument("project", metavar="[PROJECT]", required=False)
@click.option("--server", help=_("Address of the server, where there is no project yet."))
@format_option
@click.pass_obj
def forms(folder: str | None, project: str | None, server: str | None, format_: Format) -> None:
    """List forms."""
    from meal_pipeline.workspace import open_workspace, token_for

    if project:
        server = server or open_workspace(folder).project(project).server
    address = server or SERVER
    with client_for(address, token_for(project or "new", address)) as client:
        found = asked(lambda: list(client.assets()), address)
    print_rows(
        [
            {
                "uid": form.uid,
                "name": form.name,
                "status": form.deployment_status,
                "submissions": form.submission_count,
            }
            for form in found
        ],
        {
            "uid": _("uid"),
            "name": _("name"),
            "status": _("status"),
            "submissions": _("submissions"),
        },
        format_,
        empty=_("This token sees no form."),
    )


def client_for(server: str, token: str) -> KoboClient:
    """Give a client for a person who waits: it tries again once only."""
    try:
        return KoboClient(server, token, retries=1)
    except KoboError as error:
        raise MealError(
            _("{server} cannot be used as a server.").format(server=server),
            next_step=_("Write it as https://kf.kobotoolbox.org"),
        ) from error


def asked(question: Callable[[], Answer], server: str, *, uid: str = "") -> Answer:
    """Ask the server, about the form `uid` if given, and word its refusal."""
    try:
        return question()
    except InvalidToken as error:
        raise MealError(
            _("{server} does not know this token (401).").format(server=server),
            next_step=_("Copy it again from KoboToolbox: Account settings, Security."),
        ) from error
    except (AssetGone, NotFound) as error:
        raise MealError(
            _("{server} has no form {uid} that this account may see.").format(
                server=server, uid=uid
            ),
            next_step=f"meal kobo forms --server {server}",
        ) from error
    except Unreachable as error:
        raise MealError(
            _("{server} cannot be reached.").format(server=server),
            next_step=_("Look at the address and the connection, then try again."),
        ) from error
    except KoboError as error:
        raise MealError(
            _("{server} did not answer as KoboToolbox does: {reason}").format(
                server=server, reason=error
            ),
            next_step=_("Look at the address and the connection, then try again."),
        ) from error
