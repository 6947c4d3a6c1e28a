"""How the rows of a form were sampled, as the project declares it.

Here: weights, strata and clusters row by row, and the design of some of the rows. Not here: the
estimators (statistics).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.rows.conversions import as_text
from meal_pipeline.rows.form_rows import FormRows, declared_at
from meal_pipeline.rows.split import BoolArray
from meal_pipeline.statistics.survey_design import (
    ClusterInTwoStrataError,
    Design,
    FloatArray,
    Singleton,
)
from meal_pipeline.workspace.project import Project


class SubjectMovedError(MealError):
    """A household or person that stands in one stratum in one round and in another in the next."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The sampling design row by row.

    `clusters` and `subjects` hold a label a row, and for a row without one a number of its own.
    `without_cluster` are the rows that lack the cluster that the project declares. `given` is
    false where the project declares a design that stands in another of its forms.
    """

    weights: FloatArray
    strata: NDArray[Any] | None
    clusters: NDArray[Any] | None
    subjects: NDArray[Any] | None
    without_cluster: BoolArray
    singleton: Singleton = "raise"
    given: bool = True

    def design(self, rows: BoolArray) -> Design:
        """Give the design of one round's rows. Raises DesignError where it cannot be used."""
        return self._design(rows, self.clusters)

    def stacked(self, rows: BoolArray) -> Design:
        """Give the design of two rounds' rows together.

        Where the sample has no clusters, the rows of one household or person are one: what it
        answered in two rounds is not independent.
        """
        if self.clusters is not None or self.subjects is None:
            return self.design(rows)
        try:
            return self._design(rows, self.subjects)
        except ClusterInTwoStrataError as error:
            # The label of a household or person stays out of the message.
            raise SubjectMovedError(
                _("The same household or person stands in two strata in the two rounds."),
                next_step=_("Correct the stratum, or declare the sampled clusters."),
            ) from error

    def _design(self, rows: BoolArray, clusters: NDArray[Any] | None) -> Design:
        some = None if clusters is None else clusters[rows]
        units = int(rows.sum()) if some is None else len(pd.unique(some))
        return Design(
            self.weights[rows],
            None if self.strata is None else self.strata[rows],
            some,
            # One cluster in all shows no variance; estimates say so instead of being refused.
            singleton="certainty" if units == 1 else self.singleton,
        )


def sample_of(rows: FormRows, project: Project) -> Sample:
    """Give the sampling design of a form's rows.

    A form that has none of the declared questions, when another form of the project has them all,
    is a simple random sample; a form that lacks some of them is refused (DeclarationError).
    """
    declared = project.design
    questions = [
        name for name in (declared.weights, declared.strata, declared.clusters) if name is not None
    ]
    given = not (questions and all(rows.asked_elsewhere([name]) for name in questions))
    weights = np.ones(len(rows))
    strata = clusters = None
    lacking = np.zeros(len(rows), dtype=np.bool_)
    if given and declared.weights is not None:
        with declared_at("design.weights"):
            answers = rows.answers(declared.weights)
        weights = pd.to_numeric(answers, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    if given and declared.strata is not None:
        with declared_at("design.strata"):
            strata = as_text(rows.answers(declared.strata)).to_numpy(object)
    if given and declared.clusters is not None:
        with declared_at("design.clusters"):
            clusters, lacking = unit_labels(rows.answers(declared.clusters))
    return Sample(
        weights, strata, clusters, subjects_of(rows, project), lacking, declared.singleton, given
    )


def subjects_of(rows: FormRows, project: Project) -> NDArray[Any] | None:
    """Give the household or person of each row; None where the form does not tell."""
    subject = project.forms[rows.code].subject
    if subject is None:
        return None
    with declared_at(f"forms.{rows.code}.subject"):
        return unit_labels(rows.answers(subject))[0]


def unit_labels(answers: pd.Series) -> tuple[NDArray[Any], BoolArray]:
    """Give a label a row, for a missing one the row's own number; and which are missing."""
    labels = as_text(answers)
    lacking = labels.isna().to_numpy(np.bool_)
    found = labels.to_numpy(object).copy()
    found[lacking] = np.flatnonzero(lacking)
    return found, lacking
