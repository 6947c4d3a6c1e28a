"""docs/practice.md says what the practice server does."""

import re
from pathlib import Path

import httpx
import pytest

from meal_pipeline.practice import PRACTICE_TOKEN
from meal_pipeline.practice.describe import routes_in_words
from meal_pipeline.practice.routes import LEFT_OUT, LEFT_OUT_BELOW, LEFT_OUT_WHOLE
from meal_pipeline.practice.troubles import KINDS

from .test_server import FORM, made

PAGE = Path(__file__).resolve().parents[2] / "docs" / "practice.md"
LEFT = [
    *(f"/api/v2/assets/{FORM}/{name}/" for name in LEFT_OUT),
    f"/api/v2/assets/{FORM}.xls",
    f"/api/v2/assets/{FORM}/data.xml",
    f"/api/v2/assets/{FORM}/data/1/supplement/",
    f"/api/v2/assets/{FORM}/data/1/enketo/edit/",
    *LEFT_OUT_WHOLE,
    *(f"{path}1/" for path in LEFT_OUT_BELOW),
]


def test_the_page_has_the_table_of_routes_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(routes_in_words() + "\n"), (
        "run: python -m meal_pipeline.practice.describe, and put it under “Routes”"
    )


def test_the_page_names_every_kind_of_trouble() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Going wrong")[2].partition("##")[0]
    assert set(KINDS) <= set(re.findall(r"`([\w-]+)`", table))


def test_the_python_of_the_page_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, "docs/practice.md", "exec"), {})


@pytest.mark.parametrize("path", LEFT)
def test_what_is_left_out_says_so_in_one_sentence(path: str) -> None:
    with made() as server:
        answer = httpx.get(
            f"{server.url}{path}", headers={"authorization": f"Token {PRACTICE_TOKEN}"}
        )
    assert answer.status_code == 501
    assert answer.json() == {"detail": "The practice server does not answer this."}
