"""One household across rounds.

Here: HFC31. Not here: rounds themselves, and households interviewed twice in one (HFC02).
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from meal_pipeline.rows.form_rows import declared_at
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun

_YEAR = np.timedelta64(365 * 24 * 60 + 349, "m")
"""A mean Gregorian year, 365.2425 days."""


def other_person(interviews: Interviews) -> Iterator[Found]:
    """HFC31: the sex differs from the round before, or the age has not moved with the time.

    A row is held against the household's first row in the last earlier round that has one.
    """
    declared, code = interviews.settings.HFC31, interviews.form.code
    subject, rounds = interviews.subject, interviews.project.rounds
    if rounds is None:
        raise NotRun(key="rounds")
    if declared.sex is None and declared.age is None:
        raise NotRun(key=f"validation.fieldwork.{code}.HFC31")
    order = {round_: number for number, round_ in enumerate(rounds.values)}
    frame = pd.DataFrame(
        {
            "who": interviews.frame.column(subject),
            "round": interviews.rounds.map(order),
            "time": interviews.frame.column("_submission_time").to_numpy("datetime64[us]"),
        }
    )
    for question in ("sex", "age"):
        name = getattr(declared, question)
        with declared_at(f"validation.fieldwork.{code}.HFC31.{question}"):
            frame[question] = interviews.column(name) if name else None
    frame["age"] = pd.to_numeric(frame["age"], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    frame = frame[interviews.eligible].dropna(subset=["who", "round"])
    frame = frame.rename_axis("at").reset_index().sort_values(["round", "time", "at"])
    firsts = frame.drop_duplicates(["who", "round"])
    before = pd.merge_asof(
        frame,
        firsts.drop(columns="at"),
        on="round",
        by="who",
        allow_exact_matches=False,
        suffixes=("", "_before"),
    )
    before = before[before["time_before"].notna()]
    years = (before["time"] - before["time_before"]).to_numpy() / _YEAR
    sex_known = (before["sex"].notna() & before["sex_before"].notna()).to_numpy(np.bool_)
    other_sex = sex_known & (before["sex"] != before["sex_before"]).fillna(False).to_numpy(np.bool_)
    grown = (before["age"] - before["age_before"]).to_numpy(np.float64)
    other_age = np.abs(grown - years) > declared.years
    rows = before["at"].to_numpy(np.intp)
    failed = np.sort(rows[other_sex | other_age])
    yield Found(subject, len(rows), len(rows), failed)
