"""Names of people, reduced to the letters that tell them apart.

Here: the published rule by which two ways of writing a name count as one. Not here: pseudonyms
(`pseudonyms.py`), which are made from the reduced name, or anything that stores a name.

The rule, after Unicode NFKD (which also opens presentation forms such as ﻻ):

| written                                   | counts as |
|-------------------------------------------|-----------|
| tashkeel, dagger alef, any combining mark | nothing   |
| tatweel `ـ`, direction and format marks   | nothing   |
| `أ إ آ ٱ`                                 | `ا`       |
| `ؤ`                                       | `و`       |
| `ئ ى ی ې ے`                               | `ي`       |
| `ء` alone                                 | nothing   |
| `ة ە ھ ہ`                                 | `ه`       |
| `ک ڪ ګ`                                   | `ك`       |
| digits of any script                      | 0 to 9    |
| latin letters                             | lower case, without accents |
| blanks, hyphens, points, other signs      | nothing   |

So `عبد الله`, `عبدالله` and `عَبْد اللّه` are one name, as are `هدى` and `هدي`. The order of given
and family name counts, and so does every other letter.
"""

import unicodedata

_EQUAL_LETTERS = {
    ord(written): counts_as
    for counts_as, letters in {"ا": "ٱ", "ي": "ىیېے", "ه": "ةەھہ", "ك": "کڪګ", "": "ءـ"}.items()
    for written in letters
}


def name_letters(text: str) -> str:
    """Give the letters and digits of `text` that tell a name from another; may be empty."""
    # NFKD takes the hamza and madda off their carriers; as marks they are then left out.
    opened = unicodedata.normalize("NFKD", text).casefold().translate(_EQUAL_LETTERS)
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in opened
        if character.isalnum()
    )
