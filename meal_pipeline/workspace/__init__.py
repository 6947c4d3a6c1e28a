"""The user's folder: settings, projects as files, declarations of its own, the key.

Here: what a person writes or keeps, read and checked. Not here: data (store) or what is computed
from it (the rooms above).
"""

from meal_pipeline.workspace.definitions import definition_hash
from meal_pipeline.workspace.faults import BadFile, ProjectFault
from meal_pipeline.workspace.key import (
    BadPhrase,
    KeyMissing,
    WorkspaceKey,
    WrongKey,
    check_key,
)
from meal_pipeline.workspace.keyring_secrets import NoKeyring
from meal_pipeline.workspace.project_file import ProjectFolder, UnknownProject, read_project
from meal_pipeline.workspace.settings import Settings
from meal_pipeline.workspace.tokens import NoToken, keep_token, token_for
from meal_pipeline.workspace.workspace import (
    FolderInUse,
    NoWorkspace,
    Workspace,
    init_workspace,
    open_workspace,
    restore_key,
)

__all__ = [
    "BadFile",
    "BadPhrase",
    "FolderInUse",
    "KeyMissing",
    "NoKeyring",
    "NoToken",
    "NoWorkspace",
    "ProjectFault",
    "ProjectFolder",
    "Settings",
    "UnknownProject",
    "Workspace",
    "WorkspaceKey",
    "WrongKey",
    "check_key",
    "definition_hash",
    "init_workspace",
    "keep_token",
    "open_workspace",
    "read_project",
    "restore_key",
    "token_for",
]
