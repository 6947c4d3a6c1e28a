"""A form as people read it (`form.yaml`), turned into the content that KoboToolbox keeps.

Here: rows in XLSForm's words with labels by language. Not here: XLSForm files themselves.
"""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TRANSLATIONS = {"ar": "العربية (ar)", "en": "English (en)"}


def form_content(path: Path) -> dict[str, Any]:
    """Give Kobo's `content` of a form file: `survey`, `choices`, `translations`, `settings`.

    The file holds `survey` (rows; `label` and `constraint_message` by language, `choices` naming a
    list) and `choices` (list → code → label by language).
    """
    form = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    path_of_groups: list[str] = []
    survey = []
    for number, row in enumerate(form["survey"]):
        survey.append(_survey_row(row, number, path_of_groups))
    choices = [
        {"name": code, "list_name": name, "label": _in_every_language(label), "$autovalue": code}
        for name, codes in form["choices"].items()
        for code, label in codes.items()
    ]
    return {
        "schema": "1",
        "survey": survey,
        "choices": choices,
        "settings": form.get("settings", {}),
        "translations": list(TRANSLATIONS.values()),
        "translated": ["label", "constraint_message"],
    }


def _survey_row(row: dict[str, Any], number: int, groups: list[str]) -> dict[str, Any]:
    kobo = {key: value for key, value in row.items() if key not in {"label", "choices"}}
    kobo["$kuid"] = f"q{number:03d}"
    if row["type"] in {"end_group", "end_repeat"}:
        groups.pop()
        return kobo
    kobo["$autoname"] = row["name"]
    kobo["$xpath"] = "/".join([*groups, row["name"]])
    if row["type"] in {"begin_group", "begin_repeat"}:
        groups.append(row["name"])
    if "choices" in row:
        kobo["select_from_list_name"] = row["choices"]
    for key in ("label", "constraint_message"):
        if key in row:
            kobo[key] = _in_every_language(row[key])
    return kobo


def _in_every_language(texts: dict[str, str]) -> list[str | None]:
    return [texts.get(language) for language in TRANSLATIONS]
