"""A row written as the XML document that a device would have sent.

Here: groups, repeats and answers as elements. Not here: reading documents (`openrosa`).
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_NOT_SENT = ("_", "meta/rootUuid")
_SENT_ALL_THE_SAME = ("__version__",)


def written(form: str, row: Mapping[str, Any]) -> bytes:
    """Give the document of a row; what the server adds itself is not in it."""
    root = Element(form, {"id": form})
    _fill(root, {key: value for key, value in row.items() if _is_sent(key)}, "")
    indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, 'unicode')}\n".encode()


def _is_sent(key: str) -> bool:
    return key in _SENT_ALL_THE_SAME or not key.startswith(_NOT_SENT)


def _fill(inside: Element, answers: Mapping[str, Any], prefix: str) -> None:
    groups: dict[str, Element] = {}
    for key, value in answers.items():
        parts = key.removeprefix(prefix).split("/")
        parent = inside
        for depth in range(1, len(parts)):
            path = "/".join(parts[:depth])
            if path not in groups:
                groups[path] = SubElement(parent, parts[depth - 1])
            parent = groups[path]
        if isinstance(value, list):
            for row in value:
                _fill(SubElement(parent, parts[-1]), row, f"{key}/")
        else:
            SubElement(parent, parts[-1]).text = str(value)
