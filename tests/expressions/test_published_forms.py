from collections import Counter

import pytest

from meal_pipeline.expressions import UnsupportedExpression, compile_expression
from meal_pipeline.forms import parse_content

CONDITIONS = ("relevant", "constraint", "calculation", "required")


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_conditions_of_published_forms_are_read_or_refused_by_name(shared):
    openpyxl = pytest.importorskip("openpyxl")
    outcome = Counter()
    for file in sorted((shared / "reference/kobo/xlsforms").glob("**/*.xlsx")):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        if "survey" in book.sheetnames:
            survey = rows(book["survey"])
            form = parse_content({"survey": survey}, asset_uid="a", version_uid="v")
            outcome.update(map(compiled, texts(form)))
        book.close()
    assert outcome.pop("compiled") >= 850
    assert set(outcome) <= {"indexed-repeat", "position", "jr:choice-name", "uuid", "T"}


def compiled(text):
    try:
        compile_expression(text)
    except UnsupportedExpression as error:
        return error.what
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
