"""Where every pulled row went, and whether the project may go on.

Here: valid, not eligible, quarantined, removed; the gate. Not here: findings, and what is blocked
by itself (a rule, an indicator) while the rest runs.

A submission is quarantined when a critical finding that nobody accepted stands on it or on a row of
its repeats: a household with one impossible member is looked at as a whole. Whether it is eligible
is decided first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from meal_pipeline.locale import in_every_language, mark
from meal_pipeline.rows.failures import Blocked

BoolArray = npt.NDArray[np.bool_]

NEVER_PULLED = mark("The rows of form {form} were never pulled. Run: meal run {project}")
NOT_COMPLETE = mark(
    "The last pull of form {form} is not proven complete: {held} of {expected} rows are held."
    " Run: meal run {project}"
)
DOES_NOT_ADD_UP = mark(
    "The rows of form {form} do not add up: {pulled} pulled, but {valid} valid + {not_eligible} not"
    " eligible + {quarantined} quarantined + {removed} removed."
    " Run: meal run {project} --from read"
)
TOO_MANY_QUARANTINED = mark(
    "{quarantined} of {pulled} rows of form {form} are quarantined, more than {limit} %. Look at"
    " them: meal findings {project}"
)


@dataclass(frozen=True)
class Account:
    """How many submissions were pulled, and where they went."""

    pulled: int
    valid: int
    not_eligible: int
    quarantined: int
    removed: int = 0
    """Taken out by a correction that two people signed."""

    @property
    def adds_up(self) -> bool:
        """Whether every pulled row is accounted for."""
        out = self.not_eligible + self.quarantined + self.removed
        return self.pulled == self.valid + out


@dataclass(frozen=True)
class Pull:
    """The last pull of a form: proven complete or not, with what was held and expected."""

    complete: bool
    held: int | None
    expected: int | None


def account(
    pulled: int, eligible: BoolArray, critical: BoolArray, removed: int = 0
) -> tuple[Account, BoolArray]:
    """Count the rows and tell which are valid: eligible, without a critical finding.

    `eligible` and `critical` speak of the rows of the frame; `pulled` comes from the log, so that
    a row lost on the way between shows. `removed` rows were taken out of the frame by corrections.
    """
    valid = eligible & ~critical
    counted = Account(
        pulled,
        valid=int(valid.sum()),
        not_eligible=int((~eligible).sum()),
        quarantined=int((eligible & critical).sum()),
        removed=removed,
    )
    return counted, valid


def gate(
    project: str,
    accounts: Mapping[str, Account],
    pulls: Mapping[str, Pull | None],
    limit_percent: float,
) -> list[Blocked]:
    """Give what stops the project, form by form; nothing when it may go on.

    A form is stopped by a pull that is not proven complete, by rows that do not add up, and by a
    share of quarantined rows above `limit_percent`. `pulls` names every form of the project.
    """
    found = []
    for form, pull in pulls.items():
        words = {"form": form, "project": project}
        if pull is None:
            found.append(_stop(f"{form}:pull", NEVER_PULLED, **words))
        elif not pull.complete:
            held, expected = ("?" if n is None else n for n in (pull.held, pull.expected))
            found.append(_stop(f"{form}:pull", NOT_COMPLETE, held=held, expected=expected, **words))
        if form not in accounts:
            continue
        rows = accounts[form]
        counts = vars(rows)
        if not rows.adds_up:
            found.append(_stop(f"{form}:account", DOES_NOT_ADD_UP, **counts, **words))
        if 100 * rows.quarantined > limit_percent * rows.pulled:
            limit = f"{limit_percent:g}"
            found.append(
                _stop(f"{form}:quarantined", TOO_MANY_QUARANTINED, limit=limit, **counts, **words)
            )
    return found


def _stop(subject: str, message: str, **words: object) -> Blocked:
    return Blocked("project", subject, tuple(in_every_language(message, **words).items()))
