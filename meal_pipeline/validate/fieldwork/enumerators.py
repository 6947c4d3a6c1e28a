"""Teams (or enumerators) against each other: how many interviews, and with what answers.

Here: HFC26 to HFC28. Not here: single interviews. Who is compared, teams or persons, is the
project's choice (`level`); a finding names no person unless it is `enumerator`.
"""

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from meal_pipeline.rows.form_rows import declared_at
from meal_pipeline.validate.fieldwork.interviews import Found, Groups, Interviews, NotRun, Numbers
from meal_pipeline.validate.fieldwork.texts import Words, words_of
from meal_pipeline.validate.outcomes import Part

_MANY = 40
"""From so many different whole numbers on their last digits are a matter of chance."""


def productivity(interviews: Interviews) -> Iterator[Found]:
    """HFC26: interviews a working day above the upper fence of all teams.

    The fence is the third quartile plus some interquartile ranges (Tukey), and at least one
    interview above the third quartile, so that equal teams are not told apart by tenths.
    """
    limits, groups = interviews.settings.HFC26, interviews.groups
    try:
        when = interviews.local(interviews.time("start"))
    except NotRun:
        when = interviews.local("_submission_time")
    known = when.notna().to_numpy(np.bool_) & (groups.codes >= 0)
    rows = interviews.rows(known)
    days = when.take(rows).dt.normalize().to_numpy()
    counted = pd.DataFrame({"group": groups.codes[rows], "day": days}).value_counts()
    a_day = counted.groupby(level="group").mean().sort_index()
    if len(a_day) < limits.groups:
        return
    low, high = np.percentile(a_day.to_numpy(), [25, 75])
    fence = max(high + limits.times_iqr * (high - low), high + 1)
    words = _words("HFC26")
    parts = tuple(
        groups.part(
            group,
            words.finding(group=groups.names[group], rate=f"{rate:.1f}", limit=f"{fence:.1f}"),
            f"{rate:.1f}",
        )
        for group, rate in zip(a_day.index.astype(int).tolist(), a_day.to_list(), strict=True)
        if rate > fence
    )
    yield Found(asked=len(a_day), answered=len(a_day), parts=parts)


def answer_patterns(interviews: Interviews) -> Iterator[Found]:
    """HFC27: more "do not know", more "other", or fewer follow-up questions than others get.

    Each interview gives a share; a team's mean is held against funnel limits, the mean of all
    plus or minus z standard deviations over the root of its number of interviews (Spiegelhalter,
    Funnel plots for comparing institutional performance, Statistics in Medicine 24, 2005). Drift:
    the first half of a team's interviews against the second (Welch's statistic against the normal
    limit, shared by Bonferroni's rule among all that are looked at).
    """
    limits, groups, facts = interviews.settings.HFC27, interviews.groups, interviews.answers
    chosen = np.maximum(facts.chosen, 1)
    measures = [
        ("unsure", facts.unsure / chosen, facts.chosen > 0, 1),
        ("other", facts.other / chosen, facts.chosen > 0, 1),
    ]
    if facts.followable:
        followed = facts.followed / facts.followable
        measures.append(("follow_ups", followed, facts.chosen > 0, -1))
    drifts: list[Part] = []
    compared = 0
    for name, shares, known, worse in measures:
        rows = interviews.rows(known & (groups.codes >= 0))
        sizes = np.bincount(groups.codes[rows], minlength=len(groups.labels))
        large = np.flatnonzero(sizes >= limits.interviews).tolist()
        compared = max(compared, len(large))
        if len(large) < 2:
            continue
        outside = _outside_funnel(shares[rows], groups.codes[rows], limits.limits_percent, worse)
        parts = tuple(
            _pattern(groups, group, name, outside[group]) for group in large if group in outside
        )
        yield Found(rule=name, asked=len(large), answered=len(large), parts=parts)
        tests = 3 * len(large)
        for group in large:
            mine = rows[groups.codes[rows] == group]
            halves = _halves(interviews, mine)
            if min(map(len, halves)) >= limits.interviews // 2:
                z = welch(*(shares[half] for half in halves))
                if abs(z) > _limit(100 - (100 - limits.limits_percent) / tests):
                    means = tuple(float(shares[half].mean()) for half in halves)
                    drifts.append(_drift(groups, group, name, means))
    yield Found(rule="drift", asked=compared, answered=compared, parts=tuple(drifts))


def digit_preference(interviews: Interviews) -> Iterator[Found]:
    """HFC28: last digits of numbers from 10 on that are not equally frequent.

    Pearson's chi-square test of ten equal frequencies, 9 degrees of freedom; and Cramér's V, the
    root of chi-square over 9 n.
    """
    limits, groups = interviews.settings.HFC28, interviews.groups
    if limits.questions:
        with declared_at(f"validation.fieldwork.{interviews.form.code}.HFC28.questions"):
            columns = [interviews.name(one) for one in limits.questions]
    else:
        columns = [one.name for one in interviews.of_kind("integer")]
    words = _words("HFC28")
    for column in columns:
        numbers = interviews.numbers(column)
        whole = (numbers >= 10) & (numbers == np.trunc(numbers)) & (groups.codes >= 0)
        rows = interviews.rows(whole)
        if not limits.questions and len(np.unique(numbers[rows])) < _MANY:
            continue
        counts = np.zeros((len(groups.labels), 10), dtype=np.int64)
        np.add.at(counts, (groups.codes[rows], numbers[rows].astype(np.int64) % 10), 1)
        large = np.flatnonzero(counts.sum(axis=1) >= limits.answers).tolist()
        parts = []
        for group in large:
            chi_square, p = equal_digits(counts[group])
            strength = (chi_square / (9 * counts[group].sum())) ** 0.5
            if p < limits.p_below and strength >= limits.strength:
                favourite = int(counts[group].argmax())
                share = 100 * counts[group, favourite] / counts[group].sum()
                message = words.finding(
                    group=groups.names[group],
                    question=interviews.label(column),
                    digit=favourite,
                    share=f"{share:.0f}",
                )
                parts.append(groups.part(group, message, f"{favourite}: {share:.0f} %"))
        yield Found(column, len(large), len(large), parts=tuple(parts))


def equal_digits(counts: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Give chi-square and p of ten counts against equal frequencies."""
    from scipy.special import gammaincc

    expected = counts.sum() / 10
    chi_square = float(((counts - expected) ** 2).sum() / expected)
    return chi_square, float(gammaincc(4.5, chi_square / 2))


def welch(first: Numbers, second: Numbers) -> float:
    """Give Welch's t of the second mean less the first; where nothing varies 0 or infinite."""
    error = float(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
    difference = float(second.mean() - first.mean())
    if not error:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / math.sqrt(error)


def funnel_limits(mean: float, deviation: float, n: int, percent: float) -> tuple[float, float]:
    """Give the limits within which `percent` of means of `n` lie by chance."""
    half = _limit(percent) * deviation / n**0.5
    return mean - half, mean + half


def _outside_funnel(
    shares: Numbers, codes: npt.NDArray[np.intp], percent: float, worse: int
) -> dict[int, tuple[float, float]]:
    """Give the mean of each group beyond the limit on the worse side, and that limit."""
    mean, deviation = float(shares.mean()), float(shares.std(ddof=1))
    found = {}
    for group in np.unique(codes):
        mine = shares[codes == group]
        low, high = funnel_limits(mean, deviation, len(mine), percent)
        limit = high if worse > 0 else low
        if worse * (mine.mean() - limit) > 1e-12:
            found[int(group)] = (float(mine.mean()), mean)
    return found


def _pattern(groups: Groups, group: int, measure: str, means: tuple[float, float]) -> Part:
    own, of_all = (f"{100 * one:.0f}" for one in means)
    message = _words(f"HFC27.{measure}").finding(group=groups.names[group], share=own, all=of_all)
    return groups.part(group, message, f"{own} %")


def _drift(groups: Groups, group: int, measure: str, means: tuple[float, ...]) -> Part:
    first, second = (f"{100 * one:.0f}" for one in means)
    what = words_of("enumerators")[f"HFC27.{measure}"].name
    message = _words("HFC27.drift").finding(
        group=groups.names[group], what=what, first=first, second=second
    )
    return groups.part(group, message, f"{first} % → {second} %", about=measure)


def _halves(
    interviews: Interviews, rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    sent = interviews.frame.column("_submission_time").to_numpy("datetime64[us]")[rows]
    in_time = rows[np.argsort(sent, kind="stable")]
    return in_time[: len(rows) // 2], in_time[len(rows) // 2 :]


def _limit(percent: float) -> float:
    return NormalDist().inv_cdf(0.5 + percent / 200)


def _words(code: str) -> Words:
    return words_of("enumerators")[code]
