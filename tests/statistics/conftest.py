"""A survey with everything: strata of several clusters, weights, missing answers, two rounds."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def survey() -> pd.DataFrame:
    """600 rows in 30 clusters of 4 strata; the same clusters in both rounds."""
    random = np.random.default_rng(20261125)
    cluster = np.repeat(np.arange(30), 20)
    shift = random.normal(0, 1, 30)[cluster]
    y = shift + random.normal(0, 2, 600)
    return pd.DataFrame(
        {
            "y": y,
            "x": random.uniform(1, 5, 600),
            "yes": (y + random.normal(0, 1, 600) > 0.5).astype(float),
            "weight": random.uniform(1, 4, 600),
            "stratum": np.array(["north", "south", "east", "west"])[cluster % 4],
            "cluster": cluster,
            "round": random.integers(0, 2, 600),
            "sex": random.choice(["f", "m"], 600),
        }
    )
