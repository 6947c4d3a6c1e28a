"""What an officer reads while rows come in."""

from meal_pipeline.collect.pace import Pace


def test_speed_and_what_is_left_are_told_after_a_second() -> None:
    moments = iter([0.0, 0.5, 10.0, 10.0])
    pace = Pace(lambda: next(moments))
    assert pace("household", 0, 12_000) == "household 0/12000"
    assert pace("household", 3_000, 12_000) == (
        "household 3000/12000, 300 rows a second, 30 seconds left"
    )


def test_each_walk_has_its_own_speed() -> None:
    moments = iter([0.0, 0.0, 100.0, 100.0, 104.0])
    pace = Pace(lambda: next(moments))
    pace("household", 0, 1_000)
    assert pace("feedback", 10, 1_000) == "feedback 10/1000"
    assert pace("feedback", 400, 1_000_000) == (
        "feedback 400/1000000, 100 rows a second, 167 minutes left"
    )
