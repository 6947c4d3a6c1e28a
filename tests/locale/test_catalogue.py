"""A translation says what the sentence says: the same names in braces, nothing hidden from it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from meal_pipeline.locale import LANGUAGES
from meal_pipeline.locale.extract import catalogue, catalogue_file, sentences, source_folders

MARKS = {"_", "gettext", "ngettext", "mark", "in_every_language"}
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def names(text: str) -> set[tuple[str, str, str]]:
    """Give the names in braces with how they are shown."""
    return {
        (name, shown or "", convert or "")
        for _literal, name, shown, convert in Formatter().parse(text)
        if name is not None
    }


def marked(code: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield node


def modules() -> dict[Path, ast.Module]:
    files = (file for folder in source_folders() for file in folder.rglob("*.py"))
    return {file: ast.parse(file.read_text("utf-8")) for file in files}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_names_of_its_sentence(language: str) -> None:
    wrong = []
    for message in catalogue(catalogue_file(language).read_text("utf-8")):
        if not message.pluralizable:
            if message.string and names(message.string) != names(message.id):
                wrong.append(message.id)
            continue
        wanted = names(message.id[1])
        for place, form in enumerate(message.string):
            said = names(form)
            in_words = place < 3 and said < wanted and len(wanted - said) == 1  # none, one, two
            if form and said != wanted and not in_words:
                wrong.append(f"{message.id[0]} [{place}]")
    assert wrong == []


def test_no_sentence_hides_from_the_catalogue() -> None:
    known = {
        part
        for message in sentences()
        for part in ([message.id] if isinstance(message.id, str) else message.id)
    }
    hidden = [
        f"{file.name}:{call.lineno} {text.value}"
        for file, code in modules().items()
        for call in marked(code)
        for text in call.args
        if isinstance(text, ast.Constant)
        and isinstance(text.value, str)
        and text.value not in known
    ]
    assert hidden == []


def test_no_sentence_is_put_together_before_it_is_translated() -> None:
    glued = [
        f"{file.name}:{call.lineno}"
        for file, code in modules().items()
        for call in marked(code)
        for text in call.args
        if isinstance(text, ast.JoinedStr)
        or (isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add | ast.Mod))
    ]
    assert glued == []
