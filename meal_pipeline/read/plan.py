"""How each column of a form is read: decided once, before any row.

Here: for every column its place in the frame, its codes, its recoding, its treatment and its
labels. Not here: rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from meal_pipeline.forms import Column, FormUnion
from meal_pipeline.forms.choice_codes import ChoiceCodes
from meal_pipeline.forms.question_types import ValueKind, calendar_of, date_precision
from meal_pipeline.locale import LANGUAGES
from meal_pipeline.read.attachments import FILE_PARTS
from meal_pipeline.read.layout import Layout
from meal_pipeline.read.personal import Key, Treatment, key_of, names_of, treatments
from meal_pipeline.read.personal_rules import PersonalRules, personal_rules
from meal_pipeline.rows.typed import POINT_PARTS
from meal_pipeline.workspace.project import Form

MAIN_COLUMNS = (
    "_id",
    "_uuid",
    "_version",
    "_submission_time",
    "_enumerator",
    "_edited",
    "_validation",
)
CHILD_COLUMNS = ("_id", "_position", "_index", "_parent_position", "_validation", "_answered")
LONGEST_LABEL = 120
MOST_TICKS = 200
"""So many choices of a list in a file, at most, have a column of their own."""


@dataclass(frozen=True)
class ColumnPlan:
    """How one column is read.

    `names` is the name in the frame by suffix, as `typed.type_column` gives them. `codes` are the
    choices after recoding, as columns; `choices` takes answers apart and renames. `treatment` is
    None for what is not personal.
    """

    column: Column
    names: Mapping[str, str]
    codes: tuple[str, ...]
    choices: ChoiceCodes
    treatment: Treatment | None
    labels: Mapping[str, str]

    @property
    def new_codes(self) -> Mapping[str, str]:
        """The choices that the project renames, old → new."""
        return self.choices.new_codes

    @cached_property
    def by_version(self) -> Mapping[str, Mapping[str, str]]:
        """What an appearance says of dates, by suffix in the frame and version."""
        questions = self.column.questions.items()
        return {
            "/precision": {uid: date_precision(one.appearance) for uid, one in questions},
            "/calendar": {uid: calendar_of(one.appearance) for uid, one in questions},
        }


@dataclass(frozen=True)
class FormPlan:
    """How a form is read: `frames` by repeat (None: the main frame), in the frames' order.

    `enumerator` is the column of the main frame that tells who interviewed; None: the account that
    sent the submission.
    """

    code: str
    union: FormUnion
    layout: Layout
    country: str
    enumerator: str | None
    frames: Mapping[str | None, tuple[ColumnPlan, ...]] = field(hash=False)
    rules: PersonalRules

    def frame_name(self, repeat: str | None) -> str:
        """Give the name of a frame in the snapshot: `<form>` or `<form>/<repeat>`."""
        return self.code if repeat is None else f"{self.code}/{repeat}"

    @property
    def has_files(self) -> bool:
        """Whether any column tells of files."""
        return any(
            FILE_PARTS[0] in one.names for columns in self.frames.values() for one in columns
        )

    def plan_of(self, repeat: str | None, name: str) -> ColumnPlan | None:
        """Give the plan of a column, None where the frame has no such column."""
        return next((one for one in self.frames[repeat] if one.column.name == name), None)


def plan_form(code: str, form: Form, union: FormUnion, country: str) -> FormPlan:
    """Decide how the form `code` of a project is read.

    A question's column bears the question's name, whatever letters it has. Where that name is
    taken, by one of the columns that every frame has (`MAIN_COLUMNS`, `CHILD_COLUMNS`) or by an
    earlier question's part (`place/latitude`), a `/` is added at its end: no question's name can
    end so.
    """
    treated = treatments(union, form)
    repeats = [None, *(repeat.name for repeat in union.repeats)]
    return FormPlan(
        code,
        union,
        Layout(union),
        country,
        _enumerator(union, form),
        {repeat: _plan_frame(union, form, repeat, treated) for repeat in repeats},
        personal_rules(union, set(treated)),
    )


def _enumerator(union: FormUnion, form: Form) -> str | None:
    if form.enumerator in (None, "_submitted_by"):
        return None
    columns = (c for c in union.columns_of() if form.enumerator in names_of(c))
    return next((column.name for column in columns), form.enumerator)


def _plan_frame(
    union: FormUnion, form: Form, repeat: str | None, treated: Mapping[Key, Treatment]
) -> tuple[ColumnPlan, ...]:
    taken = set(MAIN_COLUMNS if repeat is None else CHILD_COLUMNS)
    plans = []
    for column in union.columns_of(repeat):
        lists = {q.list_name for q in column.questions.values() if q.list_name}
        new_codes = {
            old: new for one in sorted(lists) for old, new in form.same_choices.get(one, {}).items()
        }
        listed = [choice.name for choice in union.choices_of(column)]
        codes = dict.fromkeys(new_codes.get(code, code) for code in listed)
        if len(codes) > MOST_TICKS and any(q.list_file for q in column.questions.values()):
            codes = {}
        treatment = treated.get(key_of(column))
        names = {}
        for suffix in _suffixes(column, tuple(codes), treatment):
            name = column.name + suffix
            while name in taken:
                name += "/"
            taken.add(name)
            names[suffix] = name
        labels = {language: short_label(union.label(column, language)) for language in LANGUAGES}
        choices = ChoiceCodes(listed, new_codes)
        plans.append(ColumnPlan(column, names, tuple(codes), choices, treatment, labels))
    return tuple(plans)


def short_label(label: str) -> str:
    """Give a label in one line, cut so that it fits a sentence."""
    line = " ".join(label.split())
    return line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…"


def _suffixes(
    column: Column, codes: tuple[str, ...], treatment: Treatment | None
) -> tuple[str, ...]:
    """Give the suffixes of a column's names in the frame; none for what is dropped."""
    if treatment:
        return ("",) if treatment.treatment == "pseudonym" else ()
    dated = _said_by_appearance(column)
    by_kind: dict[ValueKind, tuple[str, ...]] = {
        "geopoint": tuple(f"/{part}" for part in POINT_PARTS),
        "line": ("", "/points"),
        "date": ("", *dated),
        "dateTime": ("", "/offset_minutes", *dated),
        "time": ("", "/offset_minutes"),
        "select_multiple": ("", *(f"/{code}" for code in codes)),
        "media": ("", *FILE_PARTS),
    }
    return by_kind.get(column.kind, ("",))


def _said_by_appearance(column: Column) -> tuple[str, ...]:
    """Give the suffixes of what tells of a date that is no day, or of another calendar."""
    appearances = [question.appearance for question in column.questions.values()]
    partial = any(date_precision(one) != "day" for one in appearances)
    foreign = any(calendar_of(one) != "gregorian" for one in appearances)
    return (*(["/precision"] if partial else []), *(["/calendar"] if foreign else []))
