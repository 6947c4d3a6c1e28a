"""Numbers as people type them, read into integers and decimals.

Here: one text into one number, and a whole column at once. Not here: what a column's type is, or
how an unreadable answer is reported (`typed.py`).

The rule, in order:

1. Format and direction marks are dropped, the digits of every script count as 0 to 9, blanks
   around the number are ignored, `−` and the dashes are a minus, `،` is a comma.
2. The form XForms itself writes (`-1234.5`, `1.0E7`) is read as it stands: a point alone is the
   decimal mark, always.
3. `٫` is always the decimal mark and `٬` always the thousands mark. Comma, point and blank may be
   thousands marks too (groups of three digits, the first not led by 0), and comma may be the
   decimal mark. A text is read when exactly one reading is possible: `1,234.5`, `1.234,5` and
   `1 234,5` are 1234.5, `1,5` is 1.5.
4. `1,234` has two readings. In a whole-number question it is 1234, the only one without decimals;
   in a decimal question it is refused, because a guess could be wrong a thousandfold.
5. Whole numbers outside 64 bits, and decimals of 2**53 and more (where a float no longer holds
   every digit), are refused: they are identity numbers, not quantities, and rounding would make
   another one of them.

`NaN`, which a form's own arithmetic writes when something was left empty, is no answer.
"""

import re
import unicodedata
from decimal import Decimal

from meal_pipeline.locale import mark

NOT_A_NUMBER = mark("The answer to {question} cannot be read as a number.")
NOT_WHOLE = mark("The answer to {question} has decimals, but the form asks for a whole number.")
AMBIGUOUS = mark(
    "The answer to {question} can be read as two different numbers: its comma may separate "
    "thousands or decimals."
)
TOO_LONG = mark("The answer to {question} has more digits than a quantity can have.")

_DECIMAL_MARK, _THOUSANDS_MARK = "\u066b", "\u066c"
_DASHES = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_COMMAS = "\u060c\uff0c"


class Unreadable(ValueError):
    """A text that is no value of its type; `str(error)` is the msgid of the sentence that says why.

    The sentence names its question as `{question}` and never holds the text itself.
    """


class _PlainCharacters(dict[int, str | None]):
    """Character → its plain form, worked out when first met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        plain: str | None = character
        if category == "Nd":
            plain = str(unicodedata.decimal(character))
        elif category == "Cf":
            plain = None
        elif character.isspace():
            plain = " "
        elif character in _DASHES:
            plain = "-"
        elif character in _COMMAS:
            plain = ","
        self[code] = plain
        return plain


_PLAIN = _PlainCharacters()


def plain_digits(text: str) -> str:
    """Give `text` trimmed, its digits and dashes in ASCII, without format and direction marks."""
    return text.strip() if text.isascii() else text.translate(_PLAIN).strip()


_AS_XFORMS_WRITES = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def _shapes() -> list[tuple[re.Pattern[str], str, str]]:
    """Give every way to write a number: its pattern, thousands mark and decimal mark."""
    shapes = []
    for thousands in ("", _THOUSANDS_MARK, ",", ".", " "):
        whole = rf"[1-9][0-9]{{0,2}}({re.escape(thousands)}[0-9]{{3}})+" if thousands else "[0-9]+"
        for decimal in ("", _DECIMAL_MARK, ".", ","):
            if thousands != decimal or not decimal:
                fraction = rf"{re.escape(decimal)}[0-9]+" if decimal else ""
                shapes.append((re.compile(rf"[+-]?{whole}{fraction}"), thousands, decimal))
    return shapes


_SHAPES = _shapes()


def _readings(text: str) -> set[Decimal]:
    readings = set()
    for pattern, thousands, decimal in _SHAPES:
        if pattern.fullmatch(text):
            whole = text.replace(thousands, "") if thousands else text
            readings.add(Decimal(whole.replace(decimal, ".") if decimal else whole))
    return readings


def _number(text: str, *, whole: bool) -> Decimal | None:
    plain = plain_digits(text)
    if plain in ("", "NaN"):
        return None
    if _AS_XFORMS_WRITES.fullmatch(plain):
        return Decimal(plain)
    readings = _readings(plain)
    if whole and len(readings) > 1:
        # Without decimals the separator can only stand between thousands: the larger reading.
        return max(readings, key=abs)
    if len(readings) != 1:
        raise Unreadable(AMBIGUOUS if readings else NOT_A_NUMBER)
    return readings.pop()


def read_integer(text: str) -> int | None:
    """Give the whole number in `text`, None when there is no answer in it.

    Raises `Unreadable` for anything else, for decimals, and outside -2**63 to 2**63 - 1.
    """
    number = _number(text, whole=True)
    if number is None:
        return None
    if number.adjusted() > 18:
        raise Unreadable(TOO_LONG)
    value = int(number)
    if value != number:
        raise Unreadable(NOT_WHOLE)
    if not -(2**63) <= value < 2**63:
        raise Unreadable(TOO_LONG)
    return value


def read_decimal(text: str) -> float | None:
    """Give the number in `text`, None when there is no answer in it.

    Raises `Unreadable` for anything else, when two readings are possible, and from 2**53 on.
    """
    number = _number(text, whole=False)
    if number is None:
        return None
    if abs(number) >= 2**53:
        raise Unreadable(TOO_LONG)
    return float(number)
