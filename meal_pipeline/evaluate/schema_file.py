"""`schema.yml`: what a folder of SQL models says of itself, typed.

Here: descriptions, grain, columns and their tests. Not here: the SQL (`models.py`) and running the
tests (`model_tests.py`).
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from meal_pipeline.workspace.declared_file import read_declared
from meal_pipeline.workspace.project import Declared, Language

FILE_NAME = "schema.yml"

TestKind = Literal["not_null", "unique", "accepted_values", "relationships"]


class ColumnTest(Declared):
    """One test of a column: `not_null`, `unique`, `accepted_values` or `relationships`."""

    kind: TestKind
    values: tuple[str | int | float, ...] = ()
    to: str = ""
    field: str = ""


def _column_test(written: Any) -> Any:
    """Read `not_null`, `accepted_values: {values: […]}`, `relationships: {to: …, field: …}`."""
    if isinstance(written, str):
        return {"kind": written}
    if isinstance(written, dict) and len(written) == 1:
        ((kind, settings),) = written.items()
        if isinstance(settings, dict):
            return {"kind": kind, **settings}
    return written


class ModelColumn(Declared):
    """A column of a model."""

    name: str
    description: str
    tests: tuple[Annotated[ColumnTest, BeforeValidator(_column_test)], ...] = ()


class ModelSchema(Declared):
    """A model as its folder's schema file describes it; `grain` names what tells its rows apart."""

    name: str
    description: dict[Language, str] = Field(min_length=1)
    grain: list[str] = Field(min_length=1)
    owner: str = ""
    columns: list[ModelColumn] = Field(min_length=1)


class SchemaFile(Declared):
    """The whole of one `schema.yml`."""

    models: list[ModelSchema]


def read_schema(path: Path) -> dict[str, ModelSchema]:
    """Read one schema file by model name. Raises BadFile with file, line, key, value and fix."""
    return {model.name: model for model in read_declared(path, SchemaFile).models}
