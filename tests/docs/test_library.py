"""docs/library.md does what it shows."""

import re
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.S | re.M)


def blocks() -> list[tuple[str, str, int]]:
    """Give each block of the page in order: its language, its text, the line it begins on."""
    page = PAGE.read_text(encoding="utf-8")
    return [(one[1], one[2], page.count("\n", 0, one.start(2))) for one in BLOCK.finditer(page)]


def run(code: str, line: int, names: dict[str, Any]) -> str:
    """Run a block and give what it prints; an error names the line of the page."""
    said = StringIO()
    with redirect_stdout(said):
        exec(compile("\n" * line + code, str(PAGE), "exec"), names)
    return said.getvalue()


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_every_block_of_the_page_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the page makes its workspace
    names: dict[str, Any] = {"__name__": "notebook"}
    shown = blocks()
    assert sum(kind == "text" for kind, _text, _line in shown) > 6
    printed = ""
    for kind, text, line in shown:
        if kind == "python":
            assert not printed, f"the page does not show what the block before line {line} prints"
            printed = run(text, line, names)
        else:
            assert lines(printed) == lines(text), f"line {line} of {PAGE.name}"
            printed = ""
    assert not printed, "the page does not show what its last block prints"
