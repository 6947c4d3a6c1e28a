"""Choice lists that are kept in files attached to a form.

Here: which files a version needs, and their rows as choices. Not here: fetching the files (collect)
and keeping them (store).

A file may be CSV (delimited by `,`, `;` or tab), GeoJSON or XML, in UTF-8, as
https://docs.getodk.org/form-datasets/ has them. A label of another language stands in a column such
as `label::Arabic (ar)`. Where a file was replaced, codes that only its
older versions have are still known; the newest version words those that it has.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from meal_pipeline.forms.errors import FormError
from meal_pipeline.forms.languages import language_code
from meal_pipeline.forms.model import Choice, FormVersion, Question
from meal_pipeline.forms.question_types import with_suffix
from meal_pipeline.locale import gettext as _

_PULLDATA = re.compile(r"\bpulldata\s*\(\s*['\"]([^'\"]+)['\"]")
_IN_LANGUAGE = re.compile(r"^(?P<column>.+?)\s*::?\s*(?P<language>.+)$")

_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    csv.Error,
    ElementTree.ParseError,
)

Row = Mapping[str, str]


@dataclass(frozen=True)
class AttachedFile:
    """One version of a file: its name as the form calls it; no `content` where it was not had."""

    name: str
    content: bytes | None
    problem: str | None = None


def files_needed(version: FormVersion) -> list[str]:
    """Give the names of the files that a form version takes choices or values from, sorted.

    They are named by choice lists kept in files, `search()`, external choices, `pulldata()`, and
    the questions of types `csv-external` and `xml-external`, which `instance()` reads.
    """
    found: set[str] = set()
    for question in version.questions:
        if question.list_file and question.path not in version.file_choices:
            found.add(question.list_file)
        if question.type in ("csv-external", "xml-external"):
            found.add(f"{question.name}.{question.type.partition('-')[0]}")
        for text in _expressions(question):
            found |= {with_suffix(name, ".csv") for name in _PULLDATA.findall(text)}
    return sorted(found)


def _expressions(question: Question) -> Iterator[str]:
    texts = (
        question.calculation,
        question.relevant,
        question.constraint,
        question.choice_filter,
        question.default,
        question.required,
        *question.group_relevants,
    )
    return (text for text in texts if isinstance(text, str))


def with_files(version: FormVersion, files: Sequence[AttachedFile]) -> FormVersion:
    """Give the version with the choices that lie in files, each file's versions oldest first.

    A file that was not had, or cannot be read, leaves its questions without choices, and
    `FormVersion.missing_files` says why.
    """
    by_name: dict[str, list[AttachedFile]] = {}
    for file in files:
        by_name.setdefault(file.name, []).insert(0, file)
    made: dict[tuple[str, ...], tuple[Choice, ...]] = {}
    choices = dict(version.file_choices)
    missing: dict[str, str] = {}
    for question in version.questions:
        name = question.list_file
        if name is None or question.path in choices:
            continue
        columns = _columns_of(version, question)
        try:
            if (name, *columns) not in made:
                made[name, *columns] = _choices(name, by_name.get(name, ()), *columns)
            choices[question.path] = made[name, *columns]
        except FormError as error:
            missing[question.path] = str(error)
    rows = {
        name: _last_rows(name, by_name[name]) for name in files_needed(version) if name in by_name
    }
    return replace(version, file_choices=choices, missing_files=missing, file_rows=rows)


def _last_rows(name: str, versions: Sequence[AttachedFile]) -> list[Row]:
    """Give the rows of a file's newest version; none where it was not had or cannot be read."""
    content = versions[0].content
    try:
        return [] if content is None else read_rows(name, content)
    except FormError:
        return []


def _columns_of(version: FormVersion, question: Question) -> tuple[str, str, str]:
    """Give the columns of codes and labels, and the list whose rows count ("": all rows).

    The question's parameters name the columns, or for `search()` its choices do.
    """
    if question.type == "select_one_external":
        return "name", "label", question.list_name or ""
    if question.type.endswith("_from_file"):
        is_map = (question.list_name or "").endswith(".geojson")
        value = question.parameters.get("value", "id" if is_map else "name")
        return value, question.parameters.get("label", "title" if is_map else "label"), ""
    listed = version.choices.get(question.list_name or "", ())
    for choice in listed:
        if not choice.name.lstrip("-").isdigit() and choice.labels:
            return choice.name, next(iter(choice.labels.values())), ""
    return "name", "label", ""


def _choices(
    name: str, versions: Sequence[AttachedFile], value: str, label: str, only: str
) -> tuple[Choice, ...]:
    """Give the choices of all versions of a file, newest first, each code once."""
    held = [file.content for file in versions if file.content is not None]
    if not held:
        because = next((file.problem for file in versions if file.problem), None)
        raise FormError(
            _("The file {name}, which holds choices of the form, is not here: {reason}").format(
                name=name, reason=because or _("the server attaches none of this name.")
            ),
            next_step=_("Attach it to the form in KoboToolbox, then pull again."),
        )
    found: dict[str, Choice] = {}
    for content in held:
        for row in read_rows(name, content):
            code = row.get(value, "").strip()
            if only and row.get("list_name") != only:
                continue
            if code and code not in found:
                found[code] = _choice(code, row, value, label)
    if not found:
        raise FormError(
            _("The file {name} has no column {column} with codes of choices.").format(
                name=name, column=value
            ),
            next_step=_("Name its columns in the form: parameters value=… label=…"),
        )
    return tuple(found.values())


def _choice(code: str, row: Row, value: str, label: str) -> Choice:
    labels: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for column, text in row.items():
        translated = _IN_LANGUAGE.match(column)
        if not text.strip() or column == value:
            continue
        if column == label:
            labels[language_code(None)] = text.strip()
        elif translated and translated["column"] == label:
            labels[language_code(translated["language"])] = text.strip()
        else:
            attributes[column] = text
    return Choice(code, labels, attributes)


def read_rows(name: str, content: bytes) -> list[Row]:
    """Give the rows of a CSV, GeoJSON or XML file, by column. Raises `FormError`."""
    ending = name.rpartition(".")[2].lower()
    read = _READERS.get(ending)
    if read is None:
        raise FormError(
            _("The file {name} is none of CSV, GeoJSON and XML.").format(name=name),
            next_step=_("Attach the choices as one of these."),
        )
    try:
        return list(read(content))
    except _UNREADABLE as error:
        raise FormError(
            _("The file {name} cannot be read as {ending}.").format(name=name, ending=ending),
            next_step=_("Open it, save it again in UTF-8, and attach it anew."),
        ) from error


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield {
            str(column).strip(): value
            for column, value in row.items()
            if isinstance(column, str) and isinstance(value, str)
        }


def _geojson_rows(content: bytes) -> Iterator[Row]:
    for feature in json.loads(content.decode("utf-8-sig"))["features"]:
        about = dict(feature.get("properties") or {})
        if "id" in feature:
            about.setdefault("id", feature["id"])
        yield {str(key): str(value) for key, value in about.items() if value is not None}


def _xml_rows(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("entities are not read: they can blow a file up")
    for item in ElementTree.fromstring(text):  # noqa: S314 - without entities it is harmless
        yield {_local(child.tag): (child.text or "") for child in item}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


_READERS: dict[str, Callable[[bytes], Iterator[Row]]] = {
    "csv": _csv_rows,
    "geojson": _geojson_rows,
    "xml": _xml_rows,
}
