"""A brief: what it says, what it never says, and that it is one whole file."""

import re
from pathlib import Path

import pytest

from meal_pipeline.share import NotEvaluated, write_brief
from meal_pipeline.store import Store

from .conftest import BASELINE, CELL, EFFECT, ESTIMATE, Tables, clock, page, project

OUTPUT = ESTIMATE | {
    "indicator": "kits",
    "name_en": "Kits handed out",
    "level": "output",
    "indicator_position": 0,
    "figure_id": "F-EEEEEEEE",
}
HOSTILE = '<img src=x onerror="alert(1)">{{ 7 * 7 }}'
BARE = re.compile(r"\bimpacts?\b(?!-level \(goal\))|\beffects?\b|أثر", re.IGNORECASE)


def read(text: str) -> str:
    """Give what a person reads, labels of pictures too, without the style."""
    body = text.split("</style>", 1)[1]
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', body))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body) + " " + labels)


def test_it_opens_with_the_effect_below_its_label(tables: Tables) -> None:
    said = read(page(tables(effects=[EFFECT])))
    assert said.index("comparison suggests") < said.index("Of every 100 participating households")
    assert "No lottery." in said


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_a_page_is_of_its_language_and_runs_as_it_does(
    tables: Tables, language: str, direction: str
) -> None:
    text = page(tables(effects=[EFFECT]), language)
    assert f'<html lang="{language}" dir="{direction}">' in text


def test_the_arabic_page_has_arabic_names_digits_and_months(tables: Tables) -> None:
    said = read(page(tables(effects=[EFFECT]), "ar"))
    assert "مشروع الغذاء" in said
    assert "١٢ تشرين الثاني ٢٠٢٦" in said
    assert "Enough to eat" not in said


def test_the_arabic_page_opens_with_people_and_whole_numbers(tables: Tables) -> None:
    said = read(page(tables(effects=[EFFECT]), "ar"))
    assert "المقارنة ترجّح" in said
    assert "من بين كل ١٠٠ أسرة من المشاركين" in said
    assert "(بين ٤ و١٨)" in said


def test_made_up_data_are_said_to_be_so(tables: Tables) -> None:
    assert "Synthetic data, for training." in read(page(tables(project={"is_synthetic": 1})))


def test_real_data_are_not_said_to_be_made_up(tables: Tables) -> None:
    assert "Synthetic" not in read(page(tables()))


def test_a_draft_says_that_it_is_one(tables: Tables) -> None:
    assert "Draft: the organisation has not approved it yet." in read(page(tables()))


def test_the_projects_note_travels_with_the_page(tables: Tables) -> None:
    noted = tables(project={"note_en": "Checked against a study."})
    assert "Checked against a study." in read(page(noted))


def test_what_is_not_yet_done_is_said(tables: Tables) -> None:
    said = read(page(tables()))
    assert "No decision is recorded yet." in said
    assert "The results were not yet returned to the community." in said


@pytest.mark.parametrize("language", ["en", "ar"])
def test_without_a_comparison_impact_and_effect_are_not_said(tables: Tables, language: str) -> None:
    goal = ESTIMATE | {"level": "impact"}
    found = BARE.findall(read(page(tables(progress=[BASELINE, goal, OUTPUT]), language)))
    assert found == []


def test_without_a_comparison_it_opens_with_the_change_and_its_limits(tables: Tables) -> None:
    said = read(page(tables()))
    assert "a change, without a comparison" in said
    assert "about 21 more (between 14 and 28)" in said
    assert "Nobody is compared who did not take part" in said


def test_one_round_alone_tells_where_things_stand(tables: Tables) -> None:
    alone = ESTIMATE | dict.fromkeys(("change", "change_shown", "baseline", "baseline_shown"))
    said = read(page(tables(progress=[alone])))
    assert "where things stand" in said
    assert "about 62 (between 56 and 68)" in said


def test_an_effect_too_small_to_tell_has_no_stronger_label(tables: Tables) -> None:
    said = read(page(tables(effects=[EFFECT | {"ci_low": -0.02}])))
    assert "comparison suggests" not in said
    assert "too small to tell" in said
    assert "That is not the same as no difference." in said
    assert "no effect" not in said


def test_a_withheld_effect_is_told_in_words_alone(tables: Tables) -> None:
    hidden = (
        EFFECT
        | {"shown": "withheld"}
        | dict.fromkeys(
            (
                "effect",
                "ci_low",
                "ci_high",
                "n",
                "n_missing",
                "n_clusters",
                "n_participants",
                "note",
            )
        )
    )
    said = read(page(tables(effects=[hidden])))
    assert "“Food against others”: withheld to protect people." in said
    assert "Answers compared" not in said


def test_withheld_cells_are_told_in_the_same_words_whichever_is_small(tables: Tables) -> None:
    nothing = dict.fromkeys(("estimate", "ci_low", "ci_high", "n", "n_missing"))
    small = CELL | nothing | {"shown": "withheld"}
    other = small | {"category": "SY0204", "category_en": "A'zaz"}
    text = page(tables(cells=[small, other]))
    rows = re.findall(r'<th scope="row">.*?</tr>', text.split("Is it the same everywhere?")[1])
    told = [re.sub(r"<[^>]+>", "|", row) for row in rows]
    assert "withheld to protect people" in told[0]
    assert "withheld to protect people" in told[1]
    assert not re.search(r"\|\d+\|", "".join(told))


def test_rows_without_a_category_are_not_stated_and_come_last(tables: Tables) -> None:
    unstated = CELL | {"category": "(not stated)", "category_en": "not stated", "place": ""}
    said = read(page(tables(cells=[unstated | {"category_position": None}, CELL])))
    assert said.index("Afrin") < said.index("not stated")


def test_places_come_before_other_categories(tables: Tables) -> None:
    sex = CELL | {"disaggregation": "by_sex", "disaggregation_en": "Sex", "place": ""}
    said = read(page(tables(cells=[sex, CELL])))
    assert said.index("District") < said.index("Sex")


def test_an_indicator_stands_with_interval_target_answers_and_verdict(tables: Tables) -> None:
    said = read(page(tables())).replace("\N{NO-BREAK SPACE}", " ")
    row = said[said.index("Results against target") :]
    for part in ("62 % (56–68)", "target 65 %", "612 answers", "28 missing", "41 % (35–47)"):
        assert part in row
    assert "on the way" in row


def test_a_withheld_result_is_never_a_number(tables: Tables) -> None:
    hidden = ESTIMATE | {"shown": "withheld", "status": "withheld", "change_shown": "withheld"}
    hidden |= dict.fromkeys(("estimate", "ci_low", "ci_high", "n", "n_missing", "change"))
    said = read(page(tables(progress=[hidden | {"baseline": None}])))
    assert "withheld to protect people" in said
    assert "Nothing is measured yet." in said


def test_outputs_stand_below_results(tables: Tables) -> None:
    said = read(page(tables(progress=[OUTPUT, BASELINE, ESTIMATE])))
    assert said.index("Enough to eat") < said.index("What was delivered")
    assert said.index("What was delivered") < said.index("Kits handed out")


def test_how_sure_counts_answers_clusters_losses_and_quarantine(tables: Tables) -> None:
    counts = {"topic": "rows", "form": "household"}
    quality = [
        {"topic": "missing", "form": "household", "subject": "fed", "round": "end", "n": 28},
        {**counts, "subject": "pulled", "n": 1260},
        {**counts, "subject": "quarantined", "n": 9},
        {**counts, "subject": "not_eligible", "n": 13},
    ]
    tables_ = tables(quality=[{"project": "food", **row} for row in quality])
    said = read(page(tables_)).replace("\N{NO-BREAK SPACE}", " ")
    for part in ("612", "32", "grade B", "9 of 1,260 rows quarantined", "13 not eligible"):
        assert part in said
    assert "as many as at the start" in said  # 612 and 28 missing; 640 and none


def test_what_could_not_be_computed_is_listed_with_its_reason(tables: Tables) -> None:
    block = {"project": "food", "topic": "blocked", "subject": "income", "form": ""}
    told = read(page(tables(quality=[block | {"message": '{"en": "There is no question x."}'}])))
    assert "income: There is no question x." in told


def test_every_number_can_be_recomputed(tables: Tables) -> None:
    said = read(page(tables(effects=[EFFECT])))
    assert f"meal run food --from measure --snapshot {'5' * 64}" in said
    assert "F-CCCCCCCC" in said


@pytest.mark.parametrize("language", ["en", "ar"])
def test_hostile_names_are_shown_as_text(tables: Tables, language: str) -> None:
    names = {f"{what}_{language}": HOSTILE for what in ("name", "people", "gain", "unit", "round")}
    names |= {f"{what}_{language}": HOSTILE for what in ("indicator", "category", "organisation")}
    names |= {f"disaggregation_{language}": HOSTILE, "place": HOSTILE, "clustered_by": HOSTILE}
    text = page(
        tables(
            project=names | {f"participants_{language}": HOSTILE, f"note_{language}": HOSTILE},
            progress=[BASELINE | names, ESTIMATE | names | {"arm": "participants"}],
            effects=[EFFECT | names],
            cells=[CELL | names],
        ),
        language,
    )
    assert "<img" not in text
    assert "onerror=&#34;" in text
    assert "{{ 7 * 7 }}" in text


def test_a_page_is_one_small_file_that_asks_for_nothing(tables: Tables) -> None:
    many = [
        CELL | {"category": f"P{place}", "category_en": "A district of a rather long name"}
        for place in range(60)
    ]
    text = page(tables(effects=[EFFECT], cells=many))
    assert len(text.encode()) < 200_000
    assert not re.search(r"<script|<link|<img|\bsrc=|href=|url\(|@import|https?:", text)


def test_another_page_takes_the_place_of_the_old_one_whole(tables: Tables, tmp_path: Path) -> None:
    store, path = tables(), tmp_path / "out" / "food-en.html"
    for _time in range(2):
        assert write_brief(store, project(), language="en", path=path, clock=clock) == path
    assert path.read_text(encoding="utf-8").endswith("</html>")
    assert [file.name for file in path.parent.iterdir()] == ["food-en.html"]


def test_a_page_that_cannot_be_written_leaves_nothing_half_done(
    tables: Tables, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "food-en.html"
    path.mkdir(parents=True)  # a folder stands where the page should go
    with pytest.raises(OSError, match="food-en"):
        write_brief(tables(), project(), language="en", path=path, clock=clock)
    assert list(path.parent.iterdir()) == [path]


def test_a_project_that_was_never_evaluated_is_told_what_to_run(store: Store) -> None:
    with pytest.raises(NotEvaluated, match="food") as told:
        page(store)
    assert told.value.next_step == "Run it: meal run food"
