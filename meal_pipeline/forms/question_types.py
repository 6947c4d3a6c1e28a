"""What an XLSForm question type means: the one place that knows.

Here: the spellings of a type, the kind of value it gives, and whether it gives one at all.
Not here: how a value is read from text (`read`), or what a rule makes of it (`validate`).
Source: the question types and metadata of https://xlsform.org/en/ and KoboToolbox's own additions.
"""

import re
from typing import Literal

ValueKind = Literal[
    "integer",
    "decimal",
    "date",
    "dateTime",
    "time",
    "text",
    "select_one",
    "select_multiple",
    "geopoint",
    "line",
    "media",
    "none",
]
"""What an answer is: `line` is a geotrace or geoshape; `none` means that there is no answer."""

_KINDS: dict[str, ValueKind] = {
    "integer": "integer",
    "decimal": "decimal",
    "range": "decimal",
    "text": "text",
    "barcode": "text",
    "acknowledge": "text",
    "calculate": "text",
    "hidden": "text",
    "xml-external": "none",
    "csv-external": "none",
    "select_one": "select_one",
    "select_one_from_file": "select_one",
    "select_multiple": "select_multiple",
    "select_multiple_from_file": "select_multiple",
    "select_one_external": "select_one",
    "rank": "select_multiple",
    "date": "date",
    "time": "time",
    "dateTime": "dateTime",
    "geopoint": "geopoint",
    "geotrace": "line",
    "geoshape": "line",
    "image": "media",
    "audio": "media",
    "video": "media",
    "file": "media",
    "background-audio": "media",
    "audit": "media",
    "start": "dateTime",
    "end": "dateTime",
    "today": "date",
    "start-geopoint": "geopoint",
    "background-geopoint": "geopoint",
    "deviceid": "text",
    "subscriberid": "text",
    "simserial": "text",
    "phonenumber": "text",
    "username": "text",
    "email": "text",
    "note": "none",
}

# Spellings that pyxform accepts; KoboToolbox itself stores the left-hand words of `_KINDS`.
_SPELLINGS = {
    "int": "integer",
    "string": "text",
    "datetime": "dateTime",
    "gps": "geopoint",
    "location": "geopoint",
    "photo": "image",
    "trigger": "acknowledge",
    "select one": "select_one",
    "select one from": "select_one",
    "select1": "select_one",
    "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "select multiple": "select_multiple",
    "select multiple from": "select_multiple",
    "add select one prompt using": "select_one",
    "add select multiple prompt using": "select_multiple",
    "select one external": "select_one_external",
}

_TAKES_LIST = (
    "select_one_from_file",
    "select_multiple_from_file",
    "select_one_external",
    "select_one",
    "select_multiple",
    "rank",
)

EXTERNAL_CHOICES = "itemsets.csv"
"""The file that holds the sheet `external_choices` once a form is deployed."""
_SEARCH = re.compile(r"search\s*\(\s*['\"]([^'\"]+)['\"]")

_CALENDARS = (
    "bikram-sambat",
    "buddhist",
    "coptic",
    "ethiopian",
    "islamic",
    "myanmar",
    "persian",
)

META_TYPES = frozenset(
    {
        "start",
        "end",
        "today",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "email",
        "audit",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
    }
)
"""Filled in by the app without a question being asked."""


def split_type(written: str) -> tuple[str, str | None, bool]:
    """Give the type, the choice list and whether "other" was asked for, of a type as written.

    `"select_one water or_other"` gives `("select_one", "water", True)`; `"gps"` gives
    `("geopoint", None, False)`. A type that is not known comes back as it was written.
    """
    text = " ".join(written.split())
    or_other = text.endswith((" or_other", " or specify other"))
    if or_other:
        text = text.removesuffix(" or_other").removesuffix(" or specify other")
    lowered = text.lower()
    if lowered.startswith(("begin ", "end ")):
        return lowered.replace(" ", "_"), None, or_other
    if lowered in _SPELLINGS:
        return _SPELLINGS[lowered], None, or_other
    head, _, rest = text.partition(" ")
    if rest and head.lower() in _TAKES_LIST:
        return head.lower(), rest, or_other
    for spelling in sorted(_SPELLINGS, key=len, reverse=True):
        if lowered.startswith(spelling + " ") and _SPELLINGS[spelling] in _TAKES_LIST:
            return _SPELLINGS[spelling], text[len(spelling) + 1 :], or_other
    return text, None, or_other


def value_kind(type_: str) -> ValueKind:
    """Give the kind of value of a question of this type; an unknown type is read as text."""
    return _KINDS.get(type_, "text")


def is_known(type_: str) -> bool:
    """Tell whether this is a question type that the project knows."""
    return type_ in _KINDS


def is_meta(type_: str) -> bool:
    """Tell whether the app fills this in by itself."""
    return type_ in META_TYPES


def is_select(type_: str) -> bool:
    """Tell whether the answer is one code or several codes of a choice list."""
    return value_kind(type_) in ("select_one", "select_multiple")


def is_numeric(type_: str) -> bool:
    """Tell whether the answer is a number."""
    return value_kind(type_) in ("integer", "decimal")


def is_media(type_: str) -> bool:
    """Tell whether the answer is the name of an attached file."""
    return value_kind(type_) == "media"


def is_geo(type_: str) -> bool:
    """Tell whether the answer is a point, a line or an area on the map."""
    return value_kind(type_) in ("geopoint", "line")


def date_precision(appearance: str | None) -> Literal["day", "month", "year"]:
    """Give what a date question asks for; a month or year is sent as its first day.

    Source: the appearances `month-year` and `year` of https://xlsform.org/en/#appearance.
    """
    words = (appearance or "").split()
    if "year" in words:
        return "year"
    return "month" if "month-year" in words else "day"


def calendar_of(appearance: str | None) -> str:
    """Give the calendar that a date question shows; what it sends is Gregorian all the same.

    Source: https://docs.getodk.org/form-question-types/#non-gregorian-calendars.
    """
    return next((one for one in (appearance or "").split() if one in _CALENDARS), "gregorian")


def choice_file(type_: str, list_name: str | None, appearance: str | None) -> str | None:
    """Give the name of the attached file that holds a question's choices, None where there is none.

    Sources: `select_one_from_file` and external choices of https://xlsform.org/en/, and the
    appearance `search('file')` of https://docs.getodk.org/form-datasets/.
    """
    searched = _SEARCH.search(appearance or "")
    if searched and is_select(type_):
        return with_suffix(searched[1], ".csv")
    if type_ in ("select_one_from_file", "select_multiple_from_file"):
        return list_name
    return EXTERNAL_CHOICES if type_ == "select_one_external" else None


def with_suffix(name: str, suffix: str) -> str:
    """Give a file's name as forms call it, with the ending that they may leave out."""
    return name if "." in name else name + suffix


def united_type(newest_first: list[str]) -> str:
    """Give the one type that holds the values of all these types, the newest version's first.

    Equal kinds keep the newest type; integer with decimal gives `decimal`; select_one with
    select_multiple gives `select_multiple` (one code is a list of one); anything else gives `text`,
    so that every value is kept as it was given and none is lost.
    """
    kinds = {value_kind(one) for one in newest_first}
    if len(kinds) == 1:
        return newest_first[0]
    if kinds == {"integer", "decimal"}:
        return "decimal"
    if kinds == {"select_one", "select_multiple"}:
        return "select_multiple"
    return "text"
