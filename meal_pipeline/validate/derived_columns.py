"""Columns that suites may use beside the form's own.

Here: what they hold and how they come about. Not here: the expectations that use them. All are
columns of the form's frame (not of its repeats); one that cannot be worked out is not there, and
an expectation that names it is blocked.

- `_round`: the code of the row's round; "" where the project (or this form) has no rounds, missing
  where the row belongs to none of them.
- `_duration_minutes`: from the question of type `start` to that of type `end`; missing where the
  end lies before the start, since a wrong clock is no duration.
- `_submission_delay_minutes`: from the question of type `end` to `_submission_time`, which the
  server's clock gives; below 0 the device's clock was ahead, or wrong.
"""

from collections.abc import Mapping

import pandas as pd

from meal_pipeline.forms import FormUnion
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.form_rows import FormRows
from meal_pipeline.rows.split import Split
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.workspace.project import NOT_STATED


def derived_columns(rows: FormRows, rounds: Split | None) -> dict[str, pd.Series]:
    """Give the columns that can be worked out for these rows, by name.

    `rounds` is the split of the rows by round; None where it could not be worked out.
    """
    frame, found = rows.frame, {}
    if rounds is not None:
        labels = pd.Series(rounds.labels, dtype="str")
        found["_round"] = labels.where(labels != NOT_STATED).take(rounds.codes)
        found["_round"].index = frame.index
    start, end = (question_of_type(rows.form, frame, kind) for kind in ("start", "end"))
    if start and end:
        lasted = _minutes(frame[end] - frame[start])
        found["_duration_minutes"] = lasted.mask(lasted < 0)
    if end:
        found["_submission_delay_minutes"] = _minutes(frame["_submission_time"] - frame[end])
    return found


def needs(column: str) -> str | None:
    """Give what a form or project lacks when `column`, a derived one, is not there."""
    return _needed().get(column)


def question_of_type(
    form: FormUnion | None, frame: pd.DataFrame | LazyFrame, type_: str
) -> str | None:
    """Give the column of the form's question of a type that stands once, such as `start`."""
    columns = form.columns_of(None) if form is not None else ()
    names = [one.name for one in columns if one.type == type_ and one.name in frame.columns]
    return names[0] if names else None


def _minutes(spans: "pd.Series[pd.Timedelta]") -> pd.Series:
    return (spans.dt.total_seconds() / 60).astype("Float64")


def _needed() -> Mapping[str, str]:
    return {
        "_round": _("Correct rounds.expression in the project's file."),
        "_duration_minutes": _("Add questions of the types start and end to the form."),
        "_submission_delay_minutes": _("Add a question of the type end to the form."),
    }
