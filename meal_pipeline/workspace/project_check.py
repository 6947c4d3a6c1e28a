"""A project held against its deployed forms.

Here: every question, list and expression that the file names, looked up in the form as it is.
Not here: what the file says by itself (`project.py`), or what the data hold (validate, measure).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import compile_expression
from meal_pipeline.forms import (
    AmbiguousQuestion,
    Column,
    FormUnion,
    UnknownQuestion,
    guess_personal,
)
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.declared_file import DeclaredFile, read_yaml
from meal_pipeline.workspace.faults import ProjectFault, did_you_mean
from meal_pipeline.workspace.project import Project

SUBMITTED_BY = "_submitted_by"
_KEPT_IN_SNAPSHOTS = ("location", "media")
"""Kinds of personal data that stay in the private rows until a file says otherwise."""


def check_project(
    project: Project, forms: Mapping[str, FormUnion], *, file: Path | None = None
) -> list[ProjectFault]:
    """Give every name of the project that its forms do not have, and every expression they refuse.

    `forms` holds the forms by their code in the project; one that is absent is not checked. With
    `file`, the project's file, each fault tells its line. Nothing wrong gives an empty list.
    """
    known = {code: union for code, union in forms.items() if code in project.forms}
    checks = [_Check(project, code, union) for code, union in known.items()]
    found = [fault for check in checks for fault in check.faults()]
    written = None if file is None else read_yaml(file)
    place = file or Path("projects") / project.code / "project.yaml"
    faults = {(one.key, one.value): _placed(one, written, place) for one in found}
    return sorted(faults.values(), key=lambda fault: (fault.line or 0, fault.key))


@dataclass(frozen=True)
class _Found:
    key: str
    value: str
    message: str
    fix: str


def _placed(found: _Found, written: DeclaredFile | None, place: Path) -> ProjectFault:
    if written is None:
        return ProjectFault(place, found.key, None, found.value, found.message, found.fix)
    return written.fault(found.key, found.message, found.fix, value=found.value)


class _Check:
    """One form of the project, and what the project wants of it."""

    def __init__(self, project: Project, code: str, union: FormUnion) -> None:
        self._project = project
        self._code = code
        self._form = project.forms[code]
        self._union = union
        self._guessed = {
            guess.question
            for guess in guess_personal(union)
            if guess.kind not in _KEPT_IN_SNAPSHOTS
        }

    def faults(self) -> Iterator[_Found]:
        """Give what is wrong, in the order of the file."""
        yield from self._settings()
        measured = {
            code: one for code, one in self._project.indicators.items() if one.form == self._code
        }
        if measured:
            yield from self._rows_of_indicators()
        used: set[str] = set()
        for code, one in measured.items():
            yield from self._expression(f"indicators.{code}.expression", one.expression)
            yield from self._expression(f"indicators.{code}.among", one.among)
            for part in one.disaggregate:
                used.update([part] if isinstance(part, str) else part)
        for code in sorted(used):
            yield from self._disaggregation(code)
        for code, comparison in self._project.comparisons.items():
            if comparison.indicator in measured:
                yield from self._kept(
                    f"comparisons.{code}.assignment_unit", comparison.assignment_unit
                )

    def _settings(self) -> Iterator[_Found]:
        where = f"forms.{self._code}"
        yield from self._expression(f"{where}.eligible", self._form.eligible)
        yield from self._named(f"{where}.subject", self._form.subject)
        yield from self._kept(f"{where}.team", self._form.team)
        if self._form.enumerator != SUBMITTED_BY:
            yield from self._named(f"{where}.enumerator", self._form.enumerator)
        for name in self._form.personal_data:
            yield from self._named(f"{where}.personal_data.{name}", name)
        in_files = {
            one.list_name or ""
            for form in self._union.versions
            for one in form.questions
            if one.list_file
        }
        lists = sorted(in_files.union(*(form.choices for form in self._union.versions)))
        declared = [
            *(("same_choices", name) for name in self._form.same_choices),
            *(("no_longer_offered", name) for name in self._form.no_longer_offered),
        ]
        for key, name in declared:
            if name not in lists:
                yield _Found(
                    f"{where}.{key}.{name}",
                    name,
                    _("The form has no list of choices {name}.").format(name=name),
                    did_you_mean(name, lists),
                )
        yield from self._versions(where)

    def _versions(self, where: str) -> Iterator[_Found]:
        """Look up what is declared of the form's versions."""
        known = {
            name
            for column in self._union.columns
            for one in column.questions.values()
            for name in (one.name, one.path)
        }
        repeats = {
            name
            for united in self._union.repeats
            for one in united.repeats.values()
            for name in (one.name, one.path)
        }
        form = self._form
        declared = [
            *(("same_questions", pair, known) for pair in form.same_questions.items()),
            *(("same_repeats", pair, repeats) for pair in form.same_repeats.items()),
            *(("different_questions", ("", one), known) for one in form.different_questions),
            *(("no_longer_asked", ("", one), known) for one in form.no_longer_asked),
        ]
        for key, pair, among in declared:
            for name in pair:
                if name and name not in among:
                    place = f"{where}.{key}.{pair[0]}" if pair[0] else f"{where}.{key}"
                    said = _("No version of the form has {name}.").format(name=name)
                    yield _Found(place, name, said, did_you_mean(name, sorted(among)))

    def _rows_of_indicators(self) -> Iterator[_Found]:
        project = self._project
        if project.rounds:
            yield from self._expression("rounds.expression", project.rounds.expression)
        if project.arms:
            yield from self._expression("arms.expression", project.arms.expression)
        for part in ("weights", "strata", "clusters"):
            yield from self._kept(f"design.{part}", getattr(project.design, part))

    def _disaggregation(self, code: str) -> Iterator[_Found]:
        declared = self._project.disaggregations[code]
        where = f"disaggregations.{code}"
        yield from self._expression(f"{where}.expression", declared.expression)
        yield from self._kept(f"{where}.question", declared.question)
        if declared.question and declared.question in self._union.by_name:
            column = self._union.column(declared.question)
            if column.kind == "select_multiple":
                yield _Found(
                    f"{where}.question",
                    column.name,
                    _(
                        "Several answers may be chosen to {name}; they do not split the rows."
                    ).format(name=column.name),
                    _(
                        "Use an expression with categories, such as selected(${{{name}}}, 'a')."
                    ).format(name=column.name),
                )

    def _expression(self, key: str, text: str | None) -> Iterator[_Found]:
        if text is None:
            return
        try:
            references = compile_expression(text, self._union).references
        except (UnknownQuestion, AmbiguousQuestion) as error:
            yield _unknown(key, error)
        except MealError as error:
            sentence = str(error).splitlines()[0]
            yield _Found(key, text, sentence, error.next_step or _("Correct the expression."))
        else:
            yield from self._usable(key, references)

    def _named(self, key: str, name: str | None) -> Iterator[_Found]:
        """Look a question up."""
        if name is not None:
            try:
                self._union.column(name)
            except (UnknownQuestion, AmbiguousQuestion) as error:
                yield _unknown(key, error)

    def _kept(self, key: str, name: str | None) -> Iterator[_Found]:
        """Look a question up whose answers are computed with."""
        missing = list(self._named(key, name))
        yield from missing or self._usable(key, [name] if name else [])

    def _usable(self, key: str, names: Iterable[str]) -> Iterator[_Found]:
        """Refuse questions whose answers are not in the form's rows when they are computed with."""
        for name in names:
            column = self._union.column(name)
            if column.repeat is not None:
                yield _Found(
                    key,
                    column.name,
                    _("{name} is asked in the repeat {repeat}, once a member or item.").format(
                        name=column.name, repeat=column.repeat
                    ),
                    _("Use a question outside repeats, such as a calculation over them."),
                )
            elif self._withheld(column):
                yield _Found(
                    key,
                    column.name,
                    _("The answers to {name} are personal data and are not kept.").format(
                        name=column.name
                    ),
                    _("Say forms.{form}.personal_data.{name}: treatment pseudonym or keep.").format(
                        form=self._code, name=column.name
                    ),
                )

    def _withheld(self, column: Column) -> bool:
        questions = column.questions.values()
        names = {column.name, *(one.name for one in questions), *column.paths.values()}
        for name, question in self._form.personal_data.items():
            if name in names:
                return question.treatment == "drop"
        return column.name in self._guessed and column.name != self._form.enumerator


def _unknown(key: str, error: UnknownQuestion | AmbiguousQuestion) -> _Found:
    if isinstance(error, UnknownQuestion) and error.nearest:
        fix = _("Did you mean {name}?").format(name=error.nearest[0])
    else:
        fix = error.next_step or ""
    return _Found(key, error.name, str(error), fix)
