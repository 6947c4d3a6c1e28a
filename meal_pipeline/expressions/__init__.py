"""XLSForm expressions over columns: the one language of rules, indicators and conditions.

Here: reading an expression, checking it, and computing it over a typed frame as KoboCollect or
Enketo would in each row. Not here: forms (`meal_pipeline.forms`), and what is done with the result.
"""

from meal_pipeline.expressions.errors import (
    ExpressionError,
    ExpressionSyntaxError,
    UnsupportedExpression,
)
from meal_pipeline.expressions.expression import Expression, compile_expression
from meal_pipeline.expressions.names import RowsMissing
from meal_pipeline.expressions.rows import SeveralAnswers
from meal_pipeline.expressions.values import Engine

__all__ = [
    "Engine",
    "Expression",
    "ExpressionError",
    "ExpressionSyntaxError",
    "RowsMissing",
    "SeveralAnswers",
    "UnsupportedExpression",
    "compile_expression",
]
