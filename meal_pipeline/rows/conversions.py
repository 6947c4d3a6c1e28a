"""Answers and results of expressions as the text that a project's file writes for them.

Here: the text of numbers and truths, as XPath's `string()` gives it (XPath 1.0, section 4.2). Not
here: expressions (`evaluation`).
"""

import numpy as np
import pandas as pd


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
