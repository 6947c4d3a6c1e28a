"""A form looked through before fieldwork: what will spoil answers, and how to mend it.

Here: remarks on one form as it is drawn, by sheet, row and question. Not here: reading files of
forms (`meal_pipeline.exports`), how versions differ (`meal_pipeline.forms`), and rows (validate).
"""

from meal_pipeline.lint.lint_form import lint_form
from meal_pipeline.lint.remarks import CODES, FormRemark, Severity

__all__ = ["CODES", "FormRemark", "Severity", "lint_form"]
