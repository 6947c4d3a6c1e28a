"""Answers that identify people, turned into keyed pseudonyms.

Here: what an answer is reduced to before it is hashed, a kind of personal data each, and the
pseudonym made of it. Not here: which questions are personal (`personal.py`), the key (the
workspace), or any way back: there is none.

A pseudonym is the kind's letter, a hyphen, and the first 20 base32 characters (100 bits) of
HMAC-SHA256 (RFC 2104) over the kind and the reduced answer, under the workspace's key. The same
person typed differently gets the same pseudonym, in every form and round of the workspace; under
another key none of them agree.
"""

import hmac
from base64 import b32encode
from collections.abc import Iterable, Mapping
from hashlib import sha256

import phonenumbers

from meal_pipeline.read.names import name_letters
from meal_pipeline.rows.numbers import plain_digits
from meal_pipeline.workspace.project import PersonalKind

_LETTERS: dict[PersonalKind, str] = {
    "name": "N",
    "phone": "P",
    "national_id": "I",
    "email": "E",
    "address": "A",
    "location": "L",
    "media": "M",
    "text": "T",
}

PhoneNumber = tuple[str | None, bool]
"""A phone number as E.164, None where there is none, and whether it can exist."""


def phone_number(text: str, country: str) -> PhoneNumber:
    """Give the phone number in `text` as E.164 (`+963933123456`), and whether it can exist.

    `country` (`SY`) is where numbers without a country code are dialled. None where `text` holds
    no number at all. Numbering plans: libphonenumber's metadata.
    """
    try:
        number = phonenumbers.parse(plain_digits(text), country)
    except phonenumbers.NumberParseException:
        return None, False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, phonenumbers.is_valid_number(number)


def reduce_answer(text: str, kind: PersonalKind, country: str) -> str:
    """Give what of `text` tells one person from another; empty when nothing does.

    Phones as E.164; names by `name_letters`; identity numbers as their letters and digits without
    leading zeros (whole-number questions lose them); addresses of e-mail in lower case; all else
    as typed, with blanks collapsed. Digits of every script are equal in all of them.
    """
    if kind == "phone":
        return phone_number(text, country)[0] or ""
    if kind == "name":
        return name_letters(text)
    plain = plain_digits(text)
    if kind == "national_id":
        return "".join(filter(str.isalnum, plain)).casefold().lstrip("0")
    if kind == "email":
        return plain.casefold()
    return " ".join(plain.split())


def pseudonyms(
    answers: Iterable[str], kind: PersonalKind, *, key: bytes, country: str
) -> dict[str, str | None]:
    """Give each distinct answer's pseudonym, None for one that identifies nobody.

    `key` is the workspace's subkey for pseudonyms (32 bytes). Example of a pseudonym:
    `P-KRXW4IDBNZ2GQ5DIMFZA`.
    """
    reduced = {answer: reduce_answer(answer, kind, country) for answer in set(answers)}
    return keyed(reduced, kind, key)


def keyed(reduced: Mapping[str, str], kind: PersonalKind, key: bytes) -> dict[str, str | None]:
    """Give each answer's pseudonym from what `reduce_answer` made of it: answer → reduced."""
    start = hmac.new(key, f"{kind}\x1f".encode(), sha256)
    made: dict[str, str | None] = {}
    for answer, text in reduced.items():
        digest = start.copy()
        digest.update(text.encode())
        short = b32encode(digest.digest()[:15]).decode()[:20]
        made[answer] = f"{_LETTERS[kind]}-{short}" if text else None
    return made
