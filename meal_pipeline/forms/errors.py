"""What can be wrong with a form or with a name that should be in it.

Here: the errors and the nearest names they offer. Not here: where they are raised.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _


class FormError(MealError):
    """The definition of a form cannot be read."""


class UnknownQuestion(MealError):
    """A name that is no question of the form; `name` and the `nearest` names that are."""

    def __init__(self, name: str, nearest: tuple[str, ...] = ()) -> None:
        if nearest:
            message = _("The form has no question “{name}”; the nearest is “{nearest}”.").format(
                name=name, nearest=_("” or “").join(nearest)
            )
        else:
            message = _("The form has no question “{name}”.").format(name=name)
        super().__init__(message, next_step=_("Write the name as it stands in the form."))
        self.name = name
        self.nearest = nearest


class AmbiguousQuestion(MealError):
    """A name that several questions of the form carry; `paths` are all of them."""

    def __init__(self, name: str, paths: tuple[str, ...]) -> None:
        super().__init__(
            _("“{name}” is the name of {count} questions of the form: {paths}.").format(
                name=name, count=len(paths), paths=", ".join(paths)
            ),
            next_step=_("Write the whole path of the one you mean."),
        )
        self.name = name
        self.paths = paths


def nearest_names(name: str, candidates: Iterable[str], *, count: int = 2) -> tuple[str, ...]:
    """Give the `candidates` most like `name`, best first; none where nothing is like it.

    Upper and lower case count as equal; alike is `difflib`'s ratio of at least 0.6.
    """
    by_fold: dict[str, str] = {}
    for candidate in candidates:
        by_fold.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(name.casefold(), list(by_fold), n=count)
    return tuple(by_fold[one] for one in close)
