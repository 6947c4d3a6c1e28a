"""What devices send: the XML (or JSON) of one submission, read as KoboToolbox reads it.

Here: a sent document made into answers by full path, and multipart bodies taken apart. Not here:
what becomes of the answers (`world`), the route (`submission_routes`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as XmlTree

_META = ("meta/instanceID", "meta/deprecatedID", "meta/rootUuid")


class BadDocument(Exception):
    """The document is not well-formed XML."""


@dataclass(frozen=True)
class File:
    """One part of a multipart body."""

    field: str
    name: str
    mimetype: str
    content: bytes


@dataclass(frozen=True)
class Sent:
    """One submission as sent: `form` is the form's id string, uuids are without prefix."""

    form: str
    answers: dict[str, Any]
    instance_uuid: str | None = None
    deprecated_uuid: str | None = None
    formhub_uuid: str | None = None
    version: str | None = None
    submission_date: str | None = None
    encrypted: bool = False
    files: Sequence[File] = field(default_factory=tuple)


@dataclass(frozen=True)
class _Node:
    name: str
    text: str
    children: Sequence["_Node"]


def read_xml(document: bytes) -> tuple[str, _Node, Mapping[str, str]]:
    """Give form id, tree and attributes of an XML submission; raise `BadDocument`."""
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise BadDocument("entities are not taken")
    try:
        root = XmlTree.fromstring(document)  # noqa: S314 - without entities nothing can blow up
    except XmlTree.ParseError as error:
        raise BadDocument(str(error)) from error
    node = _from_xml(root)
    return root.get("id", node.name), node, root.attrib


def _from_xml(element: XmlTree.Element) -> _Node:
    name = element.tag.rpartition("}")[2]
    children = [_from_xml(child) for child in element]
    text = "" if children else (element.text or "")
    return _Node(name, text if text.strip() else "", children)


def read_json(document: Mapping[str, Any]) -> tuple[str, _Node]:
    """Give form id and tree of a JSON submission; a list of texts is a multiple choice."""
    form = str(document.get("id", ""))
    return form, _Node(form, "", list(_from_json(document.get("submission") or {})))


def _from_json(answers: Mapping[str, Any]) -> Iterator[_Node]:
    for name, value in answers.items():
        if isinstance(value, Mapping):
            yield _Node(name, "", list(_from_json(value)))
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row in value:
                yield _Node(name, "", list(_from_json(row)))
        elif isinstance(value, list):
            yield _Node(name, " ".join(map(str, value)), ())
        elif value is not None:
            yield _Node(name, str(value), ())


def as_sent(
    form: str,
    tree: _Node,
    repeats: frozenset[str],
    *,
    attributes: Mapping[str, str] | None = None,
    files: Sequence[File] = (),
) -> Sent:
    """Make answers of a tree; `repeats` are the full paths of the current form's repeats."""
    answers = dict(_flat(tree.children, "", repeats))
    uuids = {key: _bare(answers.pop(key, None)) for key in _META}
    given = attributes or {}
    return Sent(
        form=form,
        answers=answers,
        instance_uuid=uuids["meta/instanceID"],
        deprecated_uuid=uuids["meta/deprecatedID"],
        formhub_uuid=answers.pop("formhub/uuid", None),
        version=answers.pop("__version__", None),
        submission_date=given.get("submissionDate"),
        encrypted=given.get("encrypted") == "yes",
        files=files,
    )


def _flat(
    nodes: Sequence[_Node], inside: str, repeats: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    """Give answers by path: a repeat, and any node that comes twice, is a list of rows."""
    names = [node.name for node in nodes]
    done = set()
    for node in nodes:
        path = f"{inside}{node.name}"
        if path in repeats or names.count(node.name) > 1:
            if node.name in done:
                continue
            done.add(node.name)
            rows = [dict(_one(each, path, repeats)) for each in nodes if each.name == node.name]
            if kept := [row for row in rows if row]:
                yield path, kept
        else:
            yield from _one(node, path, repeats)


def _one(node: _Node, path: str, repeats: frozenset[str]) -> Iterator[tuple[str, Any]]:
    if node.children:
        yield from _flat(node.children, f"{path}/", repeats)
    elif node.text:
        yield path, node.text


def _bare(uuid: Any) -> str | None:
    return str(uuid).removeprefix("uuid:") if uuid else None


def read_multipart(content_type: str, body: bytes) -> list[File]:
    """Give the parts of a multipart body; anything else has none."""
    boundary = content_type.partition("boundary=")[2].strip().strip('"')
    if not boundary:
        return []
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    return [file for piece in pieces[1:-1] if (file := _part(piece)) is not None]


def _part(piece: bytes) -> File | None:
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found:
        return None
    headers = {}
    for line in head.decode().splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    told = dict(_parameters(headers.get("content-disposition", "")))
    kind = headers.get("content-type", "application/octet-stream")
    return File(told.get("name", ""), told.get("filename", ""), kind, content)


def _parameters(header: str) -> Iterator[tuple[str, str]]:
    for piece in header.split(";")[1:]:
        name, _, value = piece.strip().partition("=")
        text = value.strip('"')
        yield name.rstrip("*"), text.replace("%22", '"').replace("\\", "")
