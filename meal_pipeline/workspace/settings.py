"""The workspace's settings: `meal.yaml`, typed.

Here: their names, defaults and first text. Not here: what they are used for.
"""

from typing import Annotated, Literal

from pydantic import Field

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.project import Declared
from meal_pipeline.workspace.schedule_words import Timezone

FILE_NAME = "meal.yaml"

InterfaceLanguage = Literal["en", "ar"]
KeyStorage = Literal["file", "keyring"]


Seconds = Annotated[int, Field(ge=0, le=86_400)]


class EventSettings(Declared):
    """How long deliveries of KoboToolbox are gathered before a project is pulled."""

    quiet_seconds: Seconds = 30
    """A project is pulled when so many seconds have passed since its last delivery."""
    at_most_seconds: Seconds = 300
    """It waits no longer than this since the first one, however many follow."""


class Settings(Declared):
    """What holds for every project of a workspace."""

    id: str
    """A random word that tells this workspace from others on the same computer."""
    language: InterfaceLanguage = "en"
    """The language of sentences on the screen and in Dagster."""
    timezone: Timezone = "Asia/Damascus"
    """The zone of schedules in proposed projects."""
    store: str | None = None
    """Address of a PostgreSQL database; none: SQLite in `.meal/`."""
    key_storage: KeyStorage = "file"
    """Where the key lies: a file in `.meal/` that only its owner may read, or the keyring."""
    events: EventSettings = EventSettings()
    """What `meal serve` has received, and how soon it starts a run."""


def settings_text(settings: Settings) -> str:
    """Give `meal.yaml` for these settings, with a remark for each."""
    store = (
        "# store: postgresql://user@host/database"
        if settings.store is None
        else (f"store: {settings.store}")
    )
    head = _("The settings of this workspace.")
    about_store = _("Without this line the tables are in the file .meal/store.sqlite.")
    return (
        f"# {head}\n"
        f'id: "{settings.id}"\n'  # in quotes: 64e25201 would be a number
        f"language: {settings.language}  # en, ar\n"
        f"timezone: {settings.timezone}\n"
        f"key_storage: {settings.key_storage}  # file, keyring\n"
        f"# {about_store}\n"
        f"{store}\n"
    )
