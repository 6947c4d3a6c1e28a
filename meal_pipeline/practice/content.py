"""What the content of a form says about its questions.

Here: reading `survey` rows, as KoboToolbox stores them. Not here: making content of an XLSForm's
rows (`authoring`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

_OPENING = "begin_"
_CLOSING = "end_"


def named(question: Mapping[str, Any]) -> str:
    """Give the name of a question, which old content keeps as `$autoname` only."""
    return str(question.get("name") or question.get("$autoname") or "")


def paths(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each group and question with its full path, in order."""
    inside: list[str] = []
    for question in content.get("survey", ()):
        kind = str(question.get("type", ""))
        if kind.startswith(_CLOSING):
            if inside:
                inside.pop()
            continue
        yield str(question.get("$xpath") or "/".join((*inside, named(question)))), question
        if kind.startswith(_OPENING):
            inside.append(named(question))


def repeats_of(content: Mapping[str, Any]) -> frozenset[str]:
    """Give the full paths of a form's repeats."""
    return frozenset(
        path for path, question in paths(content) if question.get("type") == "begin_repeat"
    )
