"""Every command teaches: help, an example, and errors as sentences."""

import subprocess
import sys
from importlib import import_module
from time import perf_counter

import click
import pytest

from meal_pipeline.cli.main import COMMANDS, run
from meal_pipeline.locale import set_language


def every_command() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, (place, _line) in COMMANDS.items():
        module, _colon, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", one) for sub, one in command.commands.items()]
        else:
            found.append((name, command))
    return found


@pytest.mark.parametrize(("name", "command"), every_command(), ids=lambda value: str(value))
def test_every_command_has_help_with_an_example(name: str, command: click.Command) -> None:
    assert f"meal {name}" in (command.help or ""), f"meal {name} has no example in its help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"meal {name} {parameter.opts[0]} is not explained"


def test_help_appears_within_half_a_second() -> None:
    begun = perf_counter()
    subprocess.run([sys.executable, "-m", "meal_pipeline.cli", "--help"], check=True, stdout=-3)
    assert perf_counter() - begun < 1.5


def test_a_wrong_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["statsu"]) == 2
    assert "Did you mean status?" in capsys.readouterr().err


def test_without_a_workspace_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.delenv("MEAL_WORKSPACE", raising=False)
    assert run(["status"]) == 1
    said = capsys.readouterr().err
    assert "There is no workspace" in said
    assert "meal init" in said
    assert "Traceback" not in said
    set_language("en")


def test_an_unexpected_error_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meal_pipeline.workspace.open_workspace", lambda *_: 1 / 0)
    monkeypatch.delenv("MEAL_DEBUG", raising=False)
    assert run(["status"]) == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said
