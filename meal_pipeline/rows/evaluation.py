"""Expressions over the rows of a form.

Here: compiling one for the form that the rows were collected with. Not here: the language itself
(expressions), its results as text (`conversions`).
"""

from meal_pipeline.expressions import Expression, compile_expression
from meal_pipeline.rows.form_rows import FormRows


def compiled(text: str, rows: FormRows) -> Expression:
    """Compile an expression for the rows' form, after finding each question that it uses.

    Raises the compiler's errors, UnknownQuestion, QuestionInRepeat or QuestionNotKept.
    """
    expression = compile_expression(text, rows.form)
    for name in expression.references:
        rows.answers(name)
    return expression
