"""`python -m benchmarks fieldwork [--rows N] [--questions K]`: all checks of fieldwork at once.

Here: a form of K questions with N interviews in a snapshot, and the processor's seconds of the
checks together and of each, columns loaded from the snapshot. Not here: other validation.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.measuring import measure

START = datetime(2026, 3, 1, 5, tzinfo=UTC)
PROJECT: dict[str, Any] = {
    "code": "measured",
    "name": {"en": "Measured"},
    "server": "https://kf.example.org",
    "forms": {"home": {"uid": "aHome", "subject": "hh", "team": "team"}},
    "rounds": {
        "expression": "${wave}",
        "values": {"w1": {"name": {"en": "1"}}, "w2": {"name": {"en": "2"}}},
    },
    "validation": {
        "fieldwork": {
            "home": {
                "HFC11": {"question": "consent"},
                "HFC16": {"usual": {"number0": ". < 95"}},
                "HFC18": {"r": {"expression": "${number0} > 98", "message": {"en": "Odd."}}},
                "HFC23": {"question": "team", "areas": {"t1": {"south": 35, "north": 37}}},
                "HFC29": {"question": "team", "targets": {"t1": 10}},
                "HFC31": {"sex": "choice0", "age": "number0"},
                "HFC33": {"batteries": [["choice1", "choice2", "choice3"]]},
                "HFC34": {"size": "number1", "parts": ["number2", "number3"]},
            }
        }
    },
}


@click.command()
@click.option("--rows", default=100_000, show_default=True, help="Interviews.")
@click.option("--questions", default=400, show_default=True, help="Questions.")
def main(rows: int, questions: int) -> None:
    """Measure the checks of fieldwork in a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows, questions)
        found = measure(run, Path(folder), questions)
    click.echo(f"{rows} rows, {questions} questions")
    for name, (seconds, findings) in found.result.items():
        click.echo(f"{name:8} {seconds:6.2f} s CPU  {findings:8} rows or parts")
    click.echo(f"peak memory {found.peak_bytes / 2**20:.0f} MB (libraries too)")


def form(questions: int) -> Any:
    """Give the form: half choices, a third of all on a condition, numbers and texts."""
    from meal_pipeline.forms import parse_content

    fixed: list[dict[str, Any]] = [
        {"type": "start", "name": "start"},
        {"type": "end", "name": "end"},
        *({"type": "text", "name": name} for name in ("hh", "wave")),
        {"type": "select_one", "name": "team", "select_from_list_name": "team"},
        {"type": "select_one", "name": "consent", "select_from_list_name": "answer"},
        {"type": "geopoint", "name": "gps"},
    ]
    rest = [_question(number) for number in range(questions - len(fixed))]
    choices = {"answer": ("yes", "no", "other", "dont_know"), "team": [f"t{n}" for n in range(20)]}
    listed = [{"list_name": key, "name": one} for key, names in choices.items() for one in names]
    content = {"survey": fixed + rest, "choices": listed, "translations": [None]}
    return parse_content(content, asset_uid="aHome", version_uid="v1")


def _question(number: int) -> dict[str, Any]:
    kind, place = number % 4, number // 4
    if kind < 2:
        place = 2 * place + kind
        row: dict[str, Any] = {"type": "select_one", "name": f"choice{place}"}
        row["select_from_list_name"] = "answer"
    else:
        type_, name = (("integer", "number"), ("text", "text"))[kind - 2]
        row = {"type": type_, "name": f"{name}{place}"}
    if number % 3 == 2 and number > 20:
        row["relevant"] = f"${{choice{number % 10}}} = 'yes'"
    return row


def write(folder: Path, rows: int, questions: int) -> None:
    """Write the interviews in parts of 10 000 as Parquet."""
    from meal_pipeline.forms import unite

    chance = np.random.default_rng(1)
    union = unite([form(questions)])
    begun = pd.Series(pd.to_datetime(START) + pd.to_timedelta(np.arange(rows) // 4, unit="min"))
    columns: dict[str, Any] = {
        "_id": np.arange(1, rows + 1),
        "_uuid": pd.Series(np.arange(rows)).astype("str"),
        "_version": pd.Series(["v1"] * rows, dtype="str"),
        "_submission_time": begun + timedelta(hours=3),
        "_enumerator": _texts(chance, [f"P-{n}" for n in range(100)], rows),
        "start": begun,
        "end": begun + pd.to_timedelta(chance.normal(40, 5, rows), unit="min"),
        "hh": pd.Series(np.arange(rows) // 2).astype("str"),
        "wave": pd.Series(np.where(np.arange(rows) % 2, "w2", "w1"), dtype="str"),
        "team": _texts(chance, [f"t{n}" for n in range(20)], rows),
        "consent": pd.Series(["yes"] * rows, dtype="str"),
        "gps/latitude": chance.uniform(35, 37, rows),
        "gps/longitude": chance.uniform(36, 38, rows),
        "gps/accuracy": chance.uniform(3, 40, rows),
    }
    words = [f"جواب {number}" for number in range(5000)]
    for column in union.columns_of(None):
        if column.name in columns or column.kind == "geopoint":
            continue
        if column.kind == "integer":
            numbers = pd.array(chance.integers(0, 99, rows), dtype="Int64")
            columns[column.name] = numbers
        else:
            some = ["yes", "no", "other", "dont_know"] if column.kind == "select_one" else words
            columns[column.name] = _texts(chance, some, rows)
    moments = dict.fromkeys(("_submission_time", "start", "end"), "datetime64[us, UTC]")
    pd.DataFrame(columns).astype(moments).to_parquet(folder / "rows.parquet", row_group_size=10_000)


def _texts(chance: np.random.Generator, some: list[str], rows: int) -> pd.Series:
    codes = chance.integers(0, len(some), rows)
    return pd.Series(np.array(some, dtype=object)[codes], dtype="str")


def run(folder: Path, questions: int) -> dict[str, tuple[float, int]]:
    """Run all checks together, then each by itself with what they share already there."""
    from meal_pipeline.validate.fieldwork.registry import CHECKS, fieldwork_outcomes

    interviews = _interviews(folder, questions)
    begun = time.process_time()
    outcomes = fieldwork_outcomes(interviews)
    found = {"all": (time.process_time() - begun, sum(one.rows_failed for one in outcomes))}
    for check in CHECKS:
        begun = time.process_time()
        outcomes = fieldwork_outcomes(interviews, [check])
        seconds = time.process_time() - begun
        found[check.code] = (seconds, sum(one.rows_failed for one in outcomes))
    return found


def _interviews(folder: Path, questions: int) -> Any:
    import pyarrow.parquet as pq

    from meal_pipeline.forms import unite
    from meal_pipeline.validate.fieldwork.interviews import Interviews
    from meal_pipeline.validate.form_frames import WholeForm
    from meal_pipeline.validate.lazy_frame import LazyFrame
    from meal_pipeline.workspace.project import Project

    path = folder / "rows.parquet"
    file = pq.ParquetFile(path)
    names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    held = LazyFrame(names, rows, lambda some: pd.read_parquet(path, columns=list(some)))
    times = held.frame(["start", "end", "_submission_time", "wave"])
    minutes = {
        "_duration_minutes": times["end"] - times["start"],
        "_submission_delay_minutes": times["_submission_time"] - times["end"],
    }
    derived = {name: span.dt.total_seconds() / 60 for name, span in minutes.items()}
    frame = held.with_columns({**derived, "_round": times["wave"]})
    project = Project.model_validate(PROJECT)
    union = unite([form(questions)])
    starts = {"": np.zeros(1, dtype=np.intp)}
    whole = WholeForm(
        "home",
        project.forms["home"],
        union,
        {"": held},
        starts,
        pd.DataFrame({"_id": []}),
        rows,
        frozenset(),
    )
    everyone = np.ones(rows, dtype=np.bool_)
    settings = project.validation.fieldwork["home"]
    return Interviews(whole, frame, project, settings, everyone, lambda _code: None)
