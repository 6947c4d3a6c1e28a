"""The valid rows of a form out of a snapshot, with only the columns that are needed.

Here: which columns a project's declarations need, and reading them. Not here: what they mean.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression
from meal_pipeline.forms import FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.matches import ProjectPlaces
from meal_pipeline.rows.assignments import codes_of
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.rows.unions import form_union
from meal_pipeline.store import Snapshot, Store
from meal_pipeline.workspace.project import Project

SUBMITTED = "_submission_time"
CLOCKS = frozenset({"start", "end", SUBMITTED})
"""What tells when a row was filled in; `today()` and `now()` ask for it."""


class NothingValidated(MealError):
    """The project has no validated rows yet."""


class FormNotInSnapshot(MealError):
    """A form of the project whose rows the snapshot does not hold."""


def validated(store: Store, project: str, snapshot_id: str | None = None) -> Snapshot:
    """Give the project's validated snapshot, or the one asked for.

    Raises NothingValidated, or SnapshotUnknown for an id that the project has not.
    """
    if snapshot_id is not None:
        return store.snapshots.open(project, snapshot_id)
    found = store.snapshots.latest(project, "validate")
    if found is None:
        raise NothingValidated(
            _("Project {project} has no validated rows yet.").format(project=project),
            next_step=f"meal run {project}",
        )
    return found


def forms_of(store: Store, project: Project) -> dict[str, FormUnion]:
    """Give all versions of each form together, by its code; forms never pulled are absent."""
    return _unions(store, project, {})


def forms_at(store: Store, project: Project, snapshot: Snapshot) -> dict[str, FormUnion]:
    """Give `forms_of` as they were when the rows of a validated snapshot were read.

    So an older snapshot keeps its categories when a later version of a form brings others.
    """
    read = snapshot.parents.get("read")
    made_of = {} if read is None else store.snapshots.open(project.code, read).parents
    return _unions(store, project, {code: one["versions"] for code, one in made_of.items()})


def _unions(
    store: Store, project: Project, known: Mapping[str, Collection[str]]
) -> dict[str, FormUnion]:
    """Unite each form's versions: those in `known` by the form's code, all where it has none."""
    found = {}
    for code, form in project.forms.items():
        union = form_union(store, project.server, form, known.get(code))
        if union is not None:
            found[code] = union
    return found


def load_rows(
    snapshot: Snapshot,
    project: Project,
    code: str,
    forms: Mapping[str, FormUnion],
    places: ProjectPlaces | None = None,
) -> FormRows:
    """Give a form's valid rows, with the columns that the project's declarations use.

    places: the list of places, with what was chosen for the project; without it codes stand.
    Raises FormNotInSnapshot.
    """
    if code not in forms or code not in snapshot.frames:
        raise FormNotInSnapshot(
            _("There are no rows of form {form} yet.").format(form=code),
            next_step=f"meal run {project.code}",
        )
    questions = set(_questions(project, code))
    names = {column.name for name in questions for column in _columns(forms[code], name)} | CLOCKS
    wanted = [
        column
        for column in snapshot.columns(code)
        if column in names or column.removesuffix("/offset_minutes") in names
    ]
    others = tuple(form for other, form in forms.items() if other != code)
    return FormRows(
        code, snapshot.frame(code, wanted), forms[code], others, places or ProjectPlaces()
    )


def _questions(project: Project, code: str) -> Iterator[str]:
    """Give the questions that the declarations of a form's rows name; some may not be in it."""
    yield from (
        name
        for name in (
            project.forms[code].subject,
            project.design.weights,
            project.design.strata,
            project.design.clusters,
            *(one.assignment_unit for one in project.comparisons.values()),
        )
        if name is not None
    )
    for text in _expressions(project, code):
        try:
            yield from compile_expression(text).references
        except MealError:
            continue  # it is named where it is used
    for one in _disaggregations(project, code):
        if one.question is not None:
            yield one.question


def _expressions(project: Project, code: str) -> Iterator[str]:
    if project.rounds:
        yield project.rounds.expression
    if project.arms:
        yield project.arms.expression
    for indicator in project.indicators.values():
        if indicator.form == code:
            yield indicator.expression
            if indicator.among is not None:
                yield indicator.among
    for one in _disaggregations(project, code):
        if one.expression is not None:
            yield one.expression


def _disaggregations(project: Project, code: str) -> Iterator[Any]:
    for indicator in project.indicators.values():
        if indicator.form == code:
            for pair in codes_of(indicator.disaggregate):
                for one in pair.split("|"):
                    yield from _with_places_around(project, project.disaggregations[one])


def _with_places_around(project: Project, split: Any) -> Iterator[Any]:
    yield split
    if split.within in project.disaggregations:
        yield from _with_places_around(project, project.disaggregations[split.within])


def _columns(form: FormUnion, name: str) -> Iterable[Any]:
    try:
        return [form.column(name)]
    except MealError:
        return []  # it is named where it is used
