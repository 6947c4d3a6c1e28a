"""Where a project's submissions come from: a KoboToolbox server, or a folder of exports.

Here: one spelling for one place, since stored data are kept by it. Not here: asking the server, or
reading the folder.
"""

from pathlib import Path, PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.schedule_words import refusal

FOLDER = "folder:"
"""What the address of a folder begins with: `folder:exports/wash`."""


def folder_address(folder: Path, root: Path) -> str:
    """Give the address of a folder: from the workspace `root` where it lies within."""
    whole = folder.expanduser().resolve()
    inside = whole.is_relative_to(root.resolve())
    return FOLDER + (whole.relative_to(root.resolve()) if inside else whole).as_posix()


def is_folder(server: str) -> bool:
    """Tell whether an address is that of a folder: there is no server to ask."""
    return server.startswith(FOLDER)


def folder_of(server: str, root: Path) -> Path | None:
    """Give the folder that an address names, from the workspace `root`; None for a server's."""
    return root / server.removeprefix(FOLDER) if is_folder(server) else None


def _address(text: str) -> str:
    if text.startswith(FOLDER):
        path = text.removeprefix(FOLDER).strip().replace("\\", "/")
        if not path:
            raise refusal(
                _("{address} names no folder.").format(address=text),
                _("Write the folder's path from the workspace: folder:exports/baseline."),
            )
        return FOLDER + PurePosixPath(path).as_posix()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.username or parts.password:
        raise refusal(
            _("The server's address holds a user name or password."),
            _("Write the address alone; the token goes into the keyring: meal kobo login."),
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        raise refusal(
            _("{address} is not the address of a server.").format(address=text),
            _("Write it as https://kf.kobotoolbox.org."),
        )
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")


ServerAddress = Annotated[str, AfterValidator(_address)]
"""`https://host[:port]`, whichever page of the server was pasted, or `folder:<path>`."""
