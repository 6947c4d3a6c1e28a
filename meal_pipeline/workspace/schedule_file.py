"""A project's schedule, changed in its file.

Here: writing three keys and leaving every other line and remark as it is. Not here: what the
schedule starts.
"""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from secrets import token_hex

from ruamel.yaml import YAML

from meal_pipeline.workspace.project_file import read_project


def write_schedule(file: Path, changes: Mapping[str, str | bool]) -> None:
    """Set `cron`, `timezone` or `active` of the project in `file`, keeping its remarks.

    Raises BadFile when the file would not be a project any more (a bad cron line or zone); it is
    then left as it was.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(file.read_text(encoding="utf-8"))
    content.setdefault("schedule", {}).update(changes)
    text = StringIO()
    yaml.dump(content, text)
    attempt = file.with_name(f".{token_hex(4)}.{file.name}")
    try:
        attempt.write_text(text.getvalue(), encoding="utf-8")
        read_project(attempt)
        attempt.replace(file)
    finally:
        attempt.unlink(missing_ok=True)
