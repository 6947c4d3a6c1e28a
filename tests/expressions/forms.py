"""Small forms whose expressions both engines were asked, and frames of their answers."""

import pandas as pd

from meal_pipeline.forms import FormVersion, parse_content

from .engines import DTYPES, column

CHOICES = [
    {"list_name": "kind", "name": "a", "label": "Apple", "colour": "green", "rank": "2"},
    {"list_name": "kind", "name": "b", "label": "برتقال", "colour": "orange", "rank": "1"},
    {"list_name": "kind", "name": "c", "label": "Cherry", "colour": "red", "rank": "3"},
]
HOUSEHOLD = {
    "survey": [
        {"type": "integer", "name": "size", "label": "Size"},
        {"type": "text", "name": "code", "label": "Code"},
        {"type": "select_one kind", "name": "fruit", "label": "Fruit"},
        {"type": "date", "name": "day", "label": "Day"},
        {"type": "dateTime", "name": "moment", "label": "Moment"},
        {"type": "time", "name": "clock", "label": "Clock"},
        {"type": "geoshape", "name": "field", "label": "Field"},
        {"type": "geotrace", "name": "way", "label": "Way"},
        {"type": "begin_group", "name": "income", "label": "Income"},
        {"type": "decimal", "name": "amount", "label": "Amount"},
        {"type": "end_group"},
        {"type": "begin_repeat", "name": "member", "label": "Member"},
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "text", "name": "sex", "label": "Sex"},
        {"type": "begin_group", "name": "school", "label": "School"},
        {"type": "integer", "name": "years", "label": "Years"},
        {"type": "end_group"},
        {"type": "begin_repeat", "name": "visit", "label": "Visit"},
        {"type": "decimal", "name": "cost", "label": "Cost"},
        {"type": "end_repeat"},
        {"type": "end_repeat"},
        {"type": "begin_repeat", "name": "plot", "label": "Plot"},
        {"type": "decimal", "name": "hectares", "label": "Hectares"},
        {"type": "end_repeat"},
    ],
    "choices": CHOICES,
}
ANSWERS: dict[str, dict] = {
    "full": {
        "size": "3",
        "code": "05",
        "fruit": "b",
        "day": "2021-10-06",
        "moment": "2021-10-06T23:30:15.250+03:00",
        "clock": "12:30:15.000+03:00",
        "field": "36.0 37.0 0 0;36.1 37.0 0 0;36.1 37.1 0 0;36.0 37.0 0 0",
        "way": "36.0 37.0 0 0;36.1 37.0 0 0;36.1 37.3 0 0",
        "income": {"amount": "12.5"},
        "member": [
            {
                "age": "40",
                "sex": "m",
                "school": {"years": "9"},
                "visit": [{"cost": "2.5"}, {"cost": ""}],
            },
            {"age": "", "sex": "f", "school": {"years": ""}, "visit": []},
            {"age": "7", "sex": "f", "school": {"years": "1"}, "visit": [{"cost": "4"}]},
        ],
        "plot": [{"hectares": "0.5"}, {"hectares": "1.5"}],
    },
    "empty": {
        "size": "",
        "code": "",
        "fruit": "",
        "day": "",
        "moment": "",
        "clock": "",
        "field": "",
        "way": "",
        "income": {"amount": ""},
        "member": [],
        "plot": [],
    },
    "other": {
        "size": "1",
        "code": "c",
        "fruit": "a",
        "day": "2020-02-29",
        "moment": "2020-12-31T22:15:00.000Z",
        "clock": "00:00:00.000+03:00",
        "field": "36 37 0 0;36.5 37 0 0",
        "way": "36 37 0 0",
        "income": {"amount": "-2.5"},
        "member": [{"age": "-3", "sex": "m", "school": {"years": "2"}, "visit": [{"cost": "-1"}]}],
        "plot": [{"hectares": ""}],
    },
}
"""What submissions answered, by a name."""
REPEATS = {"member": "", "member/visit": "member", "plot": ""}


def survey_with(calculation: dict, repeat: str) -> list[dict]:
    """Give the survey with one more row at the end of a repeat, or of the form ("")."""
    survey = [dict(row) for row in HOUSEHOLD["survey"]]
    place = len(survey)
    if repeat:
        depth = 0
        begin = next(
            at for at in range(len(survey)) if survey[at].get("name") == repeat.rpartition("/")[2]
        )
        for place in range(begin + 1, len(survey)):
            depth += survey[place]["type"].startswith("begin")
            depth -= survey[place]["type"].startswith("end")
            if depth < 0:
                break
    survey.insert(place, calculation)
    return survey


def household(at: str = "") -> FormVersion:
    """Give the form as the product reads it, with the question `result` in a repeat, or not."""
    survey = survey_with({"type": "calculate", "name": "result"}, at)
    return parse_content({**HOUSEHOLD, "survey": survey}, asset_uid="a", version_uid="v")


def frames_of(answers: dict, offset_minutes: int = 0) -> dict[str, pd.DataFrame]:
    """Give the frames of one submission, with the columns that `read` gives them."""
    rows: dict[str, list[dict]] = {"": [], **{repeat: [] for repeat in REPEATS}}
    _collect(answers, "", "", "", rows)
    frames = {key: _frame(key, found) for key, found in rows.items()}
    frames[""] = frames[""].assign(
        **{
            "end": pd.Series(["2026-01-31T09:00:00Z"]).astype("datetime64[us, UTC]"),
            "end/offset_minutes": pd.Series([offset_minutes], dtype="Int64"),
        }
    )
    return frames


def frames_with_result(answers: dict, at: str, offset_minutes: int = 0) -> dict[str, pd.DataFrame]:
    """Give the frames of one submission with the question `result`, not yet answered."""
    frames = frames_of(answers, offset_minutes)
    frames[at] = frames[at].assign(result=pd.Series(dtype="str"))
    return frames


def _collect(answers: dict, key: str, position: str, parent: str, rows: dict) -> None:
    own = {"_id": 7, "_position": position, "_parent_position": parent}
    for name, value in answers.items():
        if isinstance(value, dict):
            own |= value
        elif isinstance(value, list):
            inner = f"{key}/{name}" if key else name
            for number, one in enumerate(value, 1):
                _collect(one, inner, f"{position}/{number}".lstrip("/"), position, rows)
        else:
            own[name] = value
    rows[key].append(own)


def _frame(key: str, found: list[dict]) -> pd.DataFrame:
    columns = {
        "_id": pd.Series([one["_id"] for one in found], dtype="int64"),
        "_position": pd.Series([one["_position"] for one in found], dtype="str"),
        "_parent_position": pd.Series([one["_parent_position"] for one in found], dtype="str"),
    }
    if not key:
        columns = {"_id": columns["_id"]}
    for question in household("").questions:
        if (question.repeat or "") == key and question.kind != "none" and question.name != "result":
            dtype = DTYPES.get({"integer": "int"}.get(question.type, question.type), "str")
            parts = [column(one.get(question.name, ""), dtype) for one in found]
            empty = pd.Series([], dtype=dtype)
            columns[question.name] = pd.concat(parts, ignore_index=True) if parts else empty
    return pd.DataFrame(columns)
