"""Every key that a person may write in words, for `docs/project-file.md`.

Here: what the models of `project.yaml` and `meal.yaml` say of themselves, as Markdown; it takes the
place of what stands below a mark in the page. Run it with
`python -m meal_pipeline.workspace.describe docs/project-file.md`. Not here: the page's own words.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from meal_pipeline.workspace.project import Code, Names, Project
from meal_pipeline.workspace.schedule_words import Cron, Timezone
from meal_pipeline.workspace.server_address import ServerAddress
from meal_pipeline.workspace.settings import Settings

MARK = "<!-- What follows is made by: python -m meal_pipeline.workspace.describe FILE -->"
"""The line of the page below which the keys stand."""

_SIMPLE: Mapping[Any, str] = {
    str: "text",
    bool: "true or false",
    float: "number",
    int: "whole number",
    Code: "code",
    Cron: "cron line",
    Names: "text by language",
    ServerAddress: "address",
    Timezone: "time zone",
}


def keys_in_words() -> str:
    """Give every key of a project file and of the settings as Markdown."""
    return "\n".join(
        [
            *_sections("project.yaml", Project),
            *_sections("meal.yaml", Settings),
        ]
    )


def described(page: str) -> str:
    """Give the page with the keys as they are now below its mark. Raises ValueError without it."""
    words, mark, _old = page.partition(MARK)
    if not mark:
        raise ValueError(f"the page has no line {MARK}")
    return f"{words}{MARK}\n\n{keys_in_words()}"


def _sections(title: str, model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Give a section for a model and one for each model below it; `path` leads to its keys."""
    heading = f"### `{path}`" if path else f"## {title}"
    yield f"{heading}\n\n{_line(model.__doc__)}\n"
    yield "| key | what is written | if left out | meaning |\n|---|---|---|---|"
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        meaning = _line(field.description)
        yield f"| `{name}` | {_kind(hints[name])} | {_default(field)} | {meaning} |"
    yield ""
    for name in model.model_fields:
        below, step = _below(hints[name])
        if below is not None:
            yield from _sections(title, below, f"{path}.{name}{step}".lstrip("."))


def _below(hint: Any) -> tuple[type[BaseModel] | None, str]:
    """Give the model that a key holds, if any, and the step to it: `` or `.<code>`."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint, ""
    if get_origin(hint) in (Union, UnionType):
        return next((found for found in map(_below, get_args(hint)) if found[0]), (None, ""))
    if get_origin(hint) is dict:
        key, value = get_args(hint)
        return _below(value)[0], ".<code>" if key == Code else ".<question>"
    return None, ""


def _kind(hint: Any) -> str:
    """Say what is written as a value of this type."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inner)
    if origin in (Union, UnionType):
        return " or ".join(_kind(one) for one in inner if one is not type(None))
    kinds = " → ".join(map(_kind, inner))
    return f"list of: {kinds}" if origin is list else kinds or "keys below"


def _default(field: FieldInfo) -> str:
    """Say what holds when the key is left out."""
    if field.is_required():
        return "**needed**"
    value = field.default
    if value is None or value in ({}, []) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _line(text: str | None) -> str:
    if not text:
        raise ValueError("a key or a model has no description")
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(described(file.read_text("utf-8")), "utf-8")
