"""docs/places.md shows the rule of equal letters as the code has it."""

from pathlib import Path

from meal_pipeline.places.describe import described

PAGE = Path(__file__).resolve().parents[2] / "docs" / "places.md"


def test_the_rule_of_equal_letters_stands_in_the_page_as_the_code_has_it() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == described(written), (
        "run: python -m meal_pipeline.places.describe docs/places.md"
    )
