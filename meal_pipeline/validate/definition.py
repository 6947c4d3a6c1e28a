"""What a validation depends on beside the rows, as one hash.

Here: the hash that tells whether validating again could give anything else. Not here: the limit of
quarantined rows and the state of pulls, which are looked at every time.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from importlib.resources import files
from pathlib import Path

import orjson

from meal_pipeline.forms import FormUnion
from meal_pipeline.workspace.drift import drift
from meal_pipeline.workspace.project import Project

VALIDATE_VERSION = 4
"""Raised when the checks change, so that every project is validated again."""


def validation_hash(
    project: Project, forms: Mapping[str, FormUnion], suites: Sequence[Path]
) -> str:
    """Give the SHA-256 (64 hex digits) of the checks of a project.

    That is its forms and their versions, rounds, sampling design, which forms indicators and
    comparisons rest on, what of them the newest versions break, severities, the suites' files and
    the words of findings.
    """
    used = {
        "version": VALIDATE_VERSION,
        "project": project.model_dump(include={"forms", "rounds", "design", "validation"}),
        "indicators": sorted((code, one.form) for code, one in project.indicators.items()),
        "comparisons": sorted((code, one.indicator) for code, one in project.comparisons.items()),
        "drift": [
            [one.kind, one.subject, one.key, astuple(one.fate)] for one in drift(project, forms)
        ],
        "versions": {code: [v.version_uid for v in form.versions] for code, form in forms.items()},
        "files": {code: _lists_in_files(form) for code, form in forms.items()},
        "suites": {path.stem: _digest(path.read_bytes()) for path in sorted(suites)},
        "words": _words(),
    }
    return _digest(orjson.dumps(used, option=orjson.OPT_SORT_KEYS))


def rows_hash(project: Project, forms: Mapping[str, FormUnion]) -> str:
    """Give the SHA-256 (64 hex digits) of the checks that look at one row at a time.

    It is `validation_hash` without suites and fieldwork, which look at all rows of a form together.
    """
    used = {
        "version": VALIDATE_VERSION,
        "project": project.model_dump(include={"forms", "rounds", "design"}),
        "severity": project.validation.severity,
        "measured": sorted({one.form for one in project.indicators.values()}),
        "versions": {code: [v.version_uid for v in form.versions] for code, form in forms.items()},
        "files": {code: _lists_in_files(form) for code, form in forms.items()},
        "words": _words(),
    }
    return _digest(orjson.dumps(used, option=orjson.OPT_SORT_KEYS))


def _lists_in_files(form: FormUnion) -> list[tuple[dict[str, list[str]], list[str]]]:
    """Give the codes of each version's lists in attached files, and those that are not here."""
    return [
        (
            {path: [one.name for one in listed] for path, listed in version.file_choices.items()},
            sorted(version.missing_files),
        )
        for version in form.versions
    ]


def _words() -> dict[str, str]:
    catalogues = files("meal_pipeline.locale").iterdir()
    return {one.name: _digest(one.read_bytes()) for one in catalogues if one.name.endswith(".po")}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
