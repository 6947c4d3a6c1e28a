"""`meal run`, `meal schedule`, `meal ui`: when and how projects run.

Here: asking the roof and printing. Not here: Dagster (the roof), or what a stage does.
"""

import click

from meal_pipeline.locale import gettext as _

from .practice_commands import practice_beside
from .printing import DONE
from .run_report import STAGES, ProgressLine, print_figures, print_outcome, succeeded


@click.command(
    help=_("Pull PROJECT and remake its tables; other projects stay as they are.")
    + "\n\n"
    + _(
        "--from starts at a later stage. With --snapshot the same rows give the same numbers, "
        "whenever it is run."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal run wash\n  meal run wash --from measure --snapshot 3f9c…"
)
@click.argument("project", metavar="PROJECT")
@click.option(
    "--from",
    "from_stage",
    default="collect",
    show_default=True,
    type=click.Choice(list(STAGES)),
    help=_("The first stage to run."),
)
@click.option("--snapshot", metavar="ID", help=_("The snapshot to start from."))
@click.option(
    "--variant",
    default="official",
    show_default=True,
    help=_("Name under which the figures are kept, beside the official ones."),
)
@click.pass_context
def run(
    context: click.Context, project: str, from_stage: str, snapshot: str | None, variant: str
) -> None:
    """Run a project in this process."""
    from meal_pipeline.workspace import open_workspace
    from meal_pipeline.workspace.roof import load_roof

    workspace = open_workspace(context.obj)
    workspace.project(project)
    with practice_beside(workspace), ProgressLine(project) as progress:
        outcome = load_roof().run_project(
            workspace,
            project,
            from_stage=from_stage,
            snapshot_id=snapshot,
            variant=variant,
            progress=progress,
        )
    print_outcome(outcome)
    if outcome.ok:
        store = workspace.open_store()
        try:
            print_figures(store, workspace.project(project))
        finally:
            store.close()
    context.exit(0 if succeeded(outcome) else 1)


@click.command(
    help=_("Say when PROJECT is pulled, as a cron line: minute hour day month weekday.")
    + "\n\n"
    + _("Without a line it prints the schedule that holds.")
    + "\n\n\b\n"
    + _("Example:")
    + '\n  meal schedule wash "0 6 * * *"'
    + '\n  meal schedule wash "30 5 * * 0-4" --timezone Asia/Damascus'
    + "\n  meal schedule wash --off"
)
@click.argument("project", metavar="PROJECT")
@click.argument("cron", required=False)
@click.option("--timezone", help=_("Time zone of the schedule, such as Asia/Damascus."))
@click.option("--on/--off", "active", default=None, help=_("Pull by the clock, or not."))
@click.pass_obj
def schedule(
    folder: str | None, project: str, cron: str | None, timezone: str | None, active: bool | None
) -> None:
    """Show or change a schedule."""
    from meal_pipeline.workspace import open_workspace
    from meal_pipeline.workspace.roof import load_roof
    from meal_pipeline.workspace.schedule_file import write_schedule

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    changes = {
        key: value
        for key, value in (("cron", cron), ("timezone", timezone), ("active", active))
        if value is not None
    }
    if changes:
        write_schedule(workspace.projects().files[project], changes)
        declared = workspace.project(project)
    now = declared.schedule
    words = (
        _("{project} is pulled at {cron} ({timezone}).")
        if now.active
        else _("{project} is not pulled by the clock; it would be at {cron} ({timezone}).")
    )
    click.echo(f"{DONE} " + words.format(project=project, cron=now.cron, timezone=now.timezone))
    if changes and not load_roof().reload_definitions(workspace):
        click.echo("  " + _("It holds as soon as meal ui runs."))


@click.command(
    help=_("Open Dagster on the workspace: runs, schedules, lineage. Stop it with Ctrl+C.")
    + "\n\n"
    + _("Schedules and sensors work while it runs. It can be reached from this computer only.")
    + "\n\n\b\nmeal ui\nmeal ui --port 3001"
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option("--port", default=3000, show_default=True, help=_("Port to listen on."))
@click.pass_obj
def ui(folder: str | None, host: str, port: int) -> None:
    """Open Dagster."""
    from meal_pipeline.workspace import open_workspace
    from meal_pipeline.workspace.roof import load_roof

    workspace = open_workspace(folder)
    if host not in {"127.0.0.1", "localhost", "::1"}:
        click.echo(
            "⚠ "
            + _(
                "Dagster asks nobody for a password: everyone who reaches {host} can use it."
            ).format(host=host),
            err=True,
        )
    with practice_beside(workspace):
        load_roof().serve_ui(workspace, host=host, port=port)
