"""Where KoboCollect and the web forms give different results for one expression.

Here: the points that were measured on both engines (JavaRosa of pyxform 4.5 and Enketo's
openrosa-xpath-evaluator 3), found in an expression's text. Not here: evaluating by either
(`meal_pipeline.expressions`).
"""

import re
from collections.abc import Iterator

from meal_pipeline.forms.expression_names import named_questions, without_literals
from meal_pipeline.lint.drawn import Drawn, DrawnRow
from meal_pipeline.locale import gettext as _

_REGEX = re.compile(r"\bregex\s*\([^,]*,\s*(?:'([^']*)'|\"([^\"]*)\")")
_OVER = re.compile(r"\b(sum|min|max)\s*\(\s*(\$\{[^}]*\})\s*\)")
_CONDITION = re.compile(r"\b(if|boolean)\s*\(\s*(?:\$\{[^}]*\}|\.)\s*[,)]")
_DATE_TEXT = re.compile(
    r"(\$\{[^}]*\}|(?<![\w.])\.(?![\w.]))\s*[<>]=?\s*['\"]\d{4}-\d\d?-\d\d?['\"]"
)
_CALL = re.compile(r"(?<![\w-])(round|number|area|distance|position)\s*\(\s*(\.\.\s*\))?")
_DATES = ("date", "dateTime", "today", "start", "end")


def engine_points(text: str, one: DrawnRow, drawn: Drawn) -> Iterator[tuple[str, str]]:
    """Give each point at which the two apps may differ on `text`, with what to write instead."""
    for first, second in _REGEX.findall(text):
        pattern = first or second
        if not (pattern.startswith("^") and pattern.endswith("$")):
            yield (
                _("regex() must fit the whole answer in KoboCollect; in web forms a part will do."),
                _("Write ^ before the pattern and $ after it."),
            )
    for function, reference in _OVER.findall(text):
        if any(_in_repeat(drawn, name) for name in named_questions(reference)):
            yield (
                _(
                    "{function}() skips empty answers in KoboCollect; in web forms one empty answer"
                    " makes the result empty."
                ).format(function=function),
                _("Let the question be required, or sum a calculation coalesce(${question}, 0)."),
            )
    bare = without_literals(text)
    for function in _CONDITION.findall(bare):
        yield (
            _(
                "An empty answer alone as the condition of {function}() is false in KoboCollect and"
                " true in web forms."
            ).format(function=function),
            _("Write what it is compared with, such as ${question} != ''."),
        )
    for reference in _DATE_TEXT.findall(text):
        names = named_questions(reference) or (one.name,)
        asked = [question for name in names for question in drawn.version.by_name.get(name, ())]
        if any(question.type in _DATES for question in asked):
            yield (
                _("A date compared with a text is false in KoboCollect and true in web forms."),
                _("Write date('2026-01-31') for the text."),
            )
    for function, parent in _CALL.findall(bare):
        yield from _of_function(function, own_row=bool(parent))


def _in_repeat(drawn: Drawn, name: str) -> bool:
    return any(drawn.rows[place].repeat is not None for place in drawn.by_name.get(name, ()))


def _of_function(function: str, *, own_row: bool) -> Iterator[tuple[str, str]]:
    match function:
        case "round":
            yield (
                _("round() takes negative halves up in KoboCollect and down in web forms."),
                _("Nothing, where the number is never negative."),
            )
        case "number":
            yield (
                _("number() reads 1,5 in KoboCollect only, and 1e3 in web forms only."),
                _("Ask for the number with integer or decimal."),
            )
        case "area" | "distance":
            yield (
                _("{function}() is rounded to two places in web forms.").format(function=function),
                _("Round it yourself: round({function}(…), 2).").format(function=function),
            )
        case "position" if not own_row:
            yield (
                _("position() of a path is 0 in KoboCollect."),
                _("Write position(..) inside the repeat."),
            )
