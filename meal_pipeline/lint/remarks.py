"""What a remark on a form is, and how grave each kind is.

Here: the remark and the list of codes. Not here: who makes them.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info"]

CODES: dict[str, Severity] = {
    "file.unreadable": "critical",
    "name.doubled": "critical",
    "name.shared": "warning",
    "name.alike": "warning",
    "number.no_constraint": "warning",
    "key.missing": "warning",
    "consent.missing": "warning",
    "personal.not_marked": "warning",
    "label.no_arabic": "warning",
    "label.missing": "warning",
    "label.not_arabic": "info",
    "select.no_choices": "critical",
    "choice.blank_in_code": "warning",
    "choice.doubled": "warning",
    "choice.alike": "warning",
    "expression.broken": "critical",
    "expression.unknown_question": "critical",
    "expression.unknown_choice": "warning",
    "expression.not_evaluated": "info",
    "expression.engines_differ": "warning",
    "relevant.later": "warning",
    "relevant.never": "warning",
    "required.never_asked": "warning",
    "repeat.open_ended": "info",
    "calculation.unused": "info",
}
"""Each code with its severity: critical spoils answers or the form itself, a warning may spoil
answers, info is to be known."""


@dataclass(frozen=True)
class FormRemark:
    """One remark: its code, where it is, what is wrong and how to mend it, in the language in use.

    `row` is the row of the sheet, the header being row 1; None for the form as a whole. `question`
    is the name of the question, or of the list for choices.
    """

    code: str
    sheet: str
    row: int | None
    question: str
    message: str
    fix: str

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return CODES[self.code]
