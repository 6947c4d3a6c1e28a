"""The projects of a workspace, read from `projects/<folder>/project.yaml`.

Here: every file read on its own, so that a bad one stops nothing but itself. Not here: what a
project is (`project.py`) or whether its questions exist (`project_check.py`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.declared_file import read_declared, read_yaml
from meal_pipeline.workspace.faults import BadFile, ProjectFault, did_you_mean
from meal_pipeline.workspace.project import Project

FILE_NAME = "project.yaml"


class UnknownProject(MealError):
    """The workspace has no project of this code."""


@dataclass(frozen=True)
class ProjectFolder(Mapping[str, Project]):
    """The good projects by code, and the faults of the bad files.

    `files` tells the file of each good project; `faults` those of each file that cannot be used.
    """

    projects: dict[str, Project]
    files: dict[str, Path]
    faults: dict[Path, list[ProjectFault]]

    def __getitem__(self, code: str) -> Project:
        return self.projects[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.projects)

    def __len__(self) -> int:
        return len(self.projects)

    def named(self, code: str) -> Project:
        """Give the project `code`.

        Raises BadFile where its file has faults, and UnknownProject with the nearest name.
        """
        if code in self.projects:
            return self.projects[code]
        for file, faults in self.faults.items():
            if file.parent.name == code or any(
                fault.key == "code" and fault.value == code for fault in faults
            ):
                raise BadFile(faults)
        raise UnknownProject(
            _("There is no project {code} in this workspace.").format(code=code),
            next_step=did_you_mean(code, sorted(self.projects))
            if self.projects
            else "meal project new CODE --form UID",
        )


def read_project(path: Path) -> Project:
    """Read one project file. Raises BadFile with every fault that was found."""
    return read_declared(path, Project)


def read_projects(folder: Path) -> ProjectFolder:
    """Read every `<folder>/*/project.yaml`, in the order of their names.

    Two projects with one code are a fault of both.
    """
    by_code: dict[str, list[tuple[Path, Project]]] = defaultdict(list)
    faults: dict[Path, list[ProjectFault]] = {}
    for path in sorted(folder.glob(f"*/{FILE_NAME}")):
        try:
            project = read_project(path)
        except BadFile as error:
            faults[path] = error.faults
        else:
            by_code[project.code].append((path, project))
    for code, found in by_code.items():
        if len(found) > 1:
            faults.update({path: [_twice(code, path, found)] for path, _project in found})
    single = {code: found[0] for code, found in by_code.items() if len(found) == 1}
    return ProjectFolder(
        projects={code: project for code, (_path, project) in single.items()},
        files={code: path for code, (path, _project) in single.items()},
        faults=faults,
    )


def _twice(code: str, path: Path, found: list[tuple[Path, Project]]) -> ProjectFault:
    others = ", ".join(str(other) for other, _project in found if other != path)
    return read_yaml(path).fault(
        "code",
        _("The code {code} is also that of {files}.").format(code=code, files=others),
        _("Give each project a code of its own."),
        value=code,
    )
