"""`meal serve`: the receiver that KoboToolbox calls.

Here: starting it and saying where it listens. Not here: what it answers (`meal_pipeline.listen`).
"""

import click

from meal_pipeline.locale import gettext as _

from .printing import CARE, DONE


@click.command(
    help=_("Listen for KoboToolbox: each new submission starts a run soon. Stop with Ctrl+C.")
    + "\n\n"
    + _("A web server with https in front of it passes calls on; meal ui starts the runs.")
    + "\n\n\b\nmeal serve\nmeal serve --host 0.0.0.0 --port 8790"
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option("--port", default=8790, show_default=True, help=_("Port to listen on."))
@click.pass_obj
def serve(folder: str | None, host: str, port: int) -> None:
    """Serve the receiver."""
    from meal_pipeline.listen.serving import project_secrets
    from meal_pipeline.listen.serving import serve as listen
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)

    def ready(url: str) -> None:
        click.echo(f"{DONE} " + _("Listening at {url}").format(url=url))
        if not project_secrets(workspace):
            click.echo(
                f"{CARE} " + _("No project has a hook yet: meal kobo hook install PROJECT --url …")
            )

    listen(workspace, host=host, port=port, ready=ready)
    click.echo(_("It has stopped; what was received is kept."))
