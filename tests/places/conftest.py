"""A few places of Syria (names and P-codes: OCHA, COD-AB) as the files that bring them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from meal_pipeline.places import ImportedPlaces, Matcher, import_places, load_gazetteer
from meal_pipeline.store import Store

from .few_places import ADMIN2, SETTLEMENTS, clock


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a text as a file: name, text, encoding."""

    def write(text: str, name: str = "adm.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


@pytest.fixture
def taken(store: Store) -> Callable[..., ImportedPlaces]:
    """Import files."""

    def take(*files: Path, level: int | None = None, sheet: str | None = None) -> ImportedPlaces:
        return import_places(store, files, clock=clock, level=level, sheet=sheet)

    return take


@pytest.fixture
def syria(
    store: Store, written: Callable[..., Path], taken: Callable[..., ImportedPlaces]
) -> Store:
    """A store with six places of level 1 and 2, and three settlements."""
    files: Sequence[Path] = [written(ADMIN2, "adm2.csv"), written(SETTLEMENTS, "adm4.csv")]
    taken(*files)
    return store


@pytest.fixture
def matcher(syria: Store) -> Matcher:
    """What matches answers in them."""
    with syria.read() as connection:
        return Matcher(load_gazetteer(connection))
