"""A YAML file held against its typed shape.

Here: YAML 1.2 with line numbers, and every complaint of pydantic as a fault with file, line, key,
value and fix. Not here: what the shapes are (`project.py`, `settings.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.complaints import Complaint, short, worded
from meal_pipeline.workspace.faults import BadFile, ProjectFault, nearest

Model = TypeVar("Model", bound=BaseModel)
Way = tuple[str | int, ...]


@dataclass(frozen=True)
class DeclaredFile:
    """A YAML file as written: its plain content, and where each of its keys stands."""

    path: Path
    content: Any
    _marked: Any

    def line(self, way: Way) -> int | None:
        """Give the line (1 first) of the key at `way`, or of the nearest key around it."""
        node, line = self._marked, None
        for step in way:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
            else:
                break
            node = node[step]
        return line

    def fault(self, key: str, message: str, fix: str, *, value: object = "") -> ProjectFault:
        """Give a fault at a dotted key of this file."""
        around = (key, key.rpartition(".")[0])
        way = next((w for one in around for w in _ways(self.content) if _dotted(w) == one), ())
        return ProjectFault(self.path, key, self.line(way), short(value), message, fix)


def read_yaml(path: Path) -> DeclaredFile:
    """Read a YAML 1.2 file, which must hold keys and values. Raises BadFile with line and fix."""

    def refuse(message: str, fix: str, line: int | None = None) -> BadFile:
        return BadFile([ProjectFault(path, "", line, "", message, fix)])

    try:
        marked = _parsed(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise refuse(
            _("The file is not written in UTF-8."), _("Save it again with the encoding UTF-8.")
        ) from error
    except OSError as error:
        raise refuse(_("The file cannot be read."), _("Check that it is there.")) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fix = _("Check blanks, colons and quotes in this line and the one before.")
        if "\\t" in str(error.problem):
            fix = _("Indent with blanks instead of tabs.")
        elif "duplicate key" in str(error.problem):
            fix = _("Keep one of the two lines with this key.")
        raise refuse(
            _("This is not YAML: {problem}.").format(
                problem=str(error.problem).strip().splitlines()[0]
            ),
            fix,
            mark.line + 1 if mark else None,
        ) from error
    except YAMLError as error:
        raise refuse(
            _("The file holds a character that YAML does not allow."),
            _("Save it again as plain text."),
        ) from error
    if not isinstance(marked, CommentedMap):
        raise refuse(
            _("The file does not hold keys and values."), _("Write lines such as code: my_project.")
        )
    return DeclaredFile(path, _plain(marked), marked)


@lru_cache(maxsize=32)
def _parsed(text: str) -> Any:
    """Parse once what is read again at every stage; nobody changes what this gives."""
    return YAML(typ="rt", pure=True).load(text)


def read_declared(path: Path, model: type[Model]) -> Model:
    """Read a YAML file as `model`. Raises BadFile with every fault that was found."""
    file = read_yaml(path)
    try:
        return model.model_validate(file.content)
    except ValidationError as error:
        raise BadFile(faults_of(error, file, model)) from error


def faults_of(
    error: ValidationError, file: DeclaredFile, model: type[BaseModel]
) -> list[ProjectFault]:
    """Give each complaint of pydantic as a fault, one a key, in the order of the file.

    A setting that is missing because it is misspelt is one fault, at the misspelt one.
    """
    found: dict[str, ProjectFault] = {}
    missing, meant = set(), set()
    for detail in error.errors(include_url=False):
        way = _way_in(file.content, detail["loc"])
        context = detail.get("ctx", {})
        value = "" if detail["type"] == "missing" else context.get("value", detail.get("input"))
        complaint = Complaint(
            kind=detail["type"],
            name=str(way[-1]) if way else "",
            value=value,
            context=context,
            known=list(getattr(_shape_at(model, way[:-1]), "model_fields", {})),
            english=detail["msg"],
        )
        message, fix = worded(complaint)
        key = context.get("key", _dotted(way))
        found.setdefault(key, file.fault(key, message, fix, value=value))
        if detail["type"] == "missing":
            missing.add(key)
        if detail["type"] == "extra_forbidden":
            meant.add(_dotted((*way[:-1], nearest(complaint.name, complaint.known) or "")))
    for key in missing & meant:
        del found[key]
    return sorted(found.values(), key=lambda fault: fault.line or 0)


def _way_in(content: Any, location: Sequence[str | int]) -> Way:
    """Give the part of pydantic's location that is a way in the file (it adds names of types)."""
    way: list[str | int] = []
    node = content
    for index, step in enumerate(location):
        inside = (isinstance(node, Mapping) and step in node) or (
            isinstance(node, list) and isinstance(step, int) and step < len(node)
        )
        if inside:
            node = node[step]
        elif index == len(location) - 1 and isinstance(node, Mapping) and step != "[key]":
            pass  # the key that is missing
        else:
            break
        way.append(step)
    return tuple(way)


def _shape_at(shape: Any, way: Way) -> Any:
    """Give the type that the declaration has at `way`, or None."""
    while get_origin(shape) in (Union, UnionType, Annotated):
        shape = next(one for one in get_args(shape) if one is not type(None))
    if not way:
        return shape
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        field = shape.model_fields.get(str(way[0]))
        return _shape_at(field.annotation, way[1:]) if field else None
    arguments = get_args(shape)
    return _shape_at(arguments[-1], way[1:]) if arguments else None


def _ways(node: Any, way: Way = ()) -> Iterator[Way]:
    """Give every way in the file, a key before those below it."""
    yield way
    if isinstance(node, dict | list):
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for step, child in pairs:
            yield from _ways(child, (*way, step))


def _plain(node: Any) -> Any:
    """Give ruamel's marked values as Python's own."""
    if isinstance(node, Mapping):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, ScalarBoolean):
        return bool(node)
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _dotted(way: Way) -> str:
    return ".".join(str(step) for step in way)
