"""docs/tables.md says what the code says."""

from pathlib import Path

from meal_pipeline.store.describe import tables_in_words

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_table_and_column_is_described_as_the_code_has_it() -> None:
    written = (DOCS / "tables.md").read_text(encoding="utf-8")
    assert written == tables_in_words(), (
        "run: python -m meal_pipeline.store.describe > docs/tables.md"
    )
