import pytest
from statsmodels.stats.proportion import proportion_confint

from meal_pipeline.statistics.intervals import Interval, combined_difference


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090)],
)
def test_two_intervals_combine_as_newcombe_published(a, of_a, b, of_b, low, high) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10 (Wilson bounds)."""
    own = [
        Interval(*proportion_confint(yes, n, method="wilson"), "wilson")
        for yes, n in ((a, of_a), (b, of_b))
    ]
    got = combined_difference(a / of_a, own[0], b / of_b, own[1])
    assert (round(got.low, 4), round(got.high, 4)) == (low, high)
