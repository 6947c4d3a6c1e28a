"""The partition: a project.

Here: the dynamic dimension that every asset shares, and keeping it in step with the workspace's
files. Not here: what a project is. Rounds and weeks are columns, never partitions.
"""

from collections.abc import Iterable

import dagster as dg

PROJECTS = dg.DynamicPartitionsDefinition(name="project")
PROJECT_TAG = "dagster/partition"


def register_projects(instance: dg.DagsterInstance, codes: Iterable[str]) -> list[str]:
    """Add the projects that the instance does not know yet, and give their codes."""
    known = set(instance.get_dynamic_partitions(str(PROJECTS.name)))
    new = [code for code in codes if code not in known]
    if new:
        instance.add_dynamic_partitions(str(PROJECTS.name), new)
    return new
