"""What goes wrong is told in one sentence with the next step, and the store stays as it was."""

import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring

from meal_pipeline.cli.main import run
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion
from meal_pipeline.workspace import Workspace, open_workspace

from .small_office import (
    CONTENT,
    STRANGER,
    UID,
    answers,
    small_server,
    small_workspace,
    table_hashes,
    table_rows,
    write_project,
)

TOKEN = "MEAL_KOBO_TOKEN"


@pytest.fixture(scope="module")
def port() -> int:
    """A free port, so that the server has one address in every test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def finished(port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a good run, to be copied."""
    practice = small_server()
    url = practice.start(port=port)
    office = small_workspace(tmp_path_factory.mktemp("finished") / "office", url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN, PRACTICE_TOKEN)
        assert run(["--workspace", str(office.root), "run", "small"]) == 0
    practice.stop()
    return office.root


@pytest.fixture
def server(port: int, finished: Path) -> Iterator[PracticeServer]:
    practice = small_server()
    practice.start(port=port)
    yield practice
    practice.stop()


@pytest.fixture
def office(server: PracticeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose officer has a token; a server in trouble is asked again without waiting."""
    monkeypatch.setenv(TOKEN, PRACTICE_TOKEN)
    for variable in ("MEAL_DEBUG", "MEAL_LANG", "MEAL_WORKSPACE", f"{TOKEN}__SMALL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(keyring.core, "_keyring_backend", FailKeyring())
    monkeypatch.setattr("meal_pipeline.kobo.transport._FIRST_WAIT", 0.0)
    return small_workspace(tmp_path / "office", server.url)


class InMemory(KeyringBackend):
    """A keyring that is gone with the test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class Told:
    """Runs a project that must fail, and holds what is said against the rules."""

    def __init__(self, office: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
        self.office, self._capsys = office, capsys

    def __call__(self, *command: str) -> str:
        """Give what is said on the error stream; the store must not have moved."""
        before = table_hashes(self.office)
        code = run(["--workspace", str(self.office.root), *command])
        printed = self._capsys.readouterr()
        said = printed.err
        assert code not in (0, 70), said + printed.out
        assert "Traceback" not in printed.out + said
        assert said.count("✗") == 1, said
        assert re.search(r"✗ .+[.:…»)]\n +→ \S.+", said), said
        assert table_hashes(self.office) == before
        return said


@pytest.fixture
def told(office: Workspace, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(office, capsys)


@pytest.fixture(params=["never run", "run before"])
def told_twice(request: pytest.FixtureRequest, told: Told) -> Told:
    """The same, in a workspace that holds nothing yet and in one that holds a good run."""
    if request.param == "run before":
        copy = told.office.root.with_name("copy")
        shutil.copytree(request.getfixturevalue("finished"), copy)
        told.office = open_workspace(copy)
    return told


def test_no_token(told_twice: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN)
    said = told_twice("run", "small")
    assert "There is no token yet for project small" in said
    assert "MEAL_KOBO_TOKEN__SMALL" in said


def test_a_wrong_token(told_twice: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "0123456789" * 4)
    said = told_twice("run", "small")
    assert "The token for http://127.0.0.1" in said
    assert "→ meal kobo login small" in said
    assert "0123456789" not in said


def test_a_form_without_rights(told_twice: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, STRANGER)
    said = told_twice("run", "small")
    assert f"has no form {UID} that this account may see" in said
    assert "ask the form's owner to share it" in said


def test_an_unreachable_server(told_twice: Told) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    write_project(told_twice.office, f"http://127.0.0.1:{port}")
    said = told_twice("run", "small")
    assert f"http://127.0.0.1:{port} cannot be reached" in said
    assert "Check the internet connection" in said


def test_a_page_that_is_cut_off_each_time(told_twice: Told, server: PracticeServer) -> None:
    server.submit(UID, answers(100))
    server.fault(f"/api/v2/assets/{UID}/data/", truncate=0.5, times=50)
    said = told_twice("run", "small")
    assert "broke off half-way" in said
    assert "→ Run it again; it goes on where it stopped: meal run small" in said


def test_a_page_that_is_cut_off_once_is_asked_for_again(
    office: Workspace, server: PracticeServer
) -> None:
    server.fault(f"/api/v2/assets/{UID}/data/", truncate=0.5)
    assert run(["--workspace", str(office.root), "run", "small"]) == 0
    assert [row["pulled"] for row in table_rows(office, "row_accounts")] == [48]


def test_a_form_that_is_not_deployed(told: Told, server: PracticeServer) -> None:
    server.add(PracticeForm(UID, "Household", [PracticeVersion("vDraft", CONTENT)]))
    said = told("run", "small")
    assert "The form household has not been deployed yet" in said
    assert "Deploy it in KoboToolbox" in said


def test_an_empty_form(told: Told, server: PracticeServer) -> None:
    deployed = PracticeVersion("vSmall1", CONTENT, deployed_at="2026-01-01T00:00:00.000000Z")
    server.add(PracticeForm(UID, "Household", [deployed]))
    said = told("run", "small")
    assert "The form household has no submission yet" in said
    assert "Run it again when the first has arrived" in said


def test_a_project_file_with_a_typo(told_twice: Told, server: PracticeServer) -> None:
    file = write_project(told_twice.office, server.url, **{"statistic: mean": "statistik: mean"})
    said = told_twice("run", "small")
    assert str(file) in said
    assert "indicators.age.statistik" in said
    assert "statistic" in said


def test_a_project_that_is_not_there(told: Told) -> None:
    assert "small" in told("run", "smal").partition("→")[2]


def test_two_projects_with_one_code(told_twice: Told, server: PracticeServer) -> None:
    write_project(told_twice.office, server.url, folder="copy")
    said = told_twice("run", "small")
    assert "The code small is also that of" in said
    assert "Give each project a code of its own" in said


def test_a_wrong_key(told_twice: Told) -> None:
    (told_twice.office.private / "key").write_text("ab" * 32)
    said = told_twice("run", "small")
    assert "This key is not the one with which the stored data were written" in said
    assert "→ meal key restore" in said


@pytest.mark.parametrize("left", [None, "", "ab" * 20], ids=["gone", "empty", "cut short"])
def test_a_missing_key_is_never_made_anew(told_twice: Told, left: str | None) -> None:
    key = told_twice.office.private / "key"
    key.unlink() if left is None else key.write_text(left)
    said = told_twice("run", "small")
    assert "The key of this workspace is not in" in said
    assert "→ meal key restore" in said
    assert (key.read_text() if key.exists() else None) == left


def test_a_missing_question_stops_only_what_uses_it(
    office: Workspace, server: PracticeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(office, server.url, **{"${safe_water} = 'yes'": "${safe_watr} = 'yes'"})
    assert run(["--workspace", str(office.root), "run", "small"]) == 0
    printed = capsys.readouterr()
    blocked = SimpleNamespace(
        names={row["subject"] for row in table_rows(office, "blocks")},
        measured={row["indicator"] for row in table_rows(office, "estimates")},
        compared=table_rows(office, "effects"),
    )
    assert blocked.names >= {"water", "water_did"}
    assert (blocked.measured, blocked.compared) == ({"age"}, [])
    assert "water" in printed.out
    assert "safe_watr" in printed.out
    assert "safe_water" in printed.out  # the nearest match
    assert "Traceback" not in printed.out + printed.err


def test_a_proposal_without_a_token_names_a_command_that_works(
    told: Told, server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN)
    monkeypatch.setattr(keyring.core, "_keyring_backend", InMemory())
    new = ("project", "new", "wash", "--form", UID, "--server", server.url)
    command = told(*new).partition("→ meal ")[2].split()
    monkeypatch.setattr("click.prompt", lambda *_args, **_options: PRACTICE_TOKEN)
    assert run(["--workspace", str(told.office.root), *command]) == 0
    assert run(["--workspace", str(told.office.root), *new]) == 0


def test_a_proposal_from_a_form_that_is_not_there(told: Told, server: PracticeServer) -> None:
    said = told("project", "new", "wash", "--form", "aNothing", "--server", server.url)
    assert "has no form aNothing that this account may see" in said
    assert f"→ meal kobo forms --server {server.url}" in said
    assert not (told.office.root / "projects" / "wash").exists()


def test_a_proposal_from_a_form_that_is_not_deployed(told: Told, server: PracticeServer) -> None:
    server.add(PracticeForm("aDraft", "Draft", [PracticeVersion("vDraft", CONTENT)]))
    said = told("project", "new", "wash", "--form", "aDraft", "--server", server.url)
    assert "The form aDraft is not deployed" in said
