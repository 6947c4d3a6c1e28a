"""`meal practice`: a KoboToolbox to practise on.

Here: starting it and saying how to use it. Not here: what it answers (`meal_pipeline.practice`).
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meal_pipeline.locale import gettext as _

if TYPE_CHECKING:
    from meal_pipeline.workspace import Workspace

EXAMPLES = ("livelihoods", "incentives")
PORT = 8899
DEMO_MARK = "demo"
"""A file in `.meal/` that tells a demo's workspace from others."""


@click.command(
    help=_("Serve a practice server that answers like KoboToolbox, until you press Ctrl+C.")
    + "\n\n"
    + _("Without FOLDER it offers the examples. A FOLDER holds forms and submissions as JSON.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal practice\n  meal practice --example incentives --port 9000"
    + "\n  meal practice --trouble 503 --times 5"
)
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--example",
    "examples",
    multiple=True,
    type=click.Choice(EXAMPLES),
    help=_("Offer only this example; may be given twice."),
)
@click.option("--port", default=PORT, show_default=True, help=_("Port on this computer."))
@click.option(
    "--old", is_flag=True, help=_("Answer like a server of before 2025: pages of 30 000 rows.")
)
@click.option("--date-modified", is_flag=True, help=_("Give each row the time of its last change."))
@click.option(
    "--trouble",
    "troubles",
    multiple=True,
    metavar="KIND[=NUMBER]",
    help=_("Go wrong in this way, for example 429=30 or latency=2; see docs/practice.md."),
)
@click.option("--times", type=int, help=_("How many answers each trouble spoils; else all."))
def practice(
    folder: str | None,
    examples: tuple[str, ...],
    port: int,
    old: bool,
    date_modified: bool,
    troubles: tuple[str, ...],
    times: int | None,
) -> None:
    """Serve the practice server."""
    from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
    from meal_pipeline.workspace.roof import load_examples

    server = PracticeServer(old=old, date_modified=date_modified)
    for trouble in troubles:
        kind, number = _trouble(trouble)
        server.trouble(kind, number, times=times)
    if folder:
        server.load(Path(folder))
    if examples or not folder:
        load_examples().fill(server, examples or EXAMPLES)

    def ready(url: str) -> None:
        click.echo(_("The practice server answers at {url}").format(url=url))
        click.echo(_("Token: {token}").format(token=next(iter(server.users), PRACTICE_TOKEN)))
        for form in server.forms.values():
            click.echo(f"  {form.uid}  {form.name}")
        click.echo(_("Stop it with Ctrl+C."))

    try:
        server.serve_forever(port=port, ready=ready)
    except KeyboardInterrupt:
        click.echo(_("The practice server has stopped; it keeps nothing."))


def _trouble(text: str) -> tuple[str, float | None]:
    """Read `KIND` or `KIND=NUMBER`."""
    kind, found, number = text.partition("=")
    try:
        return kind, float(number) if found else None
    except ValueError:
        raise click.BadParameter(
            _("{text} is not a number.").format(text=number), param_hint="--trouble"
        ) from None


@contextmanager
def practice_beside(workspace: "Workspace") -> Iterator[None]:
    """Serve the examples during the block, for a demo's workspace when nothing answers there.

    So pulls work after `meal demo` has ended. Other workspaces are left alone.
    """
    local = f"http://127.0.0.1:{PORT}"
    of_the_demo = (workspace.private / DEMO_MARK).is_file() and any(
        project.server == local for project in workspace.projects().values()
    )
    with socket.socket() as probe:
        answers = of_the_demo and probe.connect_ex(("127.0.0.1", PORT)) == 0
    if not of_the_demo or answers:
        yield
        return
    from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
    from meal_pipeline.workspace.roof import load_examples

    server = PracticeServer()
    load_examples().fill(server, EXAMPLES)
    server.start(port=PORT)
    os.environ.setdefault("MEAL_KOBO_TOKEN", PRACTICE_TOKEN)
    click.echo(_("The practice server answers at {url}").format(url=server.url), err=True)
    try:
        yield
    finally:
        server.stop()
