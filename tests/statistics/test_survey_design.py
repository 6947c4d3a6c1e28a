import numpy as np
import pandas as pd
import pytest

from meal_pipeline.statistics.survey_design import (
    ClusterInTwoStrataError,
    Design,
    MissingClusterError,
    MissingStratumError,
    PopulationSizeError,
    SingletonStratumError,
    WeightError,
)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([7, 7, 3, 3], "integers"),
        (np.array(["ب", "ب", "ا", "ا"]), "numpy text"),
        (pd.Series(["x", "x", "y", "y"]), "pandas text"),
        (np.array(["None", "None", 1, 1], dtype=object), "mixed objects"),
    ],
)
def test_labels_of_any_kind_make_the_same_design(labels, kind) -> None:
    design = Design(np.ones(4), clusters=labels)
    assert (design.n_clusters, design.n_strata, design.degrees_of_freedom) == (2, 1, 1), kind


def test_degrees_of_freedom_are_clusters_less_strata() -> None:
    design = Design(np.ones(8), strata=list("aaaabbbb"), clusters=[1, 1, 2, 3, 4, 5, 5, 5])
    assert design.degrees_of_freedom == 5 - 2


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1, -2, 1], "1 of 3 rows have a negative weight."),
        ([1, np.nan, np.inf], "2 of 3 rows have no weight."),
        ([0, 0], "All weights are zero."),
        ([], "There are no rows to estimate from."),
    ],
)
def test_a_weight_that_cannot_be_is_refused_in_words(weights, sentence) -> None:
    with pytest.raises(WeightError) as error:
        Design(weights)
    assert str(error.value) == sentence


def test_a_missing_cluster_is_counted_and_refused() -> None:
    with pytest.raises(MissingClusterError, match="2 of 4 rows have no cluster"):
        Design(np.ones(4), clusters=["a", None, "b", np.nan])


def test_a_missing_stratum_is_counted_and_refused() -> None:
    with pytest.raises(MissingStratumError, match="1 of 4 rows have no stratum"):
        Design(np.ones(4), strata=pd.Series(["a", "a", "a", None]))


def test_a_stratum_of_one_cluster_is_refused_by_name() -> None:
    with pytest.raises(
        SingletonStratumError, match="Stratum Afrin holds one cluster only"
    ) as error:
        Design(np.ones(3), strata=["Azaz", "Azaz", "Afrin"])
    assert error.value.stratum == "Afrin"


def test_average_needs_a_stratum_to_average() -> None:
    with pytest.raises(SingletonStratumError, match="and 1 other"):
        Design(np.ones(2), strata=["a", "b"], singleton="average")


def test_a_stratum_taken_whole_may_hold_one_cluster() -> None:
    design = Design(np.ones(3), strata=["a", "a", "b"], population_sizes=[9, 9, 1])
    assert design.degrees_of_freedom == 1


def test_one_cluster_in_two_strata_is_refused_by_name() -> None:
    with pytest.raises(ClusterInTwoStrataError, match="Cluster v1 stands in two strata"):
        Design(np.ones(4), strata=list("aabb"), clusters=["v1", "v2", "v1", "v3"])


def test_nested_labels_are_read_within_their_stratum() -> None:
    design = Design(np.ones(4), strata=list("aabb"), clusters=[1, 2, 1, 2], nest=True)
    assert (design.n_clusters, design.degrees_of_freedom) == (4, 2)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ([5, 5, 6], "missing or varies"),
        ([np.nan, 5, 5], "missing or varies"),
        ([2, 2, 2], "3 clusters in the sample but 2 in the population"),
    ],
)
def test_an_impossible_population_is_refused(sizes, sentence) -> None:
    with pytest.raises(PopulationSizeError, match=sentence):
        Design(np.ones(3), population_sizes=sizes)


def test_the_design_keeps_its_own_weights() -> None:
    weights = np.ones(3)
    design = Design(weights)
    weights[0] = 100
    assert design.weights.tolist() == [1, 1, 1]
