"""SQL models as files: one SELECT each, in staging/, intermediate/ and marts/.

Here: reading them with their schema files and putting them in the order of what reads what. Not
here: what may stand in one (`portability.py`) or building them (`building.py`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from sqlalchemy import Column
from sqlglot import exp

from meal_pipeline.evaluate.portability import BadModel, in_dialect, parse_model
from meal_pipeline.evaluate.schema_file import FILE_NAME, ColumnTest, ModelSchema, read_schema
from meal_pipeline.forms.model import pick_label
from meal_pipeline.locale import current_language
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.tables import metadata

LAYERS = ("staging", "intermediate", "marts")
PROJECT = "project"
"""The column that every mart has; a run replaces the rows of its own project."""
COMPLETE = frozenset({"estimates", "changes"})
"""Tables with small cells in them: a mart does not read the models that read these."""


@dataclass(frozen=True)
class Model:
    """One model: its SELECT as written, what it reads, and what its schema file says.

    `depends_on` are models, `tables` the store's own tables (staging only). `sql_hash` is over the
    file, its columns as described, and all that it reads.
    """

    name: str
    layer: str
    path: Path
    sql: str
    depends_on: tuple[str, ...]
    tables: tuple[str, ...]
    schema: ModelSchema
    sql_hash: str

    @property
    def label(self) -> str:
        """Its file, as messages name it: `marts/mart_progress.sql`."""
        return f"{self.layer}/{self.path.name}"

    def written(self, dialect: str) -> str:
        """Give its SELECT in the dialect of `sqlite` or `postgresql`."""
        return in_dialect(self.sql, self.label, dialect)

    @property
    def kind(self) -> str:
        """`table` for a mart, `view` for the others."""
        return "table" if self.layer == "marts" else "view"

    @property
    def description(self) -> str:
        """What it holds, in the language in use."""
        return pick_label(self.schema.description, (current_language(), "en"), self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(column.name for column in self.schema.columns)

    def tests(self) -> Iterator[tuple[str, tuple[str, ...], ColumnTest]]:
        """Give name, columns and settings of each test: the grain is unique, then column tests."""
        grain = tuple(self.schema.grain)
        yield f"unique__{'__'.join(grain)}", grain, ColumnTest(kind="unique")
        for column in self.schema.columns:
            for test in column.tests:
                yield f"{test.kind}__{column.name}", (column.name,), test


@dataclass(frozen=True)
class Models(Mapping[str, Model]):
    """Models by name, each after all that it reads."""

    by_name: dict[str, Model]

    def __getitem__(self, name: str) -> Model:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def layer(self, name: str) -> list[Model]:
        """Give the models of a layer, in order."""
        return [model for model in self.by_name.values() if model.layer == name]


def load_models(folders: Sequence[Path]) -> Models:
    """Read the models of folders such as `dbt_like_sql`; a later folder's file stands over.

    Raises BadModel for SQL that cannot be used, a model nothing describes, two that read each
    other, a table nobody has; BadFile for a schema file with faults.
    """
    files: dict[str, tuple[str, Path]] = {}
    schemas: dict[str, ModelSchema] = {}
    for folder in folders:
        for layer in LAYERS:
            for path in sorted((folder / layer).glob("*.sql")):
                files[path.stem] = (layer, path)
            if (folder / layer / FILE_NAME).is_file():
                schemas.update(read_schema(folder / layer / FILE_NAME))
    _check_schemas(files, schemas)
    drafts = {name: _draft(name, *files[name], files, schemas) for name in sorted(files)}
    _check_private(drafts)
    order = _ordered({name: draft.depends_on for name, draft in drafts.items()}, files)
    done: dict[str, Model] = {}
    for name in order:
        draft = drafts[name]
        text = (
            draft.sql.encode()
            + "".join(done[other].sql_hash for other in draft.depends_on).encode()
        )
        columns = "\x1f".join(
            [
                *draft.columns,
                *(f"{table}.{one.name}" for table in draft.tables for one in _columns(table)),
            ]
        )
        digest = hashlib.sha256(text + columns.encode()).hexdigest()
        done[name] = Model(**{**draft.__dict__, "sql_hash": digest})
    return Models(done)


def _check_private(drafts: Mapping[str, Model]) -> None:
    """Refuse a mart that reads figures before the small ones were withheld."""
    for draft in drafts.values():
        for other in draft.depends_on:
            if draft.layer == "marts" and COMPLETE.intersection(drafts[other].tables):
                raise BadModel(
                    _("{model} reads {other}, in which nothing is withheld yet.").format(
                        model=draft.label, other=other
                    ),
                    next_step=_("Read int_shown_figures instead."),
                )


def _check_schemas(
    files: Mapping[str, tuple[str, Path]], schemas: Mapping[str, ModelSchema]
) -> None:
    """Refuse what a schema file says of models or columns that are not there."""
    for name, schema in schemas.items():
        if name not in files:
            raise BadModel(
                _("A {file} describes {model}, and no SQL file has this name.").format(
                    file=FILE_NAME, model=name
                ),
                next_step=_did_you_mean(name, files),
            )
        label = f"{files[name][0]}/{FILE_NAME}: {name}"
        described = {column.name for column in schema.columns}
        missing = next((one for one in schema.grain if one not in described), None)
        if missing is not None:
            raise BadModel(
                _("{model}.grain names {column}, which is none of its columns.").format(
                    model=label, column=missing
                ),
                next_step=_did_you_mean(missing, described),
            )
        for column in schema.columns:
            for test in column.tests:
                _check_relationship(f"{label}.{column.name}", test, schemas)


def _check_relationship(label: str, test: ColumnTest, schemas: Mapping[str, ModelSchema]) -> None:
    if test.kind != "relationships":
        return
    if test.to not in schemas:
        raise BadModel(
            _("{column}.relationships.to names {model}, which does not exist.").format(
                column=label, model=test.to or "''"
            ),
            next_step=_did_you_mean(test.to, schemas),
        )
    fields = [column.name for column in schemas[test.to].columns]
    if test.field not in fields:
        raise BadModel(
            _("{column}.relationships.field names {field}, which {model} does not have.").format(
                column=label, field=test.field or "''", model=test.to
            ),
            next_step=_did_you_mean(test.field, fields),
        )


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return _("Did you mean {name}?").format(name=near[0]) if near else None


def _columns(table: str) -> list[Column[Any]]:
    return list(metadata.tables[table].columns)


def _draft(
    name: str,
    layer: str,
    path: Path,
    files: Mapping[str, tuple[str, Path]],
    schemas: Mapping[str, ModelSchema],
) -> Model:
    label = f"{layer}/{path.name}"
    if name in metadata.tables:
        raise BadModel(
            _("{model} has the name of a table of the store.").format(model=label),
            next_step=_("Name it stg_{name}, or after what it holds.").format(name=name),
        )
    sql = path.read_text(encoding="utf-8")
    query = parse_model(sql, label)
    if name not in schemas:
        raise BadModel(
            _("{model} is not described.").format(model=label),
            next_step=_("Add it to {file} with description, grain and columns.").format(
                file=f"{layer}/{FILE_NAME}"
            ),
        )
    read = _tables_read(query)
    unknown = [table for table in read if table not in files and table not in metadata.tables]
    if unknown:
        raise BadModel(
            _("{model} reads {table}, which does not exist.").format(model=label, table=unknown[0]),
            next_step=_did_you_mean(unknown[0], [*files, *metadata.tables]),
        )
    tables = tuple(table for table in read if table not in files)
    if tables and layer != "staging":
        raise BadModel(
            _("{model} reads the table {table} itself.").format(model=label, table=tables[0]),
            next_step=_("Only models in staging/ do; read one of them instead."),
        )
    if layer == "marts" and PROJECT not in {column.name for column in schemas[name].columns}:
        raise BadModel(
            _("{model} has no column project.").format(model=label),
            next_step=_("Select it: a run replaces the rows of its own project."),
        )
    models = tuple(table for table in read if table in files)
    later = next((one for one in models if LAYERS.index(files[one][0]) > LAYERS.index(layer)), None)
    if later is not None:
        raise BadModel(
            _("{model} reads {other}, which comes after it.").format(model=label, other=later),
            next_step=_("Models read their own layer or one before: staging, intermediate, marts."),
        )
    return Model(name, layer, path, sql, models, tables, schemas[name], "")


def _tables_read(query: exp.Query) -> list[str]:
    names = {cte.alias for cte in query.find_all(exp.CTE)}
    return sorted({table.name for table in query.find_all(exp.Table)} - names)


def _ordered(
    reads: Mapping[str, Sequence[str]], files: Mapping[str, tuple[str, Path]]
) -> list[str]:
    try:
        order = list(TopologicalSorter(reads).static_order())
    except CycleError as error:
        names = " → ".join(files[name][1].name for name in error.args[1])
        raise BadModel(
            _("These models read each other: {models}.").format(models=names),
            next_step=_("Let one of them read something else."),
        ) from error
    return sorted(order, key=lambda name: LAYERS.index(files[name][0]))
