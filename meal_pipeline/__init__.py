"""meal_pipeline: from field surveys to shared evaluation tables.

The rooms follow the way of the data: `collect`, `read`, `validate`, `measure`, `compare`,
`evaluate`, `share`. Each is plain functions and dataclasses that a notebook calls directly; what
runs and when (Dagster) stands in `assets/`, the terminal in `meal_pipeline.cli`.
"""

__version__ = "0.1.0"
