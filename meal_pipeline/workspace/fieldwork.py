"""How a form's checks of fieldwork are declared: `validation.fieldwork.<form>`.

Here: which declarations each check needs, and its limits with their defaults, which suit a survey
of households. Not here: the checks (`validate/fieldwork`). A check that has what it needs runs; one
is turned off by `validation.severity: {fieldwork.HFC28: off}`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from meal_pipeline.workspace.declared import Code, Declared, Names, Severity
from meal_pipeline.workspace.schedule_words import Timezone

Percent = Annotated[float, Field(ge=0, le=100)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day, 07:00."""


class SameAnswers(Declared):
    """HFC03: one phone or number in several interviews of a round."""

    questions: list[str] = []
    """Questions that no two households share. By default those kept as pseudonyms of phones,
    national numbers and e-mail addresses; names are shared too often."""


class NearCopies(Declared):
    """HFC04: interviews of one enumerator that are nearly the same."""

    differing: int = Field(default=7, ge=0, le=60)
    """So many answers may differ, at most."""
    percent: Percent = 10
    """And no more than this share of the questions that either interview answered, so that short
    forms are not all alike."""
    answered: int = Field(default=20, ge=1)
    """Interviews with fewer answers than this are not compared."""


class TooShort(Declared):
    """HFC05: an interview too short to be one."""

    share_of_median: float = Field(default=0.4, ge=0, le=1)
    """Shorter than this share of the form's median duration."""
    minutes: float = Field(default=0, ge=0)
    """Or shorter than this, in minutes."""


class TooLong(Declared):
    """HFC06: an interview too long, or one that ends on another day."""

    times_median: float = Field(default=3, gt=1)
    """Longer than this many times the form's median duration."""


class OutsideSurvey(Declared):
    """HFC07: interviews before the round began, or in the future."""

    first_days: dict[Code, date] = {}
    """Round → the first day of its interviews; without it only the future is looked at."""
    tolerance_minutes: float = Field(default=10, ge=0)
    """So far the device's clock may be ahead of the server's."""


class OffHours(Declared):
    """HFC08: interviews that begin at night."""

    earliest: Clock = "07:00"
    """Work begins."""
    latest: Clock = "20:00"
    """No interview begins after it."""


class LateUpload(Declared):
    """HFC09: interviews that reached the server late."""

    days: float = Field(default=3, gt=0)
    """Days from the interview's end to its arrival."""


class OldVersion(Declared):
    """HFC10: interviews with an old version of the form."""

    days: float = Field(default=3, ge=0)
    """Days after the newest version's first interview in which old ones are still right."""


class Consent(Declared):
    """HFC11: interviews without consent."""

    question: str
    """The question that asks for it."""
    agreed: list[str] = ["yes"]
    """Its answers that mean yes."""


class MissingInRow(Declared):
    """HFC12: interviews with many questions left empty."""

    percent: Percent = 20
    """The share of questions asked that may be empty."""
    asked: int = Field(default=10, ge=1)
    """Interviews in which fewer questions were asked are not looked at."""


class MissingInQuestion(Declared):
    """HFC13: questions that many do not answer, do not know or refuse."""

    percent: Percent = 10
    """The share of those asked that may do so."""
    asked: int = Field(default=30, ge=1)
    """Questions asked fewer times are not looked at."""


class NoVariation(Declared):
    """HFC14: questions to which all answers are the same."""

    answers: int = Field(default=30, ge=2)
    """So many answers, at least."""


class Outliers(Declared):
    """HFC15: numbers far from the others."""

    questions: list[str] = []
    """The number questions to look at; by default all with `distinct` values or more."""
    method: Literal["sd", "mad", "iqr"] = "sd"
    """How far is measured: in standard deviations from the mean, by the median and the median
    absolute deviation, or in interquartile ranges beyond the quartiles."""
    limit: float | None = Field(default=None, gt=0)
    """The farthest that passes: by default 3 for `sd`, 3.5 for `mad`, 1.5 for `iqr`."""
    scale: Literal["auto", "raw", "log"] = "auto"
    """`log` takes logarithms of numbers above 0 first; `auto` does so where all are above 0 and
    their skewness is above 1."""
    answers: int = Field(default=30, ge=5)
    """Questions with fewer answers are not looked at."""
    distinct: int = Field(default=10, ge=3)
    """Questions with fewer different answers are scales, not amounts."""


class SoftConstraints(Declared):
    """HFC16: answers that are possible and yet surprising."""

    usual: dict[str, str]
    """Question → what its answer usually fulfils, `.` being the answer: `{hh_size: ". <= 15"}`."""


class Placeholders(Declared):
    """HFC17: codes left in numbers in place of an answer."""

    values: list[int] = [99, 999, 9999, 88, 888, -99]
    """The codes."""
    questions: list[str] = []
    """The number questions to look at; by default all in whose answers a code lies apart, above all
    other answers or below 0."""


class Contradiction(Declared):
    """One rule of HFC18: rows for which `expression` is true contradict themselves."""

    expression: str
    """True where answers contradict each other: `${hh_size} = 1 and ${children} > 0`."""
    message: Names
    """What is wrong, in the finding's words."""
    severity: Severity = "warning"
    """`critical` quarantines the row."""


class NoneAndOthers(Declared):
    """HFC20: "none" chosen together with something else."""

    codes: list[str] = [
        *("none", "none_of_above", "none_of_the_above", "nothing", "no_one", "nobody"),
        *("dont_know", "do_not_know", "dk", "dnk", "refused", "refuse", "prefer_not_to_answer"),
    ]
    """Choices that stand alone."""


class OtherAnswers(Declared):
    """HFC21: what was written under "other"."""

    codes: list[str] = ["other", "others", "other_specify", "autre"]
    """Choices that ask for words; a text question asked only where one is chosen holds them."""


class PointQuality(Declared):
    """HFC22: no point on the map, or one too rough."""

    metres: float = Field(default=50, gt=0)
    """The accuracy that passes."""


class Area(Declared):
    """Where an area lies: a box in degrees, or a place and how far around it."""

    south: float | None = Field(default=None, ge=-90, le=90)
    """The box's southern edge, in degrees north."""
    north: float | None = Field(default=None, ge=-90, le=90)
    """Its northern edge."""
    west: float | None = Field(default=None, ge=-180, le=180)
    """Its western edge, in degrees east."""
    east: float | None = Field(default=None, ge=-180, le=180)
    """Its eastern edge."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    """The place's degrees north."""
    longitude: float | None = Field(default=None, ge=-180, le=180)
    """The place's degrees east."""
    km: float = Field(default=5, gt=0)
    """So far from the place an interview may be."""


class Areas(Declared):
    """HFC23: points outside the area that the interview reports."""

    question: str
    """The question that tells the area."""
    areas: dict[str, Area] = Field(min_length=1)
    """Its answers, and where they lie; answers that are not here are not looked at."""


class SamePoint(Declared):
    """HFC24: several households at one point."""

    metres: float = Field(default=5, gt=0)
    """Points nearer than this are one."""
    households: int = Field(default=3, ge=2)
    """So many households at one point are too many."""


class Productivity(Declared):
    """HFC26: more interviews a day than others do."""

    times_iqr: float = Field(default=1.5, gt=0)
    """So many interquartile ranges above the third quartile."""
    groups: int = Field(default=5, ge=4)
    """With fewer teams (or enumerators) they are not compared."""


class AnswerPatterns(Declared):
    """HFC27: answers unlike those that others get."""

    limits_percent: float = Field(default=99, gt=50, lt=100)
    """The share of teams (or enumerators) alike that lies within the limits."""
    interviews: int = Field(default=20, ge=5)
    """Those with fewer interviews are not compared."""


class DigitPreference(Declared):
    """HFC28: last digits that are favoured."""

    questions: list[str] = []
    """Questions whose last digit is a matter of chance, such as ages; by default whole numbers
    with 40 different answers or more."""
    p_below: float = Field(default=0.01, gt=0, lt=1)
    """The p-value of the chi-square test of equal digits."""
    strength: float = Field(default=0.15, ge=0, lt=1)
    """And at least this Cramér's V, since in many answers the least unevenness is significant."""
    answers: int = Field(default=50, ge=20)
    """With fewer answers they are not tested."""


class Targets(Declared):
    """HFC29: interviews done against those planned."""

    targets: dict[str, Annotated[int, Field(gt=0)]] = Field(min_length=1)
    """Stratum → interviews planned in each round."""
    question: str | None = None
    """The question that tells the stratum; by default `design.strata`."""
    closed: list[Code] = []
    """Rounds that are over: what they lack is a warning, in others it is information."""


class BackChecks(Declared):
    """HFC30: second visits that say otherwise."""

    form: Code
    """The form of the second visits."""
    key: str | None = None
    """The question, in both forms, that tells the household; by default the form's subject."""
    type_1: list[str] = []
    """Questions that nobody answers differently on another day: a mismatch means that the interview
    was not held as said."""
    type_2: list[str] = []
    """Questions that are hard to ask: a mismatch means that training is needed."""
    type_3: list[str] = []
    """Questions whose answers may move: a mismatch tells of the question."""
    tolerance: dict[str, float] = {}
    """Number question → how far the second answer may lie from the first."""
    type_1_percent: Percent = 10
    """The share of type 1 answers that may differ in a team (or of an enumerator)."""
    row_percent: Percent = 30
    """The share of all answers compared that may differ in one interview."""
    answers: int = Field(default=10, ge=1)
    """With fewer answers compared, teams are not judged."""


class PanelIdentity(Declared):
    """HFC31: another person than in the round before."""

    sex: str | None = None
    """The question that tells the sex."""
    age: str | None = None
    """The question that tells the age, in years."""
    years: float = Field(default=2, ge=0)
    """So far the age may move beyond the time that passed."""


class EqualAnswers(Declared):
    """HFC33: one answer to all questions of a battery."""

    batteries: list[list[str]] = []
    """Questions that are asked in a row on one scale; by default the eight food groups of the food
    consumption score under the World Food Programme's names (FCSStap …)."""


class Composition(Declared):
    """HFC34: members who do not sum to the household's size."""

    size: str
    """The question that tells the size."""
    parts: list[str] = []
    """The questions that tell how many there are of each kind."""
    repeat: str | None = None
    """Or the repeat that lists them."""


class FormFieldwork(Declared):
    """The checks of fieldwork of one form: `{}` runs all that need no declaration."""

    level: Literal["team", "enumerator"] = "team"
    """Whom checks of many interviews compare: teams, or single enumerators by their pseudonyms.
    Write `enumerator` only where those who read findings may judge single persons."""
    timezone: Timezone = "Asia/Damascus"
    """The zone of interviews whose own is not known."""
    point: str | None = None
    """The question that holds the interview's point on the map; by default the form's first."""
    unsure: list[str] = [
        *("dont_know", "do_not_know", "dk", "dnk", "dont_know_answer", "unknown"),
        *("refused", "refuse", "refuse_to_answer", "no_answer", "prefer_not_to_answer", "pnta"),
    ]
    """Choices that mean "I do not know" or "I will not say"."""
    HFC03: SameAnswers = SameAnswers()
    """One phone or number in several interviews of a round."""
    HFC04: NearCopies = NearCopies()
    """Interviews of one enumerator that are nearly the same."""
    HFC05: TooShort = TooShort()
    """An interview too short to be one."""
    HFC06: TooLong = TooLong()
    """An interview too long, or one that ends on another day."""
    HFC07: OutsideSurvey = OutsideSurvey()
    """Interviews before the round began, or in the future."""
    HFC08: OffHours = OffHours()
    """Interviews that begin at night."""
    HFC09: LateUpload = LateUpload()
    """Interviews that reached the server late."""
    HFC10: OldVersion = OldVersion()
    """Interviews with an old version of the form."""
    HFC11: Consent | None = None
    """Interviews without consent."""
    HFC12: MissingInRow = MissingInRow()
    """Interviews with many questions left empty."""
    HFC13: MissingInQuestion = MissingInQuestion()
    """Questions that many do not answer, do not know or refuse."""
    HFC14: NoVariation = NoVariation()
    """Questions to which all answers are the same."""
    HFC15: Outliers = Outliers()
    """Numbers far from the others."""
    HFC16: SoftConstraints | None = None
    """Answers that are possible and yet surprising."""
    HFC17: Placeholders = Placeholders()
    """Codes left in numbers in place of an answer."""
    HFC18: dict[Code, Contradiction] = {}
    """Answers that contradict each other, rule by rule."""
    HFC20: NoneAndOthers = NoneAndOthers()
    """"none" chosen together with something else."""
    HFC21: OtherAnswers = OtherAnswers()
    """What was written under "other"."""
    HFC22: PointQuality = PointQuality()
    """No point on the map, or one too rough."""
    HFC23: Areas | None = None
    """Points outside the area that the interview reports."""
    HFC24: SamePoint = SamePoint()
    """Several households at one point."""
    HFC26: Productivity = Productivity()
    """More interviews a day than others do."""
    HFC27: AnswerPatterns = AnswerPatterns()
    """Answers unlike those that others get."""
    HFC28: DigitPreference = DigitPreference()
    """Last digits that are favoured."""
    HFC29: Targets | None = None
    """Interviews done against those planned."""
    HFC30: BackChecks | None = None
    """Second visits that say otherwise."""
    HFC31: PanelIdentity = PanelIdentity()
    """Another person than in the round before."""
    HFC33: EqualAnswers = EqualAnswers()
    """One answer to all questions of a battery."""
    HFC34: Composition | None = None
    """Members who do not sum to the household's size."""
