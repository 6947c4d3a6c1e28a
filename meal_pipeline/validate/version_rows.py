"""The rows that were filled with one form version, under the names that this version uses.

Here: which rows they are, in the form's frame and in its repeats, and their columns, also those of
the frames around a repeat. Not here: rules (`form_rules`) and what they find (`masks`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from meal_pipeline.forms import Column, FormUnion, FormVersion
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Positions

OUR_COLUMNS = frozenset(
    {
        *("_id", "_uuid", "_version", "_submission_time", "_enumerator", "_edited"),
        *("_position", "_index", "_parent_position", "_validation", "_answered"),
    }
)
"""The columns that every frame has, whatever the form asks."""

Frames = Mapping[str, pd.DataFrame]
"""A form's typed frames: "" holds the form's rows, each other name a repeat's."""


@dataclass(frozen=True)
class VersionRows:
    """The rows of one frame (`repeat`, or "" for the form's) that belong to `version`.

    `hidden` are columns that hold pseudonyms: no condition may look at them.
    """

    frames: Frames
    union: FormUnion
    version: FormVersion
    repeat: str = ""
    hidden: frozenset[str] = frozenset()

    @cached_property
    def frame_names(self) -> tuple[str, ...]:
        """The name of the rows' frame and those of the frames around it, innermost first."""
        parents = {one.name: one.parent or "" for one in self.union.repeats}
        names = [self.repeat]
        while names[-1]:
            names.append(parents[names[-1]])
        return tuple(names)

    @cached_property
    def _at(self) -> Mapping[str, Positions]:
        """Where this version's rows, and the rows around them, stand in each frame."""
        names = self.frame_names
        found = {self.repeat: np.arange(len(self.frames[self.repeat]), dtype=np.intp)}
        for inner, outer in pairwise(names):
            around = rows_around(self.frames[inner], self.frames[outer])
            found[outer] = around[found[inner]]
        filled_with = self.frames[""]["_version"].to_numpy(dtype=object)
        # A row of a repeat without its submission (-1) belongs to no version.
        mine = (found[""] >= 0) & (filled_with[found[""]] == self.version.version_uid)
        return {name: at[mine] for name, at in found.items()}

    @cached_property
    def _spans(self) -> Mapping[str, range | None]:
        """Where the rows stand in each frame, if without gaps: a span is not copied."""
        return {name: _span(at) for name, at in self._at.items()}

    @property
    def positions(self) -> Positions:
        """Where the rows stand in their frame."""
        return self._at[self.repeat]

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.positions)

    def series(self, column: str, repeat: str | None = None) -> pd.Series:
        """Give a column of the frame `repeat` (this one, or one around it), row by row, from 0."""
        name = self.repeat if repeat is None else repeat
        whole, span = self.frames[name][column], self._spans[name]
        if span is None:
            return whole.take(self._at[name]).reset_index(drop=True)
        if len(span) == len(whole):
            return whole
        return whole.iloc[span.start : span.stop].reset_index(drop=True)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns that this version's conditions may name, by the name they use there."""
        by_name: dict[str, Column] = {}
        for column in self.union.columns:
            question = column.questions.get(self.version.version_uid)
            if question is not None and (column.repeat or "") in self.frame_names:
                by_name[self.version.resolve(question.path)] = column
        return by_name

    def missing(self, names: Iterable[str]) -> list[str]:
        """Give those of `names` that the frames do not hold, or hold only as pseudonyms."""
        return [name for name in names if not self._held(name)]

    def name_of(self, column: str) -> str:
        """Give the name that this version's conditions use for a column of the rows' frame."""
        return next(
            name
            for name, one in self.columns.items()
            if one.name == column and (one.repeat or "") == self.repeat
        )

    def frame(self, names: Iterable[str]) -> pd.DataFrame:
        """Give a frame of the questions `names`, and of what tells the time of each row."""
        series = dict(self._clocks)
        for name in names:
            series |= self._answers(name)
        return pd.DataFrame(series, index=pd.RangeIndex(len(self)), copy=False)

    @cached_property
    def _clocks(self) -> Mapping[str, pd.Series]:
        """Give what tells `today()`: the form's own start and end, else the arrival."""
        found = self._answers("start") | self._answers("end")
        return found or {"_submission_time": self.series("_submission_time", "")}

    def _answers(self, name: str) -> dict[str, pd.Series]:
        """Give the columns of a question, under the name that this version uses."""
        found = {}
        for held in self._held(name):
            column = self.columns[name]
            part = "" if held == held_name(column.name) else held.removeprefix(column.name)
            found[name + part] = self.series(held, column.repeat or "")
        return found

    def _held(self, name: str) -> list[str]:
        column = self.columns.get(name)
        if column is None or column.name in self.hidden:
            return []
        return columns_of(self.frames[column.repeat or ""], column)


def _span(at: Positions) -> range | None:
    if not len(at):
        return range(0)
    without_gaps = bool((np.diff(at) == 1).all())
    return range(int(at[0]), int(at[-1]) + 1) if without_gaps else None


def columns_of(frame: pd.DataFrame | LazyFrame, column: Column) -> list[str]:
    """Give the names under which `frame` holds a question: its own, and `<name>/<part>`."""
    own = held_name(column.name)
    parts: list[str] = []
    if column.kind in ("geopoint", "select_multiple", "dateTime"):
        parts = [one for one in frame.columns if one.startswith(f"{column.name}/")]
    return [own, *parts] if own in frame.columns else parts


def held_name(question: str) -> str:
    """Give the name of a question's column: with `/` at its end where ours has the name."""
    return f"{question}/" if question in OUR_COLUMNS else question


def rows_around(inner: pd.DataFrame, outer: pd.DataFrame) -> Positions:
    """Give for each row of a repeat the position of the row around it in `outer`; -1 if none.

    Rows meet by `_id`, and where `outer` is a repeat, too, by `_parent_position`.
    """
    keys, wanted = pd.Index(outer["_id"]), pd.Index(inner["_id"])
    if "_position" in outer.columns:
        keys = pd.MultiIndex.from_arrays([outer["_id"], outer["_position"]])
        wanted = pd.MultiIndex.from_arrays([inner["_id"], inner["_parent_position"]])
    found: Positions = keys.get_indexer(wanted)
    return found
