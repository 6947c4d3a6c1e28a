"""SQL models made real: views for staging and intermediate, tables for marts.

Here: creating them where they changed, and replacing one project's rows of each mart. Not here:
what they say (`dbt_like_sql/`) or whether it is right (`model_tests.py`).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, delete, inspect, select, text
from sqlalchemy.exc import DBAPIError

from meal_pipeline.errors import MealError
from meal_pipeline.evaluate.models import (
    PROJECT,
    Faults,
    Model,
    Models,
    leave_out_readers,
)
from meal_pipeline.evaluate.portability import BadModel
from meal_pipeline.evaluate.schema_file import FILE_NAME
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store, insert_rows
from meal_pipeline.store.tables.evaluate import models as built
from meal_pipeline.store.times import utc_text


class ViewInUse(MealError):
    """A view that is not ours reads one of ours, which must be made anew."""


@dataclass(frozen=True)
class BuiltModel:
    """A model as it stands: `rows` of the project for a mart, None for a view."""

    name: str
    layer: str
    rows: int | None
    changed: bool


def build_models(
    store: Store,
    models: Models,
    *,
    clock: Clock,
    project: str | None = None,
    faults: Faults | None = None,
) -> list[BuiltModel]:
    """Build every model in one transaction, and the rows of `project` in each mart.

    Without a project the rows of all are made. Models whose SQL did not change are left as they
    are, and a mart's rows are written only where they differ; rows of other projects are not
    touched, unless the mart's SQL changed: then all of its rows are made anew. Models that are no
    longer declared are dropped.

    faults: models that cannot be used. Those that the database refuses, or whose columns are not
    those described, are put there, and those that read them; their tables are left as they are, and
    the rest is built. Without it BadModel is raised, and all is as it was. Raises ViewInUse where a
    view cannot be replaced.
    """
    found = {} if faults is None else faults
    before = set(found)
    with store.write() as connection:
        known = {row.model: row.sql_hash for row in connection.execute(select(built))}
        present = _present(connection)
        stale = [
            model
            for model in models.values()
            if known.get(model.name) != model.sql_hash or model.name not in present
        ]
        retired = known.keys() - models.keys() - before
        if stale or retired:
            _remake(connection, store.dialect, models, stale, retired, faults=found)
            if faults is None and found:
                raise next(iter(found.values()))
        done = [
            _filled(connection, store.dialect, model, project, remade=model in stale)
            for model in models.values()
            if model.name not in found
        ]
        if stale or retired or any(one.changed for one in done):
            _remember(connection, models, done, found, clock)
    return done


def explain_models(store: Store, models: Models) -> dict[str, str]:
    """Ask the database to plan every model; give its complaint by model, empty when all are fine.

    The models must have been built once, since they read each other's views.
    """
    complaints = {}
    for model in models.values():
        plan = "EXPLAIN " + model.written(store.dialect)
        try:
            with store.read() as connection:
                connection.execute(_literal(plan))
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
    stale: Sequence[Model],
    retired: Set[str],
    *,
    faults: Faults,
) -> None:
    """Make all views anew, and the marts in `stale`; drop what is `retired`.

    A model that cannot be made is put into `faults`, with those that read it.
    """
    inspector = inspect(connection)
    ours = models.keys() | retired | faults.keys()
    _drop_views(connection, set(inspector.get_view_names()) & ours)
    tables = set(inspector.get_table_names())
    for name in sorted(retired & tables):
        connection.exec_driver_sql(f"DROP TABLE {_quoted(name)}")
    for name in models:
        if name not in leave_out_readers(models, faults):
            continue
        model = models[name]
        try:
            with connection.begin_nested():
                _make(connection, dialect, model, tables, anew=model in stale)
        except BadModel as error:
            faults[name] = error


def _make(
    connection: Connection, dialect: str, model: Model, tables: Set[str], *, anew: bool
) -> None:
    """Make a view, or the table of a mart where it is not among `tables` or to be made `anew`."""
    body = model.written(dialect)
    if model.kind == "view":
        _execute(connection, model, f"CREATE VIEW {_quoted(model.name)} AS {body}")
    elif anew or model.name not in tables:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_quoted(model.name)}")
        empty = f"SELECT * FROM ({body}) AS new WHERE 1 = 0"  # noqa: S608 - our own SQL
        _execute(connection, model, f"CREATE TABLE {_quoted(model.name)} AS {empty}")
    _check_columns(connection, model)


def _drop_views(connection: Connection, views: Set[str]) -> None:
    """Drop views that may read each other in any order; PostgreSQL refuses one that is read."""
    waiting = sorted(views)
    while waiting:
        refused: dict[str, DBAPIError] = {}
        for name in waiting:
            try:
                with connection.begin_nested():
                    connection.exec_driver_sql(f"DROP VIEW {_quoted(name)}")
            except DBAPIError as error:
                refused[name] = error
        if len(refused) == len(waiting):
            raise ViewInUse(
                _(
                    "The view {view} must be made anew, and a view that is not ours reads it."
                ).format(view=waiting[0]),
                next_step=_("Drop that view, run again, then make it again."),
            ) from refused[waiting[0]]
        waiting = list(refused)


def _check_columns(connection: Connection, model: Model) -> None:
    """Hold a model's columns against its description: what is not described would stay empty."""
    empty = text(f"SELECT * FROM {_quoted(model.name)} WHERE 1 = 0")  # noqa: S608 - our own SQL
    given, described = set(connection.execute(empty).keys()), set(model.columns)
    file = f"{model.layer}/{FILE_NAME}"
    for name in sorted(given ^ described):
        if name in given:
            raise BadModel(
                _("{model} gives {column}, which {file} does not describe.").format(
                    model=model.label, column=name, file=file
                ),
                next_step=_("Describe it there, or leave it out of the SELECT."),
            )
        raise BadModel(
            _("{model} does not give {column}, which {file} describes.").format(
                model=model.label, column=name, file=file
            ),
            next_step=_("Select it, or take it out of the description."),
        )


def _execute(connection: Connection, model: Model, statement: str) -> None:
    try:
        connection.execute(_literal(statement))
    except DBAPIError as error:
        raise BadModel(
            _("The database refuses {model}: {reason}").format(
                model=model.label,
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
    body = _escaped(model.written(dialect))
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
    connection: Connection,
    models: Models,
    done: Sequence[BuiltModel],
    kept: Faults,
    clock: Clock,
) -> None:
    connection.execute(delete(built).where(built.c.model.not_in(list(kept))))
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


def _literal(statement: str) -> TextClause:
    """Give SQL that has no parameters, whatever percent signs and colons stand in its texts."""
    return text(_escaped(statement))


def _escaped(statement: str) -> str:
    return statement.replace(":", "\\:")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
