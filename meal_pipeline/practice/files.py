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
from typing import TYPE_CHECKING, Any

import orjson

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.accounts import PracticeUser
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion

if TYPE_CHECKING:
    from meal_pipeline.practice.server import PracticeServer

_USERS = "users.json"


def load(server: "PracticeServer", folder: Path) -> None:
    """Add what the folder holds; raise `MealError` naming the file that cannot be read."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise MealError(_("There are no forms (*.json) in {folder}.").format(folder=folder.name))
    for path in files:
        try:
            found = orjson.loads(path.read_bytes())
            if path.name == _USERS:
                users = {token: PracticeUser(name, token) for token, name in found.items()}
                server.users.update(users)
            else:
                _load_form(server, found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MealError(
                _("{file} is not a form for practice: {reason}.").format(
                    file=path.name, reason=f"{type(error).__name__} {error}"
                ),
                next_step=_("Compare it with the description in meal_pipeline/practice/files.py."),
            ) from error


def _load_form(server: "PracticeServer", found: dict[str, Any]) -> None:
    form = server.add(
        PracticeForm(
            uid=found["uid"],
            name=found["name"],
            versions=[PracticeVersion(**version) for version in found["versions"]],
            owner=found.get("owner", "officer"),
            settings=found.get("settings", {}),
            active=found.get("active", True),
        )
    )
    for submission in found.get("submissions", ()):
        received = submission.get("submission_time")
        server.submit(
            form.uid,
            submission["answers"],
            version=submission.get("version"),
            submission_time=_moment(received) if received else None,
            id=submission.get("id"),
            instance_uuid=submission.get("instance_uuid"),
            submitted_by=submission.get("submitted_by"),
        )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
