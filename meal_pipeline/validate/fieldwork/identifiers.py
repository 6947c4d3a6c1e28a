"""Phone numbers, national numbers and e-mail addresses in free text.

Here: telling whether a text holds one. Not here: which questions are looked at (`free_text`), and
what is personal because the project or the form says so.
"""

import re

import numpy as np
import pandas as pd

from meal_pipeline.validate.accounts import BoolArray

_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
_TO_LATIN = str.maketrans(_DIGITS[10:], "0123456789" * 2)
_LIKELY = rf"@|[{_DIGITS}][{_DIGITS} .()/-]{{5,}}[{_DIGITS}]"
"""What any identifier looks like to a quick search."""
_NUMBER = re.compile(r"\+?\d[\d .()/-]{5,}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def holds_identifier(text: str) -> bool:
    """Tell whether a text holds a phone number, a national number or an e-mail address.

    A number counts from 8 digits on, also in Arabic digits and with blanks between; a date does
    not. Syrian mobile numbers have 9 or 10 digits, national numbers 11.
    """
    plain = text.translate(_TO_LATIN)
    if _MAIL.search(plain):
        return True
    numbers = (found[0] for found in _NUMBER.finditer(_DATE.sub(" ", plain)))
    return any(8 <= sum(letter.isdigit() for letter in one) <= 15 for one in numbers)


def with_identifiers(texts: pd.Index) -> BoolArray:
    """Tell which of some different texts hold one."""
    likely = texts.to_series().astype("str").str.contains(_LIKELY, regex=True)
    found = likely.to_numpy(np.bool_).copy()
    for place in np.flatnonzero(found).tolist():
        found[place] = holds_identifier(str(texts[place]))
    return found
