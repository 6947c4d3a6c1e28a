"""`meal practice` can be an old server, and can go wrong on purpose."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from click.testing import CliRunner

from meal_pipeline.cli.practice_commands import practice
from meal_pipeline.errors import MealError


@contextmanager
def served(*options: str) -> Iterator[httpx.Client]:
    run = "from meal_pipeline.cli.main import main; main()"
    command = [sys.executable, "-u", "-c", run, "--lang", "en", "practice", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(2)]
        (url,) = re.findall(r"http://[\d.:]+", said[0])
        token = said[1].split()[-1]
        try:
            yield httpx.Client(base_url=url, headers={"authorization": f"Token {token}"})
        finally:
            process.terminate()


def test_trouble_lasts_as_long_as_it_was_asked_to() -> None:
    with served("--example", "incentives", "--trouble", "429=7", "--times", "2") as http, http:
        answers = [http.get("/api/v2/assets/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_an_old_server_has_large_pages_and_changes_can_carry_their_time() -> None:
    with served("--example", "livelihoods", "--old", "--date-modified") as http, http:
        (form, *_) = http.get("/api/v2/assets/").json()["results"]
        page = http.get(f"/api/v2/assets/{form['uid']}/data/").json()
    assert len(page["results"]) == page["count"] > 100
    assert "_date_modified" in page["results"][0]
    assert "meta/rootUuid" not in page["results"][0]


def test_a_number_that_is_none_is_refused() -> None:
    answer = CliRunner().invoke(practice, ["--trouble", "latency=long"])
    assert (answer.exit_code, "long is not a number" in answer.output) == (2, True)


def test_an_unknown_trouble_is_refused() -> None:
    answer = CliRunner().invoke(practice, ["--trouble", "flood"])
    assert isinstance(answer.exception, MealError)


@pytest.mark.parametrize("name", ["forms", "files", "server", "world", "routes", "hooks"])
def test_each_module_can_be_imported_first(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import meal_pipeline.practice.{name}"], capture_output=True
    )
    assert done.returncode == 0, done.stderr
