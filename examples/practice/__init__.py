"""The forms and answers of the examples, made anew and the same each time.

Here: `practice_forms()`, which gives them all. Not here: the server that offers them
(`meal_pipeline.practice`) or the projects that measure them (`examples/demo`).
"""

from collections.abc import Iterable

from meal_pipeline.practice import PracticeServer

from . import incentives, livelihoods

EXAMPLES = ("livelihoods", "incentives")


def fill(server: PracticeServer, examples: Iterable[str] = EXAMPLES) -> None:
    """Put the forms and submissions of the named examples on a practice server.

    Raises `MealError` for an unknown name, or when the published data of `incentives` are not
    installed.
    """
    known = {"livelihoods": livelihoods.fill, "incentives": incentives.fill}
    for name in examples:
        known[name](server)
