"""One answer of one question, as a person corrects it: which may be, and what its text becomes.

Here: whether a question can be corrected outside the server, the typed cells of a new answer, and
the text of an answer that is held. Not here: proposing and signing (correct), applying to rows
(validate).

An answer that is personal, a place on the map or a file is corrected on the server: what stands in
a correction is read by people who may not see such answers.
"""

from collections.abc import Collection, Mapping
from datetime import timezone
from typing import Any

import numpy as np
import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.forms.choice_codes import AmbiguousCodes, ChoiceCodes
from meal_pipeline.forms.errors import nearest_names
from meal_pipeline.forms.question_types import calendar_of, date_precision
from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.typed import recode, texts, to_pandas, type_column
from meal_pipeline.workspace.project import Form

_ON_SERVER_ONLY = ("geopoint", "line", "media")
_OWN = ("_", "meta/")


class NotCorrectedHere(MealError):
    """A question whose answers are corrected on the server only."""


class NoSuchAnswer(MealError):
    """A text that is no answer to its question."""


def correctable(
    union: FormUnion, form: Form, name: str, frames: Mapping[str, Collection[str]]
) -> Column:
    """Give the column of a question that may be corrected here.

    name: a question's name, a column's, or a path of any version. frames: the columns that the read
    snapshot has, by repeat ("" for the form's rows). Raises UnknownQuestion or AmbiguousQuestion,
    and NotCorrectedHere.
    """
    column = union.column(name)
    held = frames.get(column.repeat or "", ())
    if (
        column.kind in _ON_SERVER_ONLY
        or _is_personal(column, form)
        or column.name not in held
        or column.name.startswith(_OWN)
    ):
        raise NotCorrectedHere(
            _(
                "Answers to “{question}” are not corrected here: they are personal, a place or a"
                " file."
            ).format(question=column.name),
            next_step=_("Edit the row on the server; the next run brings the new answer."),
        )
    return column


def canonical_name(union: FormUnion, column: Column) -> str:
    """Give the name by which `union.column` finds this column: its own, else its newest path."""
    return column.name if union.by_name.get(column.name) is column else column.newest.path


def typed_cells(
    union: FormUnion,
    form: Form,
    column: Column,
    text: str | None,
    columns: Collection[str],
    *,
    version: str | None = None,
) -> dict[str, Any]:
    """Give the cells of the frame that the answer `text` fills: column → value, None for no answer.

    columns: those of the frame. version: the form version of the row, for what dates may be.
    Numbers and dates are read as reading does. Raises NoSuchAnswer for a text of another type, a
    code that the list has not, or a label in place of its code.
    """
    listed = [choice.name for choice in union.choices_of(column)]
    new_codes = _new_codes(column, form)
    prefix = f"{column.name}/"
    split = tuple(one.removeprefix(prefix) for one in columns if one.startswith(prefix))
    raw, _doubled = texts([None if text is None else text.strip()])
    if column.kind == "select_multiple":
        typed = type_column(raw, column.kind, split, ChoiceCodes(listed, new_codes))
    else:
        typed = type_column(recode(raw, new_codes), column.kind)
    for msgid in typed.unreadable.values():
        raise NoSuchAnswer(
            _(msgid).format(question=f"“{column.name}”"),
            next_step=_("Write the answer as the form would send it."),
        )
    if text is not None and column.kind in ("select_one", "select_multiple"):
        _check_codes(union, column, form, text, listed)
    cells = {f"{column.name}{end}": to_pandas(array)[0] for end, array in typed.columns.items()}
    said = _said_of_dates(column, version)
    cells |= {f"{column.name}{end}": None if text is None else one for end, one in said.items()}
    return {name: value for name, value in cells.items() if name in columns}


def held_text(column: Column, row: Mapping[str, Any]) -> str | None:
    """Give the answer that a row holds, as text that `typed_cells` reads into the same answer."""
    value = row[column.name]
    if value is None or pd.isna(value):
        return None
    if column.kind == "date":
        return str(pd.Timestamp(value).date().isoformat())
    if column.kind == "dateTime":
        return _moment_text(pd.Timestamp(value), row.get(f"{column.name}/offset_minutes"))
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def same_cells(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Tell whether two answers fill the same cells alike; missing equals missing."""
    return all(_same(value, others[name]) for name, value in some.items() if name in others)


def _same(one: Any, other: Any) -> bool:
    missing = one is None or pd.isna(one), other is None or pd.isna(other)
    return missing[0] and missing[1] if any(missing) else bool(one == other)


def _moment_text(moment: pd.Timestamp, offset: Any) -> str:
    if offset is None or pd.isna(offset):
        return moment.isoformat()
    zone = pd.Timedelta(minutes=int(offset)).to_pytimedelta()
    return moment.tz_convert(timezone(zone)).isoformat()


def _is_personal(column: Column, form: Form) -> bool:
    questions = column.questions.values()
    names = {column.name} | {one.name for one in questions} | {one.path for one in questions}
    declared = {name: form.personal_data[name] for name in names & form.personal_data.keys()}
    if declared:
        return any(one.treatment != "keep" for one in declared.values())
    return form.enumerator in names


def _new_codes(column: Column, form: Form) -> dict[str, str]:
    lists = {one.list_name for one in column.questions.values() if one.list_name}
    return {
        old: new for one in sorted(lists) for old, new in form.same_choices.get(one, {}).items()
    }


def _check_codes(
    union: FormUnion, column: Column, form: Form, text: str, listed: list[str]
) -> None:
    """Refuse codes that no version's list has; say so where a label was written for a code."""
    new_codes = _new_codes(column, form)
    known = {new_codes.get(code, code) for code in listed} | new_codes.keys()
    if not listed:
        return  # the list lies in a file that is not here
    codes = [text.strip()]
    if column.kind == "select_multiple":
        try:
            codes = ChoiceCodes(listed, new_codes).split(text)
        except AmbiguousCodes:  # told as unreadable before
            return
    unknown = [code for code in codes if code not in known]
    if not unknown:
        return
    for choice in union.choices_of(column):
        labels = {
            *choice.labels.values(),
            *(union.choice_label(column, choice.name, one) for one in LANGUAGES),
        }
        if text.strip() in labels:
            raise NoSuchAnswer(
                _("“{text}” is the label of a choice of “{question}”, not its code.").format(
                    text=text.strip(), question=column.name
                ),
                next_step=_("Write the code: {code}").format(code=choice.name),
            )
    near = nearest_names(unknown[0], sorted(known))
    raise NoSuchAnswer(
        _("“{text}” is no choice of “{question}”.").format(text=unknown[0], question=column.name),
        next_step=_("Write one of its codes: {codes}").format(
            codes=", ".join([*near, *(one for one in sorted(known) if one not in near)][:12])
        ),
    )


def _said_of_dates(column: Column, version: str | None) -> dict[str, str]:
    question = column.questions.get(version or "", column.newest)
    return {
        "/precision": date_precision(question.appearance),
        "/calendar": calendar_of(question.appearance),
    }
