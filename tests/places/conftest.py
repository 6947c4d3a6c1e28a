"""A few places of Syria (names and P-codes: OCHA, COD-AB) as the files that bring them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from meal_pipeline.places import ImportedPlaces, Matcher, import_places, load_gazetteer
from meal_pipeline.store import Store

ADMIN2 = """\
admin2Pcode,admin2Name_en,admin2Name_ar,admin1Pcode,admin1Name_en,admin1Name_ar,validOn,validTo
SY0203,Afrin,عفرين,SY02,Aleppo,حلب,2020-12-17,
SY0204,A'zaz,اعزاز,SY02,Aleppo,حلب,2020-12-17,
SY0208,Jarablus,جرابلس,SY02,Aleppo,حلب,2020-12-17,
SY0700,Idleb,إدلب,SY07,Idleb,إدلب,2020-12-17,
"""
SETTLEMENTS = """\
settlement_pcode,name_en,name_ar,admin2_pcode,aliases,previous_pcode
C1,Hamam,الحمام,SY0203,,
C2,Hamam,الحمام,SY0700,Hammam|حمّام,C9
C3,Kobani,كوباني,SY0208,عين العرب,
"""


def clock() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)


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
