"""What a check is, and what it found: the shape that all kinds of checks share.

Here: the two dataclasses, the default severities and how a project changes them. Not here: any
check itself, nor what becomes of an outcome (`findings`, `accounts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from meal_pipeline.forms.model import Labels
from meal_pipeline.workspace.project import Severity

Positions = npt.NDArray[np.intp]
"""Row numbers in a frame, from 0, ascending."""

Counts = npt.NDArray[np.intp]
"""Two numbers a block: rows asked, and those of them with an answer."""

NO_ROWS: Positions = np.empty(0, dtype=np.intp)

DEFAULT_SEVERITIES: Mapping[str, Severity] = {
    "form.type": "warning",
    "form.range": "warning",
    "form.choice": "warning",
    "form.required": "warning",
    "form.relevant": "warning",
    "form.constraint": "critical",
    "design.missing": "critical",
    "design.cluster_missing": "info",
}


@dataclass(frozen=True)
class Check:
    """One check on one question of one frame.

    `rule` names its kind (`form.required`, `suite.household_survey.duplicate_interview`), `repeat`
    the child frame ("" for the form's rows), `question` the column ("" where none alone is meant).
    `message` is the finding's text by language; it never holds an answer.
    """

    rule: str
    repeat: str
    question: str
    severity: Severity
    message: Labels = field(hash=False)


@dataclass(frozen=True)
class Part:
    """A part of the form at fault as a whole, such as a team or a stratum.

    `key` tells it from the others for ever; `message` is the finding's text about it, `value` what
    was looked at. `enumerator` is a pseudonym where the part is one person's interviews, `team` the
    team where it is a team's.
    """

    key: str
    message: Labels = field(hash=False)
    value: str | None = None
    enumerator: str | None = None
    team: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a check found in a frame.

    `asked` rows are those to which the check applies, `answered` those of them that have an answer,
    `failed` the positions of the rows at fault. `blocked` is why it could not be evaluated, by
    language; nothing was counted then. `on_whole_form` says that the check failed without being
    able to name rows, such as a mean that is too high; `observed` is then what it looked at.
    `by_block` are `asked` and `answered` of each block, a row a block, where rows were evaluated
    together that are remembered apart. `parts` are those at fault as a whole, in a check that
    compares them (then `asked` and `answered` count parts). `values` is what the findings show for
    the rows at fault, where that is not the answer.
    """

    check: Check
    asked: int = 0
    answered: int = 0
    failed: Positions = field(default_factory=lambda: NO_ROWS, hash=False)
    blocked: Labels | None = field(default=None, hash=False)
    on_whole_form: bool = False
    observed: object = None
    by_block: Counts | None = field(default=None, hash=False, compare=False)
    parts: tuple[Part, ...] = ()
    values: Sequence[str | None] | None = field(default=None, hash=False)

    @property
    def rows_failed(self) -> int:
        """How many rows, or else parts of the form, are at fault."""
        return len(self.failed) or len(self.parts)

    @property
    def is_notice(self) -> bool:
        """Whether it only says that a check is not run: it asked nothing, and is not blocked."""
        return self.on_whole_form and self.asked == 0


def counted(
    check: Check,
    asked: Positions,
    answered: Positions,
    failed: Positions,
    starts: Positions | None = None,
) -> Outcome:
    """Give the outcome of a check from the rows it asks, those answered, and those at fault.

    `starts`: the first row of each block, to count by block, too.
    """
    by_block = None
    if starts is not None:
        by_block = np.stack([per_block(rows, starts) for rows in (asked, answered)], axis=1)
    return Outcome(check, len(asked), len(answered), failed, by_block=by_block)


def per_block(rows: Positions, starts: Positions) -> Positions:
    """Count the rows (ascending) of each block; `starts` is the first row of each."""
    before = np.searchsorted(rows, starts)
    return np.diff(before, append=len(rows)).astype(np.intp)


def severity_of(
    rule: str, question: str, declared: Mapping[str, Severity], default: Severity | None = None
) -> Severity:
    """Give the severity of a rule: as `rule:question` is declared, else as `rule`, else by default.

    `declared` is the project's `validation.severity`. Without `default`, the table
    `DEFAULT_SEVERITIES` decides, and a rule that it does not know is a warning.
    """
    for key in (f"{rule}:{question}", rule):
        if key in declared:
            return declared[key]
    return default or DEFAULT_SEVERITIES.get(rule, "warning")


def merged(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Join the outcomes of a rule's versions: one outcome a rule, frame and question.

    Counts add up; the check is that of the last version given. Where the rule was blocked in one
    version it is blocked, with what the others counted.
    """
    found: dict[tuple[str, str, str], Outcome] = {}
    for one in outcomes:
        key = (one.check.rule, one.check.repeat, one.check.question)
        before, joined = found.get(key), one
        if before is not None:
            joined = Outcome(
                one.check,
                before.asked + one.asked,
                before.answered + one.answered,
                np.union1d(before.failed, one.failed).astype(np.intp),
                before.blocked or one.blocked,
                before.on_whole_form or one.on_whole_form,
                one.observed,
            )
        found[key] = joined
    return list(found.values())
