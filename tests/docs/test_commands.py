"""docs/commands.md says what the commands say."""

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def test_every_command_is_described_as_its_help_has_it() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "meal_pipeline.cli.describe"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    ).stdout
    assert PAGE.read_text(encoding="utf-8") == said, (
        "run: python -m meal_pipeline.cli.describe > docs/commands.md"
    )
