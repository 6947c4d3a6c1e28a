"""Content of a form, made of what a client sends when it creates or changes one.

Here: rows in the columns of an XLSForm made into content as KoboToolbox stores it (labels as lists
by language, `$kuid`, `$autoname`, `$xpath`). Content that is stored so already keeps its `$kuid`s.
Not here: reading XLSX files, checking a form.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meal_pipeline.practice.content import named

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_SELECTS = ("select_one", "select_multiple", "rank")
_TRUE = {"true": True, "yes": True, "false": False, "no": False}
_LOCAL_NAMES = ("begin_kobomatrix", "begin_rank")  # what is inside has no path of the group
_SPELLINGS = {"dateTime": "datetime"}


def made_uid(prefix: str, length: int, *seed: object) -> str:
    """Give an id in KoboToolbox's letters that is always the same for the same seed."""
    number = int.from_bytes(hashlib.sha256("|".join(map(str, seed)).encode()).digest())
    letters = []
    for _ in range(length - len(prefix)):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return prefix + "".join(letters)


def stored_content(sent: Mapping[str, Any], *seed: object) -> dict[str, Any]:
    """Give content as KoboToolbox keeps it; `seed` decides the `$kuid`s of rows without one."""
    sheets = {name: list(sent.get(name) or ()) for name in ("survey", "choices")}
    languages = list(sent.get("translations") or _languages(sheets, sent.get("settings") or {}))
    translated = set(sent.get("translated") or ())
    content: dict[str, Any] = {"schema": "1"}
    for sheet, rows in sheets.items():
        if not rows and sheet == "choices":
            continue
        content[sheet] = [
            _stored_row(row, languages, translated) | _kuid(row, sheet, place, seed)
            for place, row in enumerate(rows)
        ]
    _place(content["survey"])
    for choice in content.get("choices", ()):
        choice["$autovalue"] = choice.get("name", choice.get("$autovalue"))
    return content | {
        "settings": dict(sent.get("settings") or {}),
        "translated": [name for name in _TRANSLATED if name in translated],
        "translations": languages,
    }


def _languages(sheets: Mapping[str, Sequence[Mapping[str, Any]]], settings: Any) -> list[Any]:
    found: dict[Any, None] = {}
    for rows in sheets.values():
        for row in rows:
            for column in row:
                base, named_language, language = column.partition("::")
                if base in _TRANSLATED and named_language:
                    found[language] = None
    default = settings.get("default_language") if isinstance(settings, Mapping) else None
    return sorted(found, key=lambda language: language != default) or [None]


def _stored_row(
    row: Mapping[str, Any], languages: list[Any], translated: set[str]
) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    texts: dict[str, list[Any]] = {}
    for column, value in row.items():
        base, _, language = column.partition("::")
        if base == "label" or (base in _TRANSLATED and language):
            translated.add(base)
            if isinstance(value, list):
                stored[base] = value
            else:
                places = texts.setdefault(base, [None] * len(languages))
                places[languages.index(language) if language in languages else 0] = value
        else:
            stored[column] = value
    return _typed(stored) | texts


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    kind = str(row.get("type", ""))
    words = kind.split()
    if words and words[0] in _SELECTS and len(words) > 1:
        row["type"], row["select_from_list_name"] = words[0], words[1]
        if words[2:] == ["or_other"]:
            row["_or_other"] = True
    elif kind in _SPELLINGS:
        row["type"] = _SPELLINGS[kind]
    required = row.get("required")
    if isinstance(required, str) and required.lower() in _TRUE:
        row["required"] = _TRUE[required.lower()]
    return row


def _kuid(row: Mapping[str, Any], sheet: str, place: int, seed: Sequence[object]) -> dict[str, str]:
    return {"$kuid": str(row.get("$kuid") or made_uid("", 9, *seed, sheet, place))}


def _place(survey: list[dict[str, Any]]) -> None:
    """Give every question and group its name and full path."""
    inside: list[tuple[str, str]] = []
    for row in survey:
        kind = str(row.get("type", ""))
        if kind.startswith("end_"):
            if inside:
                inside.pop()
            continue
        name = row["$autoname"] = named(row)
        row["$xpath"] = "/".join((*_names(inside), name))
        if kind.startswith("begin_"):
            inside.append((kind, name))


def _names(inside: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not inside or inside[-1][0] not in _LOCAL_NAMES:
        yield from (name for _, name in inside)
