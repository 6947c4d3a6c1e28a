"""The unit by which an effect's error is clustered."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.compare.units import UnitsCross, units_of
from meal_pipeline.rows.form_rows import DeclarationError, FormRows
from meal_pipeline.workspace.project import Project

MakeProject = Callable[..., Project]


def unit(project: Project, used: np.ndarray | None = None, **columns: list[object]) -> str:
    rows = FormRows("home", pd.DataFrame(columns))
    every = np.ones(len(rows), dtype=bool)
    return units_of(rows, project, "c", every if used is None else used).question


def both(project: MakeProject) -> Project:
    return project({"assignment_unit": "school"}, design={"clusters": "village"})


def test_the_sampled_village_is_the_unit_where_schools_within_it_were_assigned(
    project: MakeProject,
) -> None:
    found = unit(both(project), school=["a", "b", "c"], village=["v", "v", "w"])
    assert found == "village"


def test_the_assigned_school_is_the_unit_where_villages_lie_within_it(
    project: MakeProject,
) -> None:
    assert unit(both(project), school=["a", "a", "b"], village=["v", "w", "x"]) == "school"


def test_units_that_are_the_same_are_named_as_they_were_assigned(project: MakeProject) -> None:
    assert unit(both(project), school=["a", "b"], village=["v", "w"]) == "school"


def test_units_that_cross_are_refused_with_the_fix(project: MakeProject) -> None:
    with pytest.raises(UnitsCross, match=r"school.*village") as caught:
        unit(both(project), school=["a", "a", "b"], village=["v", "w", "w"])
    assert "larger unit" in str(caught.value.next_step)


def test_rows_that_are_not_compared_do_not_decide(project: MakeProject) -> None:
    columns = {"school": ["a", "a", "b"], "village": ["v", "w", "w"]}
    used = np.array([True, True, False])
    assert unit(both(project), used, **columns) == "school"


def test_one_declared_unit_is_the_unit_and_none_is_the_row(project: MakeProject) -> None:
    columns: dict[str, list[object]] = {"school": ["a"], "village": ["v"]}
    assert unit(project({"assignment_unit": "school"}), **columns) == "school"
    assert unit(project({}, design={"clusters": "village"}), **columns) == "village"
    assert unit(project({}), **columns) == ""


def test_a_unit_that_the_form_has_not_is_named(project: MakeProject) -> None:
    with pytest.raises(DeclarationError, match=r"comparisons\.c\.assignment_unit.*school"):
        unit(project({"assignment_unit": "school"}), village=["v"])
