"""Remarks on expressions: broken, naming what is not there, out of order, different by app.

Here: one expression of one row at a time. Not here: where the apps differ (`engine_points`), and
reading expressions (`meal_pipeline.expressions`).
"""

import re
from collections.abc import Iterator

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import (
    ExpressionSyntaxError,
    UnsupportedExpression,
    compile_expression,
)
from meal_pipeline.forms import nearest_names
from meal_pipeline.forms.expression_names import named_codes, named_questions, without_literals
from meal_pipeline.lint.drawn import Drawn, DrawnRow
from meal_pipeline.lint.engine_points import engine_points
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.faults import did_you_mean

_NEVER = re.compile(r"\s*(false\s*\(\s*\)|0|false|1\s*=\s*[02])\s*", re.IGNORECASE)
_OTHERWISE = re.compile(r"\bor\b|!=|\bnot\s*\(")


def expression_remarks(drawn: Drawn) -> Iterator[FormRemark]:
    """Give them in the order of the form."""
    for place, one in enumerate(drawn.rows):
        for column, text in one.expressions():
            yield from _of_text(drawn, one, column, text)
        yield from _unknown(drawn, one, "choice_filter", one.row.cells.get("choice_filter"))
        yield from _order(drawn, place)
        own = one.row.cells.get("relevant")
        if own is not None and _never(drawn, own):
            yield _remark(
                "relevant.never",
                one,
                _("{name} is never asked: its condition cannot hold.").format(name=one.name),
                _("Correct relevant, or take the row out."),
            )
        if one.is_required and any(_never(drawn, text) for text in (*one.around, own or "")):
            yield _remark(
                "required.never_asked",
                one,
                _("{name} is required, but stands where nothing is ever asked.").format(
                    name=one.name
                ),
                _("Correct the condition of its group, or take required away."),
            )


def _of_text(drawn: Drawn, one: DrawnRow, column: str, text: str) -> Iterator[FormRemark]:
    try:
        compile_expression(text)
    except ExpressionSyntaxError as error:
        said = str(error).splitlines()[0]
        message = _("{column}: {reason}").format(column=column, reason=said)
        fix = error.next_step or _("Correct the expression: {text}").format(text=text)
        yield _remark("expression.broken", one, message, fix)
        return
    except UnsupportedExpression as error:
        message = _("{column}: {reason}").format(column=column, reason=error)
        fix = _("The apps evaluate it; this check of rows is left out.")
        yield _remark("expression.not_evaluated", one, message, fix)
    except MealError as error:
        message = _("{column}: {reason}").format(column=column, reason=error)
        yield _remark("expression.broken", one, message, error.next_step or "")
        return
    yield from _unknown(drawn, one, column, text)
    for question, code in named_codes(text):
        codes = drawn.codes_of(question)
        if codes and code not in codes:
            yield _remark(
                "expression.unknown_choice",
                one,
                _("{column}: {question} has no choice {code}.").format(
                    column=column, question=question, code=code
                ),
                did_you_mean(code, sorted(codes)),
            )
    for message, fix in engine_points(text, one, drawn):
        said = _("{column}: {reason}").format(column=column, reason=message)
        yield _remark("expression.engines_differ", one, said, fix)


def _unknown(drawn: Drawn, one: DrawnRow, column: str, text: str | None) -> Iterator[FormRemark]:
    known = set(drawn.by_name) | set(drawn.version.by_name)
    for name in named_questions(text):
        if name not in known and name.rpartition("/")[2] not in known:
            near = nearest_names(name, known, count=1)
            message = _("{column}: the form has no question {question}.")
            fix = _("Did you mean {name}?").format(name=near[0]) if near else ""
            yield _remark(
                "expression.unknown_question",
                one,
                message.format(column=column, question=name),
                fix or _("Correct the name."),
            )


def _order(drawn: Drawn, place: int) -> Iterator[FormRemark]:
    """Find what a condition asks for before it is asked."""
    one = drawn.rows[place]
    for name in named_questions(one.row.cells.get("relevant")):
        places = drawn.by_name.get(name, [])
        by_hand = [at for at in places if drawn.rows[at].is_asked]
        if by_hand and by_hand == places and min(places) > place:
            later = drawn.rows[min(places)].row.number
            said = _("{name} is asked depending on {question}, which comes later (row {row}).")
            message = said.format(name=one.name, question=name, row=later)
            fix = _("Move {question} before it.").format(question=name)
            yield _remark("relevant.later", one, message, fix)


def _never(drawn: Drawn, text: str) -> bool:
    """Tell whether a condition cannot hold: it is false, or asks for a choice that is not there."""
    if _NEVER.fullmatch(text):
        return True
    if _OTHERWISE.search(without_literals(text)) or "if(" in text or "!=" in text:
        return False
    return any(
        codes and code not in codes
        for question, code in named_codes(text)
        if (codes := drawn.codes_of(question)) is not None
    )


def _remark(code: str, one: DrawnRow, message: str, fix: str) -> FormRemark:
    return FormRemark(code, "survey", one.row.number, one.name, message, fix)
