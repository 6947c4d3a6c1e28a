"""The valid rows of one form, with the form they were collected with.

Here: the frame and how to find a question's answers in it. Not here: expressions over it
(`evaluation`), and what the rows count as.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from meal_pipeline.errors import MealError
from meal_pipeline.forms import AmbiguousQuestion, FormUnion, UnknownQuestion
from meal_pipeline.forms.errors import nearest_names
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.matches import ProjectPlaces


class DeclarationError(MealError):
    """A declaration of the project cannot be applied to the rows; the message names it."""


class QuestionInRepeat(MealError):
    """A question that is answered once a member or item, where one answer a row is needed."""

    def __init__(self, question: str, repeat: str) -> None:
        super().__init__(
            _("“{question}” is asked in the repeat “{repeat}”, several times a row.").format(
                question=question, repeat=repeat
            ),
            next_step=_(
                "Indicators over the rows of a repeat are not computed; add a calculation to the"
                " form that sums the repeat up, such as a count, and use that."
            ),
        )


class QuestionNotKept(MealError):
    """A question whose answers are not kept, since they are personal."""

    def __init__(self, question: str) -> None:
        super().__init__(
            _("The answers to “{question}” are not kept, since they are personal.").format(
                question=question
            ),
            next_step=_(
                "Use another question, or declare it under personal_data as pseudonym or keep."
            ),
        )


@dataclass(frozen=True, eq=False)
class FormRows:
    """Rows of the form with the code `code`: one a submission, columns as `read` names them.

    `form`: all versions of the form together; without it, questions are the frame's columns.
    `others`: the project's other forms, to tell a question that stands elsewhere from none.
    `places`: the list of places, with what was chosen for the project.
    """

    code: str
    frame: pd.DataFrame
    form: FormUnion | None = None
    others: tuple[FormUnion, ...] = ()
    places: ProjectPlaces = field(default_factory=ProjectPlaces)

    def __len__(self) -> int:
        return len(self.frame)

    def answers(self, question: str) -> pd.Series:
        """Give a question's answers. Raises UnknownQuestion, QuestionInRepeat, QuestionNotKept."""
        name = question if self.form is None else main_column(self.form, question)
        if name in self.frame:
            return self.frame[name]
        if self.form is None:
            raise UnknownQuestion(name, nearest_names(name, self.frame.columns))
        raise QuestionNotKept(question)

    def asked_elsewhere(self, questions: Iterable[str]) -> bool:
        """Tell whether another form of the project has all these questions and this one has not."""
        names = list(questions)
        if self.form is None or all(_has(self.form, name) for name in names):
            return False
        return any(all(_has(other, name) for name in names) for other in self.others)


def main_column(form: FormUnion, question: str) -> str:
    """Give the name of a question's column in the main frame.

    Raises UnknownQuestion, AmbiguousQuestion or QuestionInRepeat.
    """
    column = form.column(question)
    if column.repeat is not None:
        raise QuestionInRepeat(question, column.repeat)
    return column.name


@contextmanager
def declared_at(key: str) -> Iterator[None]:
    """Let errors in the block say which key of the project's file they come from."""
    try:
        yield
    except DeclarationError:
        raise
    except MealError as error:
        sentence = _("{key}: {reason}").format(key=key, reason=error)
        raise DeclarationError(sentence, next_step=error.next_step) from error


def _has(form: FormUnion, question: str) -> bool:
    try:
        form.column(question)
    except AmbiguousQuestion:
        return True
    except UnknownQuestion:
        return False
    return True
