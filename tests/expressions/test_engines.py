"""Results of KoboCollect's and Enketo's own engines, beside ours.

`golden/values.jsonl` was measured with JavaRosa (the jar inside pyxform 4.5's ODK Validate) and
openrosa-xpath-evaluator 3.1, with the clock in UTC, or in Damascus where `offset_minutes` is given.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from meal_pipeline.expressions import (
    ExpressionSyntaxError,
    UnsupportedExpression,
    compile_expression,
)
from meal_pipeline.forms import UnknownQuestion

from .engines import frame_of, frames_in, in_words, read_cases, same

GOLDEN = read_cases(Path(__file__).with_name("golden") / "values.jsonl")

# Where we know better than to follow: Enketo's evaluator reads a minus before anything but a
# written number wrongly or not at all, and takes what is no date for an error or a date.
EXPECTED_OTHERWISE = {
    ("enketo", "--3"),
    ("enketo", "-(-3)"),
    ("enketo", "-'5'"),
    ("enketo", "-${n}"),
    # Both engines add up one repeat only; here the arguments are added up.
    ("collect", "sum(1,2)"),
    ("enketo", "sum(1,2)"),
    ("collect", "sum(${i}, ${dec})"),
    ("enketo", "sum(${i}, ${dec})"),
    # A typed frame does not keep how a time or a decimal was written.
    ("enketo", "string(${dtm})"),
    ("enketo", "concat(${dtm}, '')"),
    ("enketo", "string(${dec})"),
}


CASES = [
    pytest.param(case, engine, id=f"{engine} {case['expression']} {case.get('offset_minutes', '')}")
    for case in GOLDEN
    for engine in ("collect", "enketo")
    if (engine, case["expression"]) not in EXPECTED_OTHERWISE
]


@pytest.mark.parametrize(("case", "engine"), CASES)
def test_an_expression_gives_what_the_engine_gives_or_is_refused(case, engine):
    try:
        expression = compile_expression(case["expression"])
        ours = in_words(
            expression.evaluate(frame_of(case), engine=engine), case.get("offset_minutes", 0)
        )
    except (UnsupportedExpression, ExpressionSyntaxError):
        assert case["expression"] in REFUSED or case[engine] is None
        return
    # Where an engine stops with an error, the row has no value.
    assert ours == "" if case[engine] is None else same(ours, case[engine])


REFUSED = {
    "selected(${n}, 'x')",
    "string-length()",
    "number()",
    "coalesce('a','b','c')",
    "coalesce('','','c')",
    "if(true(), 1, 2, 3)",
    "coalesce(false(), 7)",
    "regex('abc', '(?i)ABC')",
    r"regex('م', '\p{L}')",
    "regex('a', '[[:alpha:]]')",
}


def test_the_published_sample_agrees_wherever_it_is_in_scope(shared):
    agree, refused = 0, Counter()
    for case in read_cases(shared / "reference/kobo/engines/sample_results.jsonl"):
        text = with_references(case)
        for engine, key in (("collect", "javarosa"), ("enketo", "enketo")):
            if (engine, text) in EXPECTED_OTHERWISE or text in OTHERWISE_IN_THE_SAMPLE:
                continue
            frames = frames_in(case)
            try:
                ours = in_words(
                    compile_expression(text).evaluate(frames[""], repeats=frames, engine=engine)
                )
            except ExpressionSyntaxError:
                assert case["javarosa"] is None
                refused["syntax"] += 1
            except UnsupportedExpression as error:
                refused[error.what] += 1
            except UnknownQuestion:
                refused["unknown"] += 1
            else:
                assert case[key] is not None or ours == ""
                assert case[key] is None or same(ours, case[key]), (engine, text, ours, case[key])
                agree += 1
    assert agree >= 230
    # What is refused by name; nothing is refused without one.
    assert set(refused) <= {"format-date", "last", "intersects", "a", "syntax", "unknown"}


OTHERWISE_IN_THE_SAMPLE = {
    # The sample was measured without what Enketo does before it evaluates, or in no browser.
    "indexed-repeat(/data/r/x, /data/r, 3)",
    "/data/r[1]/x",
    "/data/r[position()=3]/x",
    "translate('aab','aa','xy')",
}


def with_references(case):
    """Write the sample's paths to single answers as ${name}; paths into repeats stay."""
    lists = {name for name, value in case["values"].items() if isinstance(value, list)}

    def reference(found):
        name = found.group(1)
        return found.group() if name in lists or name not in case["values"] else f"${{{name}}}"

    return re.sub(r"/data/(\w+)(?![\w/\[])", reference, case["expr"])
