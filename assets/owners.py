"""Who answers for the projects, as Dagster shows it.

Here: the addresses that Dagster takes. Not here: any right; owners are told, not enforced.
"""

import re
from collections.abc import Iterable

from meal_pipeline.workspace.project import Project

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def owners_of(projects: Iterable[Project]) -> list[str]:
    """Give the owners of all projects, once each; what is no e-mail address is left out.

    Assets are shared by the projects: whose a single one is stands at its schedule.
    """
    named = dict.fromkeys(owner for project in projects for owner in project.owners)
    return [owner for owner in named if _ADDRESS.fullmatch(owner)]
