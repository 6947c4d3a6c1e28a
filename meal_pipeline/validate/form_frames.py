"""The frames of one form out of a read snapshot, with the form and what the project says of it.

Here: a whole form whose columns are loaded when asked for, its blocks, and some blocks in memory.
Not here: what is checked.

`read` writes a form in blocks of submissions in `_id` order: part i of the form's frame, of each
repeat and of its verdicts hold the same submissions. One last part of verdicts speaks of the form
as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.store import PartRef, Snapshot
from meal_pipeline.validate.lazy_frame import LazyFrame
from meal_pipeline.validate.outcomes import Positions
from meal_pipeline.validate.version_rows import Frames
from meal_pipeline.workspace.project import Form, Project

Starts = Mapping[str, Positions]
"""The first row of each block, by frame ("" and each repeat)."""

Block = Mapping[str, PartRef]
"""The parts of one block: of the form's frame "", of each repeat, of the verdicts (`VERDICTS`)."""

VERDICTS = ":verdicts"


@dataclass(frozen=True, eq=False)
class FormFrames:
    """A form's typed frames ("" and each repeat), its verdicts, and its settings, in memory.

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

    def whole(self) -> "WholeForm":
        """Give the same form, all of it in one block."""
        return WholeForm(
            self.code,
            self.form,
            self.union,
            {name: LazyFrame.of(frame) for name, frame in self.frames.items()},
            {name: np.zeros(1, dtype=np.intp) for name in self.frames},
            self.verdicts[self.verdicts["_id"].isna()],
            self.pulled,
            self.hidden,
        )


@dataclass(frozen=True, eq=False)
class WholeForm:
    """A form as a snapshot holds it; columns are loaded when they are asked for.

    `verdicts` are those on the form as a whole; the others are as in `FormFrames`.
    """

    code: str
    form: Form
    union: FormUnion
    frames: Mapping[str, LazyFrame]
    starts: Starts
    verdicts: pd.DataFrame
    pulled: int
    hidden: frozenset[str]

    def frame_name(self, repeat: str) -> str:
        """Give the name of a frame in snapshots and findings: `<form>` or `<form>/<repeat>`."""
        return frame_name(self.code, repeat)


def frame_name(form: str, repeat: str) -> str:
    """Give the name of a frame in snapshots and findings: `<form>` or `<form>/<repeat>`."""
    return f"{form}/{repeat}" if repeat else form


def whole_form(snapshot: Snapshot, project: Project, code: str, union: FormUnion) -> WholeForm:
    """Give form `code` of a read snapshot. Raises KeyError where it is not there."""
    form, repeats = project.forms[code], repeats_of(snapshot, code)
    frames, starts = {}, {}
    for repeat in repeats:
        name = frame_name(code, repeat)
        load = partial(_frame, snapshot, name)
        frames[repeat] = LazyFrame(tuple(snapshot.columns(name)), snapshot.rows(name), load)
        starts[repeat] = starts_of(snapshot.parts(name))
    said = with_parts(snapshot, {code + VERDICTS: snapshot.parts(code + VERDICTS)[-1:]})
    return WholeForm(
        code,
        form,
        union,
        frames,
        starts,
        said.frame(code + VERDICTS),
        int(snapshot.parents[code]["rows"]),
        pseudonyms_of(union, form),
    )


def blocks_of(snapshot: Snapshot, code: str) -> list[Block]:
    """Give the blocks of a form in order. Raises ValueError where `read` did not write them."""
    frames = repeats_of(snapshot, code)
    named = {repeat: snapshot.parts(frame_name(code, repeat)) for repeat in frames}
    named[VERDICTS] = snapshot.parts(code + VERDICTS)[:-1]
    return [dict(zip(named, parts, strict=True)) for parts in zip(*named.values(), strict=True)]


def load_blocks(
    snapshot: Snapshot, project: Project, code: str, union: FormUnion, blocks: Sequence[Block]
) -> FormFrames:
    """Read some blocks of a form. Raises SnapshotDamaged; KeyError where it is not there."""
    repeats, form = repeats_of(snapshot, code), project.forms[code]
    parts = {frame_name(code, one): [block[one] for block in blocks] for one in repeats}
    parts[code + VERDICTS] = [block[VERDICTS] for block in blocks]
    some = with_parts(snapshot, parts)
    return FormFrames(
        code,
        form,
        union,
        {one: some.frame(frame_name(code, one)) for one in repeats},
        some.frame(code + VERDICTS),
        int(snapshot.parents[code]["rows"]),
        pseudonyms_of(union, form),
    )


def load_form(snapshot: Snapshot, project: Project, code: str, union: FormUnion) -> FormFrames:
    """Read all blocks of form `code`. Raises SnapshotDamaged; KeyError where it is not there."""
    return load_blocks(snapshot, project, code, union, blocks_of(snapshot, code))


def repeats_of(snapshot: Snapshot, code: str) -> list[str]:
    """Give the frames of a form: "" for its rows, and the name of each repeat."""
    inner = [name for name in snapshot.frames if name.startswith(f"{code}/")]
    return ["", *(name.removeprefix(f"{code}/") for name in inner)]


def starts_of(parts: Sequence[PartRef]) -> Positions:
    """Give the first row of each part."""
    return np.cumsum([0, *(part.rows for part in parts[:-1])], dtype=np.intp)


def pseudonyms_of(union: FormUnion, form: Form) -> frozenset[str]:
    """Give the columns that hold pseudonyms: declared so, or telling who interviewed."""
    declared = {name for name, one in form.personal_data.items() if one.treatment == "pseudonym"}
    if form.enumerator and form.enumerator not in form.personal_data:
        declared.add(form.enumerator)
    return frozenset(one.name for one in union.columns if declared & _names(one))


def _names(column: Column) -> set[str]:
    questions = column.questions.values()
    return {column.name, *(one.name for one in questions), *(one.path for one in questions)}


def with_parts(snapshot: Snapshot, parts: Mapping[str, Sequence[PartRef]]) -> Snapshot:
    """Give the snapshot with only some of the parts of these frames."""
    fewer = {
        name: {**snapshot.manifest[name], "parts": [[one.hash, one.rows] for one in some]}
        for name, some in parts.items()
    }
    return replace(snapshot, manifest={**snapshot.manifest, **fewer})


def _frame(snapshot: Snapshot, name: str, columns: Sequence[str]) -> pd.DataFrame:
    return snapshot.frame(name, columns)
