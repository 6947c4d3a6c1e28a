"""SQL models made real: views for staging and intermediate, tables for marts.

Here: creating them where they changed, and replacing one project's rows of each mart. Not here:
what they say (`dbt_like_sql/`) or whether it is right (`model_tests.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, inspect, select, text
from sqlalchemy.exc import DBAPIError

from meal_pipeline.evaluate.models import PROJECT, Model, Models
from meal_pipeline.evaluate.portability import BadModel, in_dialect
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store, insert_rows
from meal_pipeline.store.tables.evaluate import models as built
from meal_pipeline.store.times import utc_text


@dataclass(frozen=True)
class BuiltModel:
    """A model as it stands: `rows` of the project for a mart, None for a view."""

    name: str
    layer: str
    rows: int | None
    changed: bool


def build_models(
    store: Store, models: Models, *, clock: Clock, project: str | None = None
) -> list[BuiltModel]:
    """Build every model in one transaction, and the rows of `project` in each mart.

    Without a project the rows of all are made. Models whose SQL did not change are left as they
    are, and a mart's rows are written only where they differ; rows of other projects are not
    touched, unless the mart's SQL changed: then all of its rows are made anew. Raises BadModel
    where the database refuses a model.
    """
    with store.write() as connection:
        known = {row.model: row.sql_hash for row in connection.execute(select(built))}
        present = _present(connection)
        stale = [
            model
            for model in models.values()
            if known.get(model.name) != model.sql_hash or model.name not in present
        ]
        if stale:
            _remake(connection, store.dialect, models, known, present)
        done = [
            _filled(connection, store.dialect, model, project, remade=model in stale)
            for model in models.values()
        ]
        if stale or any(one.changed for one in done):
            _remember(connection, models, done, clock)
    return done


def explain_models(store: Store, models: Models) -> dict[str, str]:
    """Ask the database to plan every model; give its complaint by model, empty when all are fine.

    The models must have been built once, since they read each other's views.
    """
    complaints = {}
    for model in models.values():
        plan = "EXPLAIN " + in_dialect(model.query, store.dialect)
        try:
            with store.read() as connection:
                connection.exec_driver_sql(plan.replace("%", "%%"))
        except DBAPIError as error:
            complaints[model.name] = str(error.orig).strip().splitlines()[0]
    return complaints


def _present(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    return {*inspector.get_view_names(), *inspector.get_table_names()}


def _remake(
    connection: Connection,
    dialect: str,
    models: Models,
    known: dict[str, str],
    present: set[str],
) -> None:
    """Drop and create all views, and those marts of which the SQL changed."""
    views = set(inspect(connection).get_view_names())
    for name in [*reversed(list(models)), *(one for one in known if one not in models)]:
        if name in views:
            connection.exec_driver_sql(f"DROP VIEW {_quoted(name)}")
    if dialect == "postgresql":
        # Views of models that are gone may stand between; they go with what they read.
        views = set(inspect(connection).get_view_names())
    for name, digest in known.items():
        gone = name not in models
        if name in present and name not in views and (gone or models[name].sql_hash != digest):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_quoted(name)}")
    tables = set(inspect(connection).get_table_names())
    for model in models.values():
        body = in_dialect(model.query, dialect)
        if model.kind == "table":
            if model.name in tables:
                continue
            empty = f"SELECT * FROM ({body}) AS new WHERE 1 = 0"  # noqa: S608 - our own SQL
            statement = f"CREATE TABLE {_quoted(model.name)} AS {empty}"
        else:
            statement = f"CREATE VIEW {_quoted(model.name)} AS {body}"
        _execute(connection, model, statement)


def _execute(connection: Connection, model: Model, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement.replace("%", "%%"))
    except DBAPIError as error:
        raise BadModel(
            _("The database refuses {model}: {reason}").format(
                model=f"{model.layer}/{model.path.name}",
                reason=str(error.orig).strip().splitlines()[0],
            ),
            next_step=_("Correct the SQL; the tables are as they were."),
        ) from error


def _filled(
    connection: Connection, dialect: str, model: Model, project: str | None, *, remade: bool
) -> BuiltModel:
    """Let a mart hold what its SELECT gives for `project` (for all, when it was remade)."""
    if model.kind != "table":
        return BuiltModel(model.name, model.layer, None, changed=remade)
    body = in_dialect(model.query, dialect).replace(":", "\\:")
    columns = ", ".join(_quoted(name) for name in model.columns)
    only = "" if remade or project is None else f" WHERE {PROJECT} = :project"
    bound = {"project": project} if only else {}
    fresh = f"SELECT {columns} FROM ({body}) AS new{only}"  # noqa: S608 - our own SQL
    held = f"SELECT {columns} FROM {_quoted(model.name)}{only}"  # noqa: S608 - our own SQL
    now = _sorted(connection, fresh, bound)
    changed = remade or now != _sorted(connection, held, bound)
    if changed:
        connection.execute(text(f"DELETE FROM {_quoted(model.name)}{only}"), bound)  # noqa: S608
        statement = f"INSERT INTO {_quoted(model.name)} ({columns}) {fresh}"
        connection.execute(text(statement), bound)
    place = model.columns.index(PROJECT)
    rows = len(now) if project is None else sum(row[place] == project for row in now)
    return BuiltModel(model.name, model.layer, rows, changed)


def _sorted(
    connection: Connection, query: str, bound: dict[str, str | None]
) -> list[tuple[object, ...]]:
    """Give all rows in an order that does not depend on the database."""
    rows = [tuple(row) for row in connection.execute(text(query), bound)]
    return sorted(rows, key=lambda row: tuple((value is None, str(value)) for value in row))


def _remember(
    connection: Connection, models: Models, done: Sequence[BuiltModel], clock: Clock
) -> None:
    connection.execute(delete(built))
    moment = utc_text(clock())
    insert_rows(
        connection,
        built,
        [
            {
                "model": one.name,
                "layer": one.layer,
                "kind": models[one.name].kind,
                "sql_hash": models[one.name].sql_hash,
                "rows": None
                if one.rows is None
                else connection.execute(
                    text(f"SELECT count(*) FROM {_quoted(one.name)}")  # noqa: S608
                ).scalar(),
                "built_at": moment,
            }
            for one in done
        ],
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
