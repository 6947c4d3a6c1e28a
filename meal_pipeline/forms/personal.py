"""Which questions of a form probably ask for personal data.

Here: guesses by type, name and label, in English and Arabic. Not here: what is done with such
answers (`read`: withheld until the project declares them), and names in free text.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from meal_pipeline.forms.model import FormVersion, Question
from meal_pipeline.forms.union import FormUnion
from meal_pipeline.locale import gettext as _

PersonalKind = Literal[
    "name",
    "phone",
    "national_id",
    "email",
    "address",
    "location",
    "birth_date",
    "bank_account",
    "media",
    "device",
    "account",
]


@dataclass(frozen=True)
class PersonalGuess:
    """A question that probably holds personal data: its kind, and why it is thought so."""

    question: str
    kind: PersonalKind
    reason: str


_KIND_OF_TYPE: dict[str, PersonalKind] = {
    "geopoint": "location",
    "geotrace": "location",
    "geoshape": "location",
    "start-geopoint": "location",
    "background-geopoint": "location",
    "image": "media",
    "audio": "media",
    "video": "media",
    "file": "media",
    "background-audio": "media",
    "audit": "media",
    "phonenumber": "phone",
    "email": "email",
    "username": "account",
    "deviceid": "device",
    "subscriberid": "device",
    "simserial": "device",
}

# Tried on names and labels as `plain_words` gives them; the first kind that fits wins.
_WORDS: dict[PersonalKind, tuple[str, ...]] = {
    "email": (r"e ?mails?", r"(ال)?بريد (ال)?الكتروني", r"(ال)?ايميل"),
    "bank_account": (
        "iban",
        r"(bank|wallet) (account|number|card)",
        r"account (number|no)",
        r"(رقم )?(ال)?ايبان",
        r"(رقم )?حساب(ه|ك|كم)? (ال)?(بنكي|مصرفي)",
        "رقم الحساب",
    ),
    "phone": (
        r"(tele)?phones?( (number|no|num|nr))?",
        "tel",
        r"mobiles? (number|no|num|nr)",
        "mobile",
        "whats ?app",
        r"contact (number|no)",
        r"(ال)?(هاتف|موبايل|جوال|تلفون|خليوي|واتس ?اب|واتساب)(ك|كم|ه|ها)?",
        r"رقم (ال)?(تواصل|اتصال)",
    ),
    "national_id": (
        r"(national|identity|civil) (id|number|no|card)( (number|no))?",
        "nationalid",
        r"(id|passport|registration) (card )?(number|no|num)",
        "passport",
        r"(unhcr|proof of registration) (number|id|no)",
        "ssn",
        r"(ال)?رقم (ال)?(وطني|قومي|مدني)",
        r"(رقم )?(ال)?هويه( (ال)?(وطنيه|شخصيه))?",
        r"(رقم )?(ال)?بطاقه (ال)?شخصيه",
        r"(رقم )?(جواز|جوازات) (ال)?سفر",
        r"(رقم )?دفتر (ال)?عائله",
        r"رقم (ال)?قيد",
    ),
    "birth_date": (
        "dob",
        r"birth ?(date|day)",
        r"date (of )?birth",
        r"تاريخ (ال)?(ميلاد|ولاده)",
    ),
    "address": (
        r"(home|street|postal|exact|full|current)? ?address",
        r"(ال)?عنوان(ك|كم|ه)?( (ال)?(سكن|منزل|كامل|تفصيلي|حالي))?",
    ),
    "name": (
        r"(first|last|full|family|sur|given|middle|nick)? ?names?",
        r"(ال)?(اسم|اسماء|كنيه|لقب)(ك|كم|ه|ها)?",
    ),
}

_TEXT = frozenset({"text", "calculate", "barcode", "hidden"})
_TYPES: dict[PersonalKind, frozenset[str]] = {
    "birth_date": _TEXT | {"date", "dateTime"},
    "phone": _TEXT | {"integer"},
    "national_id": _TEXT | {"integer"},
    "bank_account": _TEXT | {"integer"},
}

# "Name of the village" names no person; "name of the village's head" does.
_THINGS = (
    "village|camp|site|community|district|sub ?district|governorate|province|city|town|"
    "neighbou?rhood|settlement|school|facility|hospital|clinic|centre|center|shop|market|"
    "organi[sz]ation|ngo|partner|agency|project|program(me)?|activity|item|product|crop|brand|"
    "road|street|point|location|place|area|region|country|admin ?[0-9]?|variable|form|team|"
    "group|cluster|block|unit|instance|commodity|service|training|disease|medicine|medication|language|"
    "company|business|donor|file|user|device|source",
    "(ال)?(قريه|مخيم|موقع|مجتمع|تجمع|ناحيه|منطقه|محافظه|مدينه|بلده|حي|مدرسه|مشفي|مركز|عياده|"
    "سوق|متجر|منظمه|شريك|جهه|مشروع|نشاط|ماده|منتج|محصول|شارع|مكان|بلد|دوله|فريق|مجموعه|"
    "خدمه|تدريب|مرض|دواء|لغه|شركه|مستخدم)",
)
_PEOPLE = (
    "respondents?|heads?|hoh|beneficiar(y|ies)|leaders?|enumerators?|interviewers?|father|mother|"
    "child|children|members?|persons?|people|participants?|focal|contact|husband|wife|teacher|"
    "owner|caregiver|surname|patients?|trainees?|volunteers?|supervisors?|your|his|her|who",
    "(ال)?(مستجيب|مستجيبه|رب|ربه|رئيس|مستفيد|مستفيده|مستفيدين|باحث|باحثه|جامع|اب|ام|طفل|"
    "اطفال|فرد|افراد|شخص|مشارك|مشاركه|مختار|زوج|زوجه|معلم|معلمه|مالك|مريض|متطوع|مشرف)",
)


_ONE_LETTER = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None})


def _fold(text: str) -> str:
    """Take off vowel signs and hamzas, and make one of the letters that are written for another."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return bare.translate(_ONE_LETTER)


def _whole_words(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_fold('|'.join(patterns))})(?!\w)")


_FINDERS = {kind: _whole_words(patterns) for kind, patterns in _WORDS.items()}
_THING = _whole_words(_THINGS)
_PERSON = _whole_words(_PEOPLE)
_NUMBER = _whole_words(("number|no|num|nr|iban|ssn|رقم",))


def guess_personal(form: FormVersion | FormUnion) -> tuple[PersonalGuess, ...]:
    """Give the questions (for a union: the columns) that probably hold personal data.

    In the form's order, one guess a question. A guess is made to be declared or refused by a
    person; labels in all languages count. Questions that choose from a list are never guessed.
    """
    if isinstance(form, FormUnion):
        named = [(column.name, column.newest) for column in form.columns]
    else:
        named = [(form.resolve(one.path), one) for one in form.questions if one.has_answer]
    guesses = (_guess(name, question) for name, question in named)
    return tuple(guess for guess in guesses if guess is not None)


def _guess(name: str, question: Question) -> PersonalGuess | None:
    by_type = _KIND_OF_TYPE.get(question.type)
    if by_type:
        reason = _("Questions of type “{type}” hold such data.").format(type=question.type)
        return PersonalGuess(name, by_type, reason)
    texts = [plain_words(question.name), *map(plain_words, question.labels.values())]
    for kind, finder in _FINDERS.items():
        if question.type not in _TYPES.get(kind, _TEXT):
            continue
        for text in texts:
            match = finder.search(text)
            if match is None or (kind == "name" and _names_a_thing(texts)):
                continue
            # "How much for phone credit?" asks for an amount; "phone" and "phone number" do not.
            if question.type == "integer" and match.group() != text and not _NUMBER.search(text):
                continue
            reason = _("Its name or label says “{words}”.").format(words=match.group().strip())
            return PersonalGuess(name, kind, reason)
    return None


def _names_a_thing(texts: Iterable[str]) -> bool:
    words = " ".join(texts)
    return bool(_THING.search(words)) and not _PERSON.search(words)


def plain_words(text: str) -> str:
    """Give a name or label as lower-case words with one blank between, Arabic letters made one.

    `HH-head_firstName` gives `hh head first name`; `الإسم الكامِل` gives `الاسم الكامل`.
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.split(r"[\W_]+", _fold(apart).lower())).strip()
