"""The sampling design of a form's rows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from meal_pipeline.rows.form_rows import DeclarationError, FormRows
from meal_pipeline.rows.sample import SubjectMovedError, sample_of
from meal_pipeline.workspace.project import Project

MakeRows = Callable[..., FormRows]
MakeProject = Callable[..., Project]

FULL = {"weights": "weight", "strata": "district", "clusters": "village"}
EVERY = np.ones(4, dtype=bool)


def full(rows: MakeRows) -> FormRows:
    return rows(
        weight=pd.Series(["1.5", "2", "1", "1"], dtype="str"),
        district=["d", "d", "d", "d"],
        village=pd.Series(["v", "v", None, None], dtype="str"),
    )


def test_rows_without_a_cluster_are_clusters_of_their_own(
    rows: MakeRows, project: MakeProject
) -> None:
    sample = sample_of(full(rows), project(design=FULL))
    assert sample.design(EVERY).n_clusters == 3
    assert sample.without_cluster.tolist() == [False, False, True, True]


def test_weights_that_a_calculation_wrote_as_text_are_numbers(
    rows: MakeRows, project: MakeProject
) -> None:
    assert sample_of(full(rows), project(design=FULL)).weights.tolist() == [1.5, 2, 1, 1]


def test_without_a_declared_design_rows_are_a_simple_random_sample(
    rows: MakeRows, project: MakeProject
) -> None:
    design = sample_of(full(rows), project()).design(EVERY)
    assert (design.n_clusters, design.n_strata, design.weights.tolist()) == (4, 1, [1, 1, 1, 1])


def test_a_form_without_the_design_is_a_simple_random_sample_and_says_so(
    feedback: FormRows, project: MakeProject
) -> None:
    sample = sample_of(feedback, project(design=FULL))
    assert not sample.given
    assert sample.clusters is None


def test_a_form_that_lacks_a_part_of_its_design_is_refused(
    rows: MakeRows, project: MakeProject
) -> None:
    with pytest.raises(DeclarationError, match=r"design\.strata.*distrikt"):
        sample_of(full(rows), project(design=FULL | {"strata": "distrikt"}))


def test_one_cluster_in_all_is_no_error_but_a_lone_stratum_among_others_is(
    rows: MakeRows, project: MakeProject
) -> None:
    some = rows(district=["d", "d", "e", "e"], village=["v", "v", "w", "x"])
    sample = sample_of(some, project(design={"strata": "district", "clusters": "village"}))
    assert sample.design(np.array([True, True, False, False])).n_clusters == 1
    with pytest.raises(Exception, match="d holds one cluster"):
        sample.design(EVERY)


def test_the_rows_of_one_household_in_two_rounds_are_one_unit(
    rows: MakeRows, project: MakeProject
) -> None:
    panel = project(forms={"home": {"uid": "a", "subject": "household"}})
    some = rows(household=pd.Series(["1", "2", "1", None], dtype="str"))
    sample = sample_of(some, panel)
    assert sample.design(EVERY).n_clusters == 4
    assert sample.stacked(EVERY).n_clusters == 3


def test_sampled_clusters_hold_their_households_in_both_rounds(
    rows: MakeRows, project: MakeProject
) -> None:
    panel = project(
        forms={"home": {"uid": "a", "subject": "household"}}, design={"clusters": "village"}
    )
    some = rows(household=["1", "2", "1", "2"], village=["v", "w", "v", "w"])
    assert sample_of(some, panel).stacked(EVERY).n_clusters == 2


def test_a_household_that_changes_its_stratum_is_not_named(
    rows: MakeRows, project: MakeProject
) -> None:
    panel = project(
        forms={"home": {"uid": "a", "subject": "household"}}, design={"strata": "district"}
    )
    some = rows(household=["secret", "2", "secret", "2"], district=["d", "d", "e", "d"])
    with pytest.raises(SubjectMovedError) as caught:
        sample_of(some, panel).stacked(EVERY)
    assert "secret" not in str(caught.value)
