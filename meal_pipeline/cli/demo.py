"""`meal demo`: the main job on the examples, from a practice server to a brief.

Here: the order of things and what is told. Not here: the job itself (the roof).
"""

import shutil
from pathlib import Path
from time import monotonic
from typing import Any

import click

from meal_pipeline.kobo import KoboClient
from meal_pipeline.locale import LANGUAGES, ngettext
from meal_pipeline.locale import gettext as _

from .practice_commands import DEMO_MARK, EXAMPLES, PORT
from .run_report import ProgressLine, print_figures, print_outcome
from .workspace_commands import show_phrase


@click.command(
    help=_("Run the main job on two examples: a made-up survey and a published experiment.")
    + "\n\n"
    + _("It starts a practice server on this computer only, makes a workspace in FOLDER and ends.")
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal demo\n  meal --lang ar demo --folder my-demo"
)
@click.option(
    "--folder",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False),
    help=_("Where the demo's workspace is made or found."),
)
@click.option("--port", default=PORT, show_default=True, help=_("Port of the practice server."))
@click.pass_context
def demo(context: click.Context, folder: str, port: int) -> None:
    """Run both examples and print what was made."""
    from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
    from meal_pipeline.workspace.roof import load_examples, load_roof

    begun = monotonic()
    root = Path(folder)
    server = PracticeServer()
    click.echo(_("Filling the practice server …"), err=True)
    load_examples().fill(server, EXAMPLES)
    url = server.start(port=port)
    try:
        sent = sum(len(form.ids(0, 2**62)) for form in server.forms.values())
        n_forms = len(server.forms)
        held = _("{forms}, {submissions}").format(
            forms=ngettext("{n} form", "{n} forms", n_forms).format(n=n_forms),
            submissions=ngettext("{n} submission", "{n} submissions", sent).format(n=sent),
        )
        click.echo(_("practice server") + f"  {url}  {held}")
        workspace = demo_workspace(root)
        run_project = load_roof().run_project

        def connect(_project: str, _server: str) -> KoboClient:
            return KoboClient(url, PRACTICE_TOKEN)

        outcomes = []
        for code in EXAMPLES:
            with ProgressLine(code) as progress:
                outcomes.append(run_project(workspace, code, connect=connect, progress=progress))
            print_outcome(outcomes[-1])
    finally:
        server.stop()
    _tell(workspace, outcomes, monotonic() - begun)
    context.exit(0 if all(outcome.ok for outcome in outcomes) else 1)


def demo_workspace(root: Path) -> Any:
    """Open the demo's workspace, or make it from the example with a key of its own."""
    from meal_pipeline.workspace import init_workspace, open_workspace
    from meal_pipeline.workspace.roof import packaged_folder

    if (root / "meal.yaml").is_file() and not (root / ".meal" / "unfinished").exists():
        return open_workspace(root)
    from meal_pipeline.locale import current_language

    language: Any = "ar" if current_language() == "ar" else "en"
    workspace, phrase = init_workspace(root, language=language)
    for folder in ("projects", "expectations", "dbt_like_sql"):
        source = packaged_folder("examples") / "demo" / folder
        if source.is_dir():
            shutil.copytree(source, workspace.root / folder, dirs_exist_ok=True)
    (workspace.private / DEMO_MARK).touch()
    show_phrase(phrase)
    return workspace


def _tell(workspace: Any, outcomes: list[Any], seconds: float) -> None:
    """Print the figures, and where to look next."""
    store = workspace.open_store()
    try:
        for outcome in outcomes:
            print_figures(store, workspace.project(outcome.project))
    finally:
        store.close()
    click.echo()
    if all(outcome.ok and not outcome.changed for outcome in outcomes):
        click.echo(_("Nothing changed: every table is as the last run left it."))
    click.echo(
        _("Done in {seconds} seconds. Look at it:").format(seconds=round(seconds))
        + f"  meal --workspace {workspace.root} ui"
    )
    for outcome in outcomes:
        pages = [
            page
            for language in LANGUAGES
            if (page := workspace.out / f"{outcome.project}-{language}.html").is_file()
        ]
        for page in pages:
            click.echo("  " + _("brief:") + f" {page}")
