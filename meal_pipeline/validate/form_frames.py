"""The frames of one form out of a read snapshot, with the form and what the project says of it.

Here: reading them. Not here: what is checked.
"""

from dataclasses import dataclass, field

import pandas as pd

from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.store import Snapshot
from meal_pipeline.validate.version_rows import Frames
from meal_pipeline.workspace.project import Form, Project


@dataclass(frozen=True, eq=False)
class FormFrames:
    """A form's typed frames ("" and each repeat), its verdicts, and its settings.

    `pulled` is the number of submissions that the log held when the snapshot was read; `hidden` are
    the columns that hold pseudonyms.
    """

    code: str
    form: Form
    union: FormUnion
    frames: Frames
    verdicts: pd.DataFrame
    pulled: int
    hidden: frozenset[str] = field(default_factory=frozenset)

    @property
    def rows(self) -> pd.DataFrame:
        """The form's own rows, one a submission."""
        return self.frames[""]

    def frame_name(self, repeat: str) -> str:
        """Give the name of a frame in snapshots and findings: `<form>` or `<form>/<repeat>`."""
        return f"{self.code}/{repeat}" if repeat else self.code


def load_form(snapshot: Snapshot, project: Project, code: str, union: FormUnion) -> FormFrames:
    """Read the frames of form `code`. Raises SnapshotDamaged; KeyError where it is not there."""
    form = project.forms[code]
    frames = {"": snapshot.frame(code)}
    for name in snapshot.frames:
        if name.startswith(f"{code}/"):
            frames[name.removeprefix(f"{code}/")] = snapshot.frame(name)
    verdicts = snapshot.frame(f"{code}:verdicts")
    pulled = int(snapshot.parents[code]["rows"])
    return FormFrames(code, form, union, frames, verdicts, pulled, pseudonyms_of(union, form))


def pseudonyms_of(union: FormUnion, form: Form) -> frozenset[str]:
    """Give the columns that hold pseudonyms: declared so, or telling who interviewed."""
    declared = {name for name, one in form.personal_data.items() if one.treatment == "pseudonym"}
    if form.enumerator and form.enumerator not in form.personal_data:
        declared.add(form.enumerator)
    return frozenset(one.name for one in union.columns if declared & _names(one))


def _names(column: Column) -> set[str]:
    questions = column.questions.values()
    return {column.name, *(one.name for one in questions), *(one.path for one in questions)}
