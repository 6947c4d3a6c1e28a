"""A workspace of one small project, and the practice server that its form lies on."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from meal_pipeline.practice import (
    PRACTICE_TOKEN,
    PracticeForm,
    PracticeServer,
    PracticeUser,
    PracticeVersion,
)
from meal_pipeline.workspace import Workspace, init_workspace

UID = "aSmallHousehold"
STRANGER = "stranger" * 5
CONTENT = {
    "survey": [
        {"type": "select_one round", "name": "round", "label": ["Round"], "required": True},
        {"type": "select_one arm", "name": "arm", "label": ["Arm"]},
        {"type": "text", "name": "community", "label": ["Community"]},
        {"type": "text", "name": "respondent", "label": ["Your name"]},
        {"type": "integer", "name": "age", "label": ["Age"], "constraint": ". < 120"},
        {"type": "select_one yes_no", "name": "safe_water", "label": ["Safe water"]},
        {"type": "begin_repeat", "name": "member", "label": ["Member"]},
        {"type": "integer", "name": "years", "label": ["Years"]},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": name, "name": code, "label": [code]}
        for name, codes in (
            ("round", ("baseline", "endline")),
            ("arm", ("participant", "comparison")),
            ("yes_no", ("yes", "no")),
        )
        for code in codes
    ],
    "translations": ["English (en)"],
}
PROJECT = """\
code: {code}
name: {{en: Small survey}}
languages: [en]
server: {server}
forms:
  household:
    uid: aSmallHousehold
    personal_data:
      respondent: {{kind: name, treatment: pseudonym}}
rounds:
  expression: "${{round}}"
  values:
    baseline: {{name: {{en: Baseline}}}}
    endline: {{name: {{en: Endline}}}}
arms:
  expression: "${{arm}}"
  participants: [participant]
  comparison: [comparison]
design:
  clusters: community
disaggregations:
  arm_again:
    name: {{en: Arm}}
    question: arm
indicators:
  water:
    name: {{en: Safe water}}
    level: outcome
    form: household
    statistic: proportion
    expression: "${{safe_water}} = 'yes'"
    baseline_round: baseline
    disaggregate: [arm_again]
  age:
    name: {{en: Age}}
    level: output
    form: household
    statistic: mean
    expression: "${{age}}"
comparisons:
  water_did:
    name: {{en: Safe water}}
    indicator: water
    design: difference_in_differences
    baseline_round: baseline
    round: endline
"""
RUN_RECORDS = {"stage_runs", "pulls", "leases"}
"""Tables that tell of runs, not of rows and numbers."""


def small_server(rows: int = 48, *, max_page: int = 1000) -> PracticeServer:
    """A server with the small form and its submissions, not started yet."""
    deployed = PracticeVersion("vSmall1", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    users = {PRACTICE_TOKEN: "officer", STRANGER: PracticeUser("stranger", STRANGER)}
    server = PracticeServer([PracticeForm(UID, "Household", [deployed])], users, max_page=max_page)
    for number in range(rows):
        server.submit(UID, answers(number))
    return server


def answers(number: int) -> dict[str, Any]:
    """One household: every seventeenth has an impossible age."""
    late, took_part = number % 2, number // 2 % 2
    return {
        "round": "endline" if late else "baseline",
        "arm": "participant" if took_part else "comparison",
        "community": f"c{number // 4 % 6}",
        "respondent": f"Person {number}",
        "age": 150 if number % 17 == 16 else 20 + number,
        "safe_water": "yes" if number % 3 or late * took_part else "no",
        "member": [{"member/years": year} for year in range(number % 3)],
    }


def small_workspace(root: Path, server: str, code: str = "small") -> Workspace:
    """A workspace with the small project."""
    workspace, _phrase = init_workspace(root)
    write_project(workspace, server, code)
    return workspace


def write_project(
    workspace: Workspace, server: str, code: str = "small", *, folder: str = "", **changes: str
) -> Path:
    """Write the project's file; `changes` replace one text by another."""
    text = PROJECT.format(code=code, server=server)
    file = workspace.root / "projects" / (folder or code) / "project.yaml"
    file.parent.mkdir(exist_ok=True)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return file


def table_rows(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    """The rows of a table of the store."""
    with closing(sqlite3.connect(workspace.store_address)) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute(f'select * from "{table}"')]


def table_hashes(
    workspace: Workspace, without: dict[str, set[str]] | None = None
) -> dict[str, str]:
    """A hash of every table's rows, but of run records; `without` leaves columns out, by table."""
    hidden = without or {}
    with closing(sqlite3.connect(workspace.store_address)) as store:
        names = [
            name for (name,) in store.execute("select name from sqlite_master where type = 'table'")
        ]
    hashes = {}
    for name in sorted(set(names) - RUN_RECORDS):
        dropped = hidden.get(name, set()) | hidden.get("", set())
        rows = [
            repr([(column, value) for column, value in row.items() if column not in dropped])
            for row in table_rows(workspace, name)
        ]
        hashes[name] = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    return hashes
