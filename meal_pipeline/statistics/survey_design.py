"""How the rows were sampled: weights, strata, clusters, population sizes.

Here: the design as one checked value, and its labels turned into numbers once. Not here: estimates
(taylor) and the choice of columns that hold the design.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
Singleton = Literal["raise", "centre", "average", "certainty"]


class DesignError(MealError):
    """The sampling design cannot be used as it stands."""


class WeightError(DesignError):
    """A weight is missing, negative or infinite, or all are zero."""


class MissingStratumError(DesignError):
    """A row has no stratum."""


class MissingClusterError(DesignError):
    """A row has no cluster."""


class ClusterInTwoStrataError(DesignError):
    """One cluster label stands in two strata."""


class PopulationSizeError(DesignError):
    """A population size is missing, varies within a stratum, or is below the sample's."""


class SingletonStratumError(DesignError):
    """A stratum holds one cluster only; `stratum` is its label."""

    def __init__(self, stratum: object, others: int) -> None:
        self.stratum = stratum
        sentence = _(
            "Stratum {stratum} holds one cluster only; its sampling variance cannot be computed."
        )
        if others:
            sentence = ngettext(
                "Stratum {stratum} and {n} other hold one cluster only;"
                " their sampling variance cannot be computed.",
                "Stratum {stratum} and {n} others hold one cluster only;"
                " their sampling variance cannot be computed.",
                others,
            )
        super().__init__(
            sentence.format(stratum=stratum, n=others),
            next_step=_(
                "Merge such strata with their neighbours, or choose how to treat them:"
                " centre, average or certainty."
            ),
        )


class Layout(NamedTuple):
    """A design in numbers: C clusters in H strata.

    `cluster` is each row's cluster (0 … C-1), `stratum` each cluster's stratum (0 … H-1), `sizes`
    the clusters in each stratum, `unsampled` each stratum's share of clusters outside the sample
    (1 without population sizes), `lonely` the strata whose variance one cluster cannot show.
    """

    cluster: IntArray
    stratum: IntArray
    sizes: IntArray
    unsampled: FloatArray
    lonely: BoolArray


@dataclass(frozen=True, eq=False)
class Design:
    """A stratified, clustered, weighted sample of n rows, clusters taken with replacement.

    weights: one number ≥ 0 a row; a row of weight 0 keeps its cluster in the design and adds
      nothing else.
    strata, clusters: labels of any kind, one a row; None for an unstratified sample, or one whose
      rows are their own clusters. Clusters are nested in strata.
    population_sizes: for each row the number of clusters (rows, without clusters) in its stratum of
      the population: the finite population correction. None: no correction.
    singleton: what to do with a stratum of one cluster (R survey's `lonely.psu`): `raise` refuses;
      `centre` measures it from the grand mean (`adjust`: the mean of the linearised values, which
      is zero, as R takes it for totals too); `average` gives it the mean variance of the others;
      `certainty` gives it none.
    nest: read cluster labels within their stratum, so that the same label in two strata means two
      clusters. Otherwise that is refused.

    Raises a `DesignError` that names the problem.
    """

    weights: FloatArray
    strata: NDArray[Any] | None = None
    clusters: NDArray[Any] | None = None
    population_sizes: FloatArray | None = None
    singleton: Singleton = "raise"
    nest: bool = False

    def __post_init__(self) -> None:
        if self.singleton not in get_args(Singleton):
            raise ValueError(f"singleton must be one of {', '.join(get_args(Singleton))}")
        object.__setattr__(self, "weights", checked_weights(self.weights))
        for name in ("strata", "clusters", "population_sizes"):
            given = getattr(self, name)
            if given is not None and len(given) != len(self.weights):
                raise ValueError(f"{name} has {len(given)} rows, weights {len(self.weights)}")
        layout = self.layout  # an unusable design is refused where it is made
        lonely = np.flatnonzero(layout.lonely)
        if lonely.size and self.singleton == "raise":
            raise SingletonStratumError(self._stratum_labels[lonely[0]], lonely.size - 1)
        if lonely.size == layout.sizes.size and self.singleton == "average":
            raise SingletonStratumError(self._stratum_labels[0], lonely.size - 1)

    @classmethod
    def simple(cls, n: int) -> Self:
        """Give the design of `n` rows drawn one by one with equal chances; n ≥ 2."""
        return cls(np.ones(n))

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.weights)

    @property
    def n_clusters(self) -> int:
        """Number of clusters in the sample (rows, without clusters)."""
        return len(self.layout.stratum)

    @property
    def n_strata(self) -> int:
        """Number of strata; 1 for an unstratified sample."""
        return len(self.layout.sizes)

    @property
    def degrees_of_freedom(self) -> int:
        """Clusters less strata, as R's `degf`."""
        return self.n_clusters - self.n_strata

    @cached_property
    def weights_expand(self) -> bool:
        """Whether weights count people in the population, rather than being relative.

        An inverse chance of selection is never below one; weights scaled to a mean of one always
        have some below, or are all one.
        """
        positive = self.weights[self.weights > 0]
        return bool(positive.min() >= 1 - 1e-9 and positive.max() > 1 + 1e-9)

    @cached_property
    def layout(self) -> Layout:
        """The design in numbers, made once."""
        stratum_of_row = self._strata_factorised[0]
        n_strata = len(self._stratum_labels)
        cluster, stratum = self._clusters_within(stratum_of_row)
        sizes = np.bincount(stratum, minlength=n_strata)
        unsampled = self._unsampled(stratum_of_row, sizes)
        # A stratum taken whole has no sampling variance, however few its clusters.
        lonely = (sizes == 1) & (unsampled > 1e-7)
        return Layout(cluster, stratum, sizes, unsampled, lonely)

    @cached_property
    def _strata_factorised(self) -> tuple[IntArray, NDArray[Any]]:
        if self.strata is None:
            return np.zeros(self.n, dtype=np.intp), np.array([_("(all)")], dtype=object)
        codes, labels = factorise(self.strata)
        if (codes < 0).any():
            raise MissingStratumError(_count(_("{n} of {total} rows have no stratum."), codes < 0))
        return codes, labels

    @property
    def _stratum_labels(self) -> NDArray[Any]:
        return self._strata_factorised[1]

    def _clusters_within(self, stratum_of_row: IntArray) -> tuple[IntArray, IntArray]:
        """Give each row's cluster and each cluster's stratum."""
        if self.clusters is None:
            return np.arange(self.n), stratum_of_row
        codes, labels = factorise(self.clusters)
        if (codes < 0).any():
            raise MissingClusterError(
                _count(_("{n} of {total} rows have no cluster."), codes < 0),
                next_step=_("Fill it in, or give such rows a cluster of their own."),
            )
        if self.nest:
            pairs, codes = np.unique(
                codes * len(self._stratum_labels) + stratum_of_row, return_inverse=True
            )
            return codes, pairs % len(self._stratum_labels)
        stratum = np.empty(len(labels), dtype=np.intp)
        stratum[codes] = stratum_of_row
        crossing = np.flatnonzero(stratum[codes] != stratum_of_row)
        if crossing.size:
            row = crossing[0]
            raise ClusterInTwoStrataError(
                _("Cluster {cluster} stands in two strata, {one} and {other}.").format(
                    cluster=labels[codes[row]],
                    one=self._stratum_labels[stratum_of_row[row]],
                    other=self._stratum_labels[stratum[codes[row]]],
                ),
                next_step=_("Correct the stratum, or make cluster names unique across strata."),
            )
        return codes, stratum

    def _unsampled(self, stratum_of_row: IntArray, sizes: IntArray) -> FloatArray:
        if self.population_sizes is None:
            return np.ones(len(sizes))
        given = np.asarray(self.population_sizes, dtype=np.float64)
        population = np.empty(len(sizes))
        population[stratum_of_row] = given
        wrong = np.isnan(given) | (population[stratum_of_row] != given)
        if wrong.any():
            raise PopulationSizeError(
                _("The population size of stratum {stratum} is missing or varies.").format(
                    stratum=self._stratum_labels[stratum_of_row[np.flatnonzero(wrong)[0]]]
                )
            )
        short = np.flatnonzero(population < sizes)
        if short.size:
            raise PopulationSizeError(
                _(
                    "Stratum {stratum} has {sampled} clusters in the sample but {population} in"
                    " the population."
                ).format(
                    stratum=self._stratum_labels[short[0]],
                    sampled=sizes[short[0]],
                    population=f"{population[short[0]]:g}",
                )
            )
        return 1 - sizes / population


def checked_weights(weights: ArrayLike) -> FloatArray:
    """Give `weights` as a read-only copy in floats, or raise a `WeightError` that says why not."""
    result = np.array(weights, dtype=np.float64)
    if result.ndim != 1 or not result.size:
        raise WeightError(_("There are no rows to estimate from."))
    for wrong, sentence in (
        (~np.isfinite(result), _("{n} of {total} rows have no weight.")),
        (result < 0, _("{n} of {total} rows have a negative weight.")),
    ):
        if wrong.any():
            raise WeightError(
                _count(sentence, wrong),
                next_step=_("Correct the weight column, or leave weights out of the project."),
            )
    if not result.any():
        raise WeightError(_("All weights are zero."))
    result.flags.writeable = False
    return result


def factorise(labels: Any) -> tuple[IntArray, NDArray[Any]]:
    """Give a number for each label (-1 where missing), and the labels in order of first use."""
    values = labels if hasattr(labels, "dtype") else np.array(labels, dtype=object)
    codes, unique = pd.factorize(values)
    return codes.astype(np.intp, copy=False), np.asarray(unique, dtype=object)


def _count(sentence: str, rows: BoolArray) -> str:
    return sentence.format(n=int(rows.sum()), total=rows.size)
