"""A practice server with one small form, and workspaces whose projects collect it."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.workspace import Workspace, init_workspace
from meal_pipeline.workspace.roof import load_roof

CONTENT = {
    "survey": [
        {"type": "select_one arm", "name": "arm", "label": ["Arm"]},
        {"type": "text", "name": "village", "label": ["Village"]},
        {"type": "integer", "name": "age", "label": ["Age"], "constraint": ". < 120"},
        {"type": "select_one yes_no", "name": "water", "label": ["Safe water"]},
    ],
    "choices": [
        {"list_name": name, "name": code, "label": [code]}
        for name, code in (("arm", "t"), ("arm", "c"), ("yes_no", "yes"), ("yes_no", "no"))
    ],
    "translations": ["English (en)"],
}
PROJECT = """\
code: {code}
name: {{en: Water}}
languages: [en]
server: {server}
owners: [amal@example.org]
forms:
  home: {{uid: {uid}}}
arms:
  expression: "${{arm}}"
  participants: [t]
  comparison: [c]
design: {{clusters: village}}
indicators:
  water:
    name: {{en: Safe water}}
    level: outcome
    form: home
    statistic: proportion
    expression: "${{water}} = 'yes'"
comparisons:
  lottery:
    name: {{en: Safe water}}
    indicator: water
    design: randomised
    assigned_by_lottery: true
    assignment_unit: village
schedule: {{cron: "0 6 * * *", timezone: Asia/Damascus}}
limits: {{quarantined_percent: {limit}}}
"""


def uid_of(code: str) -> str:
    return "a" + hashlib.sha256(code.encode()).hexdigest()[:20]


def answers(number: int, age: int | None = None) -> dict[str, Any]:
    """One household; every seventeenth has an impossible age."""
    treated = number // 4 % 2
    return {
        "arm": "t" if treated else "c",
        "village": f"v{number // 4 % 8}",
        "age": age or (150 if number % 17 == 16 else 20 + number),
        "water": "yes" if number % 3 or treated else "no",
    }


def put_form(server: PracticeServer, code: str, rows: int = 48) -> None:
    """Put the form of a project on the server, with its submissions."""
    version = PracticeVersion(f"v{code}", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    server.add(PracticeForm(uid_of(code), "Homes", [version]))
    for number in range(rows):
        server.submit(uid_of(code), answers(number))


def put_project(workspace: Workspace, code: str, server: str, *, limit: int = 20) -> Path:
    """Write a project's file."""
    file = workspace.root / "projects" / code / "project.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        PROJECT.format(code=code, server=server, uid=uid_of(code), limit=limit), "utf-8"
    )
    return file


def make_workspace(root: Path, *codes: str, server: str = "http://127.0.0.1:1") -> Workspace:
    """Make a workspace with these projects."""
    workspace, _phrase = init_workspace(root)
    for code in codes:
        put_project(workspace, code, server)
    return workspace


def practice_client(_project: str, server: str) -> KoboClient:
    """A client with the practice token, which does not try twice."""
    return KoboClient(server, PRACTICE_TOKEN, retries=0, timeout=5)


def run(workspace: Workspace, project: str, **options: Any) -> Any:
    """Run a project as the terminal does."""
    return load_roof().run_project(workspace, project, connect=practice_client, **options)


def rows_of(workspace: Workspace, table: str, project: str) -> list[tuple[Any, ...]]:
    """The rows of a project in a table of the store, in order."""
    with closing(sqlite3.connect(workspace.store_address)) as store:
        rows = store.execute(f'select * from "{table}" where project = ?', [project])
        return sorted(rows.fetchall(), key=repr)
