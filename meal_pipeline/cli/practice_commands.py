"""`meal practice`: a KoboToolbox to practise on.

Here: starting it and saying how to use it. Not here: what it answers (`meal_pipeline.practice`).
"""

from pathlib import Path

import click

from meal_pipeline.locale import gettext as _

EXAMPLES = ("livelihoods", "incentives")
PORT = 8899


@click.command(
    help=_("Serve a practice server that answers like KoboToolbox, until you press Ctrl+C.")
    + "\n\n"
    + _("Without FOLDER it offers the examples. A FOLDER holds forms and submissions as JSON.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal practice\n  meal practice --example incentives --port 9000"
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
def practice(folder: str | None, examples: tuple[str, ...], port: int) -> None:
    """Serve the practice server."""
    from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
    from meal_pipeline.workspace.roof import load_examples

    server = PracticeServer()
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
