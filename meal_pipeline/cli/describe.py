"""Every command in words, for `docs/commands.md`.

Here: the help of each command, as Markdown, and the list of them in Arabic. Run it with
`python -m meal_pipeline.cli.describe > docs/commands.md`. Not here: the words themselves, which
stand at each command.
"""

from collections.abc import Iterator
from importlib import import_module

import click

from meal_pipeline.cli.main import COMMANDS, build_cli
from meal_pipeline.locale import gettext, in_language

_WIDTH = 88
_HEAD = """\
# Commands · الأوامر

What each command says of itself: `meal COMMAND --help`, here in one place. `meal --lang ar COMMAND
--help` says the same in Arabic. A command that prints a table also gives it as JSON or CSV
(`--format`). It ends with exit code 0 when all is well; an error is one sentence and the next step.

Made by `python -m meal_pipeline.cli.describe > docs/commands.md`.
"""


def commands_in_words() -> str:
    """Give the help of every command, in the language in use when their modules were imported."""
    sections = [_HEAD, _in_arabic(), _section("meal", build_cli())]
    for name, (place, _line) in COMMANDS.items():
        module, _colon, attribute = place.partition(":")
        sections += _sections(f"meal {name}", getattr(import_module(module), attribute))
    return "\n".join(sections)


def _in_arabic() -> str:
    with in_language("ar"):
        lines = [f"- `meal {name}` — {gettext(line)}" for name, (_place, line) in COMMANDS.items()]
    return "\n".join(['<div dir="rtl">\n', *lines, "\n</div>\n"])


def _sections(path: str, command: click.Command) -> Iterator[str]:
    yield _section(path, command)
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from _sections(f"{path} {name}", one)


def _section(path: str, command: click.Command) -> str:
    context = click.Context(
        command, info_name=path, terminal_width=_WIDTH, help_option_names=["-h", "--help"]
    )
    return f"## {path}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    print(commands_in_words(), end="")
