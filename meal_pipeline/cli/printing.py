"""How tables and lines are printed: for eyes, or as JSON and CSV for programs.

Here: the three formats and the marks. Not here: what is in a table.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import click
from rich.console import Console
from rich.table import Table

from meal_pipeline.locale import gettext as _

Format = Literal["table", "json", "csv"]
Command = TypeVar("Command", bound=Callable[..., Any])

DONE, FAILED, CARE = "✓", "✗", "⚠"


def console() -> Console:
    """Give the console of standard output; plain where it is not a terminal."""
    return Console(highlight=False, soft_wrap=True, emoji=False, markup=False)


def format_option(command: Command) -> Command:
    """Add `--format table|json|csv` to a command."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help=_("How to print: for eyes, or for a program."),
    )(command)


def print_rows(
    rows: Sequence[Mapping[str, Any]],
    headings: Mapping[str, str],
    format_: Format,
    *,
    empty: str,
) -> None:
    """Print rows of which `headings` names the columns, in order; `empty` where there are none."""
    if format_ == "json":
        click.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
    elif format_ == "csv":
        click.echo(csv_text(rows, list(headings)), nl=False)
    elif not rows:
        click.echo(empty)
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings.values():
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(_cell(row.get(column)) for column in headings))
        out = Console(highlight=False, emoji=False, markup=False)
        if not out.is_terminal:
            out.width = 240
        out.print(table)


def csv_text(rows: Sequence[Mapping[str, Any]], columns: list[str]) -> str:
    """Give rows as CSV text with the names of the columns on top; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row.get(column)) for column in columns])
    return text.getvalue()


def safe_cell(value: object) -> object:
    """Give a value that no spreadsheet takes for a formula; numbers stay as they are.

    A text that begins with `=`, `+`, `-`, `@`, tab or return gets an apostrophe in front (OWASP,
    CSV injection), unless it is a number.
    """
    if not isinstance(value, str) or not value or value[0] not in "=+-@\t\r":
        return "" if value is None else value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


def _cell(value: object) -> str:
    return "" if value is None else str(value)
