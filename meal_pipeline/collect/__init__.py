"""Stage 1: submissions as received, from KoboToolbox into the log.

Here: what to ask a server for, the proof that nothing is missing, and errors worded for an
officer. Not here: HTTP (kobo), where bodies lie (store), what they mean (read).
"""

from meal_pipeline.collect.collect_project import (
    CollectReport,
    FormReport,
    Progress,
    collect_project,
)
from meal_pipeline.collect.pull_failed import PullFailed

__all__ = ["CollectReport", "FormReport", "Progress", "PullFailed", "collect_project"]
