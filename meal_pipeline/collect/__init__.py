"""Stage 1: submissions as received, from KoboToolbox into the log.

Here: what to ask a server for, the proof that nothing is missing, and errors worded for an
officer. Not here: HTTP (kobo), where bodies lie (store), what they mean (read).
"""

from meal_pipeline.collect.collect_project import collect_project
from meal_pipeline.collect.pull_failed import PullFailed
from meal_pipeline.collect.report import CollectReport, FormReport, Progress

__all__ = ["CollectReport", "FormReport", "Progress", "PullFailed", "collect_project"]
