"""A practice server: an HTTP server in memory that answers like the KoboToolbox API v2.

For demos, for training without an account, and for tests. What a real server was seen to do is
done here too, traps included: pages cut silently, answers as text, absent keys, refusals whose
shape depends on the route. `docs/practice.md` says which routes there are, and how it goes wrong
on purpose; every other route of KoboToolbox answers 501.
"""

from meal_pipeline.practice.accounts import ANONYMOUS, PracticeUser, Rights
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion
from meal_pipeline.practice.server import PracticeServer
from meal_pipeline.practice.world import PRACTICE_TOKEN

__all__ = [
    "ANONYMOUS",
    "PRACTICE_TOKEN",
    "PracticeForm",
    "PracticeServer",
    "PracticeUser",
    "PracticeVersion",
    "Rights",
]
