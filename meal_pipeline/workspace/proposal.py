"""A first project file, proposed from a deployed form.

Here: the text of the file, with a remark beside each choice that a person should look at. Not
here: what usual question names mean (`known_questions.py`).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meal_pipeline.forms import Column, FormUnion, FormVersion, guess_personal, unite
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import known_questions as known

_KINDS = ("name", "phone", "national_id", "email", "address", "location", "media")
_PSEUDONYMS = ("phone", "national_id")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class ProjectProposal:
    """The text of `project.yaml`, and what was found in the form (`round`, `weights` …)."""

    code: str
    text: str
    found: tuple[str, ...]


def propose_project(
    code: str,
    form: FormUnion | FormVersion,
    *,
    server: str,
    uid: str,
    name: str | None = None,
    timezone: str = "Asia/Damascus",
    rounds: tuple[str, Mapping[str, str]] | None = None,
) -> ProjectProposal:
    """Propose a project of one form, which runs as it is.

    It declares personal data, the subject, who is eligible, the enumerator, rounds, arms, the
    sampling design, groups, and indicators from known question names, or else from the first
    questions that are answered by yes or no. `name` is the form's title, `timezone` the schedule's.
    `rounds` are an expression and the names of its values, for a form that does not ask the round.
    """
    union = form if isinstance(form, FormUnion) else unite([form])
    proposal = _Proposal(union, rounds)
    lines = [
        "# " + _("Proposed from the deployed form; look through the lines with a remark."),
        f"code: {code}",
        f"name: {_names(dict.fromkeys(proposal.languages, name or code))}",
        "country: SY  # " + _("the country of phone numbers, two capital letters"),
        f"languages: [{', '.join(proposal.languages)}]",
        f"server: {server}",
        "",
        *proposal.form_lines(uid),
        *proposal.round_lines(),
        *proposal.arm_lines(),
        *proposal.design_lines(),
        *proposal.group_lines(),
        *proposal.indicator_lines(),
        *proposal.suite_lines(),
        "",
        f"schedule: {{cron: {_text('0 6 * * *')}, timezone: {timezone}}}",
    ]
    return ProjectProposal(code, "\n".join(lines) + "\n", tuple(dict.fromkeys(proposal.found)))


class _Proposal:
    def __init__(
        self, union: FormUnion, rounds: tuple[str, Mapping[str, str]] | None = None
    ) -> None:
        self.found: list[str] = []
        self.languages: list[str] = [
            one for one in ("ar", "en") if one in union.language_codes
        ] or ["en"]
        self._union = union
        self._rounds = rounds
        self._personal = {guess.question: guess for guess in guess_personal(union)}
        self._first_round: str | None = None
        self._groups: list[str] = []

    def form_lines(self, uid: str) -> list[str]:
        """Write the form: subject, eligibility, enumerator, personal data."""
        lines = ["forms:", "  main:", f"    uid: {uid}"]
        subject = self._role("subject")
        if subject:
            lines.append(f"    subject: {_text(subject.name)}  # " + _("who is the same in rounds"))
        consent = self._role("consent")
        yes = consent and known.yes_code(self._union, consent)
        if consent and yes:
            eligible = f"${{{consent.name}}} = {_quoted(yes)}"
            lines.append(f"    eligible: {_text(eligible)}  # " + _("other rows do not count"))
        enumerator = self._role("enumerator")
        if enumerator:
            lines.append(f"    enumerator: {_text(enumerator.name)}")
        personal = [
            guess for name, guess in self._personal.items() if not self._is(enumerator, name)
        ]
        if personal:
            self.found.append("personal_data")
            lines.append("    personal_data:  # " + _("drop, pseudonym, or keep if not personal"))
        for guess in personal:
            kind = guess.kind if guess.kind in _KINDS else "text"
            wanted = guess.kind in _PSEUDONYMS or self._is(subject, guess.question)
            treatment = "pseudonym" if wanted else "drop"
            lines.append(
                f"      {_text(guess.question)}: {{kind: {kind}, treatment: {treatment}}}"
                f"  # {_line(guess.reason)}"
            )
        return lines

    def round_lines(self) -> list[str]:
        """Write the rounds, where a choose-one question tells them."""
        column = self._role("round")
        choices = self._union.choices_of(column) if column else ()
        if column is None or not choices:
            return self._given_rounds()
        lines = ["", "rounds:", f"  expression: {_text(f'${{{column.name}}}')}"]
        lines.append("  values:  # " + _("in the order of time"))
        for number, choice in enumerate(choices, 1):
            code = _code(choice.name, f"round{number}")
            self._first_round = self._first_round or code
            names = self._labelled(choice.labels, choice.name)
            lines.append(f"    {code}: {{name: {names}, value: {_text(choice.name)}}}")
        return lines

    def _given_rounds(self) -> list[str]:
        if self._rounds is None:
            return []
        expression, names = self._rounds
        self._first_round = next(iter(names))
        self.found.append("round")
        return [
            "",
            "rounds:  # " + _("by day, one round a file; look whether they are rounds"),
            f"  expression: {_text(expression)}",
            "  values:  # " + _("in the order of time"),
            *(
                f"    {code}: {{name: {_names(dict.fromkeys(self.languages, name))}}}"
                for code, name in names.items()
            ),
        ]

    def arm_lines(self) -> list[str]:
        """Write the arms, where the choices say which is which."""
        column = self._role("arm")
        codes = known.arms(self._union, column) if column else None
        if column is None or codes is None:
            return []
        participants, comparison = (", ".join(map(_text, some)) for some in codes)
        return [
            "",
            "arms:  # " + _("who took part, and who is compared with"),
            f"  expression: {_text(f'${{{column.name}}}')}",
            f"  participants: [{participants}]",
            f"  comparison: [{comparison}]",
        ]

    def design_lines(self) -> list[str]:
        """Write weights, strata and clusters."""
        parts = {part: self._role(part) for part in ("weights", "strata", "clusters")}
        lines = [f"  {part}: {_text(column.name)}" for part, column in parts.items() if column]
        return ["", "design:  # " + _("how the sample was drawn"), *lines] if lines else []

    def suite_lines(self) -> list[str]:
        """Write the packaged suites whose questions the form has."""
        types = {column.type for column in self._union.columns}
        suites = ["household_survey"] if self._role("subject") else []
        if {"start", "end"} <= types:
            suites.append("fieldwork_basics")
        if not suites:
            return []
        return ["", "validation:", f"  suites: {{main: [{', '.join(suites)}]}}"]

    def group_lines(self) -> list[str]:
        """Write the groups by which rows are split."""
        lines: list[str] = []
        for column in known.groups(self._union):
            if column.name in self._personal:
                continue
            code = _code(column.name, f"group{len(self._groups) + 1}")
            self._groups.append(code)
            lines += [
                f"  {code}:",
                f"    name: {self._labelled(column.labels, column.name)}",
                f"    question: {_text(column.name)}",
            ]
            if known.is_place(self._union.choices_of(column)):
                lines.append("    place: true")
        if lines:
            self.found.append("groups")
            return ["", "disaggregations:", *lines]
        return []

    def indicator_lines(self) -> list[str]:
        """Write indicators of known question names, else of yes-or-no questions."""
        indicators = known.known_indicators(self._union) or self._yes_or_no()
        if not indicators:
            return []
        self.found.append("indicators")
        lines = ["", "indicators:  # " + _("output, outcome, or impact (the goal)")]
        for one in indicators:
            names = {language: one.names[language] for language in self.languages}
            lines += [
                f"  {one.code}:",
                f"    name: {_names(names)}",
                "    level: outcome",
                "    form: main",
                f"    statistic: {one.statistic}",
                f"    expression: {_text(one.expression)}",
            ]
            if one.better != "higher":
                lines.append(f"    better: {one.better}")
            if one.unit:
                unit = {language: one.unit[language] for language in self.languages}
                lines.append(f"    unit: {_names(unit)}")
            if self._first_round:
                lines.append(f"    baseline_round: {self._first_round}")
            if self._groups:
                lines.append(f"    disaggregate: [{', '.join(self._groups)}]")
        return lines

    def _yes_or_no(self) -> list[known.KnownIndicator]:
        taken = [self._role(name, note=False) for name in ("consent", "arm", "round")]
        found: list[known.KnownIndicator] = []
        for column in self._union.columns_of():
            yes = known.yes_code(self._union, column)
            if yes is None or column in taken or column.name in self._personal:
                continue
            names = {
                language: _line(self._union.label(column, language)) for language in self.languages
            }
            code = _code(column.name, f"indicator{len(found) + 1}")
            expression = f"${{{column.name}}} = {_quoted(yes)}"
            found.append(known.KnownIndicator(code, names, "proportion", expression))
        return found[:3]

    def _role(self, name: str, *, note: bool = True) -> Column | None:
        column = known.role(self._union, name)
        if column is not None and note:
            self.found.append(name)
        return column

    def _is(self, column: Column | None, name: str) -> bool:
        return column is not None and column.name == name

    def _labelled(self, labels: Mapping[str, str], otherwise: str) -> str:
        return _names({code: _line(labels.get(code) or otherwise) for code in self.languages})


def _names(names: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{language}: {_text(text)}' for language, text in names.items())}}}"


def _text(text: str) -> str:
    """Write a text as YAML reads it back, in double quotes (JSON's are YAML's)."""
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    """Write a text in an expression: in the quotes that it does not hold itself."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def _line(text: str) -> str:
    """Give the first line of a text without markup, shortened."""
    lines: Iterable[str] = re.sub(r"<[^>]*>|\*+|\$\{[^}]*\}", "", text).strip().splitlines()
    first = " ".join(next(iter(lines), "").split())
    return first if len(first) <= _LONGEST_NAME else first[: _LONGEST_NAME - 1] + "…"


def _code(name: str, otherwise: str) -> str:
    """Make a code of a name, or take another where it has no latin letter."""
    code = re.sub(r"[^a-z0-9_-]+", "_", name.lower()).strip("_-")[:60]
    return code if re.fullmatch(r"[a-z][a-z0-9_-]*", code) else otherwise
