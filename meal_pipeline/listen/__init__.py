"""The bell: deliveries of KoboToolbox, kept until a run was asked for because of them.

Here: the receiver (`receiver`, `door`, `writing`), the inbox in the store (`inbox`), and hooks on
the server (`installing`). Not here: runs (the roof) or what is pulled (collect). A delivery is
trusted only to say: look at this project.
"""

from meal_pipeline.listen.inbox import Event, Waiting, claim, forget, is_due, keep, take, waiting

__all__ = ["Event", "Waiting", "claim", "forget", "is_due", "keep", "take", "waiting"]
