"""A frame whose columns are loaded when they are asked for.

Here: the frame's shape without its content, and loading some of its columns. Not here: where they
come from. Checks that need a whole form look at a few of its hundreds of columns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, eq=False)
class LazyFrame:
    """A frame of `rows` rows with these columns; `load` gives some of them, with a plain index."""

    columns: tuple[str, ...]
    rows: int
    load: Callable[[Sequence[str]], pd.DataFrame]
    _held: dict[str, pd.Series] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "LazyFrame":
        """Give a frame that is in memory."""
        columns = tuple(str(name) for name in frame.columns)
        return cls(columns, len(frame), lambda names: frame[list(names)])

    def __len__(self) -> int:
        return self.rows

    def column(self, name: str) -> pd.Series:
        """Give one column; it is loaded once. Raises KeyError for one that is not there."""
        return self.frame([name])[name]

    def frame(self, names: Iterable[str]) -> pd.DataFrame:
        """Give some columns as a frame; each is loaded once. Raises KeyError as `column`."""
        names = list(names)
        missing = [name for name in dict.fromkeys(names) if name not in self._held]
        if missing:
            loaded = self.load(missing)
            self._held.update({name: loaded[name] for name in missing})
        columns = {name: self._held[name] for name in names}
        return pd.DataFrame(columns, index=pd.RangeIndex(self.rows), copy=False)

    def passing(self, names: Iterable[str]) -> pd.DataFrame:
        """Give some columns without keeping them. Raises KeyError as `column`."""
        names = list(names)
        missing = [name for name in dict.fromkeys(names) if name not in self._held]
        columns = {**self.load(missing)} if missing else {}
        columns |= {name: self._held[name] for name in names if name in self._held}
        return pd.DataFrame({name: columns[name] for name in names}, copy=False)

    def with_columns(self, columns: Mapping[str, pd.Series]) -> "LazyFrame":
        """Give the same frame with some more columns, or others of the same name, in memory."""
        names = tuple(dict.fromkeys([*self.columns, *columns]))
        return LazyFrame(names, self.rows, self.passing, dict(columns))
