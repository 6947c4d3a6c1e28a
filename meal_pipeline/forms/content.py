"""From KoboToolbox's content of a form to `FormVersion`.

Here: groups, repeats and paths; each row to a question. Not here: how rows are written (`sheets`),
KoboToolbox's own groups (`special_groups`), several versions together (`union`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from meal_pipeline.forms.errors import FormError
from meal_pipeline.forms.model import Choice, FormVersion, Question, Repeat
from meal_pipeline.forms.sheets import Row, Sheets, is_yes, read_sheets
from meal_pipeline.forms.special_groups import expand_special_groups
from meal_pipeline.locale import gettext as _

AUDIT = "meta/audit"
"""The key of the app's own log of a form's filling, wherever its row stands."""
OTHER = "other"
"""The code that `or_other` adds to a choice list."""

_OTHER_LABELS = {"ar": "أخرى", "ku": "Yên din", "ckb": "ئەوانی تر", "fr": "Autre"}
_SPECIFY_LABELS = {"ar": "حدد", "fr": "Préciser"}
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*([^\s,;]+)")


def parse_content(
    content: Mapping[str, object],
    *,
    asset_uid: str,
    version_uid: str,
    content_hash: str | None = None,
) -> FormVersion:
    """Read a form's content, as an asset or a version of it holds it.

    Takes KoboToolbox's JSON and plain XLSForm rows (`{"survey": [...], "choices": [...]}`, labels
    in columns such as `label::Arabic (ar)`). Names and codes pass as they are written, dots,
    dashes, Arabic letters, `None` and `NA` alike. A question type that is not known is kept as
    written. Paths are built from the groups, since the content's own `$xpath` is not the key in the
    data for matrices and ranks. A select with `or_other` gets the choice `other` and a text
    question `<name>_other`.

    Raises `FormError` where there is no survey sheet, groups are not closed, or a question has no
    name.
    """
    sheets = read_sheets(content)
    choices = dict(sheets.choices)
    walk = _Walk(sheets)
    for row in expand_special_groups(sheets.survey, sheets.choices):
        walk.take(row)
        if row.or_other and row.list_name:
            choices[row.list_name] = _with_other(choices.get(row.list_name, ()), sheets)
    walk.finish()
    return FormVersion(
        asset_uid=asset_uid,
        version_uid=version_uid,
        content_hash=content_hash,
        languages=sheets.languages,
        default_language=sheets.default_language,
        questions=tuple(walk.questions.values()),
        repeats=tuple(walk.repeats),
        choices=choices,
        settings=sheets.settings,
        file_choices={
            path: sheets.external_choices[question.list_name or ""]
            for path, question in walk.questions.items()
            if question.type == "select_one_external"
            and question.list_name in sheets.external_choices
        },
    )


def _with_other(choices: tuple[Choice, ...], sheets: Sheets) -> tuple[Choice, ...]:
    if any(choice.name == OTHER for choice in choices):
        return choices
    codes = [language.code for language in sheets.languages]
    return (*choices, Choice(OTHER, {code: _OTHER_LABELS.get(code, "Other") for code in codes}))


@dataclass(frozen=True)
class _Level:
    """A group or repeat that is open: its path, its innermost repeat, the conditions around."""

    kind: str
    row: int
    path: str = ""
    repeat: str | None = None
    relevants: tuple[str, ...] = ()


@dataclass
class _Walk:
    """The way through the rows: which groups are open, and what has been found."""

    sheets: Sheets
    questions: dict[str, Question] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    open: list[_Level] = field(default_factory=lambda: [_Level("form", 0)])

    def take(self, row: Row) -> None:
        if row.type.startswith("begin_"):
            self._begin(row)
        elif row.type.startswith("end_"):
            self._end(row)
        elif row.name is not None or row.type != "note":
            self._question(row)

    def finish(self) -> None:
        if len(self.open) > 1:
            raise _not_closed(self.open[-1])

    def _path(self, row: Row) -> str:
        if row.name is None:
            raise FormError(
                _("Row {row} of the form ({type}) has no name.").format(
                    row=row.number, type=row.type
                ),
                next_step=_("Give it a name in the form and deploy the form again."),
            )
        around = self.open[-1].path
        return f"{around}/{row.name}" if around else row.name

    def _begin(self, row: Row) -> None:
        around = self.open[-1]
        path = self._path(row)
        relevant = row.cells.get("relevant")
        relevants = (*around.relevants, relevant) if relevant else around.relevants
        kind = row.type.removeprefix("begin_")
        repeat = path if kind == "repeat" else around.repeat
        self.open.append(_Level(kind, row.number, path, repeat, relevants))
        if kind == "repeat":
            self.repeats.append(
                Repeat(
                    name=row.name or path,
                    path=path,
                    parent=around.repeat,
                    labels=row.text("label"),
                    count=row.cells.get("repeat_count"),
                    group_relevants=relevants,
                )
            )

    def _end(self, row: Row) -> None:
        level = self.open[-1]
        if level.kind == "form":
            raise FormError(
                _("Row {row} of the form closes a group that was not opened.").format(
                    row=row.number
                )
            )
        if row.type.removeprefix("end_") != level.kind:
            raise _not_closed(level)
        self.open.pop()

    def _question(self, row: Row) -> None:
        level = self.open[-1]
        path = AUDIT if row.type == "audit" else self._path(row)
        cells = row.cells
        self.questions[path] = Question(
            name=row.name or path,
            path=path,
            type=row.type,
            list_name=row.list_name,
            labels=row.text("label"),
            hints=row.text("hint"),
            required=_required(cells.get("required")),
            required_messages=row.text("required_message"),
            relevant=cells.get("relevant"),
            constraint=cells.get("constraint"),
            constraint_messages=row.text("constraint_message"),
            calculation=cells.get("calculation"),
            choice_filter=cells.get("choice_filter"),
            default=cells.get("default"),
            appearance=cells.get("appearance"),
            parameters=dict(_PARAMETER.findall(cells.get("parameters", ""))),
            repeat=level.repeat,
            group_relevants=level.relevants,
            or_other=row.or_other,
            kuid=cells.get("$kuid"),
        )
        if row.or_other:
            self._specify_other(self.questions[path])

    def _specify_other(self, select: Question) -> None:
        """Add the text question of `or_other`, unless the form has one at the same place."""
        path = f"{select.path}_{OTHER}"
        languages = [language.code for language in self.sheets.languages]
        self.questions.setdefault(
            path,
            Question(
                name=f"{select.name}_{OTHER}",
                path=path,
                type="text",
                labels={code: _SPECIFY_LABELS.get(code, "Specify other.") for code in languages},
                relevant=f"selected(${{{select.name}}}, '{OTHER}')",
                repeat=select.repeat,
                group_relevants=select.group_relevants,
            ),
        )


def _required(text: str | None) -> bool | str:
    if text is None or text.lower() in {"no", "false", "false()", "0", "na", "n/a"}:
        return False
    return True if is_yes(text) else text


def _not_closed(level: _Level) -> FormError:
    return FormError(
        _("Row {row} of the form: the group “{name}” is not closed.").format(
            row=level.row, name=level.path
        )
    )
