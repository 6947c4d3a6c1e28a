"""Rules of a form over its rows: which rows each rule asks, which answer, which are at fault.

Here: all rules in one pass over the frames, a form version at a time, as boolean masks. Not here:
where rules come from (`form_rules`), findings, and Great Expectations.

Counting: `asked` are the rows in which the form asks the question (for `form.relevant` those in
which it does not), `answered` those of them with an answer, `failed` those at fault.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import groupby

import numpy as np
import pandas as pd

from meal_pipeline.forms import FormError, FormUnion
from meal_pipeline.forms.choice_codes import ChoiceCodes
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.validate.conditions import BoolArray, Conditions
from meal_pipeline.validate.form_rules import (
    ChoiceRule,
    ConstraintRule,
    RangeRule,
    RelevanceRule,
    RequiredRule,
    Rule,
)
from meal_pipeline.validate.outcomes import Outcome, Positions, counted
from meal_pipeline.validate.version_rows import Frames, VersionRows, held_name

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?")


def evaluate_rules(
    frames: Frames,
    union: FormUnion,
    rules: Iterable[Rule],
    *,
    hidden: frozenset[str] = frozenset(),
    starts: Mapping[str, Positions] | None = None,
) -> list[Outcome]:
    """Evaluate rules of one or several versions of a form; one outcome a rule, in their order.

    `frames` are the form's typed frames ("" and each repeat); `hidden` the columns that hold
    pseudonyms. A rule on a question that the frames do not hold is left out, since `read` gave its
    verdicts. A rule whose expression is refused is `blocked`, never passed. `starts`: the first row
    of each block by frame, to count by block, too.
    """
    outcomes = []
    for (version, repeat), some in groupby(rules, key=lambda rule: (rule.version, rule.repeat)):
        rows = VersionRows(frames, union, union.version[version], repeat, hidden)
        answers = _Answers(rows, None if starts is None else starts[repeat])
        found = (answers.outcome(rule) for rule in some)
        outcomes += [one for one in found if one is not None]
    return outcomes


class _Answers:
    """The rows of one version and frame with what rules need of them, each worked out once."""

    def __init__(self, rows: VersionRows, starts: Positions | None) -> None:
        self.rows, self.starts = rows, starts
        self.conditions = Conditions(rows)
        self._given: dict[str, BoolArray] = {}

    @cached_property
    def _columns(self) -> frozenset[str]:
        return frozenset(self.rows.frames[self.rows.repeat].columns)

    def outcome(self, rule: Rule) -> Outcome | None:
        if not {held_name(rule.question), f"{rule.question}/latitude"} & self._columns:
            return None
        subject = f"{rule.rule}:{rule.question}"
        masks = attempt("rule", subject, lambda: self._masks(rule))
        if isinstance(masks, Blocked):
            return Outcome(rule, blocked=dict(masks.sentences))
        asked, failed = masks
        answered, positions = asked & self.given(rule.question), self.rows.positions
        return counted(rule, positions[asked], positions[answered], positions[failed], self.starts)

    def given(self, question: str) -> BoolArray:
        """Tell row by row whether the question has an answer."""
        if question not in self._given:
            point = f"{question}/latitude"
            held = point if point in self._columns else held_name(question)
            self._given[question] = self.rows.series(held).notna().to_numpy(np.bool_)
        return self._given[question]

    def _masks(self, rule: Rule) -> tuple[BoolArray, BoolArray]:
        """Give where the rule asks, and where it is broken. Raises FormError without choices."""
        if isinstance(rule, ChoiceRule) and rule.missing_file:
            raise FormError(
                _("The file {file} with the choices of {question} is not here.").format(
                    file=rule.missing_file, question=rule.question
                ),
                next_step=_("Attach it to the form in KoboToolbox as CSV in UTF-8, then pull."),
            )
        asked = self.conditions.all_hold(rule.conditions)
        if isinstance(rule, RelevanceRule):
            return ~asked, ~asked & self.given(rule.question)
        if isinstance(rule, RequiredRule):
            if rule.when is not None:
                asked = asked & self.conditions.holds(rule.when)
            return asked, asked & ~self.given(rule.question)
        return asked, asked & self.given(rule.question) & self._wrong(rule)

    def _wrong(self, rule: Rule) -> BoolArray:
        """Tell where an answer is wrong; rows without one may say anything."""
        if isinstance(rule, ConstraintRule):
            return ~self.conditions.holds(rule.constraint, current=rule.question)
        answers = self.rows.series(held_name(rule.question))
        if isinstance(rule, ChoiceRule):
            apart = ChoiceCodes(rule.allowed)
            return ~_each_answer(answers, lambda text: _among(rule, text, apart))
        if isinstance(rule, RangeRule):
            return _off_scale(rule, answers)
        return ~_each_answer(answers, lambda text: bool(_TIME.fullmatch(text)))  # a TimeRule


def _among(rule: ChoiceRule, answer: str, apart: ChoiceCodes) -> bool:
    return rule.allowed.issuperset(apart.split(answer) if rule.several else (answer,))


def _off_scale(rule: RangeRule, answers: pd.Series) -> BoolArray:
    numbers = pd.to_numeric(answers, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    on_scale = (numbers >= rule.lowest) & (numbers <= rule.highest)
    if rule.step:
        steps = (numbers - rule.lowest) / rule.step
        on_scale &= np.isclose(steps, np.round(steps), rtol=0, atol=1e-6)
    return ~on_scale


def _each_answer(answers: pd.Series, right: Callable[[str], bool]) -> BoolArray:
    """Tell row by row whether the answer is right, asking once for each distinct answer."""
    codes, distinct = pd.factorize(answers)
    verdicts = np.array([right(str(one)) for one in distinct] + [True], dtype=np.bool_)
    return verdicts[codes]  # -1, no answer, takes the last
