"""`meal forms` whole: its commands from three files, read when someone asks for them.

Here: which commands the group has. Not here: the commands.
"""

from .forms_commands import forms
from .forms_drift import drift
from .forms_lint import lint

forms.add_command(drift)
forms.add_command(lint)

__all__ = ["forms"]
