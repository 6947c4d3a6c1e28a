"""Findings of fieldwork in the store, from run to run."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from meal_pipeline.store.tables.validate import findings
from meal_pipeline.validate.validate_project import validate_project

from ..builders import START, content, held_rows, project, row

FORM = content(row("text", "hh"), row("text", "remark"))
CHECKED = project(
    forms={"home": {"uid": "aHome", "subject": "hh"}}, validation={"fieldwork": {"home": {}}}
)


def test_a_household_that_comes_again_is_found_though_its_first_row_s_block_is_known(store):
    answers = [{"hh": f"h{n}", "remark": "شكراً"} for n in range(3)]
    again = {"hh": "h0", "_submission_time": START + timedelta(days=1)}
    said = select(findings.c.submission_id, findings.c.status).where(
        findings.c.rule == "fieldwork.HFC02"
    )
    found = []
    for day, some in enumerate(([*answers], [*answers, again], [*answers])):
        held_rows(store, FORM, *some, block=2)
        moment = datetime(2026, 3, 2 + day, tzinfo=UTC)
        validate_project(store, CHECKED, suites=[], clock=lambda moment=moment: moment)
        with store.read() as connection:
            found.append([tuple(one) for one in connection.execute(said)])
    assert found == [[], [(4, "open")], [(4, "withdrawn")]]
