"""The page as a browser lays it out, where there is one."""

import html
import re
import subprocess
from pathlib import Path

import pytest

from .conftest import BASELINE, CELL, EFFECT, ESTIMATE, Tables, page

QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--virtual-time-budget=3000",
    "--dump-dom",
)
LONG = "Agricultural-and-food-security-livelihoods-programme-of-the-northern-governorates"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_page_fits_a_phone_of_360_pixels(
    tables: Tables, browser: str, tmp_path: Path, language: str
) -> None:
    names = {f"name_{language}": LONG, f"people_{language}": LONG, f"category_{language}": LONG}
    store = tables(
        project=names,
        progress=[BASELINE | names, ESTIMATE | names],
        effects=[EFFECT | names],
        cells=[CELL | names],
    )
    assert _width(browser, tmp_path, page(store, language), 360) <= 360


def _width(browser: str, folder: Path, text: str, window: int) -> int:
    """Give how wide the page becomes in a frame of `window` pixels (no browser goes below 500)."""
    frame = folder / "frame.html"
    frame.write_text(
        f'<!doctype html><iframe id="page" style="border:0;width:{window}px;height:800px"'
        f' srcdoc="{html.escape(text)}"></iframe><script>onload = () => {{'
        ' const page = document.getElementById("page").contentDocument.documentElement;'
        ' document.title = "wide " + page.scrollWidth; };</script>',
        encoding="utf-8",
    )
    done = subprocess.run(
        [browser, *QUIET, f"--user-data-dir={folder / 'browser'}", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r"<title>wide (\d+)</title>", done.stdout)
    assert found, done.stderr[-500:]
    return int(found[1])
