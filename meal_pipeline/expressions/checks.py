"""What of an expression can be told wrong, or not evaluated, before there are rows.

Here: functions and their arguments, paths, names, and kinds of questions. Not here: reading
(`parser`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import ExpressionSyntaxError, UnsupportedExpression
from meal_pipeline.expressions.functions import FUNCTIONS, NOT_EVALUATED
from meal_pipeline.expressions.lookups import question_named
from meal_pipeline.expressions.names import Form, Names
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.expressions.parser import parse
from meal_pipeline.forms import FormUnion, Question, UnknownQuestion, nearest_names
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

_TAKEN_BY = {
    "time": {"decimal-time"},
    "geopoint": {"area", "distance", "count", "count-non-empty"},
    "line": {"area", "distance", "count", "count-non-empty"},
}
"""The functions that may be asked of questions whose answers are else not computed with."""


@dataclass(frozen=True)
class Found:
    """A part of an expression, the part around it, and whether it stands in square brackets."""

    node: Node
    around: Node | None = None
    in_brackets: bool = False
    in_list: bool = False


def parts(root: Node) -> Iterator[Found]:
    """Give every part of an expression, from left to right."""
    waiting = [Found(root)]
    while waiting:
        found = waiting.pop()
        yield found
        node = found.node
        bracketed, listed = found.in_brackets, found.in_list
        inner = []
        if isinstance(node, nodes.Path):
            below = listed or _is_list(node)
            steps = [(one, True, below) for step in node.steps for one in step.predicates]
            own = [(one, True, listed) for one in node.predicates]
            base = [] if node.base is None else [(node.base, bracketed, listed)]
            inner = [*base, *own, *steps]
        else:
            inner = [(one, bracketed, listed) for one in nodes.inside(node)]
        waiting += [Found(one, node, where, lists) for one, where, lists in reversed(inner)]


def _is_list(path: nodes.Path) -> bool:
    return isinstance(path.base, nodes.Call) and path.base.function == "instance"


@lru_cache(maxsize=4096)
def read(text: str) -> Node:
    """Read an expression and check what needs no form.

    Raises `ExpressionSyntaxError` and `UnsupportedExpression`.
    """
    root = parse(text)
    for found in parts(root):
        match found.node:
            case nodes.Call():
                _check_call(text, found.node)
            case nodes.Reference(name=name):
                _check_reference(text, found.node.start, name)
            case nodes.Path():
                _check_path(text, found)
            case nodes.Union():
                raise UnsupportedExpression("|", _("Joining answers by | is not evaluated."))
    return root


def _check_call(text: str, call: nodes.Call) -> None:
    name, given = call.function, len(call.arguments)
    if name in NOT_EVALUATED:
        raise UnsupportedExpression(name, _(NOT_EVALUATED[name]))
    if name not in FUNCTIONS:
        near = nearest_names(name, [*FUNCTIONS, *NOT_EVALUATED], count=1)
        reason = _("there is no function {name}().").format(name=name)
        if near:
            reason += " " + _("The nearest is {name}().").format(name=near[0])
        raise ExpressionSyntaxError(text, call.start, reason)
    function = FUNCTIONS[name]
    if given < function.fewest:
        reason = ngettext(
            "{name}() takes at least {count} argument.",
            "{name}() takes at least {count} arguments.",
            function.fewest,
        ).format(name=name, count=function.fewest)
        raise ExpressionSyntaxError(text, call.start, reason)
    if given > function.most:
        reason = ngettext(
            "{name}() takes at most {count} argument.",
            "{name}() takes at most {count} arguments.",
            function.most,
        ).format(name=name, count=function.most)
        raise ExpressionSyntaxError(text, call.start, reason)
    if not function.takes_so_many(given):
        reason = _("{name}() takes its last arguments in pairs, and one is missing.")
        raise ExpressionSyntaxError(text, call.start, reason.format(name=name))
    if name == "instance" and _list_named(call).startswith("__last-saved"):
        raise _last_saved("__last-saved")


def _list_named(call: nodes.Call) -> str:
    (argument,) = call.arguments
    return argument.value if isinstance(argument, nodes.Text) else ""


def _check_reference(text: str, start: int, name: str) -> None:
    if not name:
        raise ExpressionSyntaxError(text, start, _("the name of the question is missing."))
    if name.startswith("last-saved#"):
        raise _last_saved(name)


def _last_saved(name: str) -> UnsupportedExpression:
    return UnsupportedExpression(
        "last-saved",
        _("“{name}” asks for the form last saved on the device, which no row tells.").format(
            name=name
        ),
    )


def _check_path(text: str, found: Found) -> None:
    path = found.node
    assert isinstance(path, nodes.Path)
    odd = [
        step
        for step in path.steps
        if step.axis not in ("", "child") or step.test[0] in "@*" or step.test.endswith(")")
    ]
    if odd:
        raise UnsupportedExpression(
            "path", _("The path in “{text}” is not evaluated.").format(text=text)
        )
    relative = path.base is None and not path.absolute
    if relative and not found.in_brackets and path.steps[0].test not in (".", ".."):
        name = path.steps[0].test
        raise UnsupportedExpression(
            name,
            _("“{name}” alone is a path, and is nothing to the apps here.").format(name=name),
            next_step=_("Write the question as ${{{name}}}.").format(name=name),
        )


def references(root: Node, form: Form | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the questions that an expression asks for, and the repeats, each once, in order.

    Raises `UnknownQuestion` or `AmbiguousQuestion` for a name that is not one of the form's, and
    `UnsupportedExpression` for questions whose answers are not computed with.
    """
    names = Names(form)
    questions: dict[str, None] = {}
    repeats: dict[str, None] = {}
    for found in parts(root):
        name = _name_of(found, names)
        if name is None:
            continue
        if names.repeat(name) is not None or _stands_for_repeat(found):
            repeats[name] = None
            if form is not None and names.repeat(name) is None:
                raise UnknownQuestion(
                    name, nearest_names(name, (one.name for one in names.repeats))
                )
            continue
        question = names.question(name)
        questions[name] = None
        if question is not None:
            _check_question(question, name, found.around)
    return tuple(questions), tuple(repeats)


def _name_of(found: Found, names: Names) -> str | None:
    match found.node:
        case nodes.Reference(name=name):
            return name
        case nodes.Path() as path if not _is_list(path) and not found.in_list:
            steps = [one.test for one in path.steps if one.test not in (".", "..")]
            if path.absolute:
                steps = steps[1:]
            inside = isinstance(path.base, nodes.Reference | nodes.Path)
            return names.at_path(steps) if steps and (not inside or names.form) else None
        case nodes.Call(function="jr:choice-name", arguments=(_value, nodes.Text(value=quoted))):
            names.question(question_named(quoted))
    return None


def _stands_for_repeat(found: Found) -> bool:
    """Tell whether it is an argument of indexed-repeat() that names a repeat."""
    call = found.around
    if not isinstance(call, nodes.Call) or call.function != "indexed-repeat":
        return False
    return any(one is found.node for one in call.arguments[1::2])


def _check_question(question: Question, name: str, around: Node | None) -> None:
    taken_by = _TAKEN_BY.get(question.kind)
    if taken_by is None or (isinstance(around, nodes.Call) and around.function in taken_by):
        return
    if isinstance(around, nodes.Comparison) and around.operator in ("=", "!="):
        other = around.right if isinstance(around.left, nodes.Reference) else around.left
        if isinstance(other, nodes.Text) and not other.value:
            return
    raise UnsupportedExpression(
        f"${{{name}}}",
        _("“{name}” is of type {type}; expressions over that are not evaluated.").format(
            name=name, type=question.type
        ),
    )


def uses_current(root: Node) -> bool:
    """Tell whether an expression asks for the question that it belongs to."""
    for found in parts(root):
        match found.node:
            case nodes.Current() if not found.in_brackets:
                return True
            case nodes.Call(function="once" | "current"):
                return True
            case nodes.Path(base=None, absolute=False) if not found.in_brackets:
                return True
    return False


def where_in_form(form: Form | None, text: str) -> str | None:
    """Tell which question of a form an expression belongs to, in words; none where unknown."""
    questions = () if form is None else _questions(form)
    for question in questions:
        for column in ("relevant", "constraint", "calculation", "required", "choice_filter"):
            if getattr(question, column) == text:
                return _("It is the {column} of “{question}”.").format(
                    column=column, question=question.name
                )
    return None


def _questions(form: Form) -> tuple[Question, ...]:
    return form.newest.questions if isinstance(form, FormUnion) else form.questions
