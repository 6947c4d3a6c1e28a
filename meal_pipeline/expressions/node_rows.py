"""The nodes that a condition in square brackets is tried on, as rows.

Here: what the same expression asks of `rows`, asked of nodes. Not here: which nodes a condition
keeps (`paths`).
"""

from dataclasses import dataclass

from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.names import Names
from meal_pipeline.expressions.nodesets import NodeSet, Positions
from meal_pipeline.expressions.operators import Operators
from meal_pipeline.expressions.repeats import Family, RepeatRows
from meal_pipeline.expressions.rows import Outcome, Rows, as_nodes
from meal_pipeline.expressions.values import Numbers, Value, spread_out, take
from meal_pipeline.locale import gettext as _


@dataclass(frozen=True)
class NodeRows(Operators):
    """Each node of `tried` as a row; `outer` are the rows that the condition stands in."""

    outer: "Rows | NodeRows"
    tried: NodeSet

    def __len__(self) -> int:
        """Give the number of nodes."""
        return len(self.tried)

    @property
    def origin(self) -> Rows:
        """The rows over which the whole expression is computed."""
        return self.outer.origin

    def pick(self, chosen: Positions) -> "NodeRows":
        """Give only the nodes at these positions."""
        return tried_on(self.tried.pick(chosen), self.outer)

    def answers(self, name: str) -> Outcome:
        """Give the answers to a question in the row that each node belongs to.

        Where the question stands in the repeat whose rows are tried, and the expression outside of
        it, KoboCollect takes that of the row tried; Enketo takes all.
        """
        found = self.outer.answers(name)
        table = self.tried.table
        if isinstance(found, Value):
            if isinstance(table, RepeatRows) and self._in_repeat_around(name, table.family):
                raise UnsupportedExpression(
                    "[]",
                    _("In brackets the apps look for “{name}” from the row that is tried.").format(
                        name=name
                    ),
                    next_step=_("Write current()/../{name}.").format(name=name),
                )
            return self.of_outer(found)
        if self.engine == "collect" and isinstance(table, RepeatRows) and found.table is None:
            family = table.family
            if family.names.repeat_of(name, family.frames) == table.name:
                column = family.answers(table.name, family.names.column(name), name)
                assert column is not None and self.tried.at is not None
                return take(column, self.tried.at)
        return self.of_outer(found)

    def _in_repeat_around(self, name: str, family: Family) -> bool:
        """Tell whether a form asks a question in the repeat that the expression stands in."""
        holder = family.names.repeat_of(name, family.frames)
        return bool(holder) and holder in family.around(self.origin.within)

    def of_outer(self, outcome: Outcome) -> Outcome:
        """Give for each node what the outer row that it belongs to has."""
        if isinstance(outcome, NodeSet):
            return outcome.of_rows(self.tried.owner)
        return take(outcome, self.tried.owner)

    @property
    def names(self) -> Names:
        """What names mean."""
        return self.outer.names

    def current(self) -> Value:
        """Give what each node holds."""
        return spread_out(self.tried.value, len(self))

    def single(self, outcome: Outcome) -> Value:
        """Give one value a node, as `Rows.single` does."""
        return self.origin.single(outcome)

    def nodes(self, outcome: Outcome) -> NodeSet:
        """Give an outcome as nodes of the node that is tried."""
        return as_nodes(outcome, len(self))

    def now(self) -> Value:
        """Give the moment at which the row of each node was filled in."""
        return take(self.outer.now(), self.tried.owner)


def tried_on(tried: NodeSet, outer: Rows | NodeRows) -> NodeRows:
    """Give nodes as rows, within the rows `outer`."""
    return NodeRows(outer.engine, _offset(outer, tried.owner), outer, tried)


def _offset(outer: Rows | NodeRows, owner: Positions) -> Numbers:
    return take(Value("number", outer.offset), owner).data
