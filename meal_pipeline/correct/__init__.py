"""Correct: what persons decide of answers and findings, each decision signed.

Here: proposing and approving corrections, accepting findings, the sheet that goes out and comes
back, cleaning logs of others. Not here: laying corrections over rows (validate), and answers that
only the server may change.
"""

from meal_pipeline.correct.accepting import FindingsRefused, accept_findings, reopen_findings
from meal_pipeline.correct.entries import CorrectionsRefused, Entry, Fault
from meal_pipeline.correct.read_sheet import read_entries
from meal_pipeline.correct.signing import (
    Proposed,
    approve_corrections,
    list_corrections,
    propose_corrections,
    reject_corrections,
)
from meal_pipeline.correct.write_sheet import write_sheet

__all__ = [
    "CorrectionsRefused",
    "Entry",
    "Fault",
    "FindingsRefused",
    "Proposed",
    "accept_findings",
    "approve_corrections",
    "list_corrections",
    "propose_corrections",
    "read_entries",
    "reject_corrections",
    "reopen_findings",
    "write_sheet",
]
