"""A project as its file declares it: `projects/<code>/project.yaml`, typed.

Here: the shape of a project and the rules that one file can be held against alone. Not here:
reading files and wording their errors (`project_file.py`), checking against a deployed form
(`project_check.py`), or anything that looks at data.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.faults import did_you_mean
from meal_pipeline.workspace.schedule_words import Cron, Timezone, refusal
from meal_pipeline.workspace.server_address import ServerAddress

Language = str
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
"""A short name in latin letters that files, tables and partitions share."""

PersonalKind = Literal[
    "name", "phone", "national_id", "email", "address", "location", "media", "text"
]
PersonalTreatment = Literal["pseudonym", "drop", "keep"]
Severity = Literal["critical", "warning", "info", "off"]
ResultLevel = Literal["output", "outcome", "impact"]

NOT_STATED = "(not stated)"
"""The category of rows that give none."""
ALL_ARMS = "all"
PARTICIPANTS = "participants"
COMPARISON = "comparison"


def _some_language(names: dict[Language, str]) -> dict[Language, str]:
    if not any(text.strip() for text in names.values()):
        raise refusal(
            _("A text is needed in at least one language."),
            _("Write it by language: ar: … and en: …"),
        )
    return names


Names = Annotated[dict[Language, str], AfterValidator(_some_language)]
"""One name in several languages: `{ar: …, en: …}`."""


class Declared(BaseModel):
    """The base of everything a person declares: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PersonalQuestion(Declared):
    """A question whose answers identify people.

    `pseudonym` keeps a keyed pseudonym of the normalised answer in the question's column; `drop`
    keeps nothing; `keep` says that the answers are not personal after all.
    """

    kind: PersonalKind
    treatment: PersonalTreatment = "drop"


class Form(Declared):
    """One KoboToolbox form of the project.

    `subject` names the question that identifies the household or person across rounds; `eligible`
    is an expression: rows for which it is false are not eligible. `same_choices` declares renamed
    choices, list by list: `{water_source: {tanker: water_trucking}}` reads the old code as the new.
    """

    uid: str
    name: Names | None = None
    subject: str | None = None
    eligible: str | None = None
    enumerator: str | None = None
    """The question (or `_submitted_by`) that tells who interviewed; kept as pseudonyms."""
    personal_data: dict[str, PersonalQuestion] = {}
    same_choices: dict[str, dict[str, str]] = {}


class Round(Declared):
    """One data collection: `value` is what the rounds' expression gives for its rows."""

    name: Names
    value: str | None = None


class Rounds(Declared):
    """The rounds in time order, and the expression that tells a row's round."""

    expression: str
    values: dict[Code, Round] = Field(min_length=1)


class Arms(Declared):
    """Who took part and who is compared with: the expression's values, arm by arm."""

    expression: str
    participants: list[str] = Field(min_length=1)
    comparison: list[str] = []
    participants_name: Names | None = None
    comparison_name: Names | None = None


class SamplingDesign(Declared):
    """Questions that hold the sampling design; without any, simple random sampling is assumed."""

    weights: str | None = None
    strata: str | None = None
    clusters: str | None = None
    singleton: Literal["raise", "centre", "average", "certainty"] = "raise"


class Disaggregation(Declared):
    """One way to split the rows: the codes of a question's list, or an expression's values.

    `categories` are needed when `expression` is given; a select_one question brings its own.
    `place` says that the codes are P-codes.
    """

    name: Names
    question: str | None = None
    expression: str | None = None
    categories: dict[str, Names] | None = None
    place: bool = False

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
        return self


class Target(Declared):
    """The value an indicator should reach in a round, in the indicator's unit."""

    value: float
    round: Code | None = None


class Indicator(Declared):
    """What is measured: an expression over one form's rows, and how it is summarised.

    `proportion`: the share of rows for which the expression is true, stored 0 to 1 and shown in
    percent. `mean`: the mean of a number, in `unit`. `among` restricts the rows (the denominator).
    `missing` says when a row counts as missing: `any` question in the expression unanswered, `all`
    of them, or `never` (the expression decides).
    """

    name: Names
    level: ResultLevel
    form: Code
    statistic: Literal["proportion", "mean"]
    expression: str
    among: str | None = None
    missing: Literal["any", "all", "never"] = "any"
    unit: Names | None = None
    better: Literal["higher", "lower"] = "higher"
    baseline_round: Code | None = None
    target: Target | None = None
    disaggregate: list[Code | Annotated[list[Code], Field(min_length=2, max_length=2)]] = []
    people: Names | None = None
    """Who the rows are, in the plural, for sentences: `{ar: أسرة, en: households}`."""
    gain: Names | None = None
    """What a true answer means for them, for sentences: `{en: "had enough to eat"}`."""


class Comparison(Declared):
    """An estimate against a comparison: which indicator, which design, which rounds."""

    name: Names
    indicator: Code
    design: Literal["randomised", "difference_in_differences"]
    round: Code | None = None
    baseline_round: Code | None = None
    assignment_unit: str | None = None
    """The question that holds the unit that was assigned to arms; none: the row itself."""
    assigned_by_lottery: bool = False
    reasons: Names | None = None

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
    timezone: Timezone = "Asia/Damascus"
    active: bool = True


class Limits(Declared):
    """What stops a project: the share of pulled rows that may be quarantined, in percent."""

    quarantined_percent: float = Field(default=20, ge=0, le=100)


class Validation(Declared):
    """The checks of the project: suites by name, and severities that differ from the default."""

    suites: dict[Code, list[str]] = {}
    """Form → names of suites in `expectations/` that run on it."""
    severity: dict[str, Severity] = {}
    """Rule (`form.required`) or rule and question (`form.required:age`) → severity."""


class Project(Declared):
    """A project: forms, rounds, arms, design, indicators, comparisons."""

    code: Code
    name: Names
    organisation: Names | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "SY"
    languages: list[Language] = ["ar", "en"]
    server: ServerAddress
    synthetic: bool = False
    note: Names | None = None
    """A remark that travels with every output, such as the study that the data come from."""
    forms: dict[Code, Form] = Field(min_length=1)
    rounds: Rounds | None = None
    arms: Arms | None = None
    design: SamplingDesign = SamplingDesign()
    disaggregations: dict[Code, Disaggregation] = {}
    indicators: dict[Code, Indicator] = {}
    comparisons: dict[Code, Comparison] = {}
    schedule: Schedule = Schedule()
    limits: Limits = Limits()
    validation: Validation = Validation()
    owners: list[str] = []
    """Addresses of those who answer for the project, shown in Dagster."""

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        rounds = set(self.rounds.values) if self.rounds else set()
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


def _known(name: str, declared: set[str], where: str, block: str) -> None:
    if name not in declared:
        raise refusal(
            _("{name} is not declared below {block}.").format(name=name, block=block),
            did_you_mean(name, sorted(declared)),
            key=where,
            value=name,
        )
