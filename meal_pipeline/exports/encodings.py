"""Texts that a wrong encoding has damaged, and the encoding of a text file.

Here: decisive tests only; a text that might be right is right. Not here: what is done about it.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.locale import gettext as _

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_HIGH_LATIN_WORD = re.compile(r"(?<![A-Za-z])[\u00c0-\u00ff]{3,}(?![A-Za-z])")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE = 1 << 20
_LEAST = 4
"""So many letters that are not ASCII decide; fewer might be anything."""


def is_damaged(text: str) -> bool:
    """Tell whether a wrong encoding has certainly damaged `text`.

    Four ways: letters lost to `?` or U+FFFD; UTF-8 read as Windows-1252 (`Ø§Ù„Ø§`) or as
    Windows-1256 (`ط§ظ„ط§`); Windows-1256 read as Windows-1252 (`ÇáÇÓã`).
    """
    if "\ufffd" in text:
        return True
    if _lost_to_question_marks(text):
        return True
    if text.isascii() or sum(character > "\x7f" for character in text) < _LEAST:
        return False
    if _ARABIC.search(text):
        return _twice_encoded(text, "cp1256")
    return _twice_encoded(text, "cp1252") or any(
        _is_arabic(word) for word in _HIGH_LATIN_WORD.findall(text)
    )


def _lost_to_question_marks(text: str) -> bool:
    marks = text.count("?")
    if marks < 3:
        return False
    letters = sum(character.isalnum() for character in text)
    return marks > letters and re.search(r"\?{2,}", text) is not None


def _twice_encoded(text: str, encoding: str) -> bool:
    """Tell whether the bytes that were read as `text` are UTF-8 throughout."""
    try:
        try:
            read = text.encode(encoding)
        except UnicodeEncodeError:  # bytes without a letter in Windows-1252 pass as they are
            read = b"".join(_byte(character, encoding) for character in text)
        read.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _byte(character: str, encoding: str) -> bytes:
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _is_arabic(word: str) -> bool:
    try:
        return len(_ARABIC.findall(word.encode("cp1252").decode("cp1256"))) == len(word)
    except UnicodeError:
        return False


@dataclass(frozen=True)
class Encoding:
    """How a text file is to be decoded; `legacy` tells that it had to be found out."""

    name: str
    legacy: bool = False


def encoding_of(path: Path) -> Encoding:
    """Give the encoding of a text file.

    UTF-8 with or without a mark, UTF-16 with one, Windows-1256 where what is no UTF-8 is Arabic,
    Windows-1252 where it stands within Latin words. Raises UnreadableFile where a file holds two
    encodings at once, or none of these.
    """
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return Encoding(name)
        file.seek(0)
        if _is_utf8(iter(lambda: file.read(_PIECE), b"")):
            return Encoding("utf-8")
        file.seek(0)
        return Encoding(_legacy(file.read().split(b"\n"), path.name), legacy=True)


def _is_utf8(pieces: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(lines: list[bytes], file: str) -> str:
    """Tell Windows-1256 from Windows-1252 by the lines that are not ASCII."""
    odd = [(number, line) for number, line in enumerate(lines, 1) if not line.isascii()]
    broken = [(number, line) for number, line in odd if not _is_utf8([line])]
    whole = [number for number, _line in odd if number not in {one for one, _line in broken}]
    if whole:
        raise UnreadableFile(
            _(
                "{file} holds two encodings at once: line {one} is UTF-8, line {other} is not."
            ).format(file=file, one=whole[0], other=broken[0][0]),
            next_step=_("Export it again, or save it from its source as CSV UTF-8."),
        )
    text = b" ".join(line for _number, line in broken)
    arabic = len(_ARABIC.findall(text.decode("cp1256", "replace")))
    high = sum(byte > 127 for byte in text)
    if arabic >= max(_LEAST, 0.8 * high):
        return "cp1256"
    try:
        western = text.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    if western and not _HIGH_LATIN_WORD.search(western):
        return "cp1252"
    raise UnreadableFile(
        _("The encoding of {file} cannot be told: line {row} is no UTF-8.").format(
            file=file, row=broken[0][0]
        ),
        next_step=_("Export it again, or save it from its source as CSV UTF-8."),
    )
