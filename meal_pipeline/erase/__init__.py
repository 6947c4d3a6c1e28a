"""Erasing a submission: a respondent withdraws, or holding it endangers someone.

Here: everything that this project holds of one submission. Not here: the row on the server, which
its owner deletes there.
"""

from meal_pipeline.erase.erase_submission import (
    Erasure,
    NothingToErase,
    Reason,
    erase_submission,
    find_submission,
)

__all__ = ["Erasure", "NothingToErase", "Reason", "erase_submission", "find_submission"]
