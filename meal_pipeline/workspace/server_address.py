"""The address of a KoboToolbox server, as a project file writes it.

Here: one spelling for one server, since stored data are kept by it. Not here: asking the server.
"""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.schedule_words import refusal


def _address(text: str) -> str:
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
"""`https://host[:port]`, whichever page of the server was pasted."""
