"""What an answer means: by code, name, alias or a person's choice, never by likeness."""

from dataclasses import replace
from pathlib import Path

import pytest

from meal_pipeline.places import Asked, Match, Matcher, import_places, load_gazetteer
from meal_pipeline.store import Store

from .few_places import clock


@pytest.mark.parametrize(
    ("asked", "pcode", "kind"),
    [
        (Asked("SY0203"), "SY0203", "code"),
        (Asked(" sy0203 "), "SY0203", "code"),
        (Asked("C9", level=4), "C2", "code"),
        (Asked("حَلب", level=1), "SY02", "name"),
        (Asked("عفرين", level=2, within="SY02"), "SY0203", "name"),
        (Asked("AZAZ", level=2, within="SY02"), "SY0204", "name"),
        (Asked("الحمام", level=4, within="SY07"), "C2", "name"),
        (Asked("حمام", level=4, within="SY0700"), "C2", "alias"),
        (Asked("v7", ("عين العرب", "Ain al-Arab"), 4, "SY02"), "C3", "alias"),
    ],
)
def test_an_answer_is_a_place_by_code_name_or_alias(
    matcher: Matcher, asked: Asked, pcode: str, kind: str
) -> None:
    found = matcher.match(asked)
    assert (found.pcode, found.kind) == (pcode, kind)
    assert (found.decided_by or "").endswith(".csv")
    assert found.decided_at == "2026-11-25T06:00:00Z"


@pytest.mark.parametrize(
    "asked",
    [
        Asked("الحمام", level=4),
        Asked("عفرين", level=2),
        Asked("عفرين", level=2, within="SY07"),
        Asked("SY0203", level=2, within="SY07"),
        Asked("SY0203", level=4),
        Asked("عفرينن", level=2, within="SY02"),
        Asked("Efrîn", level=2, within="SY02"),
        Asked("إدلب", level=None),
        Asked("؟", level=1),
    ],
)
def test_a_name_without_its_parent_another_level_or_a_near_name_is_no_place(
    matcher: Matcher, asked: Asked
) -> None:
    assert matcher.match(asked) == Match(None, "unresolved")


def test_near_names_and_namesakes_are_shown_the_likest_first(matcher: Matcher) -> None:
    near = matcher.candidates(Asked("جرابلوس", level=2, within="SY02"))
    assert [one.pcode for one in near] == ["SY0208"]
    assert 0.5 < near[0].likeness < 1
    assert [one.pcode for one in matcher.candidates(Asked("الحمام", level=4))] == ["C1", "C2"]


def test_what_a_person_chose_holds_for_that_spelling_in_that_parent_only(matcher: Matcher) -> None:
    chosen = Match("C3", "chosen", "Amal", "2026-11-25T07:00:00Z")
    asking = replace(matcher, chosen={("SY0208", "القرية"): chosen})
    assert asking.match(Asked("القرية", level=4, within="SY0208")) == chosen
    assert asking.match(Asked("القرية", level=4, within="SY0700")).pcode is None


def test_places_that_the_project_names_itself_need_no_list(matcher: Matcher) -> None:
    alone = Matcher(type(matcher.known)(), {}, {"SY0203": {"ar": "عفرين", "en": "Afrin"}})
    assert alone.match(Asked("عفرين")).pcode == alone.match(Asked("SY0203")).pcode == "SY0203"
    assert alone.match(Asked("اعزاز")).pcode is None


def test_every_syrian_settlement_is_found_by_its_name_in_its_sub_district(
    store: Store, shared: Path
) -> None:
    """OCHA's list against itself; 212 Arabic names lie in more than one governorate."""
    files = sorted((shared / "reference/standards_and_places/syria_cod_ab").glob("*.csv"))
    done = import_places(store, files, clock=clock)
    assert (done.added, done.changed) == (14 + 62 + 272 + 5251, 0)
    names = sorted((shared / "reference/standards_and_places/syria_names").glob("*.json"))
    assert import_places(store, names, clock=clock).respelt == 14 + 62
    with store.read() as connection:
        known = load_gazetteer(connection)
    asking = Matcher(known)
    settlements = [one for one in known.places.values() if one.level == 4]
    for one in settlements:
        for name in one.names.values():
            found = asking.match(Asked(name, level=4, within=str(one.parent)))
            assert (found.pcode, found.kind) == (one.pcode, "name")
            assert asking.match(Asked(name, level=4)).pcode is None
    governorates: dict[str, set[str]] = {}
    for one in settlements:
        governorates.setdefault(str(one.name_ar), set()).add([*known.around(one.pcode)][-1])
    assert sum(len(each) > 1 for each in governorates.values()) == 212
    assert asking.match(Asked("محافظة دير الزور", level=1)).pcode == "SY09"
    assert known.by_code("SY100202") is not None
