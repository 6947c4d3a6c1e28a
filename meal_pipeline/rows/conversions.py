"""Results of expressions and answers, column by column, as truths, numbers or texts.

Here: XPath's conversions (XPath 1.0, sections 4.2 to 4.4). Not here: expressions (`evaluation`).
"""

import numpy as np
import pandas as pd

from meal_pipeline.rows.split import BoolArray
from meal_pipeline.statistics.survey_design import FloatArray


def as_truth(result: pd.Series) -> BoolArray:
    """Give True where the result is true: a number but 0 and NaN, a text but the empty one."""
    if pd.api.types.is_bool_dtype(result.dtype):
        return result.fillna(False).to_numpy(np.bool_)
    if pd.api.types.is_numeric_dtype(result.dtype):
        numbers = result.to_numpy(np.float64, na_value=np.nan)
        return np.asarray(~np.isnan(numbers) & (numbers != 0), dtype=np.bool_)
    return (result.notna() & result.ne("").fillna(False)).to_numpy(np.bool_)


def as_number(result: pd.Series) -> FloatArray:
    """Give the result as numbers, NaN where it is empty or no number; true is 1, false 0."""
    numbers = pd.to_numeric(result, errors="coerce")
    return numbers.to_numpy(np.float64, na_value=np.nan).copy()


def as_text(result: pd.Series) -> pd.Series:
    """Give the result as text (dtype `str`), missing where it is empty; 1.0 is written 1."""
    if pd.api.types.is_bool_dtype(result.dtype):
        return result.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_float_dtype(result.dtype):
        numbers = result.to_numpy(np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            whole = np.isfinite(numbers) & (numbers == np.trunc(numbers)) & (abs(numbers) < 2**53)
        texts = np.array([repr(float(number)) for number in numbers], dtype=object)
        texts[whole] = numbers[whole].astype(np.int64).astype(str)
        texts[np.isnan(numbers)] = None
        return pd.Series(texts, index=result.index, dtype="str")
    written: pd.Series = result.astype("str")
    return written.mask(written.eq(""))
