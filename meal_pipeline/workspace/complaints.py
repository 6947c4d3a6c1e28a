"""What pydantic complains of, in the words of the person who wrote the file.

Here: a sentence and a fix for each kind of complaint. Not here: where in the file it stands
(`declared_file.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.faults import did_you_mean


@dataclass(frozen=True)
class Complaint:
    """One complaint: its kind, the last key, the value, and the settings that are known there."""

    kind: str
    name: str
    value: Any
    context: Mapping[str, Any]
    known: list[str]
    english: str

    @property
    def shown(self) -> str:
        """The value as the file writes it, shortened."""
        return short(self.value)


def short(value: object) -> str:
    """Give a value for a sentence: plain, at most 60 characters."""
    if isinstance(value, dict | list):
        return "…"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def worded(complaint: Complaint) -> tuple[str, str]:
    """Give the sentence and the fix."""
    return _WORDS.get(complaint.kind, _other)(complaint)


def _own(one: Complaint) -> tuple[str, str]:
    return str(one.context["own"]), str(one.context["fix"])


def _unknown_setting(one: Complaint) -> tuple[str, str]:
    return (
        _("There is no setting {name} here.").format(name=one.name),
        did_you_mean(one.name, one.known),
    )


def _missing(one: Complaint) -> tuple[str, str]:
    return (
        _("The setting {name} is missing.").format(name=one.name),
        _("Add a line {name}: …").format(name=one.name),
    )


def _none_of(one: Complaint) -> tuple[str, str]:
    allowed = [
        word.strip("'") for word in one.context["expected"].replace(" or ", ", ").split(", ")
    ]
    return (
        _("{value} is none of {expected}.").format(value=one.shown, expected=", ".join(allowed)),
        did_you_mean(str(one.value), allowed),
    )


def _no_text(one: Complaint) -> tuple[str, str]:
    if isinstance(one.value, bool | int | float):
        return (
            _("{value} is read as a number or a truth, but a text is needed.").format(
                value=one.shown
            ),
            _('Write it in quotes: "{value}".').format(value=one.shown),
        )
    return _("A text is needed here."), _("Write it on the same line, after the colon.")


def _no_name(one: Complaint) -> tuple[str, str]:
    pattern = one.context["pattern"]
    return (
        _("{value} cannot be used here.").format(value=one.shown),
        _("Use small latin letters, digits, _ and -, beginning with a letter.")
        if pattern.startswith("^[a-z]")
        else _("Use two capital letters, such as SY.")
        if "{2}" in pattern
        else _("It must look like {pattern}.").format(pattern=pattern),
    )


def _no_settings(one: Complaint) -> tuple[str, str]:
    return (
        _("{name} needs settings of its own below it.").format(name=one.name),
        _("Put them on the next lines, two blanks further in."),
    )


def _no_list(one: Complaint) -> tuple[str, str]:
    return _("{name} needs a list.").format(name=one.name), _("Write it as [first, second].")


def _too_few(one: Complaint) -> tuple[str, str]:
    return (
        _("{name} needs at least {n}.").format(name=one.name, n=one.context["min_length"]),
        _("Add what is missing."),
    )


def _no_truth(one: Complaint) -> tuple[str, str]:
    return (
        _("{value} is neither true nor false.").format(value=one.shown),
        _("Write true or false."),
    )


def _no_number(one: Complaint) -> tuple[str, str]:
    return (
        _("{value} is not a number.").format(value=one.shown),
        _("Write it in digits, such as 20 or 12.5."),
    )


def _out_of_bounds(one: Complaint) -> tuple[str, str]:
    bound = next(one.context[name] for name in ("ge", "le", "gt", "lt") if name in one.context)
    return (
        _("{value} is beyond the limit {limit}.").format(value=one.shown, limit=f"{bound:g}"),
        _("Write a number within the limit."),
    )


def _other(one: Complaint) -> tuple[str, str]:
    return (
        _("{value} does not fit: {reason}.").format(value=one.shown, reason=one.english),
        _("Correct the value."),
    )


_WORDS: dict[str, Callable[[Complaint], tuple[str, str]]] = {
    "declared": _own,
    "extra_forbidden": _unknown_setting,
    "missing": _missing,
    "literal_error": _none_of,
    "string_type": _no_text,
    "string_pattern_mismatch": _no_name,
    "model_type": _no_settings,
    "model_attributes_type": _no_settings,
    "dict_type": _no_settings,
    "list_type": _no_list,
    "too_short": _too_few,
    "bool_parsing": _no_truth,
    "bool_type": _no_truth,
    "float_parsing": _no_number,
    "float_type": _no_number,
    "int_parsing": _no_number,
    "greater_than_equal": _out_of_bounds,
    "less_than_equal": _out_of_bounds,
}
