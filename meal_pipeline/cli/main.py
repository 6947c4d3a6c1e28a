"""The command `meal`: its language, its groups, and errors as sentences.

Here: how a command is found and how it ends. Not here: any command.
"""

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from meal_pipeline import __version__
from meal_pipeline.errors import MealError
from meal_pipeline.locale import LANGUAGES, mark, set_language
from meal_pipeline.locale import gettext as _

from .click_words import translate_click

UNEXPECTED = 70
"""The exit code after an error that is a fault of the program (sysexits.h, EX_SOFTWARE)."""

COMMANDS = {
    "demo": ("meal_pipeline.cli.demo:demo", mark("Run the main job on the examples.")),
    "init": ("meal_pipeline.cli.workspace_commands:init", mark("Make a workspace.")),
    "project": ("meal_pipeline.cli.project_commands:project", mark("Propose and check projects.")),
    "import": (
        "meal_pipeline.cli.import_commands:import_",
        mark("Take in a folder of exports."),
    ),
    "kobo": ("meal_pipeline.cli.kobo_group:kobo", mark("Tokens and forms of KoboToolbox.")),
    "forms": (
        "meal_pipeline.cli.forms_group:forms",
        mark("How versions of forms differ, what they break, and what to mend."),
    ),
    "places": (
        "meal_pipeline.cli.places_commands:places",
        mark("Places, their P-codes, and what answers mean."),
    ),
    "run": ("meal_pipeline.cli.run_commands:run", mark("Pull a project and remake its tables.")),
    "sync": ("meal_pipeline.cli.sync_commands:sync", mark("Keep in step with KoboToolbox.")),
    "schedule": ("meal_pipeline.cli.run_commands:schedule", mark("Say when a project is pulled.")),
    "status": ("meal_pipeline.cli.status:status", mark("See what needs you today.")),
    "findings": ("meal_pipeline.cli.findings_command:findings", mark("See what is wrong, by row.")),
    "corrections": (
        "meal_pipeline.cli.correction_commands:corrections",
        mark("Correct answers, with two signatures."),
    ),
    "review": ("meal_pipeline.cli.table_commands:review", mark("Look through the indicators.")),
    "tables": ("meal_pipeline.cli.table_commands:tables", mark("Shared evaluation tables.")),
    "brief": ("meal_pipeline.cli.table_commands:brief", mark("Write the one-page brief.")),
    "ui": ("meal_pipeline.cli.run_commands:ui", mark("Open Dagster on the workspace.")),
    "serve": ("meal_pipeline.cli.serve_commands:serve", mark("Listen for new submissions.")),
    "erase": ("meal_pipeline.cli.erase_command:erase", mark("Erase a submission for ever.")),
    "key": ("meal_pipeline.cli.workspace_commands:key", mark("Check or restore the key.")),
    "practice": ("meal_pipeline.cli.practice_commands:practice", mark("Serve a practice Kobo.")),
}
"""Command → where it stands, and its line in the list of commands."""


class Commands(click.Group):
    """Commands that are imported when they are called, so that `meal --help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of an officer's way."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _colon, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_place, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            if near:
                hint = _("Did you mean {name}?").format(name=near[0])
                raise click.UsageError(f"{error.message} {hint}", ctx) from error
            raise


def build_cli() -> click.Group:
    """Give the command `meal` in the language in use."""

    @click.group(
        cls=Commands,
        help=_("From KoboToolbox surveys to shared evaluation tables.")
        + "\n\n"
        + _("First time here: meal demo. Your own project: meal init, then meal project new."),
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    @click.version_option(__version__, prog_name="meal")
    @click.option(
        "--workspace",
        type=click.Path(file_okay=False),
        help=_("Folder of the workspace; by default $MEAL_WORKSPACE or the nearest one upward."),
    )
    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        help=_("Language of what is printed; by default the workspace's."),
    )
    @click.pass_context
    def cli(context: click.Context, workspace: str | None, lang: str | None) -> None:
        context.obj = workspace
        if lang:
            set_language(lang)

    return cli


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `meal` with the arguments of the process (or those given) and exit."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run `meal` and give its exit code; an error is one sentence, never a trace.

    `MEAL_DEBUG=1` shows the trace of an unexpected error.
    """
    translate_click()
    set_language(_language(arguments))
    try:
        ended: Any = build_cli().main(args=list(arguments), prog_name="meal", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(_("Stopped. What was finished is kept; run it again to go on."), err=True)
        return 130
    except MealError as error:
        click.echo(f"✗ {error}", err=True)
        if error.next_step:
            click.echo(f"  → {error.next_step}", err=True)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("MEAL_DEBUG"):
            raise
        click.echo(
            "✗ "
            + _("This is a fault of the program, not yours ({kind}).").format(
                kind=type(error).__name__
            ),
            err=True,
        )
        click.echo(
            "  → " + _("Run it again with MEAL_DEBUG=1 and report what it prints."), err=True
        )
        return UNEXPECTED
    return ended if isinstance(ended, int) else 0


def _language(arguments: Sequence[str]) -> str:
    """Find the language before anything is worded: `--lang`, MEAL_LANG, workspace, locale."""
    words = list(arguments)
    for place, word in enumerate(words):
        if word == "--lang" and place + 1 < len(words) and words[place + 1] in LANGUAGES:
            return words[place + 1]
        if word.startswith("--lang=") and word[7:] in LANGUAGES:
            return word[7:]
    candidates = [
        os.environ.get("MEAL_LANG", ""),
        _workspace_language(words),
        (os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2],
    ]
    return next((code for code in candidates if code in LANGUAGES), "en")


def _workspace_language(words: list[str]) -> str:
    """Read one line of `meal.yaml`; opening the workspace would say its faults too early."""
    given = os.environ.get("MEAL_WORKSPACE", "")
    if "--workspace" in words[:-1]:
        given = words[words.index("--workspace") + 1]
    start = Path(given or ".").expanduser().resolve()
    for folder in [start] if given else [start, *start.parents]:
        file = folder / "meal.yaml"
        if file.is_file():
            found = re.search(r"^language:\s*([a-z]+)", file.read_text("utf-8", "replace"), re.M)
            return found[1] if found else ""
    return ""
