"""Verdicts on a form as a whole, said once and not a row.

Here: what its versions have differently, what is declared of it, withheld and unknown questions.
Not here: verdicts on rows (`block.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meal_pipeline.exports.carrying import LOSSES, in_every_language
from meal_pipeline.forms import Change
from meal_pipeline.locale import LANGUAGES
from meal_pipeline.read import verdicts as v
from meal_pipeline.read.personal import key_of
from meal_pipeline.read.plan import ColumnPlan, FormPlan, short_label

MOST_NAMES = 10
"""So many questions, at most, are named in one sentence."""

_BY_RULE = {
    "moved": v.MOVED_QUESTION,
    "renamed": v.MOVED_QUESTION,
    "retyped": v.CHANGED_TYPE,
    "returned": v.RETURNED_QUESTION,
}


def form_verdicts(
    plan: FormPlan, unknown: Mapping[str, int], lacks: Sequence[Mapping[str, Any]] = ()
) -> list[v.Verdict]:
    """Give the verdicts on a form: differing, declared, withheld and unknown questions.

    `unknown` is how many rows answer each key that no version of the form has; `lacks` is what the
    files could not tell from which the form was imported (`exports.carrying`).
    """
    return [
        *_new_version(plan),
        *_changes(plan),
        *_renamed_choices(plan),
        *_unused(plan),
        *_columns(plan),
        *_unknown(plan, unknown),
        *_lacking(plan, lacks),
    ]


def _new_version(plan: FormPlan) -> Iterator[v.Verdict]:
    """Say once which questions the newest version has that the one before has not, or lacks."""
    if len(plan.union.versions) == 1:
        return
    before, newest = (one.version_uid for one in plan.union.versions[-2:])
    columns = plan.union.columns
    came = [one.name for one in columns if newest in one.paths and before not in one.paths]
    went = [one.name for one in columns if before in one.paths and newest not in one.paths]
    if came or went:
        words = {"came": _listed(came), "went": _listed(went)}
        message = v.sentence(v.SENTENCES[v.FORM_CHANGED], version=newest, **words)
        yield v.Verdict(None, plan.code, "", "", v.FORM_CHANGED, message, newest)


def _listed(names: Sequence[str]) -> str:
    """Give the first names in a row, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES]) or "–"
    more = len(names) - MOST_NAMES
    return f"{shown} (+{more})" if more > 0 else shown


def _changes(plan: FormPlan) -> Iterator[v.Verdict]:
    for one in plan.union.changes:
        rule = v.DECLARED_SAME if one.declared else _BY_RULE[one.kind]
        about = None if one.of_repeat else plan.plan_of(one.repeat, one.name)
        labels = about.labels if about else _repeat_labels(plan, one.name)
        was = list(dict.fromkeys(one.was.values()))
        pairs = ", ".join(f"{old} → {was[0]}" for old in was[1:]) or was[0]
        key = "same_repeats" if one.of_repeat else "same_questions"
        type_ = _type_of(plan, one)
        message = v.sentence(v.SENTENCES[rule], labels, key=key, pairs=pairs, type=type_)
        frame = plan.frame_name(one.repeat)
        yield v.Verdict(None, frame, "", one.name, rule, message, pairs)


def _type_of(plan: FormPlan, change: Change) -> str:
    column = None if change.of_repeat else plan.plan_of(change.repeat, change.name)
    return column.column.type if column else ""


def _repeat_labels(plan: FormPlan, name: str) -> dict[str, str]:
    repeat = next(one for one in plan.union.repeats if one.name == name)
    return {code: short_label(repeat.labels.get(code) or name) for code in LANGUAGES}


def _renamed_choices(plan: FormPlan) -> Iterator[v.Verdict]:
    for one in _plans(plan):
        if one.new_codes:
            pairs = ", ".join(f"{old} → {new}" for old, new in sorted(one.new_codes.items()))
            yield _said(plan, one, v.DECLARED_SAME, pairs, key="same_choices", pairs=pairs)


def _unused(plan: FormPlan) -> Iterator[v.Verdict]:
    for one in plan.union.unused:
        pairs = f"{one.old} → {one.new}" if one.new else one.old
        message = v.sentence(v.SENTENCES[v.DECLARATION_UNUSED], key=one.key, pairs=pairs)
        yield v.Verdict(None, plan.code, "", one.old, v.DECLARATION_UNUSED, message, pairs)


def _columns(plan: FormPlan) -> Iterator[v.Verdict]:
    not_evaluated = dict(reversed(plan.rules.not_evaluated))
    for one in _plans(plan):
        if one.treatment and not one.treatment.declared:
            yield _said(plan, one, v.WITHHELD)
        if key_of(one.column) in not_evaluated:
            yield _said(plan, one, v.NOT_EVALUATED, not_evaluated[key_of(one.column)])
        question = one.column.newest
        form = plan.union.version[next(iter(one.column.questions))]
        if question.path in form.missing_files:
            file = question.list_file or ""
            yield _said(plan, one, v.CHOICES_MISSING, file, file=file)


def _unknown(plan: FormPlan, unknown: Mapping[str, int]) -> Iterator[v.Verdict]:
    for name, rows in sorted(unknown.items()):
        labels = dict.fromkeys(LANGUAGES, name)
        message = v.sentence(v.SENTENCES[v.UNKNOWN_QUESTION], labels, rows=rows)
        yield v.Verdict(None, plan.code, "", name, v.UNKNOWN_QUESTION, message)


def _lacking(plan: FormPlan, lacks: Sequence[Mapping[str, Any]]) -> Iterator[v.Verdict]:
    questions = {one.column.name for one in _plans(plan)}
    for lack in lacks:
        rule = v.LOST_IN_FILE if lack["kind"] in LOSSES else v.NOT_IN_FILE
        about = lack["about"] if lack["about"] in questions else ""
        yield v.Verdict(None, plan.code, "", about, rule, in_every_language(lack))


def _plans(plan: FormPlan) -> Iterator[ColumnPlan]:
    for columns in plan.frames.values():
        yield from columns


def _said(
    plan: FormPlan, one: ColumnPlan, rule: str, value: str | None = None, **said: object
) -> v.Verdict:
    message = v.sentence(v.SENTENCES[rule], one.labels, **said)
    frame = plan.frame_name(one.column.repeat)
    return v.Verdict(None, frame, "", one.column.name, rule, message, value)
