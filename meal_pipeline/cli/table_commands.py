"""`meal review`, `meal tables`, `meal brief`: looking at what was made.

Here: choosing rows and printing them. Not here: what is in them; shared tables hold nothing that is
withheld.
"""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select, text

from meal_pipeline.errors import MealError
from meal_pipeline.locale import LANGUAGES, current_language
from meal_pipeline.locale import gettext as _

from .printing import DONE, Format, format_option, print_rows


@click.command(
    help=_("Look through PROJECT's validated indicators before anyone else sees them.")
    + "\n\n\b\nmeal review wash\nmeal review wash --format csv"
)
@click.argument("project", metavar="PROJECT")
@format_option
@click.pass_obj
def review(folder: str | None, project: str, format_: Format) -> None:
    """Print the indicator table of a project."""
    from meal_pipeline.share import review_table
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    store = workspace.open_store()
    try:
        rows = review_table(store, declared)
    finally:
        store.close()
    headings = {
        "indicator": _("indicator"),
        "round": _("round"),
        "arm": _("arm"),
        "category": _("category"),
        "estimate": _("estimate"),
        "interval": _("interval"),
        "n": "n",
        "quality": _("quality"),
        "status": _("status"),
    }
    print_rows(
        rows,
        headings,
        format_,
        empty=_("Nothing is measured yet. Run it: meal run {project}").format(project=project),
    )


@click.command(
    help=_("List the shared evaluation tables, or print one.")
    + "\n\n\b\nmeal tables\nmeal tables mart_progress --project wash --format csv"
)
@click.argument("table", metavar="[TABLE]", required=False)
@click.option("--project", help=_("Only rows of this project."))
@format_option
@click.pass_obj
def tables(folder: str | None, table: str | None, project: str | None, format_: Format) -> None:
    """List or print marts."""
    from meal_pipeline.store.tables.evaluate import models
    from meal_pipeline.workspace import open_workspace
    from meal_pipeline.workspace.faults import did_you_mean

    store = open_workspace(folder).open_store()
    try:
        with store.read() as connection:
            marts = [
                dict(row)
                for row in connection.execute(
                    select(models.c.model, models.c.rows, models.c.built_at)
                    .where(models.c.layer == "marts")
                    .order_by(models.c.model)
                ).mappings()
            ]
            names = [row["model"] for row in marts]
            if table is None:
                headings = {"model": _("table"), "rows": _("rows"), "built_at": _("made at")}
                print_rows(marts, headings, format_, empty=_("No table is made yet."))
                return
            if table not in names:
                raise MealError(
                    _("There is no shared table {table}.").format(table=table),
                    next_step=did_you_mean(table, names),
                )
            where = " where project = :project" if project else ""
            found = connection.execute(
                text(f"select * from {table}{where}"),  # noqa: S608 - one of our own tables
                {"project": project} if project else {},
            )
            columns = {column: column for column in found.keys()}  # noqa: SIM118
            rows: list[dict[str, Any]] = [dict(row) for row in found.mappings()]
    finally:
        store.close()
    print_rows(rows, columns, format_, empty=_("The table has no rows."))


@click.command(
    help=_("Write the one-page brief of PROJECT: what changed, compared with what, how sure.")
    + "\n\n\b\nmeal brief wash\nmeal brief wash --language ar --to brief.html"
)
@click.argument("project", metavar="PROJECT")
@click.option("--language", type=click.Choice(LANGUAGES), help=_("Language of the page."))
@click.option("--to", "path", type=click.Path(dir_okay=False), help=_("File to write."))
@click.pass_obj
def brief(folder: str | None, project: str, language: str | None, path: str | None) -> None:
    """Write a brief."""
    from datetime import UTC, datetime

    from meal_pipeline.share import write_brief
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    declared = workspace.project(project)
    chosen = language or current_language()
    store = workspace.open_store()
    try:
        page = write_brief(
            store,
            declared,
            language=chosen,
            path=Path(path) if path else workspace.out / f"{project}-{chosen}.html",
            clock=lambda: datetime.now(UTC),
        )
    finally:
        store.close()
    click.echo(f"{DONE} {page}")
