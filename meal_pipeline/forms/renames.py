"""What two versions of a form may have in common although it is not joined: proposals.

Here: what was removed and added from version to version, which of it is probably the same, with
reasons, and the declaration that a person may paste. Not here: joining (`uniting`); nothing is
joined because it is proposed.

An old question and a new one may be the same where no version has both, the types go together, and
the labels are equal, or the names, or the place in the form together with a similar name or the
form builder's own mark. That mark (`$kuid`) is new for every row after an upload and may be copied,
so it counts only beside another reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from meal_pipeline.forms.model import Choice, Labels, Question
from meal_pipeline.forms.personal import plain_words
from meal_pipeline.forms.question_types import united_type, value_kind
from meal_pipeline.forms.union import Column, FormUnion, UnitedRepeat
from meal_pipeline.locale import gettext as _

Key = Literal["same_questions", "same_repeats", "same_choices"]

_ALIKE = 0.6


@dataclass(frozen=True)
class Proposal:
    """A line for the project's file, below `key` (for choices, below `list_name` there)."""

    key: Key
    old: str
    new: str
    reasons: tuple[str, ...]
    list_name: str | None = None


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in all versions.

    `what`: `moved`, `renamed`, `retyped`, `returned`, `removed`, `added`. `was` and `now` are paths
    or types; one of them is empty where the other versions have nothing. `declared` tells whether
    the project's file says so already.
    """

    what: str
    name: str
    was: str
    now: str
    declared: bool = False


@dataclass(frozen=True)
class Comparison:
    """All that differs between the versions of a form, and what may be declared of it."""

    differences: tuple[Difference, ...]
    proposals: tuple[Proposal, ...]


def compare_versions(
    union: FormUnion, same_choices: Mapping[str, Mapping[str, str]] | None = None
) -> Comparison:
    """Compare the versions of a form, given joined as the project declares.

    `same_choices` are the choices that the project declares as renamed. Proposals leave out what is
    declared already.
    """
    removed = [one for one in union.columns if not _is_in_newest(one, union)]
    added = [one for one in union.columns if not _is_in_oldest(one, union)]
    return Comparison(
        (*_changed(union), *_removed(removed), *_added(union)),
        (
            *_united_by_rule(union),
            *_same_questions(removed, added),
            *_same_repeats(union),
            *_same_choices(union, same_choices or {}),
        ),
    )


def _is_in_newest(one: Column | UnitedRepeat, union: FormUnion) -> bool:
    return union.newest.version_uid in one.paths


def _is_in_oldest(one: Column | UnitedRepeat, union: FormUnion) -> bool:
    return union.versions[0].version_uid in one.paths


def _changed(union: FormUnion) -> Iterator[Difference]:
    for one in union.changes:
        values = list(dict.fromkeys(one.was.values()))
        yield Difference(
            one.kind, one.name, ", ".join(values[1:]) or values[0], values[0], one.declared
        )


def _removed(columns: Iterable[Column]) -> Iterator[Difference]:
    for column in columns:
        yield Difference("removed", column.name, column.newest.path, "")


def _added(union: FormUnion) -> Iterator[Difference]:
    for column in union.columns:
        if _is_in_newest(column, union) and not _is_in_oldest(column, union):
            yield Difference("added", column.name, "", column.newest.path)


def _united_by_rule(union: FormUnion) -> Iterator[Proposal]:
    """Propose to say what is joined without anybody having said so."""
    reason = {
        "moved": _("same name, moved to another group"),
        "renamed": _("moved to another group"),
        "retyped": _("same place, another type"),
        "returned": _("removed and came back"),
    }
    seen: set[tuple[str, str]] = set()
    for one in union.changes:
        if one.declared:
            continue
        key: Key = "same_repeats" if one.of_repeat else "same_questions"
        now = _path_of(union, one.name, one.repeat, of_repeat=one.of_repeat)
        olds = [path for path in dict.fromkeys(one.was.values()) if path != now]
        if one.kind in ("retyped", "returned") or not olds:
            olds = [now]
        for old in olds:
            if (key, old) not in seen:
                seen.add((key, old))
                yield Proposal(key, old, now, (reason[one.kind],))


def _path_of(union: FormUnion, name: str, repeat: str | None, *, of_repeat: bool) -> str:
    if of_repeat:
        return next(one.newest.path for one in union.repeats if one.name == name)
    return next(one.newest.path for one in union.columns_of(repeat) if one.name == name)


def _same_questions(removed: Sequence[Column], added: Sequence[Column]) -> Iterator[Proposal]:
    taken: set[int] = set()
    for old in removed:
        found = [
            (reasons, at)
            for at, new in enumerate(added)
            if at not in taken and (reasons := _reasons(old, new))
        ]
        if found:
            reasons, at = max(found, key=lambda one: len(one[0]))
            taken.add(at)
            path = added[at].newest.path
            yield Proposal("same_questions", old.newest.path, path, reasons)


def _reasons(old: Column, new: Column) -> tuple[str, ...]:
    """Give why the two may be the same question; nothing where that is not probable."""
    if old.repeat != new.repeat or old is new or old.paths.keys() & new.paths.keys():
        return ()
    before, after = old.newest, list(new.questions.values())[-1]
    types = [after.type, before.type]
    same_kind = value_kind(before.type) == value_kind(after.type)
    if not same_kind and united_type(types) == "text":
        return ()
    label, name = _same_label(before.labels, after.labels), before.name == after.name
    place = _group(before) == _group(after)
    similar = SequenceMatcher(None, before.name.casefold(), after.name.casefold()).ratio() >= _ALIKE
    mark = before.kuid is not None and before.kuid == after.kuid
    if not (label or name or (place and (similar or mark))):
        return ()
    said = (
        (label, _("same label")),
        (name, _("same name")),
        (similar and not name, _("similar name")),
        (same_kind, _("same type")),
        (place, _("same group")),
        (mark, _("same mark of the form builder")),
    )
    return tuple(reason for holds, reason in said if holds)


def _group(question: Question) -> str:
    return question.path.rpartition("/")[0]


def _same_label(before: Labels, after: Labels) -> bool:
    return any(
        plain_words(text) == plain_words(after[language])
        for language, text in before.items()
        if language in after and plain_words(text)
    )


def _same_repeats(union: FormUnion) -> Iterator[Proposal]:
    removed = [one for one in union.repeats if not _is_in_newest(one, union)]
    for old in removed:
        for new in union.repeats:
            if new.parent != old.parent or new is old or new.paths.keys() & old.paths.keys():
                continue
            inside, now = (
                {column.newest.name for column in union.columns_of(one.name)} for one in (old, new)
            )
            label = _same_label(old.labels, new.labels)
            shared = len(inside & now) * 2 >= max(len(inside), len(now), 1)
            if label or shared:
                said = ((label, _("same label")), (shared, _("mostly the same questions")))
                reasons = tuple(reason for holds, reason in said if holds)
                yield Proposal("same_repeats", old.newest.path, new.newest.path, reasons)
                break


def _same_choices(
    union: FormUnion, declared: Mapping[str, Mapping[str, str]]
) -> Iterator[Proposal]:
    """Propose codes of a list that went while others with their label came."""
    newest = union.newest.choices
    for list_name, now in newest.items():
        known = {choice.name for choice in now}
        first = {choice.name for choice in _first(union, list_name)}
        came = [choice for choice in now if choice.name not in first]
        gone: dict[str, Choice] = {}
        for form in reversed(union.versions[:-1]):
            for choice in form.choices.get(list_name, ()):
                if choice.name not in known and choice.name not in declared.get(list_name, {}):
                    gone.setdefault(choice.name, choice)
        for old in gone.values():
            for new in came:
                label = _same_label(old.labels, new.labels)
                code = plain_words(old.name) == plain_words(new.name) != ""
                if label or code:
                    reason = _("same label") if label else _("same code, written differently")
                    yield Proposal("same_choices", old.name, new.name, (reason,), list_name)
                    break


def _first(union: FormUnion, list_name: str) -> tuple[Choice, ...]:
    """Give the list as the oldest version with it has it."""
    return next(form.choices[list_name] for form in union.versions if list_name in form.choices)
