"""Stage 2: submissions become typed rows without personal data, a frame a form and repeat.

Here: what an answer's text means, which form version it belongs to, and what of a person may stay.
Not here: whether an answer is right (validate) or where submissions come from (collect).
"""

from meal_pipeline.read.read_project import (
    ChangedMeanwhile,
    NothingCollected,
    Progress,
    ReadReport,
    read_project,
)

__all__ = ["ChangedMeanwhile", "NothingCollected", "Progress", "ReadReport", "read_project"]
