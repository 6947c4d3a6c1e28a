"""Regular expressions of forms, tried as the engines try them.

Here: a pattern of Java or JavaScript to one of Python that means the same, or a refusal. Not here:
columns.
"""

import re
import warnings
from collections.abc import Callable
from functools import cache

from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.values import Engine
from meal_pipeline.locale import gettext as _

# Written alike, these mean something else (or nothing) in one of the three languages.
_OTHER_MEANING = re.compile(
    r"\\[pPxuckXGQEzZARhHvVN0-9]|\[\[|\[:|&&|\{,|\(\?[<P#(a-z\-]|[*+?}]\+", re.ASCII
)


@cache
def matcher(pattern: str, engine: Engine) -> Callable[[str], bool]:
    r"""Give a function that tells whether a text fits the pattern.

    KoboCollect asks that the whole text fits, Enketo that a part does. Letters and digits of `\d`
    and `\w` are those of English in both.

    Raises `UnsupportedExpression` where the pattern does not mean the same here and there.
    """
    unescaped = pattern.replace("\\\\", "")
    unlike = _OTHER_MEANING.search(unescaped)
    if unlike:
        raise _refused(pattern, unlike.group())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(_end_means_end(pattern), re.ASCII)
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        raise _refused(pattern, str(error)) from None
    find = compiled.fullmatch if engine == "collect" else compiled.search
    return lambda text: find(text) is not None


def _end_means_end(pattern: str) -> str:
    r"""Write `$` as `\Z`: Python's `$` also stands before a last line break."""
    parts = re.split(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])", pattern, flags=re.DOTALL)
    parts[::2] = [part.replace("$", r"\Z") for part in parts[::2]]
    return "".join(parts)


def _refused(pattern: str, why: str) -> UnsupportedExpression:
    return UnsupportedExpression(
        "regex",
        _("The pattern “{pattern}” of regex() is not evaluated ({why}).").format(
            pattern=pattern, why=why
        ),
        next_step=_(
            "Write it with plain classes such as [0-9] and counts such as {{2,5}}."
        ).format(),
    )
