"""SQL models as files: one SELECT each, in staging/, intermediate/ and marts/.

Here: reading them with their schema files and putting them in the order of what reads what. Not
here: what may stand in one (`portability.py`) or building them (`building.py`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


Faults = dict[str, BadModel]
"""What is wrong with a model, by its name."""


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
    models, faults = load_usable_models(folders)
    for fault in faults.values():
        raise fault
    return models


def load_usable_models(folders: Sequence[Path]) -> tuple[Models, Faults]:
    """Read the models that can be used, and give by name what is wrong with the others.

    A model that reads one that cannot be used cannot be used, either. Raises BadFile for a schema
    file with faults: it describes all models of its folder.
    """
    files: dict[str, tuple[str, Path]] = {}
    schemas: dict[str, ModelSchema] = {}
    for folder in folders:
        for layer in LAYERS:
            for path in sorted((folder / layer).glob("*.sql")):
                files[path.stem] = (layer, path)
            if (folder / layer / FILE_NAME).is_file():
                schemas.update(read_schema(folder / layer / FILE_NAME))
    faults: Faults = {}
    for name in sorted(schemas.keys() - files.keys()):
        faults[name] = _without_file(name, files)
    drafts: dict[str, Model] = {}
    for name in sorted(files):
        try:
            if name in schemas:
                _check_schema(name, files[name][0], schemas)
            drafts[name] = _draft(name, *files[name], files, schemas)
        except BadModel as error:
            faults[name] = error
    for name, draft in drafts.items():
        if (fault := _private_fault(draft, drafts)) is not None:
            faults[name] = fault
    faults |= _cycle_faults(drafts, files)
    good = leave_out_readers(drafts, faults)
    reads = {name: draft.depends_on for name, draft in good.items()}
    order = sorted(
        TopologicalSorter(reads).static_order(), key=lambda name: LAYERS.index(files[name][0])
    )
    done: dict[str, Model] = {}
    for name in order:
        done[name] = replace(good[name], sql_hash=_digest(good[name], done))
    return Models(done), faults


def leave_out_readers(models: Mapping[str, Model], faults: Faults) -> dict[str, Model]:
    """Give the models that need none of those in `faults`, and put the others there, too."""
    good = {name: model for name, model in models.items() if name not in faults}
    while readers := [one for one in good.values() if faults.keys() & set(one.depends_on)]:
        for model in readers:
            other = next(one for one in model.depends_on if one in faults)
            faults[model.name] = BadModel(
                _("{model} is left out: it reads {other}, which cannot be used.").format(
                    model=model.label, other=other
                ),
                next_step=_("Correct {other}.").format(other=other),
            )
            del good[model.name]
    return good


def _digest(draft: Model, done: Mapping[str, Model]) -> str:
    """Hash a model's file, its columns as described, and all that it reads."""
    text = draft.sql.encode() + "".join(done[other].sql_hash for other in draft.depends_on).encode()
    columns = "\x1f".join(
        [
            *draft.columns,
            *(f"{table}.{one.name}" for table in draft.tables for one in _columns(table)),
        ]
    )
    return hashlib.sha256(text + columns.encode()).hexdigest()


def _private_fault(draft: Model, drafts: Mapping[str, Model]) -> BadModel | None:
    """Refuse a mart that reads figures before the small ones were withheld."""
    for other in draft.depends_on:
        if draft.layer == "marts" and other in drafts:
            if not COMPLETE.intersection(drafts[other].tables):
                continue
            return BadModel(
                _("{model} reads {other}, in which nothing is withheld yet.").format(
                    model=draft.label, other=other
                ),
                next_step=_("Read int_shown_figures instead."),
            )
    return None


def _without_file(name: str, files: Iterable[str]) -> BadModel:
    return BadModel(
        _("A {file} describes {model}, and no SQL file has this name.").format(
            file=FILE_NAME, model=name
        ),
        next_step=_did_you_mean(name, files),
    )


def _check_schema(name: str, layer: str, schemas: Mapping[str, ModelSchema]) -> None:
    """Refuse what a schema file says of columns and models that are not there."""
    schema, label = schemas[name], f"{layer}/{FILE_NAME}: {name}"
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


def _cycle_faults(
    drafts: Mapping[str, Model], files: Mapping[str, tuple[str, Path]]
) -> dict[str, BadModel]:
    """Give the models that read each other, each with the same complaint."""
    faults: dict[str, BadModel] = {}
    while True:
        reads = {
            name: [one for one in draft.depends_on if one not in faults]
            for name, draft in drafts.items()
            if name not in faults
        }
        try:
            tuple(TopologicalSorter(reads).static_order())
        except CycleError as error:
            ring = error.args[1]
            complaint = BadModel(
                _("These models read each other: {models}.").format(
                    models=" → ".join(files[name][1].name for name in ring)
                ),
                next_step=_("Let one of them read something else."),
            )
            faults |= dict.fromkeys(ring, complaint)
        else:
            return faults
