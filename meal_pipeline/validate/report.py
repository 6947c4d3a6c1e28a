"""What a validation says in the end: plain values, worded with their denominators.

Here: the report and the results of rules. Not here: how they come about, and how they are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from meal_pipeline.forms.model import Labels, pick_label
from meal_pipeline.locale import current_language
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.failures import Blocked
from meal_pipeline.validate.accounts import Account


@dataclass(frozen=True)
class RuleResult:
    """A rule on one question over all form versions, with its denominators.

    `asked` rows are those to which it applies, `answered` those of them with an answer. `reason`
    tells, by language, why it was blocked; none where it was evaluated.
    """

    form: str
    frame: str
    rule: str
    question: str
    severity: str
    asked: int
    answered: int
    failed: int
    reason: Labels | None = field(default=None, hash=False)

    @property
    def outcome(self) -> str:
        """`evaluated` or `blocked`."""
        return "evaluated" if self.reason is None else "blocked"

    @property
    def place(self) -> str:
        """The question as the table `rule_results` names it: `<repeat>/<question>` in a repeat."""
        repeat = self.frame.removeprefix(self.form).removeprefix("/")
        return f"{repeat}/{self.question}" if repeat else self.question

    @classmethod
    def of_row(cls, row: Any, repeats: Iterable[str]) -> "RuleResult":
        """Give the result that a row of the table `rule_results` holds; the form has `repeats`."""
        repeat = next((one for one in repeats if row.question.startswith(f"{one}/")), "")
        return cls(
            row.form,
            f"{row.form}/{repeat}" if repeat else row.form,
            row.rule,
            row.question.removeprefix(f"{repeat}/") if repeat else row.question,
            row.severity,
            row.rows_asked,
            row.rows_answered,
            row.rows_failed,
            None if row.reason is None else orjson.loads(row.reason),
        )

    def rate(self) -> str:
        """Give the result in words: “3 of 4 answered are valid; 2 of 6 missing”."""
        if self.reason is not None:
            return pick_label(self.reason, (current_language(),), "")
        missing = self.asked - self.answered
        if self.rule == "project.eligible":
            return _("{eligible} of {asked} rows are eligible").format(
                eligible=self.asked - self.failed, asked=self.asked
            )
        if self.rule == "form.relevant":
            return _("{failed} of {asked} that the form does not ask are answered").format(
                failed=self.failed, asked=self.asked
            )
        if self.failed == missing and self.rule in _ABOUT_MISSING:
            return _("{answered} of {asked} answered; {missing} missing").format(
                answered=self.answered, asked=self.asked, missing=missing
            )
        return _("{valid} of {answered} answered are valid; {missing} of {asked} missing").format(
            valid=max(self.answered - self.failed, 0),
            answered=self.answered,
            missing=missing,
            asked=self.asked,
        )


_ABOUT_MISSING = ("form.required", "design.missing", "design.cluster_missing", "personal.required")


@dataclass(frozen=True)
class ValidateReport:
    """What was validated: `snapshot_id` holds the valid rows of `read_snapshot_id`.

    `changed` tells whether anything was written. `forms` counts the rows of each form, `findings`
    the open findings by severity. `blocks` is all that is blocked; those of the kind `project` stop
    the project. `data_docs` is the first page of the site of results, where one was asked for.
    """

    project: str
    snapshot_id: str
    read_snapshot_id: str
    changed: bool
    forms: Mapping[str, Account]
    findings: Mapping[str, int]
    rules: tuple[RuleResult, ...]
    blocks: tuple[Blocked, ...]
    data_docs: Path | None = None

    @property
    def gate(self) -> list[str]:
        """What stops the project, a sentence each; empty when it may go on."""
        return [one.sentence for one in self.blocks if one.kind == "project"]
