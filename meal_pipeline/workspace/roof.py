"""Where the packaged folders are, and the roof that wires the stages together.

Here: finding `assets`, `expectations`, `dbt_like_sql` and `examples`, in a checkout and in an
installed package. Not here: what is in them. The checkout comes first: an editable install may
leave a stale copy beside the package.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

import meal_pipeline

PackagedFolder = Literal["assets", "expectations", "dbt_like_sql", "examples"]

_PACKAGE = Path(meal_pipeline.__file__).resolve().parent


def checkout() -> Path | None:
    """Give the folder of the checkout that this code runs from, or None in an installed package."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "assets").is_dir() else None


def packaged_folder(name: PackagedFolder) -> Path:
    """Give the folder `name` as it comes with the program."""
    return (checkout() or _PACKAGE) / name


def load_roof() -> ModuleType:
    """Import the package `assets` of this checkout, or `meal_pipeline.assets` when installed."""
    root = checkout()
    if root is None:
        return import_module("meal_pipeline.assets")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    roof = import_module("assets")
    if Path(str(roof.__file__)).resolve().parent != root / "assets":
        raise ImportError(f"another module named assets is in the way: {roof.__file__}")
    return roof


def load_examples() -> ModuleType:
    """Import the practice data of the examples: its `fill` puts them on a practice server."""
    root = checkout()
    if root is None:
        return import_module("meal_pipeline.examples.practice")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return import_module("examples.practice")
