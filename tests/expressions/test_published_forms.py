import csv
from collections import Counter

import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.expressions import UnsupportedExpression, compile_expression
from meal_pipeline.forms import parse_content

CONDITIONS = ("relevant", "constraint", "calculation", "required")
NO_EXPRESSIONS = {"yes", "no", "NA", "TRUE", "FALSE", "true", "false", ""}


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_every_expression_of_published_forms_compiles_with_its_form(shared):
    openpyxl = pytest.importorskip("openpyxl")
    outcome = Counter()
    for file in sorted((shared / "reference/kobo/xlsforms").glob("**/*.xlsx")):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        if "survey" in book.sheetnames:
            survey = rows(book["survey"])
            form = parse_content({"survey": survey}, asset_uid="a", version_uid="v")
            outcome.update(compiled(text, form) for text in texts(form))
        book.close()
    assert outcome.pop("compiled") >= 860
    # The form's own question asks for one that it lacks, or that two groups of it ask.
    assert set(outcome) <= {"UnknownQuestion", "AmbiguousQuestion", "T"}


@pytest.mark.parametrize(
    "pattern", ["kobo/xlsforms/rough/*.csv", "statistics/analysistools/*survey.csv"]
)
def test_every_sound_expression_of_published_sheets_compiles(shared, pattern):
    outcome = Counter()
    for file in sorted((shared / "reference").glob(pattern)):
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            for row in csv.DictReader(lines):
                for column in ("relevant", "constraint", "calculation", "choice_filter"):
                    text = (row.get(column) or "").strip()
                    if column == "choice_filter" and text:
                        text = f"instance('l')/root/item[{text}]"  # as forms hold it
                    if text not in NO_EXPRESSIONS:
                        outcome[compiled(text, None)] += 1
    assert outcome.pop("compiled") >= 20
    assert not outcome


def compiled(text, form):
    try:
        compile_expression(text, form)
    except UnsupportedExpression as error:
        return error.what
    except MealError as error:
        return type(error).__name__
    return "compiled"


def texts(form):
    for question in form.questions:
        for column in CONDITIONS:
            value = getattr(question, column)
            if isinstance(value, str):
                yield value
        yield from question.group_relevants


def rows(sheet):
    cells = sheet.iter_rows(values_only=True)
    header = next(cells, ())
    return [{h: v for h, v in zip(header, row, strict=False) if h} for row in cells]
