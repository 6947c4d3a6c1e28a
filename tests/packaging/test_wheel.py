"""The wheel works where there is no checkout, and a checkout wins over what lies beside it."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from meal_pipeline.practice import PRACTICE_TOKEN, PracticeServer
from meal_pipeline.workspace.roof import load_examples, packaged_folder

pytestmark = pytest.mark.xdist_group("wheel")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel, and the dependencies, and no checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = environment / scripts / ("python.exe" if os.name == "nt" else "python")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True
    )
    (site,) = environment.glob("lib/python*/site-packages" if os.name != "nt" else "Lib/*-packages")
    # A path in a .pth file adds that folder alone: the checkout's own .pth in it is not followed.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


def asked(python: Path, code: str, cwd: Path, **environment: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [python, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=clean | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_brings_its_folders_and_no_other_top_level_module(
    installed: Path, tmp_path: Path
) -> None:
    said = asked(
        installed,
        "import importlib.util, json, meal_pipeline\n"
        "from meal_pipeline.workspace.roof import packaged_folder\n"
        "names = ('assets', 'expectations', 'dbt_like_sql', 'examples')\n"
        "print(json.dumps({'at': meal_pipeline.__file__,"
        " 'top': [n for n in names if importlib.util.find_spec(n)],"
        " 'there': [n for n in names if packaged_folder(n).is_dir()]}))",
        tmp_path,
    )
    found = json.loads(said)
    assert str(installed.parent.parent) in found["at"]
    assert found["top"] == []
    assert found["there"] == ["assets", "expectations", "dbt_like_sql", "examples"]


def test_dagster_loads_the_definitions_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    said = asked(
        installed,
        "from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module\n"
        "(target,) = loadable_targets_from_python_module('meal_pipeline.assets', None)\n"
        "print(type(target.target_definition).__name__)",
        tmp_path,
    )
    assert "Definitions" in said


def test_meal_run_from_the_wheel_runs_an_example(installed: Path, tmp_path: Path) -> None:
    with PracticeServer() as server:
        load_examples().fill(server, ["incentives"])
        said = asked(
            installed,
            "from pathlib import Path\n"
            "from meal_pipeline.workspace import init_workspace\n"
            "from meal_pipeline.workspace.roof import packaged_folder\n"
            "from meal_pipeline.cli.main import run\n"
            "workspace, _phrase = init_workspace('office')\n"
            "file = Path('office/projects/incentives/project.yaml')\n"
            "file.parent.mkdir(parents=True)\n"
            "source = packaged_folder('examples') / 'demo/projects/incentives/project.yaml'\n"
            f"file.write_text(source.read_text('utf-8').replace('http://127.0.0.1:8899', "
            f"'{server.url}'), 'utf-8')\n"
            "raise SystemExit(run(['--workspace', 'office', 'run', 'incentives']))",
            tmp_path,
            MEAL_KOBO_TOKEN=PRACTICE_TOKEN,
        )
    assert "pulled 4820 of 4820" in said
    assert "+45.2 points (40.7–49.7)" in said
    assert (tmp_path / "office" / "out" / "incentives-ar.html").is_file()


def test_a_checkout_uses_its_own_folders() -> None:
    for name in ("assets", "expectations", "dbt_like_sql", "examples"):
        assert packaged_folder(name) == ROOT / name
