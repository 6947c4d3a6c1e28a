"""docs/project-file.md says what the code says, and its example is a project."""

import re
from pathlib import Path

from meal_pipeline.expressions import compile_expression
from meal_pipeline.workspace.describe import described
from meal_pipeline.workspace.project_file import read_project

PAGE = Path(__file__).resolve().parents[2] / "docs" / "project-file.md"


def test_every_key_is_described_as_the_code_has_it() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == described(written), (
        "run: python -m meal_pipeline.workspace.describe docs/project-file.md"
    )


def test_the_example_of_the_page_is_a_project(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)
    file = tmp_path / "project.yaml"
    file.write_text(example, encoding="utf-8")
    project = read_project(file)
    unused = set(type(project).model_fields) - project.model_fields_set
    assert unused == {"languages", "synthetic", "note"}
    for indicator in project.indicators.values():
        compile_expression(indicator.expression)
