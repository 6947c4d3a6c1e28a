"""A project as its file declares it: `projects/<code>/project.yaml`, typed.

Here: the shape of a project and the rules that one file can be held against alone. Not here:
reading files and wording their errors (`project_file.py`), checking against a deployed form
(`project_check.py`), or anything that looks at data.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.declared import Code as Code
from meal_pipeline.workspace.declared import Declared as Declared
from meal_pipeline.workspace.declared import Language as Language
from meal_pipeline.workspace.declared import Names as Names
from meal_pipeline.workspace.declared import Severity as Severity
from meal_pipeline.workspace.faults import did_you_mean
from meal_pipeline.workspace.fieldwork import FormFieldwork
from meal_pipeline.workspace.schedule_words import Cron, Timezone, refusal
from meal_pipeline.workspace.server_address import ServerAddress

PersonalKind = Literal[
    "name", "phone", "national_id", "email", "address", "location", "media", "text"
]
PersonalTreatment = Literal["pseudonym", "drop", "keep"]
ResultLevel = Literal["output", "outcome", "impact"]

NOT_STATED = "(not stated)"
"""The category of rows that give none."""
ALL_ARMS = "all"
PARTICIPANTS = "participants"
COMPARISON = "comparison"


class PersonalQuestion(Declared):
    """A question whose answers identify people."""

    kind: PersonalKind
    """What the answers are: phones and names are brought into one spelling by it."""
    treatment: PersonalTreatment = "drop"
    """`pseudonym` keeps a keyed pseudonym of the normalised answer in the question's column; `drop`
    keeps nothing; `keep` says that the answers are not personal after all."""


class Form(Declared):
    """One KoboToolbox form of the project."""

    uid: str
    """The form's uid in KoboToolbox; it stands in the form's address."""
    name: Names | None = None
    """Its name in reports."""
    subject: str | None = None
    """The question that identifies the household or person across rounds."""
    eligible: str | None = None
    """An expression: rows for which it is false or empty are not eligible, and count nowhere."""
    enumerator: str | None = None
    """The question (or `_submitted_by`) that tells who interviewed; kept as pseudonyms."""
    team: str | None = None
    """The question that tells the enumerators' team; findings name it, and checks of fieldwork
    compare teams by it."""
    place: str | None = None
    """The question that tells the place of the interview; findings name it."""
    personal_data: dict[str, PersonalQuestion] = {}
    """Questions whose answers identify people. One that looks so and is not declared is left out
    until it is."""
    same_choices: dict[str, dict[str, str]] = {}
    """Renamed choices, list by list: `{water_source: {tanker: water_trucking}}` reads the old code
    as the new."""
    same_questions: dict[str, str] = {}
    """Questions that changed their name or group from one version of the form to another, old → new
    by name or path: `{demo/tenure: needs/shelter/tenure}`. The same on both sides says that a
    question which moved, changed its type or came back is still the same. `meal forms diff`
    proposes them."""
    same_repeats: dict[str, str] = {}
    """Repeats that changed their name or group, old → new: `{people: members}`."""
    different_questions: list[str] = []
    """Questions (names or paths) that are not the same as one of that name in another group."""
    no_longer_asked: list[str] = []
    """Questions (names or paths) that left the form on purpose: what names them is computed all the
    same, from the rows that have them. `meal forms drift` proposes them."""
    no_longer_offered: dict[str, list[str]] = {}
    """Choices that left their list on purpose, list by list: `{water_source: [tanker]}`."""


class Round(Declared):
    """One data collection."""

    name: Names
    """Its name in tables and pages."""
    value: str | None = None
    """What the rounds' expression gives for its rows; by default the round's code."""


class Rounds(Declared):
    """The rounds in time order, and the expression that tells a row's round."""

    expression: str
    """Tells a row's round, such as `${round}`."""
    values: dict[Code, Round] = Field(min_length=1)
    """The rounds, the first in time first."""


class Arms(Declared):
    """Who took part and who is compared with: the expression's values, arm by arm."""

    expression: str
    """Tells a row's arm, such as `${arm}`."""
    participants: list[str] = Field(min_length=1)
    """Its values for those who took part."""
    comparison: list[str] = []
    """Its values for those who are compared with."""
    participants_name: Names | None = None
    """What those who took part are called in tables and pages."""
    comparison_name: Names | None = None
    """What those who are compared with are called there."""


class SamplingDesign(Declared):
    """Questions that hold the sampling design; without any, simple random sampling is assumed."""

    weights: str | None = None
    """The question or calculation that holds the sampling weight."""
    strata: str | None = None
    """The question that holds the stratum."""
    clusters: str | None = None
    """The question that holds the sampled unit, such as the community."""
    singleton: Literal["raise", "centre", "average", "certainty"] = "raise"
    """What to do with a stratum of one cluster: refuse, centre on the whole, take the average of
    the other strata, or count it as certain."""


class Disaggregation(Declared):
    """One way to split the rows: the codes of a question's list, or an expression's values."""

    name: Names
    """Its name in tables and pages."""
    question: str | None = None
    """The select_one question whose choices are the categories."""
    expression: str | None = None
    """Or an expression whose values are the categories."""
    categories: dict[str, Names] | None = None
    """The categories in order, needed with an expression; a select_one question brings its own."""
    place: bool = False
    """The answers are places: codes, or names that the list of places gives a P-code
    (`docs/places.md`). Its categories are P-codes."""
    admin_level: Annotated[int, Field(ge=0, le=4)] | None = None
    """The level of its places: 0 country, 1 governorate, 2 district, 3 sub-district, 4 settlement.
    Names of other levels do not count."""
    within: str | None = None
    """What its places lie in: another disaggregation by place, which tells it row by row, or one
    P-code for all. Below governorates a name counts only where this is known."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.question is None) == (self.expression is None):
            raise refusal(
                _("It needs a question or an expression, and not both."),
                _("Keep one of the two."),
            )
        if self.expression is not None and not self.categories:
            raise refusal(
                _("An expression needs its categories."),
                _("List below categories: each value with its name by language."),
            )
        if not self.place and (self.within is not None or self.admin_level is not None):
            raise refusal(
                _("within and admin_level are for places."),
                _("Write place: true, or take them away."),
            )
        return self


class Target(Declared):
    """The value an indicator should reach in a round, in the indicator's unit."""

    value: float
    """A share in percent, a mean in the indicator's unit."""
    round: Code | None = None
    """The round by which it should be reached."""


class Indicator(Declared):
    """What is measured: an expression over one form's rows, and how it is summarised."""

    name: Names
    """Its name in tables and pages."""
    level: ResultLevel
    """Where it stands in the results chain; `impact` is shown as impact-level (goal)."""
    form: Code
    """The form whose rows it is measured on."""
    statistic: Literal["proportion", "mean"]
    """`proportion`: the share of rows for which the expression is true, stored 0 to 1 and shown in
    percent. `mean`: the mean of a number, in `unit`."""
    expression: str
    """What is measured, in the language of XLSForm: `${water} = 'network'`."""
    among: str | None = None
    """An expression that restricts the rows (the denominator)."""
    missing: Literal["any", "all", "never"] = "any"
    """When a row counts as missing: `any` question in the expression unanswered, `all` of them, or
    `never` (the expression decides)."""
    unit: Names | None = None
    """The unit of a mean."""
    better: Literal["higher", "lower"] = "higher"
    """Which way is better for people."""
    baseline_round: Code | None = None
    """The round that changes start from; by default the first."""
    target: Target | None = None
    """What should be reached."""
    disaggregate: list[Code | Annotated[list[Code], Field(min_length=2, max_length=2)]] = []
    """Disaggregations by code; two in brackets are crossed: `[district, [district, sex]]`."""
    people: Names | None = None
    """Who the rows are, in the plural, for sentences: `{ar: أسرة, en: households}`."""
    gain: Names | None = None
    """What a true answer means for them, for sentences: `{en: "had enough to eat"}`."""


class Comparison(Declared):
    """An estimate against a comparison: which indicator, which design, which rounds."""

    name: Names
    """Its name in tables and pages."""
    indicator: Code
    """The indicator that is compared."""
    design: Literal["randomised", "difference_in_differences"]
    """`randomised`: the difference between arms that a lottery made. `difference_in_differences`:
    the change of participants less the change of the comparison."""
    round: Code | None = None
    """The later round, or the only one."""
    baseline_round: Code | None = None
    """The earlier round, for difference_in_differences."""
    assignment_unit: str | None = None
    """The question that holds the unit that was assigned to arms; none: the row itself."""
    assigned_by_lottery: bool = False
    """Arms were drawn by lottery: then the effect is labelled as attributed."""
    reasons: Names | None = None
    """What else a reader should know of how the arms came about; it stands beside the label."""

    @model_validator(mode="after")
    def _design_is_complete(self) -> Self:
        if self.design == "randomised" and not self.assigned_by_lottery:
            raise refusal(
                _("The design randomised is for groups that a lottery made."),
                _("Write assigned_by_lottery: true, or choose difference_in_differences."),
            )
        if self.design == "difference_in_differences" and not (self.round and self.baseline_round):
            raise refusal(
                _("The design difference_in_differences compares two rounds."),
                _("Give both round and baseline_round."),
            )
        return self


class Schedule(Declared):
    """When the project is pulled: a cron line in a time zone."""

    cron: Cron = "0 6 * * *"
    """Minute, hour, day, month, weekday."""
    timezone: Timezone = "Asia/Damascus"
    """The zone of the hours."""
    active: bool = True
    """Whether the clock pulls it; `meal run` does always."""


class Sync(Declared):
    """How often what was pulled is compared with the server again, and what may vanish.

    KoboToolbox writes each look at the data into the form's history, so seldom is kinder.
    """

    scan_hours: float | None = Field(default=None, ge=0)
    """Hours between two looks at every row for edits and deletions. By default each pull looks, and
    where the server tells when rows were modified, one a day; new rows come with every pull."""
    verify_days: float = Field(default=30, gt=0)
    """Days between two pulls that compare every answer, and not only what marks an edit."""
    deleted_percent: float = Field(default=5, ge=0, le=100)
    """The share of rows, in percent, that may be gone from the server before a person is asked."""
    attachments: bool = True
    """Whether files that are added or taken away later are looked for, where the form has any."""


class Limits(Declared):
    """What stops a project."""

    quarantined_percent: float = Field(default=20, ge=0, le=100)
    """The share of pulled rows that may be quarantined, in percent; above it the project stops."""


class Validation(Declared):
    """The checks of the project: suites by name, and severities that differ from the default."""

    suites: dict[Code, list[str]] = {}
    """Form → names of suites in `expectations/` that run on it."""
    severity: dict[str, Severity] = {}
    """Rule (`form.required`) or rule and question (`form.required:age`) → severity."""
    fieldwork: dict[Code, FormFieldwork] = {}
    """Form → its checks of fieldwork (`docs/fieldwork-checks.md`); a form without any has none."""


class Corrections(Declared):
    """How corrections of answers are signed."""

    single_person: bool = False
    """One person may propose a correction and approve it, in an office that has only one. It is
    said on every figure."""


class Project(Declared):
    """A project: forms, rounds, arms, design, indicators, comparisons."""

    code: Code
    """The project's short name in commands, tables and Dagster."""
    name: Names
    """Its name in tables and pages."""
    organisation: Names | None = None
    """Whose project it is."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "SY"
    """Two capital letters; phone numbers without a country code are read as this country's."""
    languages: list[Language] = ["ar", "en"]
    """The languages of its briefs."""
    server: ServerAddress
    """The KoboToolbox server, such as `https://kf.kobotoolbox.org`, or a folder of its exports,
    such as `folder:exports/wash`."""
    synthetic: bool = False
    """Made-up data: said on every output."""
    note: Names | None = None
    """A remark that travels with every output, such as the study that the data come from."""
    forms: dict[Code, Form] = Field(min_length=1)
    """Its KoboToolbox forms."""
    rounds: Rounds | None = None
    """Its data collections; without them all rows are one period."""
    arms: Arms | None = None
    """Who took part and who is compared with."""
    design: SamplingDesign = SamplingDesign()
    """How the sample was drawn."""
    disaggregations: dict[Code, Disaggregation] = {}
    """Ways to split the rows."""
    indicators: dict[Code, Indicator] = {}
    """What is measured."""
    comparisons: dict[Code, Comparison] = {}
    """Estimates against a comparison; nothing else is called an effect."""
    schedule: Schedule = Schedule()
    """When it is pulled."""
    sync: Sync = Sync()
    """How it keeps in step with the server."""
    limits: Limits = Limits()
    """What stops it."""
    validation: Validation = Validation()
    """Its checks beyond those that the form itself states."""
    corrections: Corrections = Corrections()
    """How corrections of its answers are signed."""
    owners: list[str] = []
    """Addresses of those who answer for the project, shown in Dagster."""

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        rounds = set(self.rounds.values) if self.rounds else set()
        for code in self.disaggregations:
            self._place_around(code)
        for code, indicator in self.indicators.items():
            where = f"indicators.{code}"
            _known(indicator.form, set(self.forms), f"{where}.form", "forms")
            for one in indicator.disaggregate:
                for part in [one] if isinstance(one, str) else one:
                    _known(
                        part, set(self.disaggregations), f"{where}.disaggregate", "disaggregations"
                    )
            if indicator.baseline_round:
                _known(indicator.baseline_round, rounds, f"{where}.baseline_round", "rounds.values")
            if indicator.target and indicator.target.round:
                _known(indicator.target.round, rounds, f"{where}.target.round", "rounds.values")
        for code, comparison in self.comparisons.items():
            where = f"comparisons.{code}"
            _known(comparison.indicator, set(self.indicators), f"{where}.indicator", "indicators")
            for key, value in (
                ("round", comparison.round),
                ("baseline_round", comparison.baseline_round),
            ):
                if value:
                    _known(value, rounds, f"{where}.{key}", "rounds.values")
            if self.arms is None or not self.arms.comparison:
                raise refusal(
                    _("A comparison needs an arm to compare with."),
                    _("Declare arms, with the values of the comparison arm below comparison."),
                    key=where,
                )
        for form in self.validation.suites:
            _known(form, set(self.forms), f"validation.suites.{form}", "forms")
        return self

    @model_validator(mode="after")
    def _fieldwork_is_of_forms(self) -> Self:
        for form, checks in self.validation.fieldwork.items():
            where = f"validation.fieldwork.{form}"
            _known(form, set(self.forms), where, "forms")
            if checks.HFC30 is not None:
                _known(checks.HFC30.form, set(self.forms), f"{where}.HFC30.form", "forms")
        return self

    def _place_around(self, code: str) -> None:
        """Refuse a split within what is no split by place, or within itself."""
        split, passed = self.disaggregations[code], {code}
        while split.within in self.disaggregations or re.match("[a-z]", split.within or ""):
            around = str(split.within)
            where = f"disaggregations.{code}.within"
            _known(around, set(self.disaggregations), where, "disaggregations")
            split = self.disaggregations[around]
            if around in passed or not split.place:
                raise refusal(
                    _("{name} is no place around it.").format(name=around),
                    _("Name a disaggregation with place: true, or a P-code."),
                    key=where,
                    value=around,
                )
            passed.add(around)


def _known(name: str, declared: set[str], where: str, block: str) -> None:
    if name not in declared:
        raise refusal(
            _("{name} is not declared below {block}.").format(name=name, block=block),
            did_you_mean(name, sorted(declared)),
            key=where,
            value=name,
        )
