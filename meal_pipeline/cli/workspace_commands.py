"""`meal init` and `meal key`: the folder and its key.

Here: asking and printing. Not here: making and keeping them (`meal_pipeline.workspace`).
"""

from typing import Literal

import click

from meal_pipeline.locale import current_language
from meal_pipeline.locale import gettext as _

from .printing import DONE


@click.command(
    help=_("Make the workspace NAME: a folder for projects, their data and the key.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal init our-office\n  cd our-office\n  meal project new wash --form aBcDeF…"
)
@click.argument("name", metavar="NAME", type=click.Path(file_okay=False))
@click.option(
    "--store",
    metavar="URL",
    help=_("A PostgreSQL database that several people share; by default a file of its own."),
)
@click.option(
    "--timezone", default="Asia/Damascus", show_default=True, help=_("Time zone of the schedules.")
)
@click.option(
    "--key",
    "key_storage",
    type=click.Choice(["file", "keyring"]),
    default="file",
    show_default=True,
    help=_("Where the key lies: a file that only you can read, or the system's keyring."),
)
def init(
    name: str, store: str | None, timezone: str, key_storage: Literal["file", "keyring"]
) -> None:
    """Make a workspace and show the recovery phrase once."""
    from meal_pipeline.workspace import init_workspace

    language: Literal["en", "ar"] = "ar" if current_language() == "ar" else "en"
    workspace, phrase = init_workspace(
        name, language=language, timezone=timezone, store=store, key_storage=key_storage
    )
    click.echo(f"{DONE} " + _("The workspace is in {folder}.").format(folder=workspace.root))
    show_phrase(phrase)
    click.echo(_("Next: go into the folder, then meal project new CODE --form UID"))


def show_phrase(phrase: str) -> None:
    """Print the recovery phrase with what to do with it."""
    words = phrase.split()
    click.echo()
    click.echo(_("Recovery phrase of the key. Write it on paper now; it is shown only this once."))
    for row in range(6):
        click.echo(
            "  "
            + "".join(
                f"{row * 4 + at + 1:>2} {words[row * 4 + at]:<10}" for at in range(4)
            ).rstrip()
        )
    click.echo(_("Without the key or this phrase the data cannot be read again, by anyone."))
    click.echo()


@click.group(help=_("The key that makes pseudonyms and encrypts what came from the server."))
def key() -> None:
    """Hold the commands of the key."""


@key.command(help=_("Check that the key is there and fits the data.") + "\n\n\b\nmeal key check")
@click.pass_obj
def check(folder: str | None) -> None:
    """Check the key."""
    from meal_pipeline.workspace import check_key, open_workspace

    workspace = open_workspace(folder)
    held = workspace.key()
    store = workspace.open_store()
    try:
        check_key(store, held)
    finally:
        store.close()
    click.echo(f"{DONE} " + _("The key fits the data of this workspace."))


@key.command(
    help=_("Put the key back from its recovery phrase, asked for without showing it.")
    + "\n\n\b\nmeal key restore"
)
@click.pass_obj
def restore(folder: str | None) -> None:
    """Restore the key."""
    from meal_pipeline.workspace import open_workspace, restore_key

    workspace = open_workspace(folder)
    phrase = click.prompt(_("The 24 words, with blanks between them"), hide_input=True)
    restore_key(workspace, phrase)
    click.echo(f"{DONE} " + _("The key is back and fits the data of this workspace."))
