"""What can be wrong with an expression, each with its place where it has one.

Here: the errors. Not here: unknown questions (`meal_pipeline.forms.UnknownQuestion`).
"""

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _


class ExpressionError(MealError):
    """An expression cannot be used; the base of the others."""


class ExpressionSyntaxError(ExpressionError):
    """An expression cannot be read; `position` is the character where reading stopped, from 0.

    `where` tells where it stands in the form, if that is known.
    """

    def __init__(self, text: str, position: int, reason: str, where: str | None = None) -> None:
        sentence = _("The expression cannot be read at character {number}: {reason}").format(
            number=position + 1, reason=reason
        )
        lines = [sentence, line_with_caret(text, position)]
        super().__init__("\n".join(lines if where is None else [*lines, where]))
        self.text = text
        self.position = position
        self.reason = reason
        self.where = where


class UnsupportedExpression(ExpressionError):
    """An expression is sound, but uses `what` is not evaluated here, or not by this engine."""

    def __init__(self, what: str, reason: str, *, next_step: str | None = None) -> None:
        super().__init__(reason, next_step=next_step)
        self.what = what


def line_with_caret(text: str, position: int) -> str:
    """Give the line of `text` that holds `position`, and below it a caret under that character."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start:] if end < 0 else text[start:end]
    return f"{line}\n{' ' * (position - start)}^"
