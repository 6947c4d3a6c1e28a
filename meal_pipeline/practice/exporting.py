"""What stands in an export: fields united over versions, their columns, their cells.

Here: the layout that KoboToolbox's exports have (names or labels as headers, split multiple
choices, parts of places, questions moved between versions under their newest path). Not here:
files (`export_files`), routes (`export_routes`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from meal_pipeline.practice.content import named

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], Any]]
_Groups = Sequence[tuple[str, str, Mapping[str, str]]]  # type, name, labels; outside in

_HIDDEN = {"audit", "background-audio", "hidden", "xml-external", "csv-external"}
_MEDIA = {"image", "audio", "video", "file"}
_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "range": int,
    "decimal": float,
    "date": date.fromisoformat,
    "today": date.fromisoformat,
    "start": datetime.fromisoformat,
    "end": datetime.fromisoformat,
    "datetime": datetime.fromisoformat,
}
_PARTS = ("latitude", "longitude", "altitude", "precision")
_OTHER = "other"


@dataclass(frozen=True)
class Options:
    """How an export was asked for; `lang` None is names, "" is the unnamed language."""

    lang: str | None = None
    group_sep: str = "/"
    hierarchy: bool = False
    multiple: str = "both"
    all_versions: bool = True
    as_text: bool = True
    media_urls: bool = False
    fields: Sequence[str] = ()


@dataclass
class Field:
    """One question: its newest `path`, and its path in each version that has it.

    `labels` are by language, `groups` from outside in.
    """

    name: str
    kind: str
    repeat: str
    path: str
    labels: Mapping[str, str]
    groups: Sequence[tuple[str, Mapping[str, str]]]
    choices: dict[str, Mapping[str, str]] = field(default_factory=dict)
    other: bool = False
    by_version: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    versions: frozenset[str] = frozenset()

    def answer(self, row: Row) -> Any:
        """Give the answer of a row where its own version has it; what it has elsewhere is lost."""
        version = row.get("__version__")
        if version in self.versions:
            return row.get(self.by_version.get(str(version), ""))
        return row.get(self.path)


@dataclass
class Sheet:
    """The fields of the form itself (`path` is empty) or of one repeat."""

    path: str
    fields: list[Field]


def sheets(contents: Mapping[str, Mapping[str, Any]]) -> list[Sheet]:
    """Give the form's sheet and those of its repeats, united over contents by version.

    The newest comes first. A question is the same when its name and repeat are; one that newer
    contents lack comes last.
    """
    known: dict[tuple[str, str], Field] = {}
    order: dict[str, list[Field]] = {"": []}
    for version, content in contents.items():
        for each in _fields(content):
            former = known.setdefault((each.repeat, each.name), each)
            if former is each:
                each.versions = frozenset(contents)
                order.setdefault(each.repeat, []).append(each)
            former.by_version[version] = each.path
            former.kinds[version] = each.kind
            former.choices = each.choices | former.choices
    return [Sheet(path, found) for path, found in order.items()]


def columns(sheet: Sheet, options: Options) -> list[Column]:
    """Give the columns of a sheet."""
    chosen = [each for each in sheet.fields if not options.fields or each.path in options.fields]
    return [column for each in chosen for column in _columns(each, options)]


def _columns(each: Field, options: Options) -> Iterator[Column]:
    title = _title(each, options)
    if each.kind == "select_multiple":
        if options.multiple != "details":
            yield title, lambda row: _labelled(each, row, options)
        if options.multiple != "summary":
            codes = [*each.choices, *([_OTHER] if each.other else ())]
            for code in codes:
                label = _label(each.choices.get(code, {}), code, options)
                yield f"{title}/{label}", _chosen(each, code, options)
    else:
        yield title, lambda row: _labelled(each, row, options)
    if each.kind in {"geopoint", "start-geopoint"}:
        outer, _, leaf = (
            title.rpartition(options.group_sep) if options.group_sep else ("", "", title)
        )
        prefix = f"{outer}{options.group_sep}" if outer else ""
        for place, part in enumerate(_PARTS):
            yield f"{prefix}_{leaf}_{part}", _part(each, place, options)
    if each.kind in _MEDIA and options.media_urls:
        yield f"{title}_URL", lambda row: _media_url(each, row)
    if each.other:
        yield from _columns(_other(each), options)


def _other(each: Field) -> Field:
    """Give the question that takes what is not in the list."""
    paths = {version: f"{path}_other" for version, path in each.by_version.items()}
    return Field(
        f"{each.name}_other",
        "text",
        each.repeat,
        f"{each.path}_other",
        {},
        each.groups,
        by_version=paths,
        versions=each.versions,
    )


def _title(each: Field, options: Options) -> str:
    own = _label(each.labels, each.name, options)
    if not options.hierarchy:
        return own
    groups = [_label(labels, name, options) for name, labels in each.groups]
    return options.group_sep.join([*groups, own])


def _label(labels: Mapping[str, str], name: str, options: Options) -> str:
    return name if options.lang is None else labels.get(options.lang) or name


def _labelled(each: Field, row: Row, options: Options) -> Any:
    answer = each.answer(row)
    if not isinstance(answer, str) or each.kind not in {"select_one", "select_multiple"}:
        return typed(answer, each.kind, options)
    codes = answer.split() if each.kind == "select_multiple" else [answer]
    return " ".join(_label(each.choices.get(code, {}), code, options) for code in codes)


def _chosen(each: Field, code: str, options: Options) -> Callable[[Row], Any]:
    def cell(row: Row) -> Any:
        answer = each.answer(row)
        # Where the row's own version had a single choice, nothing is split.
        kind = each.kinds.get(str(row.get("__version__")), each.kind)
        if not isinstance(answer, str) or kind != "select_multiple":
            return None
        chosen = code in answer.split()
        return str(int(chosen)) if options.as_text else int(chosen)

    return cell


def _part(each: Field, place: int, options: Options) -> Callable[[Row], Any]:
    def cell(row: Row) -> Any:
        parts = str(each.answer(row) or "").split()
        value = parts[place] if place < len(parts) else None
        return typed(value, "decimal", options)

    return cell


def _media_url(each: Field, row: Row) -> Any:
    for file in row.get("_attachments", ()):
        if file.get("media_file_basename") == each.answer(row):
            return "Deleted" if file.get("is_deleted") else file["download_url"]
    return None


def typed(answer: Any, kind: str, options: Options) -> Any:
    """Give an answer as text, or as the type of its question where that was asked for."""
    convert = _CONVERSIONS.get(kind)
    if options.as_text or not isinstance(answer, str) or convert is None:
        return answer
    try:
        return convert(answer)
    except ValueError:
        return answer


def _fields(content: Mapping[str, Any]) -> Iterator[Field]:
    """Give the questions of one content, its matrices, scores and ranks taken apart."""
    languages = [language or "" for language in content.get("translations") or [None]]
    lists: dict[str, dict[str, Mapping[str, str]]] = {}
    for choice in content.get("choices", ()):
        labels = _by_language(choice.get("label"), languages)
        lists.setdefault(str(choice.get("list_name")), {})[named(choice)] = labels
    groups: list[tuple[str, str, Mapping[str, str]]] = []
    matrix: list[Mapping[str, Any]] | None = None
    for question in content.get("survey", ()):
        kind, name = str(question.get("type", "")), named(question)
        labels = _by_language(question.get("label"), languages)
        if matrix is not None:
            if kind == "end_kobomatrix":
                yield from _matrix(matrix, lists, languages)
                matrix = None
            else:
                matrix.append(question)
        elif kind == "begin_kobomatrix":
            matrix = [question]
        elif kind in {"begin_group", "begin_repeat"}:
            groups.append((kind, name, labels))
        elif kind in {"begin_score", "begin_rank"}:
            items = question.get("kobo--score-choices") or question.get("kobo--rank-items")
            groups.append((str(items), name, {}))
            yield _field(name, "note", groups, labels)
        elif kind.startswith("end_"):
            if groups:
                groups.pop()
        elif kind not in _HIDDEN:
            within = kind in {"score__row", "rank__level"}
            list_name = groups[-1][0] if within else question.get("select_from_list_name")
            made = _field(name, "select_one" if within else kind, groups, labels)
            made.choices = dict(lists.get(str(list_name), {}))
            made.other = bool(question.get("_or_other"))
            yield made


def _field(
    name: str,
    kind: str,
    groups: _Groups,
    labels: Mapping[str, str],
) -> Field:
    path = "/".join((*(group for _, group, _ in groups), name))
    repeats = [at for at, (kind_of, _, _) in enumerate(groups) if kind_of == "begin_repeat"]
    repeat = "/".join(group for _, group, _ in groups[: repeats[-1] + 1]) if repeats else ""
    named_groups = [(group, text) for _, group, text in groups]
    return Field(name, kind, repeat, path, labels, named_groups)


def _matrix(
    rows: Sequence[Mapping[str, Any]],
    lists: Mapping[str, Mapping[str, Mapping[str, str]]],
    languages: Sequence[str],
) -> Iterator[Field]:
    """Give the fields of a matrix: a header group, then a group for each item of its list."""
    start, *questions = rows
    name = named(start)
    labels = _by_language(start.get("label"), languages)
    header: _Groups = [("matrix", f"{name}_header", {})]
    bold = {language: f"**{text}**" for language, text in labels.items()}
    yield _field(f"{name}_header_note", "note", header, bold)
    for question in questions:
        texts = _by_language(question.get("label"), languages)
        bold = {language: f"**{text}**" for language, text in texts.items()}
        yield _field(f"{name}_header_{named(question)}", "note", header, bold)
    for item, item_labels in lists.get(str(start.get("kobo--matrix_list")), {}).items():
        inside: _Groups = [("matrix", f"{name}_{item}", {})]
        heading = {language: f"##### {text}" for language, text in item_labels.items()}
        yield _field(f"{name}_{item}_note", "note", inside, heading)
        for question in questions:
            texts = {
                language: f'<span style="display:none">{item}-{text}</span>'
                for language, text in _by_language(question.get("label"), languages).items()
            }
            kind = str(question.get("type", ""))
            made = _field(f"{name}_{item}_{named(question)}", kind, inside, texts)
            made.choices = dict(lists.get(str(question.get("select_from_list_name")), {}))
            yield made


def _by_language(label: Any, languages: Sequence[str]) -> dict[str, str]:
    texts = label if isinstance(label, list) else [label]
    return {
        language: text for language, text in zip(languages, texts, strict=False) if text is not None
    }
