"""Which place each row means, where a project splits its rows by places.

Here: the answers of a split by place, the place around each, and what the list of places makes of
them. Not here: the rule of matching (`places.matching`), the splits themselves (`assignments`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.forms import FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.matches import ProjectPlaces
from meal_pipeline.places.matching import Asked, Match, Matcher, match_all
from meal_pipeline.rows.conversions import as_text
from meal_pipeline.rows.evaluation import compiled
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.store import Snapshot
from meal_pipeline.workspace.project import Disaggregation, Names, Project


class PlaceAroundUnknown(MealError):
    """A project says that places lie in one that the list of places has not."""


class PlacesUnresolved(MealError):
    """Answers that no place could be told of; their rows are in no place's figure."""


@dataclass(frozen=True, eq=False)
class PlaceAnswers:
    """What the rows of a form answered to a split by place, and what that means.

    `codes`: each row's P-code, None where nothing is stated or resolved. `rows`: how many rows gave
    each answer. `names`: the categories in order, P-code → names by language.
    """

    codes: pd.Series
    matches: Mapping[Asked, Match]
    rows: Mapping[Asked, int]
    names: Mapping[str, Names]
    matcher: Matcher

    def unresolved(self) -> dict[Asked, int]:
        """Give the answers that mean no known place, with their rows, the most frequent first."""
        left = {one: n for one, n in self.rows.items() if self.matches[one].pcode is None}
        return dict(sorted(left.items(), key=lambda pair: (-pair[1], pair[0].spelling)))


def place_answers(rows: FormRows, project: Project, code: str) -> PlaceAnswers | None:
    """Give the places of a split's answers; None for a split that is not matched.

    Such is one that is not by place, or one in a workspace without a list of places whose project
    names none itself: then its codes stand for themselves.

    Raises PlaceAroundUnknown, and what `FormRows.answers` and expressions raise.
    """
    declared = project.disaggregations[code]
    if not declared.place or not (rows.places.known or declared.categories):
        return None
    known, named = rows.places.known, declared.categories or {}
    own = {one: names for one, names in named.items() if not known or known.by_code(one)}
    labels = _labels(rows.form, declared)
    labels |= {one: tuple(names.values()) for one, names in named.items() if one not in own}
    around = _around(rows, project, declared)
    asked = [
        Asked(answer, labels.get(answer, ()), declared.admin_level, outer)
        if isinstance(answer, str) and answer.strip()
        else None
        for answer, outer in zip(answers_of(rows, declared), around, strict=True)
    ]
    matcher = rows.places.matcher(code, own)
    counted = Counter(one for one in asked if one is not None)
    matches = match_all(matcher, counted)
    codes = [None if one is None else matches[one].pcode for one in asked]
    listed = (
        matcher.match(Asked(choice, names, declared.admin_level, "")).pcode
        for choice, names in labels.items()
    )
    found = [*own, *listed, *sorted({one for one in codes if one})]
    return PlaceAnswers(
        pd.Series(codes, index=rows.frame.index, dtype=object),
        matches,
        counted,
        {one: _names(one, declared, rows.places) for one in dict.fromkeys(found) if one},
        matcher,
    )


def check_places(found: PlaceAnswers, project: str) -> None:
    """Raise PlacesUnresolved where rows give a place that is not resolved, with their number."""
    left = found.unresolved()
    if left:
        raise PlacesUnresolved(
            _(
                "{n} of {total} rows with a place are counted as not stated: their answers are no"
                " known place, such as “{example}” ({answers} different)."
            ).format(
                n=sum(left.values()),
                total=sum(found.rows.values()),
                answers=len(left),
                example=next(iter(left)).spelling,
            ),
            next_step=_("See them with what may be meant: {command}").format(
                command=f"meal places resolve {project}"
            ),
        )


def answers_of(rows: FormRows, declared: Disaggregation) -> pd.Series:
    """Give what the rows answer to a split, or what its expression gives, as text."""
    if declared.question is not None:
        return as_text(rows.answers(declared.question))
    return as_text(compiled(str(declared.expression), rows).evaluate(rows.frame))


def answered_places(
    snapshot: Snapshot, project: Project, forms: Mapping[str, FormUnion], places: ProjectPlaces
) -> Iterator[tuple[str, str, PlaceAnswers]]:
    """Give the answers to every split by place of every form: form, code of the split, answers.

    snapshot: one with the frames of the forms, such as that of the read rows.
    """
    splits = {code: one for code, one in project.disaggregations.items() if one.place}
    for form, union in forms.items():
        if form not in snapshot.frames:
            continue
        asked = {
            code: one
            for code, one in splits.items()
            if one.question is None or one.question in union.by_name
        }
        rows = FormRows(form, snapshot.frame(form), union, (), places)
        for code in asked:
            found = place_answers(rows, project, code)
            if found is not None:
                yield form, code, found


def _around(rows: FormRows, project: Project, declared: Disaggregation) -> list[str]:
    """Give the P-code of the place around each row's place, '' where it is not known."""
    within = declared.within
    if within is None:
        return [""] * len(rows)
    if within in project.disaggregations:
        outer = place_answers(rows, project, within)
        codes = outer.codes if outer else answers_of(rows, project.disaggregations[within])
        return [one if isinstance(one, str) else "" for one in codes]
    known = rows.places.known.by_code(within)
    if known is None and rows.places.known:
        raise PlaceAroundUnknown(
            _("within: the list of places has no {code}.").format(code=within),
            next_step=_("Correct the P-code, or import its list: meal places import FILE"),
        )
    return [known.pcode if known else ""] * len(rows)


def _labels(form: FormUnion | None, declared: Disaggregation) -> dict[str, tuple[str, ...]]:
    """Give the labels of each choice of the split's question, in the form's order."""
    if form is None or declared.question is None:
        return {}
    choices = form.choices_of(form.column(declared.question))
    return {one.name: tuple(one.labels.values()) for one in choices}


def _names(pcode: str, declared: Disaggregation, places: ProjectPlaces) -> Names:
    own = (declared.categories or {}).get(pcode)
    place = places.known.places.get(pcode)
    return own or (place.names if place else {}) or {"en": pcode}
