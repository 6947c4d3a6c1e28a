"""Pictures that say their numbers, and run as their language does."""

import re

import pytest

from meal_pipeline.share.charts import Line, Point, interval_bar, rounds_chart, scale_of

LINES = [
    Line("participants", [Point(0, 0.4, 0.3, 0.5, "40 %"), Point(1, 0.6, 0.5, 0.7, "60 %")]),
    Line("comparison", [Point(0, 0.5, 0.4, 0.6, "50 %")]),
]


def chart(*, right_to_left: bool, label: str = "numbers") -> str:
    return rounds_chart(
        LINES,
        [("Baseline", "March"), ("Endline", "November")],
        [0.2, 0.4, 0.6, 0.8],
        tick_text=lambda tick: f"{tick:.0%}",
        label=label,
        right_to_left=right_to_left,
    )


def circles(drawing: str) -> list[float]:
    return [
        float(x) for x in re.findall(r'<circle class="(?:sign-shape|dot)" cx="([\d.]+)"', drawing)
    ]


@pytest.mark.parametrize("right_to_left", [False, True])
def test_time_runs_as_the_language_does(right_to_left: bool) -> None:
    earlier, later = circles(chart(right_to_left=right_to_left))
    assert (earlier > later) is right_to_left


@pytest.mark.parametrize("right_to_left", [False, True])
def test_values_run_as_the_language_does(right_to_left: bool) -> None:
    (low,), (high,) = (
        circles(
            interval_bar(
                value,
                None,
                None,
                (0, 1),
                target=None,
                before=None,
                label="",
                right_to_left=right_to_left,
            )
        )
        for value in (0.1, 0.9)
    )
    assert (low > high) is right_to_left


def test_arms_differ_in_shape_and_not_in_colour_alone() -> None:
    drawing = chart(right_to_left=False)
    assert drawing.count("<circle") == 2
    assert drawing.count("<rect") == 1


def test_of_two_arms_the_lower_one_has_its_number_below() -> None:
    drawing = chart(right_to_left=False)
    heights = {
        text: float(y)
        for y, text in re.findall(
            r'<text class="value" x="[^"]+" y="([^"]+)"[^>]*>([^<]+)<', drawing
        )
    }
    assert heights["40 %"] > heights["50 %"] > heights["60 %"]


def test_a_label_cannot_end_its_attribute() -> None:
    assert 'aria-label="a&#34; onload=&#34;b"' in chart(right_to_left=True, label='a" onload="b')


@pytest.mark.parametrize(
    ("numbers", "ticks"),
    [
        ([0.35, 0.69], [0.3, 0.4, 0.5, 0.6, 0.7]),
        ([0.97, 1.0], [0.97, 0.98, 0.99, 1.0]),
        ([0.5], [0.4, 0.6]),
        ([0.0, 0.0], [0.0, 0.5]),
    ],
)
def test_an_axis_of_shares_holds_its_numbers_and_ends_at_one(
    numbers: list[float], ticks: list[float]
) -> None:
    assert scale_of(numbers, share=True) == pytest.approx(ticks)
