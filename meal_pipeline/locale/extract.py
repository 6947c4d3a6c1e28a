"""The sentences that the code shows, and catalogues brought up to date with them.

Here: taking message ids from Python files and templates, and writing them into a catalogue, which
keeps its translations and loses sentences that are gone. Run it in a checkout, after a sentence
has changed, with `python -m meal_pipeline.locale.extract`. Not here: translating.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from meal_pipeline.locale import LANGUAGES

_FOLDER = Path(__file__).resolve().parent
_PACKAGE = _FOLDER.parent
_METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
_KEYWORDS = {**DEFAULT_KEYWORDS, "mark": None, "in_every_language": None}


def source_folders() -> list[Path]:
    """Give the folders whose sentences are translated: the library, and those beside it."""
    return [_PACKAGE, _PACKAGE.parent / "assets", _PACKAGE.parent / "examples"]


def sentences() -> Catalog:
    """Give every message id of the code, untranslated; a plural one is a pair."""
    found = Catalog()
    for folder in source_folders():
        for _file, _line, message, _comments, context in extract_from_dir(
            folder, _METHODS, keywords=_KEYWORDS
        ):
            found.add(message, context=context)
    return found


def catalogue(text: str) -> Catalog:
    """Read a catalogue's text; its own header says the language and the plural forms."""
    return read_po(BytesIO(text.encode()))


def up_to_date(text: str) -> str:
    """Give a catalogue's text with exactly the sentences of the code, in alphabetical order.

    Its header stays as it is. A new sentence stands there untranslated: nothing is guessed.
    """
    ours = catalogue(text)
    ours.update(sentences(), no_fuzzy_matching=True)
    body = BytesIO()
    write_po(
        body,
        ours,
        width=0,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    header, _blank, _entries = text.partition("\n\n")
    return f"{header}\n\n{body.getvalue().decode().strip()}\n"


def untranslated(text: str) -> Iterator[str]:
    """Give the message ids of a catalogue that lack a translation or one of its plural forms."""
    for message in catalogue(text):
        singular = message.id if isinstance(message.id, str) else message.id[0]
        forms = [message.string] if isinstance(message.string, str) else message.string
        if singular and (message.fuzzy or not all(forms)):
            yield singular


def catalogue_file(language: str) -> Path:
    """Give the file of a language's catalogue."""
    return _FOLDER / f"{language}.po"


if __name__ == "__main__":
    for language in LANGUAGES:
        file = catalogue_file(language)
        if file.is_file():
            text = up_to_date(file.read_text("utf-8"))
            file.write_text(text, "utf-8")
            for sentence in untranslated(text):
                print(f"{language}: {sentence!r}")
