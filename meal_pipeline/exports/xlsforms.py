"""XLSForms, from their files to the content that `forms.parse_content` takes.

Here: workbooks through pyxform, and pairs of CSV files (questions, choices); rough spellings of
headers and types, names with blanks, texts that a wrong encoding has damaged. Not here: what the
rows mean (`meal_pipeline.forms`).
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from meal_pipeline.exports.encodings import is_damaged
from meal_pipeline.exports.problems import Remark, UnreadableFile
from meal_pipeline.forms.question_types import is_select, split_type
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

Row = dict[str, str]
Sheets = Mapping[str, Sequence[Mapping[str, Any]]]

_TEXTS = "label|hint|constraint_message|required_message|guidance_hint|image|audio|video"
_TRANSLATED = re.compile(rf"^({_TEXTS})\s*(?:::?|\.\.)\s*(.+)$", re.IGNORECASE)
_UNDERSCORED = re.compile(r"^(label|hint)_(\w+)$", re.IGNORECASE)
_R_BRACKETS = re.compile(r"^(.+?)\.\.(\w+)\.*$")
_NOT_GIVEN = {"NA", "N/A", "#N/A"}
_MAY_BE_NAMED_NA = {"name", "list_name", "type"}
_SHEETS = ("survey", "choices", "settings", "external_choices")
_CODE = re.compile(r"\s")


@dataclass
class XlsForm:
    """A form as its file tells it: `content` for `parse_content`, remarks on what was mended."""

    content: dict[str, Any]
    id_string: str | None
    title: str | None
    version: str | None
    remarks: list[Remark] = field(default_factory=list)


def read_xlsform(path: Path, data: bytes) -> XlsForm:
    """Read a workbook that is an XLSForm. Raises UnreadableFile by sheet, row and fix.

    `data` are its bytes: pyxform is told what they are, since endings of names may mislead.
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers, footers and validations it leaves out
            book = get_xlsform(BytesIO(data), file_type=".xlsx" if data[:2] == b"PK" else ".xls")
    except PyXFormError as error:
        raise UnreadableFile(
            _("{file} cannot be read as a form: {reason}").format(
                file=path.name, reason=_shortened(str(error))
            ),
            next_step=_("Correct it in Excel and save it, or download the form from KoboToolbox."),
        ) from error
    sheets = {name: rows for name in _SHEETS if (rows := getattr(book, name, None)) is not None}
    return read_form_sheets(path.name, sheets)


def read_form_sheets(file: str, sheets: Sheets) -> XlsForm:
    """Read the sheets of a form, given as rows by column. Raises UnreadableFile as above.

    Rows are numbered as in the file: the header is row 1, and empty rows count.
    """
    reading = _Reading(file)
    content: dict[str, Any] = {
        name: reading.sheet(name, rows) for name, rows in sheets.items() if name != "settings"
    }
    settings = dict(sheets["settings"][0]) if sheets.get("settings") else {}
    content["settings"] = {str(key).strip(): value for key, value in settings.items() if value}
    content.setdefault("choices", [])
    reading.check(content)
    given = {str(key).lower(): str(value).strip() for key, value in content["settings"].items()}
    return XlsForm(
        content,
        given.get("form_id") or given.get("id_string"),
        given.get("form_title") or given.get("title"),
        given.get("version"),
        reading.remarks,
    )


def refusal_of_pyxform(sheets: Sheets) -> str | None:
    """Give why pyxform would not deploy this form, None where it would.

    Such a form may be read all the same: what matters to the data is checked here.
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    try:
        convert({name: list(rows) for name, rows in sheets.items()}, form_name="data")
    except PyXFormError as error:
        return _shortened(str(error))
    return None


class _Reading:
    def __init__(self, file: str) -> None:
        self.file = file
        self.remarks: list[Remark] = []

    def sheet(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Give the rows with clean headers and cells, empty ones kept so that numbers hold."""
        headers = {
            header: _header(str(header)) for header in dict.fromkeys(h for row in rows for h in row)
        }
        damaged: Counter[str] = Counter()
        first: dict[str, int] = {}
        cleaned = []
        for number, row in enumerate(rows, start=2):
            clean: Row = {}
            for header, value in row.items():
                column = headers[header]
                text = "" if value is None else str(value).strip()
                if not text or (text in _NOT_GIVEN and _drops_na(column)):
                    continue
                if _is_text(column) and is_damaged(text):
                    damaged[column] += 1
                    first.setdefault(column, number)
                elif column not in clean:
                    clean[column] = text
            cleaned.append(clean)
        for column, count in damaged.items():
            self._say(
                name,
                first[column],
                _(
                    "{count} texts in the column {column} are damaged by a wrong encoding; "
                    "they are left out."
                ).format(count=count, column=column),
                _("Take the form from where its letters are right, such as KoboToolbox itself."),
            )
        return cleaned

    def check(self, content: dict[str, Any]) -> None:
        """Mend what can be mended without a guess, and refuse what makes data ambiguous."""
        survey: list[Row] = content.get("survey", [])
        if not any(row.get("type") for row in survey):
            raise UnreadableFile(
                _("{file} has no question: the sheet survey has no column type.").format(
                    file=self.file
                ),
                next_step=_("Name the columns type, name and label, as XLSForms have them."),
            )
        for number, row in enumerate(survey, start=2):
            row["type"] = _type(row.get("type", ""))
            if "name" in row and _CODE.search(row["name"]):
                raise self._refusal(
                    "survey",
                    number,
                    _("the name “{name}” holds a blank").format(name=row["name"]),
                )
        self._blocks(survey)
        self._doubled_names(survey)
        self._doubled_choices(content["choices"])
        self._missing_lists(survey, content["choices"])
        content["survey"] = [row if row["type"] else {} for row in survey]

    def _blocks(self, survey: Sequence[Row]) -> None:
        opened: list[tuple[str, int]] = []
        for number, row in enumerate(survey, start=2):
            kind = row["type"]
            if kind.startswith("begin_"):
                opened.append((kind.removeprefix("begin_"), number))
            elif kind.startswith("end_"):
                if not opened or opened[-1][0] != kind.removeprefix("end_"):
                    raise self._refusal(
                        "survey", number, _("{type} closes nothing that is open").format(type=kind)
                    )
                opened.pop()
        if opened:
            kind, number = opened[-1]
            raise self._refusal(
                "survey", number, _("{type} is not closed").format(type=f"begin_{kind}")
            )

    def _doubled_names(self, survey: Sequence[Row]) -> None:
        inside: list[str] = []
        seen: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(survey, start=2):
            kind, name = row["type"], row.get("name", "")
            if kind.startswith("end_"):
                inside.pop()
                continue
            if kind and name:
                path = (*inside, name)
                if path in seen and kind != "note":
                    before = seen[path]
                    self._say(
                        "survey",
                        number,
                        _(
                            "The name {name} stands in row {row} already; the later question holds."
                        ).format(name=name, row=before),
                        _("Give each question a name of its own."),
                    )
                seen[path] = number
            if kind.startswith("begin_"):
                inside.append(name)

    def _doubled_choices(self, choices: Sequence[Row]) -> None:
        seen: set[tuple[str, str]] = set()
        doubled: list[tuple[int, tuple[str, str]]] = []
        for number, row in enumerate(choices, start=2):
            if "name" not in row and "value" in row:
                row["name"] = row["value"]
            key = (row.get("list_name", ""), row.get("name", ""))
            if all(key) and key in seen:
                doubled.append((number, key))
            seen.add(key)
        if doubled:
            number, (list_name, name) = doubled[0]
            self._say(
                "choices",
                number,
                ngettext(
                    "The choice {name} of the list {list} stands there twice.",
                    "{n} choices stand in their lists twice, the first is {name} of {list}.",
                    len(doubled),
                ).format(n=len(doubled), name=name, list=list_name),
                _("Give each choice of a list a name of its own, or delete one."),
            )

    def _missing_lists(self, survey: Sequence[Row], choices: Sequence[Row]) -> None:
        lists = {row.get("list_name") for row in choices}
        for number, row in enumerate(survey, start=2):
            type_, list_name, _other = split_type(row["type"])
            in_file = type_.endswith("_from_file") or type_ == "select_one_external"
            if is_select(type_) and not in_file and list_name and list_name not in lists:
                self._say(
                    "survey",
                    number,
                    _("The list of choices {list} is not in the sheet choices.").format(
                        list=list_name
                    ),
                    _("Add its choices; until then its answers have no labels."),
                )

    def _say(self, sheet: str, row: int, message: str, fix: str) -> None:
        self.remarks.append(Remark(self.file, message, fix, sheet, row))

    def _refusal(self, sheet: str, row: int, what: str) -> UnreadableFile:
        return UnreadableFile(
            _("{file}, sheet {sheet}, row {row}: {what}.").format(
                file=self.file, sheet=sheet, row=row, what=what
            ),
            next_step=_("Correct this row and save the file, or download the form again."),
        )


def _header(written: str) -> str:
    """Give a header as XLSForm spells it: `label..English..en.` is `label::English (en)`."""
    text = " ".join(written.split())
    translated = _TRANSLATED.match(text)
    if translated:
        language = translated.group(2).strip()
        in_r = _R_BRACKETS.match(language)
        if in_r:
            language = f"{in_r.group(1)} ({in_r.group(2)})"
        return f"{translated.group(1).lower()}::{language}"
    underscored = _UNDERSCORED.match(text)
    if underscored and "::" not in text:
        return f"{underscored.group(1).lower()}::{underscored.group(2)}"
    lowered = text.lower()
    return {"list name": "list_name", "relevance": "relevant"}.get(lowered, lowered)


def _type(written: str) -> str:
    """Give a type as `forms` knows it: `Select_one x` is `select_one x`."""
    text = " ".join(written.split())
    head, blank, rest = text.partition(" ")
    if head.lower() in ("begin", "end") and rest:
        return f"{head}_{rest}".lower().replace(" ", "_")
    if head.lower().startswith(("select_", "begin_", "end_", "rank")):
        return f"{head.lower()}{blank}{rest}"
    return text


def _drops_na(column: str) -> bool:
    return column not in _MAY_BE_NAMED_NA and not column.startswith("label")


def _is_text(column: str) -> bool:
    return re.match(_TEXTS, column) is not None


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:299]}…"


def has_survey(header: Iterable[object]) -> bool:
    """Tell whether a header is that of a survey sheet."""
    names = {_header(str(one)) for one in header if one is not None}
    return {"type", "name"} <= names and "list_name" not in names


def has_choices(header: Iterable[object]) -> bool:
    """Tell whether a header is that of a sheet of choices."""
    names = {_header(str(one)) for one in header if one is not None}
    return "list_name" in names and bool({"name", "value"} & names)
