"""`python -m benchmarks [stages] [runs] [peers] [--rows N] [--new N] [--json FILE]`.

`python -m benchmarks event` measures from a delivery to the shared table, `sync` what keeping in
step costs, `fieldwork` its checks; `histories` and `kills` are the long runs of what CI proves.

Here: the commands. Not here: what is measured (`line.py`, `event.py`, `sync.py`,
`fieldwork.py`).
"""

import json
import sys
import tempfile
from pathlib import Path

import click

from benchmarks import event, expressions, fieldwork, proofs, sync
from benchmarks.line import measure_line
from benchmarks.report import report

SUBJECTS = ("stages", "runs", "peers")


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(SUBJECTS))
@click.option("--rows", default=100_000, show_default=True, help="Submissions of the survey.")
@click.option("--new", default=100, show_default=True, help="Submissions that arrive later.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here.")
def main(subjects: tuple[str, ...], rows: int, new: int, file: Path | None) -> None:
    """Measure the line; without SUBJECTS, all of it (some minutes)."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure_line(
            rows,
            new,
            Path(folder),
            subjects=subjects or SUBJECTS,
            say=lambda text: click.echo(text, err=True),
        )
    click.echo(report(found))
    if file is not None:
        file.write_text(json.dumps(found.as_json(), indent=1, default=str), encoding="utf-8")


if __name__ == "__main__":
    others = {
        "event": event.main,
        "expressions": expressions.main,
        "sync": sync.main,
        "fieldwork": fieldwork.main,
        "histories": proofs.histories,
        "kills": proofs.kills,
    }
    if sys.argv[1:] and sys.argv[1] in others:
        others[sys.argv[1]](sys.argv[2:])
    else:
        main()
