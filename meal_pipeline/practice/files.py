"""Forms and submissions from a folder, for training without an account.

Here: reading the folder. One `*.json` file a form:

    {"uid": "aTRAINING", "name": "Household survey", "owner": "officer", "settings": {},
     "versions": [{"uid": "v1", "deployed_at": "2026-01-01T00:00:00.000000Z", "content": {…}}],
     "submissions": [{"answers": {"demo/age": "30"}, "version": "v1",
                      "submission_time": "2026-01-02T10:00:00Z", "id": 1, "submitted_by": "omar"}]}

and, when there are more accounts than `officer`, `users.json`: {"<token>": "<user name>"}.
Of a submission only `answers` is needed. Not here: what the server makes of them.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.accounts import PracticeUser
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion

_USERS = "users.json"
_TOLD = ("answers", "version", "id", "instance_uuid", "submitted_by")

Submissions = list[dict[str, Any]]
"""Each is the keyword arguments of `PracticeServer.submit`, but for the form."""


def read_folder(
    folder: Path,
) -> tuple[dict[str, PracticeUser], list[tuple[PracticeForm, Submissions]]]:
    """Give the users by token, and the forms with their submissions.

    Raises `MealError` naming the file that cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise MealError(_("There are no forms (*.json) in {folder}.").format(folder=folder.name))
    users: dict[str, PracticeUser] = {}
    forms: list[tuple[PracticeForm, Submissions]] = []
    for path in files:
        try:
            found = orjson.loads(path.read_bytes())
            if path.name == _USERS:
                users |= {token: PracticeUser(name, token) for token, name in found.items()}
            else:
                forms.append((_form(found), [_submission(each) for each in _listed(found)]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MealError(
                _("{file} is not a form for practice: {reason}.").format(
                    file=path.name, reason=f"{type(error).__name__} {error}"
                ),
                next_step=_("Compare it with the description in meal_pipeline/practice/files.py."),
            ) from error
    return users, forms


def _listed(found: dict[str, Any]) -> Submissions:
    return list(found.get("submissions", ()))


def _form(found: dict[str, Any]) -> PracticeForm:
    return PracticeForm(
        uid=found["uid"],
        name=found["name"],
        versions=[PracticeVersion(**version) for version in found["versions"]],
        owner=found.get("owner", "officer"),
        settings=found.get("settings", {}),
        active=found.get("active", True),
    )


def _submission(found: dict[str, Any]) -> dict[str, Any]:
    told = {"answers": found["answers"]} | {key: found[key] for key in _TOLD if key in found}
    if received := found.get("submission_time"):
        told["submission_time"] = _moment(received)
    return told


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
