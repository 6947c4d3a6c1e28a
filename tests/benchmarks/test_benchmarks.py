"""A tiny run of everything that `python -m benchmarks` measures, without its many processes."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import stages
from benchmarks.answers import interviews
from benchmarks.line import Findings
from benchmarks.measuring import Measurement, WorkFailed, measure
from benchmarks.peers import PEERS
from benchmarks.report import report
from benchmarks.server import running_server
from benchmarks.survey import content, questions
from benchmarks.whole_run import whole_run

ROWS = 300


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A workspace in which everything ran once, while its server still answers."""
    root = tmp_path_factory.mktemp("line") / "workspace"
    with running_server(ROWS) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEAL_KOBO_TOKEN", "")  # a run sets it
        stages.make_workspace(root, server.url)
        yield root, whole_run(root, warm=False)


def test_the_whole_line_runs_and_every_part_of_it_is_timed(line):
    _root, run = line
    assert set(run["outcomes"].values()) == {"done"}
    parts = {"libraries", "dagster", "collect", "read", "validate", "measure", "compare"}
    assert parts < set(run["seconds"])
    assert all(seconds > 0 for seconds in run["seconds"].values())


def test_stages_by_themselves_find_nothing_new_after_the_run(line):
    root, _run = line
    found = {stage.__name__: stage(root) for stage in stages.STAGES}
    assert not any(one["changed"] for one in found.values())
    assert found["collect"]["rows"] == ROWS
    assert found["measure"]["blocked"] == found["compare"]["blocked"] == []


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_does_its_work_on_the_same_rows(line, peer):
    found = peer(line[0])
    assert found["ours"] > 0
    assert found["theirs"] > 0


def test_work_is_measured_in_a_process_of_its_own():
    found = measure(Path, "here")
    assert found.result == Path("here")
    assert found.peak_bytes > 1_000_000


def test_work_that_fails_says_why():
    with pytest.raises(WorkFailed, match="FileNotFoundError"):
        measure(Path("no such file").read_text)


def test_an_answer_stands_only_where_the_form_has_a_question():
    paths = {question.path for question in questions()} | {"member", "food/water_source"}
    (last, _sent, later) = list(interviews(ROWS))[-1]
    assert later
    assert set(last) < paths


def test_the_form_has_about_two_hundred_questions_of_every_type():
    types = Counter(row["type"] for row in content()["survey"])
    assert 180 < types.total() - types["begin_group"] - types["end_group"] < 220
    assert {"integer", "decimal", "text", "date", "geopoint", "calculate"} < set(types)
    assert types["select_one"] > 40
    assert types["select_multiple"] > 10
    assert types["begin_repeat"] == 1


def test_aims_exclude_the_pull():
    parts = {"libraries": 1.0, "collect": 20.0, "read": 25.0, "dagster": 5.0}
    run = {"seconds": parts, "cpu_seconds": {name: one / 2 for name, one in parts.items()}}
    again = {clock: {**found, "read": 0.0} for clock, found in run.items()}
    found = Findings(ROWS, 1, {"cores": 2, "system": "", "python": "", "at": ""})
    found.runs = {
        "first run": Measurement(51, 51, 10**9, run),
        "rerun": Measurement(26, 26, 10**9, again),
        "rerun, libraries loaded": Measurement(26, 26, 10**9, again),
    }
    shares = {one.name: one.found for one in found.aims()}
    assert shares["whole run, seconds"] == 31
    assert shares["rerun / whole run"] == pytest.approx(6 / 31)
    assert "| whole run, seconds | 60 | 31 | 15.5 | yes |" in report(found)
