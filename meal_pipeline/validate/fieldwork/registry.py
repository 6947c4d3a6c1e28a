"""Every check of fieldwork, and running those of a form.

Here: the list, what each needs, and turning what they found into outcomes. Not here: the checks,
in a module a family, and their texts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from meal_pipeline.locale import LANGUAGES
from meal_pipeline.rows.failures import Blocked, attempt
from meal_pipeline.validate.fieldwork import (
    back_checks,
    completeness,
    duplicates,
    enumerators,
    free_text,
    logic,
    numbers,
    points,
    rounds,
    sample,
    timing,
)
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun
from meal_pipeline.validate.fieldwork.texts import Words, filled, notices, words_of
from meal_pipeline.validate.outcomes import Check, Outcome, severity_of
from meal_pipeline.workspace.project import Severity

Finder = Callable[[Interviews], Iterable[Found]]


@dataclass(frozen=True)
class FieldworkCheck:
    """A check: its code and family, its default severity and what it needs.

    `needs` are keys of the project's file (`forms.<form>.team`) and types of questions. `find`
    gives what it found; None where the rule `by`, which other validation evaluates, is the check.
    """

    code: str
    family: str
    severity: Severity
    needs: tuple[str, ...] = ()
    find: Finder | None = None
    by: str = ""

    @property
    def rule(self) -> str:
        """The rule of its findings, which `validation.severity` may name."""
        return self.by or f"fieldwork.{self.code}"

    @property
    def words(self) -> Words:
        """Its texts."""
        return words_of(self.family)[self.code]


def _own(code: str) -> str:
    return f"validation.fieldwork.<form>.{code}"


TEAM, SUBJECT = "forms.<form>.team", "forms.<form>.subject"

CHECKS: tuple[FieldworkCheck, ...] = (
    FieldworkCheck("HFC01", "duplicates", "warning", (), duplicates.same_interview),
    FieldworkCheck("HFC02", "duplicates", "critical", (SUBJECT,), duplicates.same_household),
    FieldworkCheck("HFC03", "duplicates", "warning", (), duplicates.same_numbers),
    FieldworkCheck("HFC04", "duplicates", "critical", (), duplicates.near_copies),
    FieldworkCheck("HFC05", "timing", "critical", ("start, end",), timing.too_short),
    FieldworkCheck("HFC06", "timing", "warning", ("start, end",), timing.too_long),
    FieldworkCheck("HFC07", "timing", "critical", ("start",), timing.outside_survey),
    FieldworkCheck("HFC08", "timing", "warning", ("start",), timing.off_hours),
    FieldworkCheck("HFC09", "timing", "info", ("end",), timing.late_upload),
    FieldworkCheck("HFC10", "timing", "warning", (), timing.old_version),
    FieldworkCheck("HFC11", "completeness", "critical", (_own("HFC11"),), completeness.no_consent),
    FieldworkCheck("HFC12", "completeness", "warning", (), completeness.missing_in_row),
    FieldworkCheck("HFC13", "completeness", "warning", (), completeness.missing_in_question),
    FieldworkCheck("HFC14", "completeness", "info", (), completeness.no_variation),
    FieldworkCheck("HFC15", "numbers", "warning", (), numbers.outliers),
    FieldworkCheck("HFC16", "logic", "warning", (_own("HFC16"),), logic.soft_constraints),
    FieldworkCheck("HFC17", "numbers", "warning", (), numbers.placeholders),
    FieldworkCheck("HFC18", "logic", "warning", (_own("HFC18"),), logic.contradictions),
    FieldworkCheck("HFC19", "logic", "warning", (), None, "form.relevant"),
    FieldworkCheck("HFC20", "logic", "warning", (), logic.none_and_others),
    FieldworkCheck("HFC21", "free_text", "info", (), free_text.other_answers),
    FieldworkCheck("HFC22", "points", "warning", ("geopoint",), points.rough_points),
    FieldworkCheck("HFC23", "points", "critical", ("geopoint", _own("HFC23")), points.outside_area),
    FieldworkCheck("HFC24", "points", "warning", ("geopoint",), points.same_point),
    FieldworkCheck("HFC26", "enumerators", "warning", (TEAM,), enumerators.productivity),
    FieldworkCheck("HFC27", "enumerators", "warning", (TEAM,), enumerators.answer_patterns),
    FieldworkCheck("HFC28", "enumerators", "info", (TEAM,), enumerators.digit_preference),
    FieldworkCheck("HFC29", "sample", "warning", (_own("HFC29"),), sample.progress),
    FieldworkCheck("HFC30", "back_checks", "warning", (_own("HFC30"),), back_checks.mismatches),
    FieldworkCheck("HFC31", "rounds", "critical", (SUBJECT, _own("HFC31")), rounds.other_person),
    FieldworkCheck("HFC32", "free_text", "critical", (), free_text.identifiers_in_text),
    FieldworkCheck("HFC33", "logic", "warning", (), logic.equal_answers),
    FieldworkCheck("HFC34", "logic", "warning", (_own("HFC34"),), logic.composition),
    FieldworkCheck("HFC35", "timing", "warning", (), None, "read.edited_after_approval"),
)
"""All checks in the order of their codes."""

BY_CODE: Mapping[str, FieldworkCheck] = {one.code: one for one in CHECKS}


def fieldwork_outcomes(
    interviews: Interviews, checks: Iterable[FieldworkCheck] = CHECKS
) -> list[Outcome]:
    """Run checks on a form; those that other validation evaluates, or that are off, are left out.

    A check that lacks a declaration says so once, as information. One whose declaration cannot be
    applied is blocked, and the rest runs.
    """
    return [outcome for check in checks for outcome in _outcomes(check, interviews)]


def _outcomes(check: FieldworkCheck, interviews: Interviews) -> Iterator[Outcome]:
    declared = interviews.project.validation.severity
    find = check.find
    if find is None or declared.get(check.rule) == "off":
        return
    try:
        found = attempt("rule", check.rule, lambda: list(find(interviews)))
    except NotRun as missing:
        message = _why_not(check, missing)
        yield Outcome(Check(check.rule, "", "", "info", message), on_whole_form=True)
        return
    if isinstance(found, Blocked):
        words = filled(check.words.name)
        blank = Check(check.rule, "", "", check.severity, words)
        yield Outcome(blank, blocked=dict(found.sentences))
        return
    for one in found:
        rule = f"{check.rule}.{one.rule}" if one.rule else check.rule
        default = one.severity or declared.get(check.rule) or check.severity
        severity = severity_of(rule, one.question, declared, default)
        if severity != "off":
            yield _outcome(Check(rule, "", one.question, severity, _message(check, one)), one)


def _message(check: FieldworkCheck, one: Found) -> dict[str, str]:
    if not len(one.failed) and not one.on_whole_form:  # parts have messages of their own
        return dict(check.words.name)
    if one.message is None:
        return check.words.finding(**one.words)
    own = dict.fromkeys(LANGUAGES, next(iter(one.message.values()))) | dict(one.message)
    return {language: f"{own[language]} {check.words.next[language]}" for language in LANGUAGES}


def _outcome(check: Check, one: Found) -> Outcome:
    return Outcome(
        check,
        one.asked,
        one.answered,
        one.failed,
        on_whole_form=one.on_whole_form,
        observed=one.observed,
        parts=one.parts,
        values=one.values,
    )


def _why_not(check: FieldworkCheck, missing: NotRun) -> dict[str, str]:
    known = notices()
    if missing.key:
        return filled(known["undeclared"], name=check.words.name, key=missing.key)
    return filled(known["absent"], name=check.words.name, what=known[missing.what])
