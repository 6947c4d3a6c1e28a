"""The list of forms: what `q` finds and how `ordering` sorts it.

Here: the basics of the server's search language. Not here: paging, rights, JSON.
"""

import re
from collections.abc import Callable, Iterable

from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.problems import Problem

_TERM = re.compile(r'(?P<field>\w+):(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"():]+))')
_WORDS = re.compile(r'[^"():]+')

_VALUES: dict[str, Callable[[PracticeForm], str]] = {
    "uid": lambda form: form.uid,
    "name": lambda form: form.name,
    "asset_type": lambda form: form.asset_type,
    "owner__username": lambda form: form.owner,
    "_deployment_status": lambda form: form.status,
    "date_created": lambda form: form.created_at,
    "date_modified": lambda form: form.modified_at,
    "date_deployed": lambda form: (form.deployed and form.deployed.deployed_at) or "",
}


def found(forms: Iterable[PracticeForm], q: str | None) -> list[PracticeForm]:
    """Give the forms that `q` finds: `field:value` and words, joined by AND.

    What cannot be read finds nothing; under three letters is refused; `status:` filters nothing.
    """
    if q is None:
        return list(forms)
    if len(q) < 3:
        raise Problem.detail(400, "Your query is too short")
    tests = [_test(part.strip()) for part in q.split(" AND ")]
    return [form for form in forms if all(test(form) for test in tests)]


def _test(part: str) -> Callable[[PracticeForm], bool]:
    if match := _TERM.fullmatch(part):
        name, at_least = match["field"].removesuffix("__gte"), match["field"].endswith("__gte")
        wanted = match["quoted"] if match["quoted"] is not None else match["bare"]
        if name == "status":
            return lambda form: True
        if name not in _VALUES:
            return lambda form: False
        value = _VALUES[name]
        if at_least:
            return lambda form: bool(value(form)) and value(form) >= wanted
        return lambda form: value(form) == wanted
    if _WORDS.fullmatch(part):
        return lambda form: part.lower() in form.name.lower()
    return lambda form: False


def ordered(forms: list[PracticeForm], ordering: str | None) -> list[PracticeForm]:
    """Sort by a field, descending with a minus; else deployed forms, then late changes first."""
    name = (ordering or "").removeprefix("-")
    if name in _VALUES:
        return sorted(forms, key=_VALUES[name], reverse=(ordering or "").startswith("-"))
    states = ("-", "draft", "archived", "deployed")
    return sorted(
        forms, key=lambda form: (states.index(form.status), form.modified_at), reverse=True
    )
