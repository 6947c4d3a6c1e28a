"""What the workspace's files declare, read once for all definitions.

Here: projects, SQL models, and what is wrong with either. Not here: what is made of them.
"""

from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.errors import MealError
from meal_pipeline.evaluate import Models, load_usable_models
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace import ProjectFolder, Workspace
from meal_pipeline.workspace.roof import packaged_folder

from .names import is_name


@dataclass(frozen=True)
class Declared:
    """The projects, the SQL models that can be used, and what is wrong with the others.

    There are no models where a schema file cannot be read: it describes all of its folder.
    """

    projects: ProjectFolder
    models: Models | None
    models_fault: str = ""


def model_folders(workspace: Workspace) -> list[Path]:
    """Give the folders of SQL models, the workspace's own last: it stands over the packaged."""
    return [packaged_folder("dbt_like_sql"), workspace.root / "dbt_like_sql"]


def read_declared(workspace: Workspace) -> Declared:
    """Read the workspace's files; what is wrong with one is told and stops no other."""
    projects = workspace.projects()
    try:
        models, faults = load_usable_models(model_folders(workspace))
    except MealError as error:
        return Declared(projects, None, fault_text(error))
    said = [fault_text(one) for one in faults.values()]
    if odd := [name for name in models if not is_name(name)]:
        fault = _("The model {name} needs a file name of latin letters, digits and _.")
        return Declared(projects, None, fault.format(name=odd[0]))
    return Declared(projects, models, "; ".join(dict.fromkeys(said)))


def fault_text(error: MealError) -> str:
    """Give what is wrong, with the next step."""
    return f"{error} {error.next_step or ''}".strip()
