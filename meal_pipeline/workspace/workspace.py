"""The user's folder: `meal.yaml`, `projects/`, declarations of its own, and `.meal/`.

Here: finding it, making it, and the way to everything in it. Not here: what is done with it.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store, open_store
from meal_pipeline.workspace.declared_file import read_declared
from meal_pipeline.workspace.key import (
    KeyMissing,
    WorkspaceKey,
    check_key,
    held_key,
    keep_key,
    key_from_phrase,
    new_key,
)
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.project_file import ProjectFolder, read_projects
from meal_pipeline.workspace.roof import packaged_folder
from meal_pipeline.workspace.settings import (
    FILE_NAME,
    InterfaceLanguage,
    KeyStorage,
    Settings,
    settings_text,
)

VARIABLE = "MEAL_WORKSPACE"
_UNFINISHED = "unfinished"


class NoWorkspace(MealError):
    """No workspace was found."""


class FolderInUse(MealError):
    """A workspace would be made where something else is."""


@dataclass(frozen=True)
class Workspace:
    """A folder with projects and their data; it moves to another computer as it is."""

    root: Path
    settings: Settings

    @property
    def private(self) -> Path:
        """Store, snapshots, Dagster's home and key; never to be shared."""
        return self.root / ".meal"

    @property
    def snapshots_path(self) -> Path:
        """Row-level frames."""
        return self.private / "snapshots"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records."""
        return self.private / "dagster"

    @property
    def data_docs(self) -> Path:
        """The site of what was validated."""
        return self.private / "data_docs"

    @property
    def out(self) -> Path:
        """What is made to be given to others."""
        return self.root / "out"

    @property
    def store_address(self) -> str:
        """The store's URL from the settings, or the path of its SQLite file."""
        return self.settings.store or str(self.private / "store.sqlite")

    def open_store(self) -> Store:
        """Open the store with its tables up to date; close it after use.

        Raises StoreUnreachable and StoreIsNewer.
        """
        store = open_store(self.store_address, snapshots=self.snapshots_path)
        try:
            store.migrate()
        except BaseException:
            store.close()
            raise
        return store

    def projects(self) -> ProjectFolder:
        """Read the projects as they are declared now; a bad file never stops the others."""
        return read_projects(self.root / "projects")

    def project(self, code: str) -> Project:
        """Give one project. Raises BadFile for its faults, UnknownProject with the nearest name."""
        return self.projects().named(code)

    def key(self) -> WorkspaceKey:
        """Give the key. Raises KeyMissing; hold it against the store with `check_key`."""
        return held_key(self.private, self.settings)

    def model_folders(self) -> list[Path]:
        """Give the folders of SQL models: the packaged one, then the workspace's over it."""
        return [packaged_folder("dbt_like_sql"), self.root / "dbt_like_sql"]

    def declarations(self, name: str) -> list[Path]:
        """Give the files of a folder such as `expectations` or `dbt_like_sql/marts`, by name.

        The workspace's files stand over the packaged ones of the same name.
        """
        top, _slash, below = name.partition("/")
        if top not in ("expectations", "dbt_like_sql"):
            raise ValueError(f"no declarations are kept in {name}")
        kind: Literal["expectations", "dbt_like_sql"] = top  # type: ignore[assignment]
        found: dict[str, Path] = {}
        for folder in (packaged_folder(kind) / below, self.root / name):
            if folder.is_dir():
                found.update(
                    (path.name, path)
                    for path in folder.iterdir()
                    if path.is_file() and not path.name.startswith(".")
                )
        return [found[file] for file in sorted(found)]


def open_workspace(path: str | Path | None = None) -> Workspace:
    """Open the workspace at `path`, else at `$MEAL_WORKSPACE`, else the nearest folder upward.

    Raises NoWorkspace where there is none, BadFile where `meal.yaml` has a fault.
    """
    given = path or os.environ.get(VARIABLE)
    start = Path(given or ".").expanduser().resolve()
    candidates = [start] if given else [start, *start.parents]
    for root in candidates:
        if (root / FILE_NAME).is_file():
            return Workspace(root, read_declared(root / FILE_NAME, Settings))
    raise NoWorkspace(
        _("There is no workspace in {folder}.").format(folder=start),
        next_step=_("Make one with meal init NAME, or go into the folder of yours."),
    )


def init_workspace(
    path: str | Path,
    *,
    language: InterfaceLanguage = "en",
    timezone: str = "Asia/Damascus",
    store: str | None = None,
    key_storage: KeyStorage = "file",
) -> tuple[Workspace, str]:
    """Make a workspace and give it with the recovery phrase of its key, to be shown once.

    When it was interrupted, the same call goes on where it stopped. Raises FolderInUse for a
    folder that holds anything else, or a finished workspace.
    """
    root = Path(path).expanduser().resolve()
    private = root / ".meal"
    unfinished = private / _UNFINISHED
    if root.is_file() or not (unfinished.exists() or _is_empty(root)):
        raise FolderInUse(
            _("{folder} is already a workspace.").format(folder=root)
            if (root / FILE_NAME).is_file()
            else _("{folder} is not empty.").format(folder=root),
            next_step=_("Choose another name, or a new folder."),
        )
    root.mkdir(parents=True, exist_ok=True)
    private.mkdir(mode=0o700, exist_ok=True)
    unfinished.touch()
    file = root / FILE_NAME
    if not file.is_file():
        settings = Settings(
            id=secrets.token_hex(4),
            language=language,
            timezone=timezone,
            store=store,
            key_storage=key_storage,
        )
        _write(file, settings_text(settings))
    _write(root / ".gitignore", ".meal/\nout/\n")
    for folder in ("projects", "expectations", "dbt_like_sql", "out"):
        (root / folder).mkdir(exist_ok=True)
    workspace = Workspace(root, read_declared(file, Settings))
    try:
        key = held_key(private, workspace.settings)
    except KeyMissing:
        key = new_key()
        keep_key(private, workspace.settings, key)
    opened = workspace.open_store()
    try:
        check_key(opened, key)
    finally:
        opened.close()
    unfinished.unlink()
    return workspace, key.phrase()


def restore_key(workspace: Workspace, phrase: str) -> WorkspaceKey:
    """Put the key back from its recovery phrase, once it is held against the stored data.

    Raises BadPhrase, and WrongKey for the phrase of another workspace; then nothing is changed.
    """
    key = key_from_phrase(phrase)
    store = workspace.open_store()
    try:
        check_key(store, key)
    finally:
        store.close()
    keep_key(workspace.private, workspace.settings, key)
    return key


def _is_empty(root: Path) -> bool:
    """Say whether there is nothing in a folder but, at most, an empty `.meal` from a first try."""
    return not any(one.name != ".meal" or any(one.iterdir()) for one in root.glob("*"))


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
