"""The tests that a schema file asks for: unique, not null, accepted values, relationships.

Here: counting the rows that fail, for one project. Not here: what the tests are (`schema.yml`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    TableClause,
    and_,
    case,
    column,
    exists,
    func,
    not_,
    select,
    table,
)

from meal_pipeline.evaluate.models import PROJECT, Models
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
    """Run every test of every model, on the rows of `project` (all without one).

    All tests of a model are one statement, since most of the time goes into asking. Relationships
    to a model that is not among `models` are not asked.
    """
    for model in models.values():
        source = table(model.name, *(column(name) for name in model.columns))
        mine: list[ColumnElement[bool]] = []
        if project is not None and PROJECT in source.c:
            mine.append(source.c[PROJECT] == project)
        tests = [one for one in model.tests() if not one[2].to or one[2].to in models]
        counts = [_failures(source, columns, test, mine) for _name, columns, test in tests]
        counted = connection.execute(select(*counts).select_from(source).where(*mine)).one()
        for (name, _columns, _test), failures in zip(tests, counted, strict=True):
            yield ModelTest(name, model.name, int(failures))


def _failures(
    source: TableClause,
    columns: tuple[str, ...],
    test: ColumnTest,
    mine: Sequence[ColumnElement[bool]],
) -> ColumnElement[int]:
    """Give the count of failing rows, as a column of a SELECT over the rows of `mine`."""
    if test.kind == "unique":
        twice = (
            select(func.count().label("n"))
            .select_from(source)
            .where(*mine)
            .group_by(*(source.c[name] for name in columns))
            .having(func.count() > 1)
            .subquery()
        )
        return func.coalesce(select(func.sum(twice.c.n - 1)).scalar_subquery(), 0)
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
    return func.coalesce(func.sum(case((wrong, 1), else_=0)), 0)
