"""The tests that a schema file asks for: unique, not null, accepted values, relationships.

Here: counting the rows that fail, for one project. Not here: what the tests are (`schema.yml`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, column, exists, func, not_, select, table

from meal_pipeline.evaluate.models import PROJECT, Model, Models
from meal_pipeline.evaluate.schema_file import ColumnTest


@dataclass(frozen=True)
class ModelTest:
    """One test: `failures` counts the rows that fail it."""

    name: str
    model: str
    failures: int

    @property
    def passed(self) -> bool:
        """Whether no row fails."""
        return self.failures == 0


def run_model_tests(
    connection: Connection, models: Models, project: str | None = None
) -> Iterator[ModelTest]:
    """Run every test of every model, on the rows of `project` (all without one)."""
    for model in models.values():
        for name, columns, test in model.tests():
            yield ModelTest(name, model.name, _failures(connection, model, columns, test, project))


def _failures(
    connection: Connection,
    model: Model,
    columns: tuple[str, ...],
    test: ColumnTest,
    project: str | None,
) -> int:
    source = table(model.name, *(column(name) for name in model.columns))
    mine: list[ColumnElement[bool]] = []
    if project is not None and PROJECT in source.c:
        mine.append(source.c[PROJECT] == project)
    if test.kind == "unique":
        twice = (
            select(func.count().label("n"))
            .select_from(source)
            .where(*mine)
            .group_by(*(source.c[name] for name in columns))
            .having(func.count() > 1)
            .subquery()
        )
        counted = select(func.coalesce(func.sum(twice.c.n - 1), 0))
        return int(connection.execute(counted).scalar_one())
    tested = source.c[columns[0]]
    if test.kind == "not_null":
        wrong: ColumnElement[bool] = tested.is_(None)
    elif test.kind == "accepted_values":
        wrong = and_(tested.is_not(None), not_(tested.in_(test.values)))
    else:
        other = table(test.to, column(test.field), column(PROJECT)).alias("other")
        match = other.c[test.field] == tested
        if PROJECT in source.c and test.field != PROJECT:
            match = and_(match, other.c[PROJECT] == source.c[PROJECT])
        wrong = and_(tested.is_not(None), not_(exists().where(match)))
    statement = select(func.count()).select_from(source).where(*mine, wrong)
    return int(connection.execute(statement).scalar_one())
