"""Rows a second of expressions, beside pandas written by hand.

Here: the expressions, the same by hand, and the table. Not here: the commands (`__main__`).
"""

import time
from collections.abc import Callable

import click
import numpy as np
import pandas as pd

from meal_pipeline.expressions import compile_expression

Frames = dict[str, pd.DataFrame]


def frames(rows: int) -> Frames:
    """Give households and their members, three each."""
    random = np.random.default_rng(1)
    ids = np.arange(rows)
    water = pd.Series(random.choice(["piped", "tanker", "piped well"], rows), dtype="str")
    main = {"_id": ids, "size": pd.array(random.integers(1, 9, rows), dtype="Int64")}
    main |= {"income": pd.array(random.normal(100, 20, rows), dtype="Float64"), "water": water}
    member = {
        "_id": np.repeat(ids, 3),
        "_position": pd.Series(["1", "2", "3"] * rows, dtype="str"),
        "_parent_position": pd.Series([""] * rows * 3, dtype="str"),
        "age": pd.array(random.integers(0, 90, rows * 3), dtype="Int64"),
    }
    return {"": pd.DataFrame(main), "member": pd.DataFrame(member)}


BY_HAND: dict[str, Callable[[Frames], pd.Series]] = {
    "${size} > 5 and ${income} < 90": lambda f: (f[""]["size"] > 5) & (f[""]["income"] < 90),
    "${income} div ${size}": lambda f: f[""]["income"] / f[""]["size"],
    "selected(${water}, 'piped')": lambda f: (" " + f[""]["water"] + " ").str.contains(
        " piped ", regex=False
    ),
    "regex(${water}, '[a-z]+')": lambda f: f[""]["water"].str.fullmatch("[a-z]+"),
    "if(${size} > 5, 'large', 'small')": lambda f: (
        (f[""]["size"] > 5).map({True: "large", False: "small"}).astype("str")
    ),
    "sum(${age})": lambda f: (
        f["member"].groupby("_id")["age"].sum().reindex(f[""]["_id"], fill_value=0)
    ),
    "count(${member}[age < 5])": lambda f: (
        f["member"][f["member"]["age"] < 5]
        .groupby("_id")
        .size()
        .reindex(f[""]["_id"], fill_value=0)
    ),
}


def _seconds(action: Callable[[], object]) -> float:
    """Give the shortest of three runs."""
    taken = []
    for _run in range(3):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return min(taken)


@click.command()
@click.option("--rows", default=100_000, show_default=True, help="Households.")
def main(rows: int) -> None:
    """Measure each expression and the same by hand."""
    given = frames(rows)
    click.echo("| expression | rows/s | by hand, rows/s | times its time |\n|---|---|---|---|")
    for text, by_hand in BY_HAND.items():
        expression = compile_expression(text)
        ours = _seconds(lambda one=expression: one.evaluate(given[""], repeats=given))  # type: ignore[misc]
        theirs = _seconds(lambda one=by_hand: one(given))  # type: ignore[misc]
        click.echo(
            f"| `{text}` | {rows / ours:,.0f} | {rows / theirs:,.0f} | {ours / theirs:.1f} |"
        )
