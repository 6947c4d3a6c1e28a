"""What a project declares and the newest version of a form breaks.

Here: every question and choice that indicators, splits, comparisons and the settings of a form
name, looked up in the newest version, before any number is computed. Not here: what happened to one
question (`fates`), names that no version has (`project_check`), and what is done with what is
broken (validate, measure).

A form is united from all its versions, so that old answers stay: a question that left the form is
then a column that is empty for everyone who is interviewed from now on. Numbers over it would
change their meaning without a word; so they wait until the project's file says what is meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion
from meal_pipeline.forms.expression_names import named_codes, named_questions
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.fates import Fate, Fates
from meal_pipeline.workspace.project import Project

Kind = Literal["indicator", "disaggregation", "comparison", "form", "rule"]


class FormDrifted(MealError):
    """A declaration names what the newest version of its form no longer has as it was."""


@dataclass(frozen=True)
class Drift:
    """One thing that is broken: of which kind, its code, where it is declared, what happened.

    `form` as kind stands for what all rows of the form rest on: eligible, rounds, arms, design;
    `subject` is then the form's code. `rule` is a rule of a suite, and `subject` its name.
    """

    kind: Kind
    subject: str
    key: str
    fate: Fate

    @property
    def sentence(self) -> str:
        """What is broken and why, in the language in use."""
        return self.fate.sentence(self.key)

    def error(self) -> FormDrifted:
        """Give it as an error in the language in use, with what to declare."""
        return FormDrifted(self.sentence, next_step=self.fate.fix)


@dataclass(frozen=True)
class NamedColumn:
    """A column that a rule of a suite names: the form and repeat it runs on, and the rule."""

    form: str
    repeat: str
    rule: str
    key: str
    column: str


def drift(
    project: Project, forms: Mapping[str, FormUnion], columns: Iterable[NamedColumn] = ()
) -> list[Drift]:
    """Give all that the newest version of each form breaks, in the order of the project's file.

    `forms` are all versions of each form together, as the project declares them one, by its code in
    the project; the last version of each counts as the newest, deployed or a draft. `columns` are
    those that suites name. Nothing broken gives an empty list.
    """
    found: dict[Drift, None] = {}
    for code, union in forms.items():
        if code not in project.forms or len(union.versions) < 2:
            continue
        fates = Fates(code, union, project.forms[code])
        for use in _uses(project, code):
            found.update(dict.fromkeys(_broken(use, fates)))
        for one in columns:
            fate = fates.of_column(one.column, one.repeat or None) if one.form == code else None
            if fate is not None:
                found[Drift("rule", one.rule, one.key, fate)] = None
    return list(found)


def refuse(drifts: Iterable[Drift]) -> None:
    """Raise FormDrifted for the first of these; nothing where there is none."""
    for one in drifts:
        raise one.error()


def stopped(project: Project, drifts: Iterable[Drift]) -> dict[tuple[str, str], Drift]:
    """Give the indicators and comparisons that cannot be computed, by kind and code.

    What all rows of a form rest on stops all its indicators. A comparison of a stopped indicator is
    not listed: it stops with it.
    """
    found: dict[tuple[str, str], Drift] = {}
    for one in drifts:
        if one.kind in ("indicator", "comparison"):
            found.setdefault((one.kind, one.subject), one)
        elif one.kind == "form":
            for code, indicator in project.indicators.items():
                if indicator.form == one.subject:
                    found.setdefault(("indicator", code), one)
    return found


@dataclass(frozen=True)
class _Use:
    """A place of the project's file that names questions: by an expression, or one by name."""

    kind: Kind
    subject: str
    key: str
    expression: str | None = None
    name: str | None = None


def _broken(use: _Use, fates: Fates) -> Iterator[Drift]:
    names = [use.name] if use.name else named_questions(use.expression)
    lost = [fate for name in names if (fate := fates.of_question(name))]
    codes = [
        fate
        for name, code in named_codes(use.expression)
        if not any(one.question == name for one in lost) and (fate := fates.of_choice(name, code))
    ]
    for fate in (*lost, *codes):
        yield Drift(use.kind, use.subject, use.key, fate)


def _uses(project: Project, code: str) -> Iterator[_Use]:
    form, where = project.forms[code], f"forms.{code}"
    measured = {name: one for name, one in project.indicators.items() if one.form == code}
    yield _Use("form", code, f"{where}.eligible", form.eligible)
    if measured:
        if project.rounds:
            yield _Use("form", code, "rounds.expression", project.rounds.expression)
        if project.arms:
            yield _Use("form", code, "arms.expression", project.arms.expression)
        for part in ("weights", "strata", "clusters"):
            name = getattr(project.design, part)
            yield _Use("form", code, f"design.{part}", name=name)
    splits: dict[str, None] = {}
    for name, one in measured.items():
        yield _Use("indicator", name, f"indicators.{name}.expression", one.expression)
        yield _Use("indicator", name, f"indicators.{name}.among", one.among)
        for split in one.disaggregate:
            splits.update(dict.fromkeys([split] if isinstance(split, str) else split))
    for name in splits:
        yield from _uses_of_split(project, name)
    for name, comparison in project.comparisons.items():
        if comparison.indicator in measured:
            where_it_is = f"comparisons.{name}.assignment_unit"
            yield _Use("comparison", name, where_it_is, name=comparison.assignment_unit)
            yield _Use("comparison", name, f"{where}.subject", name=form.subject)


def _uses_of_split(project: Project, name: str) -> Iterator[_Use]:
    """Give what a split names, and what the splits around it name."""
    around: str | None = name
    while around is not None and around in project.disaggregations:
        split = project.disaggregations[around]
        where = f"disaggregations.{around}"
        yield _Use("disaggregation", name, f"{where}.question", name=split.question)
        yield _Use("disaggregation", name, f"{where}.expression", split.expression)
        around = split.within


def kind_in_words(kind: Kind) -> str:
    """Give what is broken in words, in the language in use."""
    return {
        "indicator": _("indicator"),
        "disaggregation": _("disaggregation"),
        "comparison": _("comparison"),
        "form": _("all of the form"),
        "rule": _("rule"),
    }[kind]
