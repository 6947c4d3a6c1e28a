"""The key: kept, restored, never made anew."""

import os
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.hashes import SHA256
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from mnemonic import Mnemonic

from meal_pipeline.store import Store
from meal_pipeline.workspace import (
    BadPhrase,
    KeyMissing,
    NoKeyring,
    NoToken,
    WorkspaceKey,
    WrongKey,
    check_key,
    init_workspace,
    keep_token,
    open_workspace,
    restore_key,
    token_for,
)
from meal_pipeline.workspace.key import key_from_phrase


class MemoryKeyring(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def the_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    memory = MemoryKeyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", memory)
    return memory


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", FailKeyring())


@pytest.fixture(autouse=True)
def no_tokens_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MEAL_KOBO_TOKEN"):
            monkeypatch.delenv(name)


def test_subkeys_are_hkdf_of_the_key() -> None:
    secret = bytes(range(32))
    extract = hmac.HMAC(bytes(32), SHA256())
    extract.update(secret)
    expand = hmac.HMAC(extract.finalize(), SHA256())
    expand.update(b"meal-pipeline pseudonyms\x01")
    assert WorkspaceKey(secret).subkey("pseudonyms") == expand.finalize()


def test_the_phrase_is_the_one_of_the_standards_test_vector() -> None:
    phrase = WorkspaceKey(bytes([0x7F] * 32)).phrase()
    assert phrase == "legal winner thank year wave sausage worth useful " * 2 + (
        "legal winner thank year wave sausage worth title"
    )


def test_no_text_of_the_key_shows_it() -> None:
    key = WorkspaceKey(b"s" * 32)
    assert "s" * 8 not in f"{key} {key!r} {key.__dict__.keys()}"
    assert (b"s" * 32).hex() not in repr(vars(key).keys())


@pytest.mark.skipif(os.name == "nt", reason="file modes are a matter of POSIX")
def test_only_its_owner_may_read_the_key_file(tmp_path: Path) -> None:
    workspace, _phrase = init_workspace(tmp_path / "office")
    assert (workspace.private / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "", "0011", "no key at all"])
def test_a_missing_key_is_one_sentence_and_never_a_new_key(
    tmp_path: Path, content: str | None
) -> None:
    workspace, _phrase = init_workspace(tmp_path / "office")
    file = workspace.private / "key"
    file.unlink() if content is None else file.write_text(content)
    with pytest.raises(KeyMissing) as refusal:
        open_workspace(workspace.root).key()
    assert refusal.value.next_step == "meal key restore"
    assert (file.read_text() if file.exists() else None) == content


def test_the_recovery_phrase_brings_the_key_back(tmp_path: Path) -> None:
    workspace, phrase = init_workspace(tmp_path / "office")
    pseudonyms = workspace.key().subkey("pseudonyms")
    (workspace.private / "key").unlink()
    restore_key(workspace, f"  {phrase.upper()} \n")
    assert workspace.key().subkey("pseudonyms") == pseudonyms


def test_the_phrase_of_another_workspace_changes_nothing(tmp_path: Path) -> None:
    workspace, phrase = init_workspace(tmp_path / "office")
    _other, others_phrase = init_workspace(tmp_path / "other")
    with pytest.raises(WrongKey):
        restore_key(workspace, others_phrase)
    assert workspace.key().phrase() == phrase


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda words: ["xylofone", *words[1:]], "Word 1 is not in the list"),
        (lambda words: words[:23], "It has 23 words"),
        (lambda words: [*words[:23], "zoo"], "A word is wrong"),
        (lambda words: [], "It has 0 words"),
    ],
)
def test_a_misspelt_phrase_is_told_what_is_wrong(spoil, reason: str) -> None:  # type: ignore[no-untyped-def]
    words = Mnemonic("english").to_mnemonic(bytes(32)).split()
    with pytest.raises(BadPhrase, match=reason):
        key_from_phrase(" ".join(spoil(words)))


def test_a_store_knows_the_key_it_was_written_with(store: Store) -> None:
    check_key(store, WorkspaceKey(b"a" * 32))
    check_key(store, WorkspaceKey(b"a" * 32))
    with pytest.raises(WrongKey) as refusal:
        check_key(store, WorkspaceKey(b"b" * 32))
    assert refusal.value.next_step == "meal key restore"


def test_the_key_may_lie_in_the_keyring(tmp_path: Path, the_keyring: MemoryKeyring) -> None:
    workspace, phrase = init_workspace(tmp_path / "office", key_storage="keyring")
    assert not (workspace.private / "key").exists()
    assert open_workspace(workspace.root).key().phrase() == phrase
    the_keyring.kept.clear()
    with pytest.raises(KeyMissing, match="the keyring"):
        open_workspace(workspace.root).key()


def test_without_a_keyring_one_is_told_so(tmp_path: Path, no_keyring: None) -> None:
    with pytest.raises(NoKeyring, match="no keyring"):
        init_workspace(tmp_path / "office", key_storage="keyring")


SERVER = "https://kf.example.org"


def test_a_projects_own_variable_comes_before_the_common_one(
    monkeypatch: pytest.MonkeyPatch, the_keyring: MemoryKeyring
) -> None:
    keep_token("food-aid", SERVER, "from the keyring")
    assert token_for("food-aid", SERVER) == "from the keyring"
    monkeypatch.setenv("MEAL_KOBO_TOKEN", "common")
    assert token_for("food-aid", SERVER) == "common"
    monkeypatch.setenv("MEAL_KOBO_TOKEN__FOOD_AID", " own\n")
    assert token_for("food-aid", SERVER) == "own"


def test_a_token_is_kept_for_one_project_on_one_server(the_keyring: MemoryKeyring) -> None:
    keep_token("food", SERVER, "secret")
    for project, server in (("water", SERVER), ("food", "https://eu.example.org")):
        with pytest.raises(NoToken) as refusal:
            token_for(project, server)
        assert refusal.value.next_step == f"meal kobo login {project} --server {server}"


@pytest.mark.parametrize("spelling", [f"{SERVER}/", f"{SERVER}/#/forms", SERVER.split("://")[1]])
def test_one_server_is_one_however_its_address_was_pasted(
    the_keyring: MemoryKeyring, spelling: str
) -> None:
    keep_token("food", spelling, "secret")
    assert token_for("food", SERVER) == "secret"


def test_where_there_is_no_keyring_the_variable_is_named(no_keyring: None) -> None:
    with pytest.raises(NoToken) as none:
        token_for("food", SERVER)
    with pytest.raises(NoKeyring) as unkept:
        keep_token("food", SERVER, "secret")
    for error in (none.value, unkept.value):
        assert "MEAL_KOBO_TOKEN__FOOD" in str(error.next_step)
        assert "secret" not in f"{error} {error.next_step}"
