"""Results of both engines over whole forms, with groups, repeats and lists, beside ours.

`golden/forms.jsonl` is written by `measure_engines.py`: JavaRosa (the jar inside pyxform 4.5's ODK
Validate) and openrosa-xpath-evaluator 3.1, with the clock in UTC, or in Damascus where
`offset_minutes` is given.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from meal_pipeline.expressions import UnsupportedExpression, compile_expression

from .engines import in_words, same
from .forms import ANSWERS, frames_with_result, household

GOLDEN = Path(__file__).with_name("golden") / "forms.jsonl"
form = cache(household)

REFUSED = {
    # What a row does not tell: chance, the device, its language.
    *("version()", "uuid(5) = ''", "random() < 0", "randomize(${age})"),
    *(
        "format-date(${day}, '%a %b')",
        *(
            f"format-date('{day}', '%W')"
            for day in (
                "2026-01-05",
                "2026-01-04",
                "2021-01-01",
                "2020-12-31",
            )
        ),
    ),
    "${member}[last()]/sex",
    "format-date(${day}, '%Q')",
    "digest(${code}, 'MD5', 'hex')",
    # Apps look for the question from the row that is tried, where it is not.
    *("count(${member}[${sex} = sex])", "count(${visit}[cost > ${cost}])"),
    "area('36.0 37.0 0 0;36.1 37.0 0 0;36.1 37.1 0 0;36.0 37.0 0 0')",
}
"""Expressions that are refused by name though an engine gives something."""

OTHERWISE = {
    # Enketo's evaluator reads a minus before anything but a written number not at all.
    ("enketo", "-${size}"),
    # Enketo's form view gives labels, not its evaluator.
    *(("enketo", f"jr:choice-name({code}, '${{fruit}}')") for code in ("${fruit}", "'c'", "'zzz'")),
}


def _cases():
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        for engine in ("collect", "enketo"):
            if (engine, case["expression"]) not in OTHERWISE:
                words = (engine, case["at"], case["expression"], case["answers"])
                yield pytest.param(case, engine, id=" ".join(words))


@pytest.mark.parametrize(("case", "engine"), list(_cases()))
def test_an_expression_in_a_form_gives_what_the_engine_gives_or_is_refused(case, engine):
    minutes, at = case.get("offset_minutes", 0), case["at"]
    frames = frames_with_result(ANSWERS[case["answers"]], at, minutes)
    try:
        result = compile_expression(case["expression"], form(at)).evaluate(
            frames[at], current="result", repeats=frames, within=at, engine=engine
        )
    except UnsupportedExpression:
        assert case["expression"] in REFUSED or case[engine] is None
        return
    ours = [in_words(result.iloc[[row]], minutes) for row in range(len(result))]
    # Where an engine stops with an error, the row has no value.
    theirs = case[engine] or [""] * len(ours)
    # An engine's time of day is what a whole number of days leaves, with the noise of that.
    close = 1e-8 if "decimal-time" in case["expression"] else 1e-14
    assert len(ours) == len(theirs)
    assert all(same(one, other, close) for one, other in zip(ours, theirs, strict=True))
