"""The computer's keyring.

Here: reading and writing one secret, and one sentence where there is no keyring. Not here: which
secrets there are (`key.py`, `tokens.py`).
"""

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _

SERVICE = "meal-pipeline"


class NoKeyring(MealError):
    """There is no keyring on this computer, or it is locked."""


def read_secret(name: str) -> str | None:
    """Give the secret `name`, or None where there is none. Raises NoKeyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise _no_keyring() from error


def write_secret(name: str, secret: str) -> None:
    """Keep the secret `name`. Raises NoKeyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except KeyringError as error:
        raise _no_keyring() from error


def _no_keyring() -> NoKeyring:
    return NoKeyring(
        _("This computer has no keyring that this program may use, or it is locked."),
        next_step=_("Unlock it, or use the environment and a key file instead."),
    )
