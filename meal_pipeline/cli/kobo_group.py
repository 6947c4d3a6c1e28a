"""`meal kobo` with all its commands.

Here: putting them together. Not here: any of them.
"""

from .hook_commands import hook
from .kobo_commands import kobo
from .media_command import media

kobo.add_command(hook)
kobo.add_command(media)

__all__ = ["kobo"]
