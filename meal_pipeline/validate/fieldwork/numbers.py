"""Numbers: outliers, and codes left in place of an answer.

Here: HFC15 and HFC17, and the scores by which numbers are far from the others. Not here: what a
number may be at all (the form's constraints) and what it usually is (HFC16).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from meal_pipeline.rows.form_rows import declared_at
from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, Numbers
from meal_pipeline.validate.version_rows import held_name

DEFAULT_LIMITS: Mapping[str, float] = {"sd": 3, "mad": 3.5, "iqr": 1.5}
_SKEWED = 1


def outliers(interviews: Interviews) -> Iterator[Found]:
    """HFC15: numbers whose score is beyond the limit, question by question."""
    limits = interviews.settings.HFC15
    limit = DEFAULT_LIMITS[limits.method] if limits.limit is None else limits.limit
    for column in _number_columns(interviews, limits.questions, "HFC15"):
        numbers = interviews.numbers(column)
        asked = ~np.isnan(numbers)
        there = numbers[asked & interviews.eligible]
        if len(there) < limits.answers or len(np.unique(there)) < limits.distinct:
            continue
        logarithms = limits.scale == "log" or (limits.scale == "auto" and _calls_for_log(there))
        if logarithms:
            asked &= numbers > 0
        scale = np.log(np.where(asked, numbers, 1)) if logarithms else numbers
        far = np.zeros(len(interviews), dtype=np.bool_)
        rows = interviews.rows(asked)
        far[rows] = np.abs(SCORES[limits.method](scale[rows])) > limit
        yield interviews.found(column, asked, far, question=interviews.label(column))


def placeholders(interviews: Interviews) -> Iterator[Found]:
    """HFC17: numbers such as 99 or -99 that stand for no answer."""
    limits = interviews.settings.HFC17
    for column in _number_columns(interviews, limits.questions, "HFC17"):
        numbers = interviews.numbers(column)
        asked = ~np.isnan(numbers)
        is_code = np.isin(numbers, limits.values)
        if not limits.questions and is_code.any():
            is_code &= _apart(numbers, asked & ~is_code)
        yield interviews.found(column, asked, is_code, question=interviews.label(column))


def standard_scores(numbers: Numbers) -> Numbers:
    """Give the distances from the mean in standard deviations (n - 1); 0 where all are equal."""
    deviation = numbers.std(ddof=1)
    if not deviation:
        return np.zeros_like(numbers)
    scores: Numbers = (numbers - numbers.mean()) / deviation
    return scores


def robust_scores(numbers: Numbers) -> Numbers:
    """Give the modified z-scores, 0.6745 (x - median) / MAD.

    Where more than half of the numbers are equal (MAD 0), the mean absolute deviation takes its
    place: (x - median) / (1.253314 MeanAD). Source: Iglewicz and Hoaglin, How to Detect and Handle
    Outliers (1993), chapter 3; for MAD 0, IBM SPSS, modified z-score.
    """
    distances = numbers - np.median(numbers)
    middle, mean = np.median(np.abs(distances)), np.abs(distances).mean()
    if middle:
        return np.asarray(0.6745 * distances / middle)
    return np.asarray(distances / (1.253314 * mean)) if mean else np.zeros_like(numbers)


def quartile_scores(numbers: Numbers) -> Numbers:
    """Give the distances beyond the nearer quartile in interquartile ranges; 0 between them.

    Source: Tukey, Exploratory Data Analysis (1977), fences at 1.5; quartiles by linear
    interpolation. Without a range between the quartiles nothing is far.
    """
    low, high = np.percentile(numbers, [25, 75])
    if high == low:
        return np.zeros_like(numbers)
    beyond = np.maximum(numbers - high, 0) - np.maximum(low - numbers, 0)
    return np.asarray(beyond / (high - low))


SCORES: Mapping[str, Callable[[Numbers], Numbers]] = {
    "sd": standard_scores,
    "mad": robust_scores,
    "iqr": quartile_scores,
}


def skewness(numbers: Numbers) -> float:
    """Give the moment coefficient of skewness, m3 / m2^1.5; 0 where all numbers are equal."""
    centred = numbers - numbers.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean()) / spread**1.5 if spread else 0.0


def _calls_for_log(numbers: Numbers) -> bool:
    return bool(numbers.min() > 0) and skewness(numbers) > _SKEWED


def _number_columns(interviews: Interviews, declared: Sequence[str], code: str) -> list[str]:
    if declared:
        with declared_at(f"validation.fieldwork.{interviews.form.code}.{code}.questions"):
            return [interviews.name(one) for one in declared]
    columns = [held_name(one.name) for one in interviews.of_kind("integer", "decimal")]
    interviews.frame.frame(columns)  # loaded together
    return columns


def _apart(numbers: Numbers, others: BoolArray) -> BoolArray:
    """Tell which numbers lie above all others, or below 0 where no other does."""
    if not others.any():
        return np.zeros(len(numbers), dtype=np.bool_)
    highest, lowest = numbers[others].max(), numbers[others].min()
    apart: BoolArray = (numbers > highest) | ((numbers < 0) & (lowest >= 0))
    return apart
