"""The key of pseudonyms and encryption.

Here: making it, keeping it, its recovery phrase, and the check that it is the right one. Not here:
what is encrypted (store) or made a pseudonym (read). There is one key a workspace; it is never
made anew, since other pseudonyms would tell one household as two.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Store, insert_rows
from meal_pipeline.store.tables.runs import facts
from meal_pipeline.workspace.keyring_secrets import read_secret, write_secret
from meal_pipeline.workspace.settings import Settings

_LENGTH = 32
_FACT = "key_check"
_RESTORE = "meal key restore"


class KeyMissing(MealError):
    """The workspace's key is not where it should be."""


class WrongKey(MealError):
    """The key is another one than that of the stored data."""


class BadPhrase(MealError):
    """A recovery phrase with a missing, foreign or misspelt word."""


class WorkspaceKey:
    """The key, 32 bytes; gives a key of its own to each purpose and never shows itself."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _LENGTH:
            raise ValueError(f"a key has {_LENGTH} bytes")
        self.__secret = secret

    def subkey(self, purpose: str) -> bytes:
        """Give 32 bytes for one purpose: HKDF-SHA256 (RFC 5869) without salt."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = f"meal-pipeline {purpose}".encode()
        return HKDF(SHA256(), _LENGTH, salt=None, info=info).derive(self.__secret)

    def check_value(self) -> str:
        """Give a word that tells this key from others and from which it cannot be found."""
        return hashlib.sha256(self.subkey("check")).hexdigest()

    def phrase(self) -> str:
        """Give the recovery phrase: 24 words of BIP-39, with a checksum in the last."""
        from mnemonic import Mnemonic

        words: str = Mnemonic("english").to_mnemonic(self.__secret)
        return words

    def _text(self) -> str:
        return self.__secret.hex()

    def __repr__(self) -> str:
        return "WorkspaceKey(…)"


def new_key() -> WorkspaceKey:
    """Make a key from the system's randomness."""
    return WorkspaceKey(secrets.token_bytes(_LENGTH))


def key_from_phrase(phrase: str) -> WorkspaceKey:
    """Give the key of a recovery phrase. Raises BadPhrase where it cannot be one."""
    from mnemonic import Mnemonic

    bip39 = Mnemonic("english")
    words = phrase.lower().split()
    foreign = [number for number, word in enumerate(words, 1) if word not in bip39.wordlist]
    if len(words) == 24 and not foreign and bip39.check(" ".join(words)):
        return WorkspaceKey(bytes(bip39.to_entropy(words)))
    if foreign:
        reason = _("Word {number} is not in the list of words.").format(number=foreign[0])
    elif len(words) != 24:
        reason = _("It has {n} words where 24 are needed.").format(n=len(words))
    else:
        reason = _("A word is wrong or two have changed places.")
    raise BadPhrase(
        _("This is not a recovery phrase. {reason}").format(reason=reason),
        next_step=_("Copy it again from where you wrote it down when the workspace was made."),
    )


def keep_key(private: Path, settings: Settings, key: WorkspaceKey) -> None:
    """Put the key where the settings say. Raises NoKeyring; never overwrites another key."""
    if settings.key_storage == "keyring":
        write_secret(_name(settings), key._text())
        return
    path = private / "key"
    temporary = private / f".key.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key._text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def held_key(private: Path, settings: Settings) -> WorkspaceKey:
    """Give the key of a workspace. Raises KeyMissing when it is gone or cut short."""
    if settings.key_storage == "keyring":
        text = read_secret(_name(settings))
        place = _("the keyring")
    else:
        path = private / "key"
        text = path.read_text("ascii", errors="replace") if path.is_file() else None
        place = str(path)
    try:
        return WorkspaceKey(bytes.fromhex((text or "").strip()))
    except ValueError:
        raise KeyMissing(
            _("The key of this workspace is not in {place}.").format(place=place),
            next_step=_RESTORE,
        ) from None


def check_key(store: Store, key: WorkspaceKey) -> None:
    """Hold the key against the stored data; an empty store takes it as its own.

    Raises WrongKey when the store was written with another key.
    """
    with store.write() as connection:
        known = connection.execute(select(facts.c.value).where(facts.c.name == _FACT)).scalar()
        if known is None:
            insert_rows(connection, facts, [{"name": _FACT, "value": key.check_value()}])
        elif not hmac.compare_digest(known, key.check_value()):
            raise WrongKey(
                _("This key is not the one with which the stored data were written."),
                next_step=_RESTORE,
            )


def _name(settings: Settings) -> str:
    return f"key {settings.id}"
