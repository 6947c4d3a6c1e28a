"""The frames of a form as a tree: which rows of a repeat belong to which row around them.

Here: positions from one frame to another, and the answers in a frame. Not here: forms (`names`) and
sets of nodes (`nodesets`).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from meal_pipeline.expressions.columns import answers_in, device_offset, held
from meal_pipeline.expressions.errors import ExpressionError
from meal_pipeline.expressions.names import Frames, Names, RowsMissing
from meal_pipeline.expressions.nodesets import NodeSet, Positions, spread
from meal_pipeline.expressions.values import Numbers, Value, take, text
from meal_pipeline.locale import gettext as _


@dataclass(frozen=True, eq=False)
class Family:
    """The frames of a form, "" and its repeats', with what was worked out about them."""

    frames: Frames
    names: Names
    _parents: dict[str, str] = field(default_factory=dict)
    _up: dict[tuple[str, str], Positions] = field(default_factory=dict)
    _ordered: dict[tuple[str, str], Positions] = field(default_factory=dict)
    _read: dict[tuple[str, str], Value] = field(default_factory=dict)

    def frame(self, key: str) -> pd.DataFrame:
        """Give the frame of this name. Raises `RowsMissing`."""
        if key not in self.frames:
            raise RowsMissing(key)
        return self.frames[key]

    def parent(self, key: str) -> str:
        """Give the name of the frame around a repeat's."""
        if key not in self._parents:
            self._parents[key] = self.names.parent(key, self.frames)
        return self._parents[key]

    def around(self, key: str) -> tuple[str, ...]:
        """Give the name of a frame and those of the frames around it, innermost first."""
        chain = [key]
        while chain[-1]:
            chain.append(self.parent(chain[-1]))
        return tuple(chain)

    def up(self, key: str, outer: str) -> Positions:
        """Give for each row of a repeat where the row around it stands in `outer`; -1 if nowhere.

        `outer` is one of the frames around it, or the repeat itself.
        """
        if key == outer:
            return np.arange(len(self.frame(key)))
        if (key, outer) not in self._up:
            around = self.parent(key)
            at = _where_around(self.frame(key), self.frame(around))
            self._up[key, outer] = follow(at, self.up(around, outer))
        return self._up[key, outer]

    def below(self, outer: str, key: str, at: Positions) -> tuple[Positions, Positions]:
        """Give which rows of a repeat lie within rows of a frame around it.

        `at` tells where these rows stand in `outer`, -1 for nowhere. Gives a start and a count for
        each: they are ranges of what `ordered` gives.
        """
        owners = self.up(key, outer)[self.ordered(outer, key)]
        starts = np.searchsorted(owners, at, "left")
        counts = np.where(at < 0, 0, np.searchsorted(owners, at, "right") - starts)
        return starts, counts

    def ordered(self, outer: str, key: str) -> Positions:
        """Give the rows of a repeat by the row around them in `outer`, then in document order."""
        if (outer, key) not in self._ordered:
            ranks, here = [], key
            while here != outer:
                ranks.append(follow(self.up(key, here), places(self.frame(here))))
                here = self.parent(here)
            at, one = self.up(key, outer), ranks[0]
            same, later = at[1:] == at[:-1], at[1:] > at[:-1]
            as_read = len(ranks) == 1 and (later | (same & (one[1:] > one[:-1]))).all()
            order = np.arange(len(at)) if as_read else np.lexsort((*ranks, at))
            self._ordered[outer, key] = order
        return self._ordered[outer, key]

    def answers(self, key: str, *names: str) -> Value | None:
        """Give the answers in a frame to the first of `names` that it holds, one a row of it."""
        frame = self.frame(key)
        found = held(frame, *names)
        if found is None:
            return None
        if (key, found) not in self._read:
            self._read[key, found] = answers_in(frame, found, self._device(key))
        return self._read[key, found]

    def _device(self, key: str) -> Numbers:
        if key and "" not in self.frames:
            return 0.0
        offset = device_offset(self.frame(""))
        return take(Value("number", offset), self.up(key, "")).data if key else offset


@dataclass(frozen=True)
class RepeatRows:
    """The rows of a repeat, as nodes stand for them."""

    family: Family
    name: str

    def column(self, name: str) -> Value | None:
        """Give the answers to the question at the path `name` within the repeat."""
        names, frames = self.family.names, self.family.frames
        candidates = [name, name.rpartition("/")[2]]
        if names.form is not None:
            path = f"{names.path_of(self.name, frames)}/{name}".lstrip("/")
            found = names.at_path(path.split("/"))
            if names.repeat(found) is not None:
                return None
            candidates = [names.column(found), found]
        return self.family.answers(self.name, *candidates)


def inner_rows(around: NodeSet, key: str) -> NodeSet:
    """Give the rows of a repeat that lie within nodes, which are rows of a frame around it."""
    assert isinstance(around.table, RepeatRows) and around.at is not None
    family, outer = around.table.family, around.table.name
    starts, counts = family.below(outer, key, around.at)
    whose, found = spread(starts, counts)
    at = family.ordered(outer, key)[found]
    return NodeSet(around.rows, around.owner[whose], text(""), RepeatRows(family, key), at)


def follow(at: Positions, further: Positions) -> Positions:
    """Give what `further` holds at the positions `at`; -1 where they are none."""
    if not len(further):
        return np.full(len(at), -1)
    return np.where(at < 0, -1, further[at])


def places(frame: pd.DataFrame) -> Positions:
    """Give the last number of `_position`: the row's place among its siblings, from 1."""
    which, distinct = pd.factorize(frame["_position"].astype("str"))
    numbers = [int(str(one).rpartition("/")[2]) for one in distinct]
    return np.array(numbers, dtype=np.intp)[which]


def where_same(rows: pd.DataFrame, frame: pd.DataFrame) -> Positions:
    """Give where rows of a frame, or of a part of it, stand in the frame; -1 for nowhere."""
    if "_position" in frame.columns:
        return _found(frame, rows["_id"], rows["_position"])
    return _index(pd.Index(_ids(frame))).get_indexer(pd.Index(_ids(rows)))


def _where_around(inner: pd.DataFrame, outer: pd.DataFrame) -> Positions:
    if "_position" in outer.columns:
        return _found(outer, inner["_id"], inner["_parent_position"])
    return _index(pd.Index(_ids(outer))).get_indexer(pd.Index(_ids(inner)))


def _found(frame: pd.DataFrame, ids: pd.Series, positions: pd.Series) -> Positions:
    keys = pd.MultiIndex.from_arrays([_ids(frame), frame["_position"].astype("str")])
    wanted = pd.MultiIndex.from_arrays([ids, positions.astype("str")])
    return _index(keys).get_indexer(wanted)


def _ids(frame: pd.DataFrame) -> pd.Series:
    if "_id" not in frame.columns:
        raise ExpressionError(
            _("The rows have no _id, by which those of a repeat are found."),
            next_step=_("Give the form's frame as it was read."),
        )
    return frame["_id"]


def _index(keys: pd.Index) -> pd.Index:
    if not keys.is_unique:
        raise ExpressionError(
            _("Two rows have the same _id and _position; rows of a repeat cannot be told apart.")
        )
    return keys
