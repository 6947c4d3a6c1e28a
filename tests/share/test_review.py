"""The table that an organisation looks through."""

from meal_pipeline.locale import in_language
from meal_pipeline.share import review_table

from .conftest import BASELINE, CELL, ESTIMATE, Tables, project

KEYS = [
    "indicator",
    "round",
    "arm",
    "category",
    "estimate",
    "interval",
    "n",
    "quality",
    "status",
]


def test_every_figure_has_its_interval_n_quality_and_status(tables: Tables) -> None:
    (row,) = review_table(tables(progress=[ESTIMATE]), project())
    assert list(row) == KEYS
    assert list(row.values()) == [
        "Enough to eat",
        "Endline",
        "everyone",
        "everyone",
        "62\N{NO-BREAK SPACE}%",
        "56–68",
        612,
        "grade B",
        "on the way · draft",
    ]


def test_rounds_stand_in_time_order_and_categories_after_everyone(tables: Tables) -> None:
    rows = review_table(tables(progress=[ESTIMATE, BASELINE], cells=[CELL]), project())
    assert [row["round"] for row in rows] == ["Baseline", "Endline", "Endline"]
    assert rows[-1]["category"] == "District: Afrin"


def test_a_withheld_cell_holds_words_and_no_number(tables: Tables) -> None:
    nothing = dict.fromkeys(("estimate", "ci_low", "ci_high", "n", "n_missing"))
    hidden = CELL | nothing | {"shown": "withheld"}
    (row,) = review_table(tables(progress=[], cells=[hidden]), project())
    assert row["estimate"] == "withheld to protect people"
    assert (row["interval"], row["n"]) == ("withheld", "withheld")


def test_a_cell_of_two_disaggregations_is_not_stated_in_words(tables: Tables) -> None:
    cell = CELL | {"category": r"a\|b|(not stated)", "category_en": None, "category_ar": None}
    (row,) = review_table(tables(progress=[], cells=[cell]), project())
    assert row["category"] == "District: a|b × not stated"


def test_it_speaks_the_language_in_use(tables: Tables) -> None:
    store = tables(progress=[ESTIMATE])
    with in_language("ar"):
        (row,) = review_table(store, project())
    assert (row["indicator"], row["estimate"], row["interval"]) == (
        "غذاء كافٍ",
        "62\N{NO-BREAK SPACE}%",
        "56–68",
    )
