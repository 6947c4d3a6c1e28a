"""Routes that read submissions: pages, single rows, counts.

Here: which rows and counts a path gives to whom. Not here: pages and rows as JSON (`data`),
changing them (`writing_routes`).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from meal_pipeline.practice.accounts import Rights
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.data import data_page, fields_wanted, shown, visible
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.paging import data_window
from meal_pipeline.practice.problems import Problem


def counts(asked: Asked) -> Any:
    """Answer submissions a day (deletions do not lower them) and in all."""
    form, rights = asked.form("counts")
    if not rights.sees_rows or form.deployed is None:
        raise Problem.not_found()
    try:
        days = int(asked.params.get("days", "366"))
    except ValueError:
        raise Problem(400, ["`days` parameter must be an integer"]) from None
    received: Iterable[tuple[str, int]] = form.received.items()
    if not rights.sees_all_rows:
        seen = [
            row.head["_submission_time"][:10] for row in form.stored() if visible(form, rights, row)
        ]
        received = [(day, seen.count(day)) for day in sorted(set(seen))]
    since = (asked.world.now() - timedelta(days=min(days, 366))).strftime("%Y-%m-%d")
    return {
        "daily_submission_counts": {day: n for day, n in received if day >= since},
        "total_submission_count": len(form) if rights.sees_all_rows else None,
    }


def form_with_data(asked: Asked) -> tuple[PracticeForm, Rights]:
    """Give the form of the path, which has rows that the one who asks may see."""
    form, rights = asked.form("data")
    if not rights.sees_rows:
        raise Problem.not_found()
    if form.deployed is None:
        raise Problem.detail(400, "The specified asset has not been deployed")
    return form, rights


def data(asked: Asked) -> Any:
    """Answer a page of submissions."""
    form, rights = form_with_data(asked)
    page = data_page(
        form,
        rights,
        asked.params,
        url=asked.url,
        base=asked.base,
        default=asked.world.default_page,
        largest=asked.world.max_page,
        old=asked.world.old,
    )
    if asked.request.method == "GET":
        asked.world.happened(form, "view-data", asked.name())
    return page


def row(asked: Asked) -> Any:
    """Answer one submission, by id or by root or current uuid."""
    form, rights = form_with_data(asked)
    world = asked.world
    data_window(asked.params, default=world.default_page, largest=world.max_page)
    fields = fields_wanted(asked.params)
    stored = form.find(asked.part("row"))
    if stored is None or not visible(form, rights, stored):
        raise Problem.not_found()
    return shown(stored, fields, form, asked.base, old=world.old)
