"""The parts of a parsed expression.

Here: frozen nodes, how to reach what is inside one, and how deep they lie. Not here: reading
(`parser`) and computing (`evaluation`).
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A part of an expression that starts at the character `start` of its text, from 0."""

    start: int


@dataclass(frozen=True)
class Number(Node):
    """A number as written."""

    value: float


@dataclass(frozen=True)
class Text(Node):
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Reference(Node):
    """`${name}`: the answer to a question."""

    name: str


@dataclass(frozen=True)
class Current(Node):
    """`.`: the answer to the question that the expression belongs to."""


@dataclass(frozen=True)
class Call(Node):
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Logic(Node):
    """Conditions joined by `and` or by `or`."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Comparison(Node):
    """Two values compared by `=`, `!=`, `<`, `<=`, `>` or `>=`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Arithmetic(Node):
    """Values joined from left to right by operators of one strength: `+ -` or `* div mod`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Negative(Node):
    """A value with a minus before it."""

    operand: Node


@dataclass(frozen=True)
class Union(Node):
    """Sets of answers joined by `|`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Step(Node):
    """One step of a path: its axis, what it looks for, and its conditions in brackets."""

    axis: str
    test: str
    predicates: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Path(Node):
    """A way to a set of answers: from `base` (none: from the root, or from here), by `steps`."""

    base: Node | None
    absolute: bool
    steps: tuple[Step, ...]
    predicates: tuple[Node, ...] = ()


def inside(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 - one case a node
    """Give the parts directly inside a node, from left to right."""
    match node:
        case Call():
            return node.arguments
        case Logic() | Union():
            return node.operands
        case Comparison():
            return (node.left, node.right)
        case Arithmetic():
            return (node.first, *(operand for _operator, operand in node.rest))
        case Negative():
            return (node.operand,)
        case Step():
            return node.predicates
        case Path():
            base = () if node.base is None else (node.base,)
            return (*base, *node.predicates, *node.steps)
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Give every node with its depth, from left to right; the root's is 1."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(part, depth + 1) for part in reversed(inside(node))]
