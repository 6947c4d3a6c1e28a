"""Every table of the store, a module a stage.

Here: names, columns, keys. Not here: what writes them (the rooms) or how they came to be
(`store/migrations`). Times are UTC text in ISO 8601 (`2026-11-25T06:00:00Z`); JSON is text.
"""

from meal_pipeline.store.tables import (
    collect,
    compare,
    correct,
    erase,
    evaluate,
    events,
    measure,
    places,
    runs,
    validate,
)
from meal_pipeline.store.tables import read as read
from meal_pipeline.store.tables.base import metadata

__all__ = [
    "collect",
    "compare",
    "correct",
    "erase",
    "evaluate",
    "events",
    "measure",
    "metadata",
    "places",
    "read",
    "runs",
    "validate",
]
