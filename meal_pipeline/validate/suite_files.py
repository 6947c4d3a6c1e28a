"""Suites of expectations as files: `expectations/<name>.yaml`, one suite a file.

Here: the shape of a suite file, and filling its placeholders from the project. Not here: running
the expectations (`suites`).

A file speaks Great Expectations' own vocabulary; severity, message and `keep` are ours:

    title: {en: Household survey, ar: مسح الأسر}
    frame: members            # a repeat; without it the form's own rows
    expectations:
      - rule: plausible_duration
        expect_column_values_to_be_between: {column: _duration_minutes, min_value: 10}
        severity: warning
        message: {en: The interview took less than 10 minutes., ar: …}

Placeholders such as `{subject}` (see `PLACEHOLDERS`) stand for what the project declares.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.workspace.declared_file import DeclaredFile, faults_of, read_yaml
from meal_pipeline.workspace.faults import BadFile, ProjectFault, did_you_mean
from meal_pipeline.workspace.project import Code, Declared, Names, Severity

PLACEHOLDERS: Mapping[str, str] = {
    "subject": mark("Declare forms.{form}.subject in the project's file."),
    "weights": mark("Declare design.weights in the project's file."),
    "strata": mark("Declare design.strata in the project's file."),
    "clusters": mark("Declare design.clusters in the project's file."),
    "start": mark("Add a question of the type start to the form {form}."),
    "end": mark("Add a question of the type end to the form {form}."),
}
"""The columns that a suite may name in braces, and what to do where there is none."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Expectation(Declared):
    """One expectation: its name in Great Expectations, its arguments, and what to say.

    `keep` is for expectations that values are unique: of rows that repeat each other the `first`
    that counts is no fault, or with `none` all of them are.
    """

    rule: Code
    expectation: str
    arguments: dict[str, Any]
    severity: Severity = "warning"
    message: Names
    keep: Literal["first", "none"] = "first"

    @model_validator(mode="before")
    @classmethod
    def _one_expectation(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        named = [key for key in given if str(key).startswith("expect_")]
        if len(named) != 1:
            raise _complaint(
                _("An entry needs exactly one expectation; this has {n}.").format(n=len(named)),
                _("Write one line such as expect_column_values_to_not_be_null: {column: age}."),
            )
        rest = {key: value for key, value in given.items() if key != named[0]}
        return {**rest, "expectation": named[0], "arguments": given[named[0]]}


class SuiteFile(Declared):
    """The content of a suite file; `frame` is a repeat, or "" for the form's own rows."""

    title: Names | None = None
    frame: str = ""
    expectations: list[Expectation] = Field(min_length=1)

    @field_validator("expectations")
    @classmethod
    def _rules_differ(cls, given: list[Expectation]) -> list[Expectation]:
        rules = [one.rule for one in given]
        twice = next((rule for rule in rules if rules.count(rule) > 1), None)
        if twice:
            raise _complaint(
                _("Two expectations have the rule {rule}.").format(rule=twice),
                _("Give each a name of its own: findings are known by it."),
            )
        return given


@dataclass(frozen=True)
class Suite:
    """A suite: its name (the file's), what it holds, and the file for complaints."""

    name: str
    frame: str
    expectations: tuple[Expectation, ...]
    file: DeclaredFile

    def fault(self, index: int, message: str, fix: str, *, argument: str = "") -> BadFile:
        """Give an error that points at an entry, or at one of its arguments."""
        entry = self.expectations[index]
        way: tuple[str | int, ...] = ("expectations", index, entry.expectation)
        if argument:
            way = (*way, argument)
        value = entry.arguments.get(argument, "") if argument else entry.expectation
        return self._fault(way, str(value), message, fix)

    def frame_fault(self, message: str, fix: str) -> BadFile:
        """Give an error that points at the suite's frame."""
        return self._fault(("frame",), self.frame, message, fix)

    def _fault(self, way: tuple[str | int, ...], value: str, message: str, fix: str) -> BadFile:
        key = ".".join(str(step) for step in way)
        path = _short_path(self.file.path)
        return BadFile([ProjectFault(path, key, self.file.line(way), value, message, fix)])

    def filled(self, index: int, form: str, given: Mapping[str, str | None]) -> dict[str, Any]:
        """Give an entry's arguments with placeholders replaced by what the project gives.

        Raises BadFile for a placeholder that is not known, or that the project does not give.
        """
        arguments = self.expectations[index].arguments

        def put_in(text: str, argument: str) -> str:
            for name in _PLACEHOLDER.findall(text):
                if name not in PLACEHOLDERS:
                    raise self.fault(
                        index,
                        _("There is no placeholder {name}.").format(name=f"{{{name}}}"),
                        did_you_mean(name, list(PLACEHOLDERS)),
                        argument=argument,
                    )
                if given.get(name) is None:
                    raise self.fault(
                        index,
                        _("It is not said what {name} is.").format(name=f"{{{name}}}"),
                        _(PLACEHOLDERS[name]).format(form=form),
                        argument=argument,
                    )
            return _PLACEHOLDER.sub(lambda found: str(given[found[1]]), text)

        return {name: _filled(value, name, put_in) for name, value in arguments.items()}


def _filled(value: Any, argument: str, put_in: Callable[[str, str], str]) -> Any:
    if isinstance(value, str):
        return put_in(value, argument)
    if isinstance(value, list):
        return [_filled(one, argument, put_in) for one in value]
    return value


def read_suite(path: Path) -> Suite:
    """Read a suite file. Raises BadFile with every fault: file, line, key, value and fix."""
    try:
        file = read_yaml(path)
        content = SuiteFile.model_validate(file.content)
    except BadFile as error:
        raise _with_short_path(error.faults, path) from error
    except ValidationError as error:
        raise _with_short_path(faults_of(error, file, SuiteFile), path) from error
    return Suite(path.stem, content.frame, tuple(content.expectations), file)


def _short_path(path: Path) -> Path:
    """Name a file by its folder and name, since its faults are stored and shown to others."""
    return Path(path.parent.name) / path.name


def _with_short_path(faults: list[ProjectFault], path: Path) -> BadFile:
    return BadFile([replace(one, file=_short_path(path)) for one in faults])


def _complaint(sentence: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("suite", "{own}", {"own": sentence, "fix": fix})
