"""Questions that forms of this field share, by the names they usually have.

Here: finding round, arm, weights, groups and known indicators in a form. Not here: the file that
is written from them (`proposal.py`). Names are compared without case, dashes and underscores.

Food consumption score: WFP, Food Consumption Analysis (2008), weights 2, 3, 4, 4, 1, 1, 0.5, 0.5;
acceptable above 42 where oil and sugar are eaten daily. Reduced coping strategies index: Maxwell
and Caldwell, The Coping Strategies Index (2008), weights 1, 2, 1, 1, 3. Variable names as in WFP's
survey designer (https://resources.vam.wfp.org).
"""

import re
from dataclasses import dataclass

from meal_pipeline.forms import Choice, Column, FormUnion

PLACE_CODE = re.compile(r"[A-Z]{2}\d{2,}")

_ROLES: dict[str, tuple[str, ...]] = {
    "subject": ("hhid", "householdid", "caseid", "uniqueid", "beneficiaryid", "hhcode"),
    "enumerator": ("enumerator", "enumeratorid", "enumeratorname", "interviewer", "enumname"),
    "consent": ("consent", "agree", "respconsent", "consentgiven"),
    "round": ("round", "surveyround", "wave", "datacollectionround", "phase", "roundname"),
    "arm": ("arm", "treatment", "studyarm", "studygroup", "assignment", "offered"),
    "weights": ("weight", "weights", "samplingweight", "surveyweight", "wt", "hhweight"),
    "strata": ("stratum", "strata"),
    "clusters": ("cluster", "clusterid", "psu", "ea", "enumerationarea"),
}
_GROUPS = (
    "sex",
    "gender",
    "headsex",
    "hohsex",
    "hhhsex",
    "sexhead",
    "residence",
    "displacement",
    "displacementstatus",
    "popgroup",
    "populationgroup",
    "disability",
    "agegroup",
    "governorate",
    "district",
    "subdistrict",
    "admin1",
    "admin2",
    "admin3",
)
_YES = frozenset({"yes", "1", "true", "نعم"})
_NO = frozenset({"no", "0", "false", "لا"})
_PARTICIPANTS = frozenset({"participant", "participants", "treatment", "treated", "intervention"})
_COMPARISON = frozenset({"comparison", "control", "nonparticipant"})

_FCS = {
    "FCSStap": "2",
    "FCSPulse": "3",
    "FCSDairy": "4",
    "FCSPr": "4",
    "FCSVeg": "1",
    "FCSFruit": "1",
    "FCSFat": "0.5",
    "FCSSugar": "0.5",
}
_RCSI = {
    "rCSILessQlty": "1",
    "rCSIBorrow": "2",
    "rCSIMealNb": "1",
    "rCSIMealSize": "1",
    "rCSIMealAdult": "3",
}


@dataclass(frozen=True)
class KnownIndicator:
    """An indicator whose questions a form has."""

    code: str
    names: dict[str, str]
    statistic: str
    expression: str
    better: str = "higher"
    unit: dict[str, str] | None = None


def role(union: FormUnion, name: str) -> Column | None:
    """Give the column of the main frame that plays a role, such as round, arm or weights."""
    by_plain = {_plain(one.name): one for one in reversed(union.columns_of())}
    return next((by_plain[one] for one in _ROLES[name] if one in by_plain), None)


def groups(union: FormUnion) -> list[Column]:
    """Give the questions by which rows are usually split, in the form's order."""
    return [
        column
        for column in union.columns_of()
        if column.kind == "select_one" and _plain(column.name) in _GROUPS
    ]


def is_place(choices: tuple[Choice, ...]) -> bool:
    """Say whether every code of a list is a P-code, such as SY0203."""
    return bool(choices) and all(PLACE_CODE.fullmatch(one.name) for one in choices)


def yes_code(union: FormUnion, column: Column) -> str | None:
    """Give the code that means yes, where a question is answered by yes or no."""
    codes = [choice.name for choice in union.choices_of(column)]
    yes = [code for code in codes if code.lower() in _YES]
    no = [code for code in codes if code.lower() in _NO]
    return yes[0] if column.kind == "select_one" and len(yes) == len(no) == 1 else None


def arms(union: FormUnion, column: Column) -> tuple[list[str], list[str]] | None:
    """Give the codes of participants and of comparison, where the choices say which is which."""
    codes = [choice.name for choice in union.choices_of(column)]
    participants = [one for one in codes if _plain(one) in _PARTICIPANTS | _YES]
    comparison = [one for one in codes if _plain(one) in _COMPARISON | _NO]
    return (participants, comparison) if participants and comparison else None


def known_indicators(union: FormUnion) -> list[KnownIndicator]:
    """Give the indicators that the form's question names make possible."""
    found = []
    names = {column.name for column in union.columns_of()}
    if names >= _FCS.keys():
        found.append(
            KnownIndicator(
                "acceptable_food",
                {"ar": "استهلاك غذائي مقبول", "en": "Acceptable food consumption"},
                "proportion",
                f"{_weighted(_FCS)} > 42",
            )
        )
    if names >= _RCSI.keys():
        found.append(
            KnownIndicator(
                "coping_index",
                {"ar": "مؤشر استراتيجيات التكيف المختصر", "en": "Reduced coping strategies index"},
                "mean",
                _weighted(_RCSI),
                better="lower",
                unit={"ar": "نقطة", "en": "points"},
            )
        )
    return found


def _weighted(weights: dict[str, str]) -> str:
    return " + ".join(
        f"${{{name}}}" if weight == "1" else f"${{{name}}} * {weight}"
        for name, weight in weights.items()
    )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
