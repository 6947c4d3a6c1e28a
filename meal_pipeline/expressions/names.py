"""What the names in an expression mean: questions, repeats, and the paths to both.

Here: looking names up in a form, or without one in the frames alone. Not here: values (`rows`),
and walking a path (`paths`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from meal_pipeline.expressions.errors import ExpressionError
from meal_pipeline.forms import (
    AmbiguousQuestion,
    FormUnion,
    FormVersion,
    Question,
    Repeat,
    UnknownQuestion,
    nearest_names,
)
from meal_pipeline.locale import gettext as _

Form = FormVersion | FormUnion
Frames = Mapping[str, pd.DataFrame]
"""A form's typed frames: "" holds its rows, each other name a repeat's."""


@dataclass(frozen=True)
class Names:
    """The names of a form; without one, names are those of the frames and their columns."""

    form: Form | None

    def column(self, name: str) -> str:
        """Give the frame's column for a question's name. Raises what `form.resolve` raises."""
        return self.form.resolve(name) if self.form else name

    def question(self, name: str) -> Question | None:
        """Give the question of this name or path; none without a form. Raises `FormError`."""
        return self.form.question(name) if self.form else None

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The repeats of the form, as its newest version has them."""
        if isinstance(self.form, FormUnion):
            return tuple(one.newest for one in self.form.repeats)
        return self.form.repeats if self.form else ()

    def repeat(self, name: str) -> Repeat | None:
        """Give the repeat of this name or path; none where it is no repeat, or a question, too."""
        if self._is_question(name):
            return None
        exact = [one for one in self.repeats if one.path == name]
        named = exact or [one for one in self.repeats if one.name == name]
        if len(named) > 1:
            raise AmbiguousQuestion(name, tuple(one.path for one in named))
        return named[0] if named else None

    def _is_question(self, name: str) -> bool:
        if isinstance(self.form, FormVersion):
            return name in self.form.by_name or name in self.form.by_path
        return self.form is not None and name in self.form.by_name

    def key(self, repeat: str, frames: Frames) -> str | None:
        """Give the name under which `frames` hold a repeat's rows; none where they do not."""
        found = self.repeat(repeat)
        if found is None:
            return repeat if repeat and repeat in frames else None
        held = [one for one in self._keys(found) if one in frames]
        return held[0] if held else None

    def key_at(self, path: str, frames: Frames) -> str | None:
        """Give the name under which `frames` hold the repeat at this whole path; none for others.

        Without a form, a path is known by its last name. Raises `RowsMissing`.
        """
        if self.form is None:
            return next((one for one in (path, path.rpartition("/")[2]) if one in frames), None)
        exact = next((one for one in self.repeats if one.path == path), None)
        return self._held(exact.path, frames) if exact else None

    def _keys(self, repeat: Repeat) -> tuple[str, ...]:
        united = [
            one.name
            for one in (self.form.repeats if isinstance(self.form, FormUnion) else ())
            if one.newest == repeat
        ]
        return (*united, repeat.path, repeat.name)

    def path_of(self, key: str, frames: Frames) -> str:
        """Give the path of the repeat whose rows `frames` hold under `key`; "" for the form's."""
        for one in self.repeats:
            if self.key(one.path, frames) == key:
                return one.path
        return key

    def parent(self, key: str, frames: Frames) -> str:
        """Give the name of the frame around a repeat's.

        Raises `ExpressionError` where neither a form nor the names tell it.
        """
        path = self.path_of(key, frames)
        repeat = self.repeat(path)
        if repeat is not None:
            return self._held(repeat.parent, frames) if repeat.parent else ""
        around = [one for one in frames if one and key.startswith(f"{one}/")]
        if around:
            return max(around, key=len)
        outer = frames[key].get("_parent_position")
        if outer is None or not (outer.notna() & outer.ne("")).any():
            return ""
        raise ExpressionError(
            _("Nothing tells in which repeat the repeat “{name}” lies.").format(name=key),
            next_step=_("Compile the expression with its form."),
        )

    def _held(self, repeat: str, frames: Frames) -> str:
        key = self.key(repeat, frames)
        if key is None:
            raise RowsMissing(repeat)
        return key

    def repeat_of(self, name: str, frames: Frames) -> str | None:
        """Give the frame that holds a question: "" for the form's own; none where none does."""
        if self.form is not None:
            question = self.form.question(name)
            return self._held(question.repeat, frames) if question.repeat else ""
        holding = [key for key, frame in frames.items() if name in frame.columns]
        if len(holding) > 1 and "" not in holding:
            raise AmbiguousQuestion(name, tuple(f"{key}/{name}" for key in holding))
        return ("" if "" in holding else holding[0]) if holding else None

    def at_path(self, steps: Iterable[str]) -> str:
        """Give the question or repeat that a path ends in, by its last names alone.

        Raises `UnknownQuestion` or `AmbiguousQuestion`.
        """
        wanted = "/".join(steps)
        if self.form is None:
            return wanted.rpartition("/")[2]
        known = [*self._question_paths, *(one.path for one in self.repeats)]
        found = [one for one in known if one == wanted]
        found = found or [one for one in known if one.endswith(f"/{wanted}")]
        if len(found) > 1:
            raise AmbiguousQuestion(wanted, tuple(found))
        if not found:
            raise UnknownQuestion(wanted, nearest_names(wanted, known))
        return found[0]

    @cached_property
    def _question_paths(self) -> tuple[str, ...]:
        if isinstance(self.form, FormUnion):
            return tuple(one.newest.path for one in self.form.columns)
        return tuple(self.form.by_path) if self.form else ()


class RowsMissing(ExpressionError):
    """An expression asks for the rows of a repeat, and they were not given."""

    def __init__(self, repeat: str) -> None:
        super().__init__(
            _(
                "The expression asks for the rows of the repeat “{name}”, which are not here."
            ).format(name=repeat),
            next_step=_("Evaluate it together with the frames of the form's repeats."),
        )
        self.repeat = repeat
