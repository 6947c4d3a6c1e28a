"""From the text of an expression to its nodes.

Here: the grammar of XLSForm expressions (XPath 1.0 with `${name}`), paths and conditions in
brackets included, and where a text does not keep to it. Not here: which functions there are and
what is computed.
Source: XPath 1.0, https://www.w3.org/TR/xpath-10/ ; https://docs.getodk.org/form-operators-functions/
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from meal_pipeline.expressions import nodes
from meal_pipeline.expressions.errors import ExpressionSyntaxError
from meal_pipeline.expressions.nodes import Node
from meal_pipeline.locale import gettext as _

DEEPEST = 100
"""How many parts may lie inside each other."""

# A word such as `and` is an operator only after a value; elsewhere it is a name. The lexer knows
# this from the grammar (lark's contextual lexer), as XPath 1.0 section 3.7 asks for.
_GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: equality (_AND equality)*
?equality: relation | equality EQUALITY relation    -> comparison
?relation: sum | relation RELATION sum              -> comparison
?sum: product ((PLUS | MINUS) product)*             -> arithmetic
?product: sign ((STAR | DIV | MOD) sign)*           -> arithmetic
?sign: union | MINUS sign                           -> negative
?union: path (_BAR path)*

?path: filter
     | filter SLASH steps                           -> path_from
     | steps                                        -> path_here
     | SLASH steps                                  -> path_root
?filter: primary | primary predicate+               -> filtered
?primary: REFERENCE                                 -> reference
        | STRING                                    -> text
        | NUMBER                                    -> number
        | call
        | _OPEN disjunction _CLOSE
call: FUNCTION _OPEN [disjunction (_COMMA disjunction)*] _CLOSE

steps: step (SLASH step)*
step: (NAME | STAR | HERE | PARENT | ATTRIBUTE) predicate*
    | AXIS (NAME | STAR | node_test) predicate*
node_test: FUNCTION _OPEN _CLOSE
predicate: "[" disjunction "]"

_OR.3: /or(?![\w.\-])/
_AND.3: /and(?![\w.\-])/
DIV.3: /div(?![\w.\-])/
MOD.3: /mod(?![\w.\-])/
EQUALITY: "!=" | "="
RELATION: "<=" | ">=" | "<" | ">"
PLUS: "+"
MINUS: "-"
STAR: "*"
_BAR: "|"
SLASH: "//" | "/"
_OPEN: "("
_CLOSE: ")"
_COMMA: ","
REFERENCE: /\$\{[^{}]*\}/
STRING: /"[^"]*"|'[^']*'/
NUMBER.2: /\d+(\.\d*)?|\.\d+/
PARENT.1: ".."
HERE: "."
AXIS.3: /[a-z\-]+\s*::\s*/
FUNCTION.2: /[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?(?=\s*\()/
NAME: /[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?/
ATTRIBUTE: /@[^\W\d][\w.\-:]*/
%ignore /\s+/
"""


def parse(text: str) -> Node:
    """Read an expression. Raises `ExpressionSyntaxError` at the character that does not fit."""
    if not text.strip():
        raise ExpressionSyntaxError(text, 0, _("it is empty."))
    try:
        root: Node = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    for node, depth in nodes.walk(root):
        if depth > DEEPEST:
            raise ExpressionSyntaxError(text, node.start, _("it is nested too deep."))
    return root


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Build())


class _Build(Transformer[Token, Node]):
    """Builds the nodes while the text is read; one method a rule of the grammar."""

    def number(self, parts: Sequence[Token]) -> Node:
        return nodes.Number(_start(parts[0]), float(parts[0]))

    def text(self, parts: Sequence[Token]) -> Node:
        return nodes.Text(_start(parts[0]), str(parts[0])[1:-1])

    def reference(self, parts: Sequence[Token]) -> Node:
        return nodes.Reference(_start(parts[0]), str(parts[0])[2:-1].strip())

    def call(self, parts: Sequence[Token | Node | None]) -> Node:
        name, *arguments = parts
        given = tuple(one for one in arguments if isinstance(one, Node))
        return nodes.Call(_start(name), str(name), given)

    def disjunction(self, parts: Sequence[Node]) -> Node:
        return nodes.Logic(parts[0].start, "or", tuple(parts))

    def conjunction(self, parts: Sequence[Node]) -> Node:
        return nodes.Logic(parts[0].start, "and", tuple(parts))

    def comparison(self, parts: tuple[Node, Token, Node]) -> Node:
        left, operator, right = parts
        return nodes.Comparison(left.start, str(operator), left, right)

    def arithmetic(self, parts: Sequence[Node | Token]) -> Node:
        first, *more = parts
        if not more:
            return first  # type: ignore[return-value]
        pairs = zip(more[::2], more[1::2], strict=True)
        rest = tuple((str(operator), operand) for operator, operand in pairs)
        return nodes.Arithmetic(_start(first), first, rest)  # type: ignore[arg-type]

    def negative(self, parts: tuple[Token, Node]) -> Node:
        return nodes.Negative(_start(parts[0]), parts[1])

    def union(self, parts: Sequence[Node]) -> Node:
        return nodes.Union(parts[0].start, tuple(parts))

    def predicate(self, parts: Sequence[Node]) -> Node:
        return parts[0]

    def node_test(self, parts: Sequence[Token]) -> Token:
        return parts[0].update(value=f"{parts[0]}()")

    def step(self, parts: Sequence[Token | Node]) -> Node:
        start = _start(parts[0])
        words = [str(part) for part in parts if isinstance(part, Token)]
        predicates = tuple(part for part in parts if isinstance(part, Node))
        axis = words[0].rstrip(" :\n\t") if len(words) > 1 else ""
        return nodes.Step(start, axis, words[-1], predicates)

    def steps(self, parts: Sequence[Token | nodes.Step]) -> tuple[nodes.Step, ...]:
        slashes = ["/", *(str(part) for part in parts if isinstance(part, Token))]
        steps = [part for part in parts if isinstance(part, nodes.Step)]
        return tuple(map(_after, slashes, steps))

    def filtered(self, parts: Sequence[Node]) -> Node:
        base, *predicates = parts
        return nodes.Path(base.start, base, False, (), tuple(predicates))

    def path_from(self, parts: tuple[Node, Token, tuple[nodes.Step, ...]]) -> Node:
        base, slash, (first, *more) = parts
        return nodes.Path(base.start, base, False, (_after(slash, first), *more))

    def path_root(self, parts: tuple[Token, tuple[nodes.Step, ...]]) -> Node:
        slash, (first, *more) = parts
        return nodes.Path(_start(slash), None, True, (_after(slash, first), *more))

    def path_here(self, parts: tuple[tuple[nodes.Step, ...]]) -> Node:
        steps = parts[0]
        if len(steps) == 1 and steps[0].test == "." and not steps[0].predicates:
            return nodes.Current(steps[0].start)
        return nodes.Path(steps[0].start, None, False, steps)


def _after(slash: str, step: nodes.Step) -> nodes.Step:
    """Give a step as what follows a slash: two of them look at all depths."""
    return replace(step, axis="//") if slash == "//" else step


def _start(part: Token | Node | None) -> int:
    if isinstance(part, Node):
        return part.start
    return (part.start_pos or 0) if part is not None else 0


def _syntax_error(text: str, error: UnexpectedInput) -> ExpressionSyntaxError:
    position = len(text.rstrip())
    if isinstance(error, UnexpectedCharacters):
        position = error.pos_in_stream or 0
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        position = error.token.start_pos or 0
    return ExpressionSyntaxError(text, position, _reason(text, position))


def _reason(text: str, position: int) -> str:  # noqa: PLR0911 - one guess a line
    if position >= len(text.rstrip()):
        outside = _without_quoted(text)
        if outside.count("(") > outside.count(")"):
            return _("a bracket is not closed.")
        return _("something is missing at the end.")
    character = text[position]
    if character in "‘’“”«»":
        return _("“{character}” is a typographic quote; write ' or \".").format(character=character)
    if character in "\"'":
        if text.count(character, position) == 1:
            return _("the text that starts here is not closed by {quote}.").format(quote=character)
        return _("an operator is missing before this text.")
    if character == ")":
        return _("this bracket closes nothing, or something is missing before it.")
    if character == "$":
        return _("a question is written ${{name}}, after an operator or a bracket.").format()
    if text.startswith("==", position) or text[position - 1 : position + 1] == "==":
        return _("equal is written with one =.")
    return _("“{character}” does not fit here.").format(character=character)


def _without_quoted(text: str) -> str:
    outside, quote = [], ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            outside.append(character)
    return "".join(outside)
