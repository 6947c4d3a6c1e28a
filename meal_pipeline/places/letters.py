"""How names become equal: the published rule, for people and for places.

Here: which letters count as one, which never, and the reduction itself; `docs/places.md` shows the
tables below. Not here: pseudonyms (`read.pseudonyms`), which are made of the reduced names, so that
the rule must not change; what places there are (`gazetteer`).

Unicode's NFKD comes first (UAX 15). It takes marks off their letters (`أ` becomes `ا` and a hamza
above, `é` becomes `e`) and opens presentation forms such as `ﻻ`; marks are then left out.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from meal_pipeline.locale import mark


@dataclass(frozen=True)
class Rule:
    """One line of the rule: what is written, what it counts as, and two names that show it.

    `letters` are replaced by `counts_as`; without any, Unicode or the last line of `name_letters`
    does it.
    """

    written: str
    counts_as: str
    one: str
    other: str
    letters: str = ""


EQUAL = (
    Rule(mark("tashkeel, dagger alef and every other mark"), "", "عَفْرِين", "عفرين"),
    Rule(mark("tatweel, direction and format marks"), "", "حـلـب", "حلب", "ـ"),
    Rule("أ إ آ ٱ", "ا", "إدلب", "ادلب", "ٱ"),
    Rule("ؤ", "و", "لؤلؤة", "لولوة"),
    Rule("ئ ى ی ې ے", "ي", "منبى", "منبي", "ىیېے"),
    Rule(mark("ء alone"), "", "البيضاء", "البيضا", "ء"),
    Rule("ة ە ھ ہ", "ه", "الرقة", "الرقه", "ةەھہ"),
    Rule("ک ڪ ګ", "ك", "کفرنبل", "كفرنبل", "کڪګ"),
    Rule(mark("digits of any script"), "0–9", "قرية ٦", "قرية 6"),
    Rule(mark("Latin letters with accents, capitals"), mark("small letters"), "Kobanî", "kobani"),
    Rule(mark("blanks, hyphens, points, apostrophes, other signs"), "", "كفر نوران", "كفرنوران"),
)
"""What counts as one."""

NEVER = (
    Rule(mark("the article: places differ by it alone"), "", "الباب", "باب"),
    Rule(mark("a word such as city, governorate or camp"), "", "مدينة دمشق", "دمشق"),
    Rule(mark("digits that differ"), "", "قرية 6", "قرية 7"),
    Rule(mark("ت and ة"), "", "الحيات", "الحياة"),
    Rule(mark("ه and ح"), "", "الهمام", "الحمام"),
    Rule(mark("ض and ظ, ذ and ز, س and ص, ت and ط"), "", "الضاهر", "الظاهر"),
    Rule(mark("ق and ك"), "", "القرك", "الكرك"),
    Rule(mark("و and ا that are written or not"), "", "عمر", "عمرو"),
    Rule(mark("گ and ك, چ and ج, پ and ب, ژ and ز, ڤ and ف"), "", "گرگه", "كركه"),
    Rule(mark("Kurdish ۆ and و, ێ and ي, ڕ and ر, ڵ and ل"), "", "کۆبانێ", "كوباني"),
    Rule(mark("Arabic and Latin script"), "", "حلب", "Halab"),
    Rule(mark("two Latin transliterations"), "", "Dayr Hafir", "Deir Hafer"),
    Rule(mark("two names of one place: that is an alias"), "", "عين العرب", "كوباني"),
    Rule(mark("a letter more, less or in another place"), "", "جرابلس", "جرابس"),
)
"""What never counts as one, however alike; a person who sees both may choose."""

_EQUAL_LETTERS = {ord(letter): rule.counts_as for rule in EQUAL for letter in rule.letters}


def name_letters(text: str) -> str:
    """Give the letters and digits of `text` that tell a name from another; may be empty."""
    # NFKD takes the hamza and madda off their carriers; as marks they are then left out.
    opened = unicodedata.normalize("NFKD", text).casefold().translate(_EQUAL_LETTERS)
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in opened
        if character.isalnum()
    )


def likeness(one: str, other: str) -> float:
    """Tell from 0 to 1 how alike two reduced names are, to order what is shown to a person.

    Dice's coefficient of their pairs of neighbouring letters (Dice 1945, doi 10.2307/1932409);
    nothing is ever matched by it.
    """
    pairs, others = _pairs(one), _pairs(other)
    return 2 * len(pairs & others) / (len(pairs) + len(others)) if pairs and others else 0.0


@lru_cache(maxsize=1 << 16)
def _pairs(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[at : at + 2] for at in range(len(padded) - 1) if text)
