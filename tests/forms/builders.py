"""Small contents, written as KoboToolbox writes them."""

from meal_pipeline.forms import FormVersion, parse_content


def row(type_: str, name: str | None = None, label: object = None, **cells: object) -> dict:
    given = {"type": type_, "name": name, "label": label} | {
        key.replace("__", "--"): value for key, value in cells.items()
    }
    return {key: value for key, value in given.items() if value is not None}


def choice(list_name: str, name: object, *labels: str) -> dict:
    return {"list_name": list_name, "name": name, "label": list(labels)}


def form(
    *survey: dict,
    choices: tuple[dict, ...] = (),
    languages: tuple[str | None, ...] = ("English (en)", "Arabic (ar)"),
    uid: str = "v1",
    **settings: str,
) -> FormVersion:
    content = {
        "survey": list(survey),
        "choices": list(choices),
        "translations": list(languages),
        "settings": settings,
    }
    return parse_content(content, asset_uid="aHousehold", version_uid=uid)
