"""The rows of a form's content, whichever way they are written.

Here: KoboToolbox's JSON (labels as lists beside `translations`) and plain XLSForm sheets (columns
such as `label::Arabic (ar)`) to rows of one shape. Not here: groups, paths and questions
(`content`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from meal_pipeline.forms.errors import FormError
from meal_pipeline.forms.languages import UNNAMED, language_code, languages_of
from meal_pipeline.forms.model import Choice, Labels, Language
from meal_pipeline.forms.question_types import split_type
from meal_pipeline.locale import gettext as _

RawRow = Mapping[str, object]

_TRANSLATED = ("label", "hint", "constraint_message", "required_message")
_IN_LANGUAGE = re.compile(rf"^({'|'.join(_TRANSLATED)})\s*::?\s*(.+)$", re.IGNORECASE)
# As R writes `label::English (en)` into a CSV file, and as some write `label::Creole`.
_IN_LANGUAGE_ODDLY = (
    re.compile(rf"^({'|'.join(_TRANSLATED)})\.\.(\w+)\.\.(\w+)\.$", re.IGNORECASE),
    re.compile(rf"^({'|'.join(_TRANSLATED)})_([^\W\d_]+)$", re.IGNORECASE),
)
_YES = {"yes", "true", "true()", "1"}


@dataclass(frozen=True)
class Row:
    """One row of the survey sheet: its type taken apart, its texts by language, its other cells."""

    number: int
    type: str
    name: str | None
    list_name: str | None = None
    or_other: bool = False
    texts: Mapping[str, Labels] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    def text(self, column: str) -> Labels:
        """Give a translated column (`label`, `hint` …) by language code."""
        return self.texts.get(column, {})


@dataclass(frozen=True)
class Sheets:
    """The survey, the choice lists, the languages and the settings of a content."""

    survey: tuple[Row, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    external_choices: Mapping[str, tuple[Choice, ...]]
    languages: tuple[Language, ...]
    default_language: str
    settings: Mapping[str, str]


def in_language(column: object) -> tuple[str, str] | None:
    """Give what a column holds and in which language: `("label", "Arabic (ar)")`; None for others.

    >>> in_language("label:: Swahili"), in_language("hint..English..en."), in_language("label_ar")
    (('label', 'Swahili'), ('hint', 'English (en)'), ('label', 'ar'))
    """
    text = str(column)
    plain = _IN_LANGUAGE.match(text)
    if plain:
        return plain[1].lower(), plain[2].strip()
    by_r, by_hand = (pattern.match(text) for pattern in _IN_LANGUAGE_ODDLY)
    if by_r:
        return by_r[1].lower(), f"{by_r[2]} ({by_r[3]})"
    return (by_hand[1].lower(), by_hand[2]) if by_hand else None


def is_yes(text: str | None) -> bool:
    """Tell whether a cell says yes, in one of the spellings that XLSForm takes."""
    return text is not None and text.strip().lower() in _YES


def cell_text(value: object) -> str | None:
    """Give a cell as text: nothing for an empty one, `3` for a spreadsheet's `3.0`."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None


def read_sheets(content: Mapping[str, object]) -> Sheets:
    """Read the sheets of a content. Raises `FormError` where there is no survey sheet."""
    survey = _rows_of(content, "survey")
    if survey is None:
        raise FormError(
            _("The form has no survey sheet."),
            next_step=_("Open the form in KoboToolbox, see that it has questions, and deploy it."),
        )
    choices = _rows_of(content, "choices") or []
    external = _rows_of(content, "external_choices") or _rows_of(content, "external choices") or []
    settings = _settings_of(content)
    languages = languages_of(_language_names(content, [*survey, *choices, *external]))
    default = _default_language(settings, languages)
    read = _TextReader(languages, default)
    return Sheets(
        survey=tuple(
            _survey_row(number, row, read)
            for number, row in enumerate(survey, start=2)
            if cell_text(row.get("type")) and not is_yes(cell_text(row.get("disabled")))
        ),
        choices=_choice_lists(choices, read),
        external_choices=_choice_lists(external, read),
        languages=languages,
        default_language=default,
        settings=settings,
    )


def _rows_of(content: Mapping[str, object], sheet: str) -> list[RawRow] | None:
    rows = content.get(sheet)
    if rows is None:
        return None
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise FormError(
            _("The sheet “{sheet}” of the form is no list of rows.").format(sheet=sheet)
        )
    return list(rows)


def _settings_of(content: Mapping[str, object]) -> dict[str, str]:
    settings = content.get("settings") or {}
    if isinstance(settings, Sequence) and not isinstance(settings, str):
        settings = settings[0] if settings else {}
    if not isinstance(settings, Mapping):
        return {}
    texts = {str(key): cell_text(value) for key, value in settings.items()}
    return {key: text for key, text in texts.items() if text is not None}


def _language_names(content: Mapping[str, object], rows: Iterable[RawRow]) -> Iterable[str | None]:
    translations = content.get("translations")
    if isinstance(translations, Sequence) and translations:
        return [None if name is None else str(name) for name in translations]
    names: dict[str | None, None] = {}
    for row in rows:
        for column in row:
            translated = in_language(column)
            if translated:
                names[translated[1]] = None
            elif column == "label" and row[column] is not None:
                names[None] = None
    return names or [None]


def _default_language(settings: Mapping[str, str], languages: Sequence[Language]) -> str:
    wanted = settings.get("default_language")
    codes = [language.code for language in languages]
    named = {language.name: language.code for language in languages}
    if wanted in named:
        return named[wanted]
    for code in (language_code(wanted), UNNAMED):
        if code in codes:
            return code
    return codes[0]


class _TextReader:
    """Reads a translated column of a row, as a list, a plain text, or a column a language."""

    def __init__(self, languages: Sequence[Language], default: str) -> None:
        self.codes = [language.code for language in languages]
        self.by_name = {language.name: language.code for language in languages}
        self.default = default

    def texts(self, row: RawRow) -> dict[str, Labels]:
        found: dict[str, dict[str, str]] = {}
        for column, value in row.items():
            translated = in_language(column)
            if translated:
                code = self.by_name.get(translated[1])
                pairs = [(code, value)] if code else []
                column = translated[0]  # noqa: PLW2901
            elif column not in _TRANSLATED:
                continue
            elif isinstance(value, Sequence) and not isinstance(value, str):
                pairs = list(zip(self.codes, value, strict=False))
            else:
                pairs = [(self.default, value)]
            for code, text in pairs:
                if cell_text(text) is not None:
                    found.setdefault(column, {})[code] = cell_text(text) or ""
        return dict(found)


def _survey_row(number: int, row: RawRow, read: _TextReader) -> Row:
    type_, list_name, or_other = split_type(cell_text(row.get("type")) or "")
    cells = {str(key): cell_text(value) for key, value in row.items() if key not in _TRANSLATED}
    given = {key: text for key, text in cells.items() if text is not None}
    return Row(
        number=number,
        type=type_,
        name=given.get("name") or given.get("$autoname"),
        list_name=given.get("select_from_list_name") or list_name or given.get("file"),
        or_other=or_other or is_yes(given.get("_or_other")),
        texts=read.texts(row),
        cells=given,
    )


def _choice_lists(rows: Iterable[RawRow], read: _TextReader) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    not_attributes = {"list_name", "list name", "name", "value", *_TRANSLATED}
    for row in rows:
        list_name = cell_text(row.get("list_name")) or cell_text(row.get("list name"))
        name = next(
            (text for key in ("name", "value", "$autovalue", "$autoname")
             if (text := cell_text(row.get(key)))),
            None,
        )  # fmt: skip
        if list_name is None or name is None:
            continue
        attributes = {
            str(key): text
            for key, value in row.items()
            if key not in not_attributes
            and not str(key).startswith("$")
            and not in_language(key)
            and (text := cell_text(value)) is not None
        }
        choice = Choice(name, read.texts(row).get("label", {}), attributes)
        lists.setdefault(list_name, []).append(choice)
    return {name: tuple(choices) for name, choices in lists.items()}
