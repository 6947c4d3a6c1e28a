"""Answers that do not go together, or that surprise.

Here: HFC16, HFC18, HFC20, HFC33 and HFC34. HFC19 (an answer where the form does not ask) is the
form's own rule `form.relevant`. Not here: hard constraints, which are rules of the form, too.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from meal_pipeline.expressions import Expression, compile_expression
from meal_pipeline.rows.form_rows import DeclarationError, declared_at
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun, Numbers
from meal_pipeline.validate.version_rows import columns_of, held_name

FOOD_GROUPS = (
    *("FCSStap", "FCSPulse", "FCSDairy", "FCSPr", "FCSVeg", "FCSFruit", "FCSFat", "FCSSugar"),
)
"""The food consumption score's questions; names of the World Food Programme's codebook."""


def soft_constraints(interviews: Interviews) -> Iterator[Found]:
    """HFC16: an answer that does not fulfil what answers usually do."""
    declared = interviews.settings.HFC16
    if declared is None:
        raise NotRun(key=f"validation.fieldwork.{interviews.form.code}.HFC16")
    for question, text in declared.usual.items():
        with declared_at(f"validation.fieldwork.{interviews.form.code}.HFC16.usual.{question}"):
            column = interviews.name(question)
            usual = _holds(interviews, text, column)
        asked = interviews.frame.column(column).notna().to_numpy(np.bool_)
        yield interviews.found(column, asked, ~usual, question=interviews.label(column), usual=text)


def contradictions(interviews: Interviews) -> Iterator[Found]:
    """HFC18: rows for which a declared contradiction is true."""
    declared, code = interviews.settings.HFC18, interviews.form.code
    if not declared:
        raise NotRun(key=f"validation.fieldwork.{code}.HFC18")
    everyone = np.ones(len(interviews), dtype=np.bool_)
    for name, one in declared.items():
        with declared_at(f"validation.fieldwork.{code}.HFC18.{name}.expression"):
            true = _holds(interviews, one.expression, None)
        rows, failed = interviews.rows(everyone), interviews.rows(true)
        yield Found(
            "",
            len(rows),
            len(rows),
            failed,
            message=one.message,
            severity=one.severity,
            rule=name,
        )


def none_and_others(interviews: Interviews) -> Iterator[Found]:
    """HFC20: a choice that stands alone, chosen with another."""
    alone = frozenset(interviews.settings.HFC20.codes)
    for one in interviews.of_kind("select_multiple"):
        choices = {choice.name for choice in interviews.form.union.choices_of(one)}
        if choices and not alone & choices:
            continue
        column = held_name(one.name)
        codes, values = pd.factorize(interviews.frame.column(column))
        several = [alone & set(parts) and len(parts) > 1 for parts in map(str.split, values)]
        wrong = np.array([*map(bool, several), False], dtype=np.bool_)[codes]
        yield interviews.found(one.name, codes >= 0, wrong, question=interviews.label(one.name))


def equal_answers(interviews: Interviews) -> Iterator[Found]:
    """HFC33: one answer to all questions of a battery (straight-lining)."""
    declared = interviews.settings.HFC33.batteries
    if not declared and not set(FOOD_GROUPS) <= set(interviews.frame.columns):
        raise NotRun(what="food_groups")
    for battery in declared or [list(FOOD_GROUPS)]:
        with declared_at(f"validation.fieldwork.{interviews.form.code}.HFC33.batteries"):
            columns = [interviews.column(question) for question in battery]
        asked = np.logical_and.reduce([one.notna().to_numpy(np.bool_) for one in columns])
        first = columns[0]
        equal = np.logical_and.reduce(
            [(one == first).fillna(False).to_numpy(np.bool_) for one in columns]
        )
        yield interviews.found(
            interviews.name(battery[0]), asked, equal, questions=len(battery),
            first=interviews.label(interviews.name(battery[0])),
        )  # fmt: skip


def composition(interviews: Interviews) -> Iterator[Found]:
    """HFC34: members by kind, or listed in the repeat, are not as many as the household's size."""
    declared, code = interviews.settings.HFC34, interviews.form.code
    if declared is None or not (declared.parts or declared.repeat):
        raise NotRun(key=f"validation.fieldwork.{code}.HFC34")
    with declared_at(f"validation.fieldwork.{code}.HFC34.size"):
        column = interviews.name(declared.size)
    size = interviews.numbers(column)
    if declared.parts:
        with declared_at(f"validation.fieldwork.{code}.HFC34.parts"):
            parts = [interviews.numbers(interviews.name(one)) for one in declared.parts]
        members = _sum(parts)
    else:
        members = _listed(interviews, str(declared.repeat))
    asked = ~np.isnan(size) & ~np.isnan(members)
    yield interviews.found(
        column,
        asked,
        asked & (members != size),
        values=lambda rows: [
            f"{a:g} ≠ {b:g}" for a, b in zip(members[rows], size[rows], strict=True)
        ],
    )


def _sum(parts: Sequence[Numbers]) -> Numbers:
    """Add up; a part without an answer counts as 0, and without any there is no sum."""
    table = np.stack(parts)
    total: Numbers = np.nansum(table, axis=0)
    return np.where(np.isnan(table).all(axis=0), np.nan, total)


def _listed(interviews: Interviews, repeat: str) -> Numbers:
    """Count the rows of a repeat in each interview; none says nothing where none was listed."""
    frames = interviews.form.frames
    if not repeat or repeat not in frames:
        where = f"validation.fieldwork.{interviews.form.code}.HFC34.repeat"
        raise DeclarationError(f"{where}: {repeat}", next_step=", ".join(filter(None, frames)))
    listed = frames[repeat].column("_id").value_counts()
    counts = interviews.frame.column("_id").map(listed)
    return np.asarray(counts.to_numpy(np.float64, na_value=np.nan))


def _holds(interviews: Interviews, text: str, current: str | None) -> BoolArray:
    union = interviews.form.union
    expression: Expression = compile_expression(text, union)
    names = [interviews.name(one) for one in expression.references]
    whole = interviews.frame
    wanted = {part for name in names for part in columns_of(whole, union.column(name))}
    wanted |= {"_submission_time", *([current] if current else [])}
    frame = whole.frame(one for one in whole.columns if one in wanted)
    return expression.holds(frame, current=current).to_numpy(np.bool_)
