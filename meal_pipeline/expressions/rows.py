"""The rows over which an expression is computed.

Here: a question's answers in a row or in the repeats within it, the device's clock, and what `.`
is. Not here: what is computed.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from meal_pipeline.expressions.columns import CLOCKS, answers_in, device_offset, held
from meal_pipeline.expressions.errors import ExpressionError, UnsupportedExpression
from meal_pipeline.expressions.names import Frames, Names, RowsMissing
from meal_pipeline.expressions.nodesets import NodeSet, Positions, only_where
from meal_pipeline.expressions.operators import Operators
from meal_pipeline.expressions.repeats import Family, RepeatRows, follow, inner_rows, where_same
from meal_pipeline.expressions.values import Engine, Numbers, Value, spread_out, take, text
from meal_pipeline.forms import UnknownQuestion, nearest_names
from meal_pipeline.locale import gettext as _

Outcome = Value | NodeSet
"""One value a row, or several."""


@dataclass(frozen=True)
class Rows(Operators):
    """The rows of a typed frame, the engine's operators, and the column that `.` stands for.

    `within` names the repeat whose rows they are, "" for the form's own; `family` holds the frames
    of the form where they were given.
    """

    frame: pd.DataFrame
    names: Names
    dot: str | None = None
    family: Family | None = None
    within: str = ""
    read: dict[str, Outcome] = field(default_factory=dict)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.frame)

    @property
    def origin(self) -> "Rows":
        """The rows over which the whole expression is computed: these."""
        return self

    def pick(self, chosen: Positions) -> "Rows":
        """Give only the rows at these positions."""
        offset = self.offset[chosen] if np.ndim(self.offset) else self.offset
        return replace(self, frame=self.frame.iloc[chosen], offset=offset, read={})

    def answers(self, name: str) -> Outcome:
        """Give the answers to a question: one a row, or all those in a repeat within the row.

        The name of a repeat gives its rows. Raises `UnknownQuestion` where no frame has it,
        `RowsMissing` where the repeat's was not given, and `ExpressionError` where the column holds
        neither numbers, texts, truths nor dates.
        """
        if name not in self.read:
            self.read[name] = self._answers(name)
        return self.read[name]

    def _answers(self, name: str) -> Outcome:
        repeat = self.names.repeat(name)
        wanted = name if repeat else self.names.column(name)
        found = held(self.frame, wanted, name)
        if found is not None and repeat is None:
            return answers_in(self.frame, found, self.offset)
        if self.family is None:
            if repeat is not None:
                raise RowsMissing(name)
            raise UnknownQuestion(name, nearest_names(name, map(str, self.frame.columns)))
        key = self.names.key(name, self.family.frames)
        if key is not None:
            return self._repeat(key, self.family)
        if repeat is not None:
            raise RowsMissing(name)
        return self._elsewhere(name, wanted, self.family)

    def _repeat(self, key: str, family: Family) -> NodeSet:
        """Give the rows of a repeat; of an outermost around ours KoboCollect sees that row."""
        around = key in family.around(self.within) and not family.parent(key)
        return self.own(key) if around and self.engine == "collect" else self.rows_of(key)

    def _elsewhere(self, name: str, wanted: str, family: Family) -> Outcome:
        """Give the answers that stand in another frame than that of the rows."""
        holder = self.names.repeat_of(name, family.frames)
        if holder is not None:
            value = family.answers(holder, wanted, name)
            if value is not None and holder in family.around(self.within):
                return taken(value, self.at(holder))
            if value is not None:
                nodes = self.rows_of(holder)
                assert nodes.at is not None
                return replace(nodes, value=take(value, nodes.at), table=None, at=None)
        raise UnknownQuestion(name, nearest_names(name, map(str, self.frame.columns)))

    def at(self, key: str) -> Positions:
        """Give where the rows, or those around them, stand in a frame; -1 for nowhere."""
        family = self._family(key)
        frame = family.frame(self.within)
        here = np.arange(len(self)) if frame is self.frame else where_same(self.frame, frame)
        return follow(here, family.up(self.within, key))

    def rows_of(self, key: str) -> NodeSet:
        """Give the rows of a repeat that lie within the nearest row around both."""
        family = self._family(key)
        shared = next(one for one in family.around(family.parent(key)) if one in self._chain)
        return inner_rows(self.own(shared), key)

    def own(self, key: str) -> NodeSet:
        """Give the row itself, or that around it in the frame `key`, as a node."""
        family = self._family(key)
        at = self.at(key)
        there = np.flatnonzero(at >= 0)
        return NodeSet(len(self), there, text(""), RepeatRows(family, key), at[there])

    def _family(self, key: str) -> Family:
        if self.family is None:
            raise RowsMissing(key)
        return self.family

    @property
    def _chain(self) -> tuple[str, ...]:
        return self._family(self.within).around(self.within)

    def current(self) -> Outcome:
        """Give the answers to the question that the expression belongs to."""
        if self.dot is None:
            raise ExpressionError(
                _("“.” stands for the question's own answer, but no question is given."),
                next_step=_("Write the question as ${{name}}.").format(),
            )
        return self.answers(self.dot)

    def single(self, outcome: Outcome) -> Value:
        """Give one value a row: of several, Enketo takes the first, KoboCollect stops."""
        if isinstance(outcome, Value):
            return outcome
        if self.engine == "collect" and (outcome.counts > 1).any():
            raise SeveralAnswers
        return outcome.first()

    def nodes(self, outcome: Outcome) -> NodeSet:
        """Give an outcome as nodes: a value is one node a row."""
        return as_nodes(outcome, len(self))

    def now(self) -> Value:
        """Give the moment at which each row was filled in: its end, its start, or its arrival."""
        found = [one for one in map(self._clock, CLOCKS) if one is not None]
        if not found:
            raise ExpressionError(
                _("today() and now() take the time of the row itself, and the rows have none."),
                next_step=_("Give the rows the column end, start or _submission_time."),
            )
        moment = found[0]
        for later in found[1:]:
            moment = np.where(np.isnan(moment), later, moment)
        return Value("moment", moment, offset=self.offset)

    def _clock(self, name: str) -> Numbers | None:
        """Give when the rows were filled in by this column, in days in UTC; none without it."""
        value: Value | None = None
        if name in self.frame.columns:
            value = answers_in(self.frame, name, self.offset)
        elif self.family is not None and self.within and "" in self.family.frames:
            value = self.family.answers("", name)
            value = value and taken(value, self.at(""))
        if value is None:
            return None
        if value.kind == "date":
            return value.data - value.offset
        if value.kind == "moment":
            return value.data
        raise ExpressionError(_("The column “{name}” is no time.").format(name=name))


def rows_for(
    frame: pd.DataFrame,
    names: Names,
    *,
    repeats: Frames | None,
    within: str | None,
    engine: Engine,
    dot: str | None,
) -> Rows:
    """Give the rows of a frame ready to compute over; `Expression.evaluate` says what each is."""
    if repeats is None:
        return Rows(engine, device_offset(frame), frame, names, dot)
    key = _frame_named(frame, names, repeats, within)
    family = Family(repeats if key else {**repeats, "": frame}, names)
    rows = Rows(engine, device_offset(frame), frame, names, dot, family, key)
    if not key or "" not in repeats or np.ndim(rows.offset):
        return rows
    device = Value("number", device_offset(repeats[""]))
    return replace(rows, offset=taken(device, rows.at("")).data if np.ndim(device.data) else 0.0)


def _frame_named(frame: pd.DataFrame, names: Names, repeats: Frames, within: str | None) -> str:
    if within is None and "_position" in frame.columns:
        same = [key for key, one in repeats.items() if one is frame]
        if not same:
            raise ExpressionError(
                _("Nothing tells of which repeat the rows are."),
                next_step=_("Say so with within."),
            )
        return same[0]
    if not within:
        return ""
    key = names.key(within, repeats)
    if key is None:
        raise RowsMissing(within)
    return key


class SeveralAnswers(UnsupportedExpression):
    """One answer is asked for where a repeat gives several, at which KoboCollect stops."""

    def __init__(self) -> None:
        super().__init__(
            "[]",
            _("One answer is asked for, but the repeat gives several in some rows."),
            next_step=_("Use sum(), count(), min(), max(), join() or indexed-repeat()."),
        )


def as_nodes(outcome: Outcome, rows: int) -> NodeSet:
    """Give an outcome of so many rows as nodes: a value is one node a row."""
    if isinstance(outcome, NodeSet):
        return outcome
    value = spread_out(outcome, rows)
    there = np.flatnonzero(np.broadcast_to(value.there, rows))
    return NodeSet(rows, there, take(value, there))


def taken(value: Value, at: Positions) -> Value:
    """Give the values at these positions of another frame; nothing is there at -1."""
    there = at >= 0
    if there.all():
        return take(value, at)
    if not there.any():
        return replace(text(""), there=there)
    return only_where(take(value, np.maximum(at, 0)), there)
