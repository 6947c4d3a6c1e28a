"""`meal forms` whole: its commands from three files, read when someone asks for them.

Here: which commands the group has. Not here: the commands.
"""

from .forms_commands import forms
from .forms_drift import drift

forms.add_command(drift)

__all__ = ["forms"]
