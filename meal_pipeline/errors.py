"""The base of every error that a person reads.

Here: the class itself. Not here: the errors of a room, which stand with the code that raises them.
"""


class MealError(Exception):
    """Something a person can act on: one clear sentence, and where it helps the next step.

    `str(error)` is the sentence. `next_step` is what to do now, worded as an instruction or a
    command; it is printed on a line of its own. `exit_code` is what the terminal returns.
    """

    exit_code = 1

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.next_step = next_step
