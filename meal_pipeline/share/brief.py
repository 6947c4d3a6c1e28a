"""The one-page brief: what changed, compared with what, how sure, in one file.

Here: making the file. Not here: what it says (`page.py`) and how it looks (`templates/`).
"""

from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import in_language
from meal_pipeline.share.leading import day
from meal_pipeline.share.marts import read_marts
from meal_pipeline.share.numbers import Digits, Numbers
from meal_pipeline.share.page import compose, words
from meal_pipeline.store import Clock, Store
from meal_pipeline.workspace.project import Project

_DIRECTION = {"ar": "rtl"}


def write_brief(
    store: Store,
    project: Project,
    *,
    language: str,
    path: Path,
    clock: Clock,
    digits: Digits | None = None,
) -> Path:
    """Write the brief of `project` in `language` ("ar", "en") to `path`, and give the path.

    It is made from the shared evaluation tables alone, so that nothing withheld can be in it: one
    self-contained HTML file, replaced whole or not at all. `digits` are the language's own unless
    given. Raises NotEvaluated where the tables hold nothing of the project.
    """
    page = brief_html(store, project, language=language, clock=clock, digits=digits)
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        fresh = Path(file.name)
        try:
            file.write(page)
            file.close()
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    return path


def brief_html(
    store: Store, project: Project, *, language: str, clock: Clock, digits: Digits | None = None
) -> str:
    """Give the text of the brief; see `write_brief`."""
    with in_language(language):
        numbers = Numbers.of(language, digits)
        marts = read_marts(store, project.code)
        return _template().render(
            page=compose(marts, numbers),
            words=words(),
            language=language,
            direction=_DIRECTION.get(language, "ltr"),
            written=_("written on {day}").format(day=day(clock().date().isoformat(), numbers)),
        )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("meal_pipeline.share"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("brief.html.j2")
