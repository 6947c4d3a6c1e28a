"""`meal places`: the list of places, and which place each answer means.

Here: asking and printing. Not here: reading lists, matching, choosing (`meal_pipeline.places`).
"""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meal_pipeline.errors import MealError
from meal_pipeline.locale import current_language, mark, ngettext
from meal_pipeline.locale import gettext as _

from .printing import CARE, DONE, FAILED, Format, format_option, print_rows

if TYPE_CHECKING:
    from meal_pipeline.places import Gazetteer
    from meal_pipeline.rows.place_answers import PlaceAnswers
    from meal_pipeline.store import Store
    from meal_pipeline.workspace import Workspace

LEVELS = (
    mark("country"),
    mark("governorate"),
    mark("district"),
    mark("sub-district"),
    mark("settlement"),
)
KINDS = {
    "code": mark("code"),
    "name": mark("name"),
    "alias": mark("alias"),
    "chosen": mark("chosen"),
    "unresolved": mark("unresolved"),
    "near": mark("near"),
}
SHOWN = 10
"""Faults of a file that are printed; the first says how many more there are."""

_level = click.option("--level", type=click.IntRange(0, 4), help=_("0 country … 4 settlement."))
_within = click.option("--within", metavar="P-CODE", help=_("Only what lies in this place."))


@click.group(help=_("Places, their P-codes, and which place each answer means."))
def places() -> None:
    """Hold the commands of places."""


@places.command(
    "import",
    help=_("Take in lists of places: OCHA's COD-AB from HDX as XLSX, CSV or GeoJSON.")
    + "\n\n"
    + _(
        "Also lists of other names by P-code (columns pcode and aliases, split by |, or JSON as "
        "Open Syria publishes it). Either everything is taken in, or nothing."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal places import syr_admin_boundaries.xlsx\n  meal places import adm1.csv adm2.csv",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--sheet", help=_("The only sheet to read; by default all that hold P-codes."))
@click.option(
    "--level",
    type=click.IntRange(0, 4),
    help=_("Level of the places where neither headings nor names tell it."),
)
@click.pass_obj
def import_(
    folder: str | None, files: tuple[Path, ...], sheet: str | None, level: int | None
) -> None:
    """Import places."""
    from meal_pipeline.places import PlacesRefused, import_places
    from meal_pipeline.store.times import utc_now

    with _store(folder) as (_workspace, store):
        try:
            done = import_places(store, files, clock=utc_now, sheet=sheet, level=level)
        except PlacesRefused as error:
            _print_faults(error)
            raise
    click.echo(
        f"{DONE} "
        + _("{added} places new, {changed} changed, {unchanged} as before.").format(
            added=done.added, changed=done.changed, unchanged=done.unchanged
        )
    )
    if done.respelt:
        said = ngettext(
            "{n} known place has other names than before.",
            "{n} known places have other names than before.",
            done.respelt,
        )
        click.echo("  " + said.format(n=done.respelt))


@places.command(
    "list",
    help=_("List the places that are known.")
    + "\n\n\b\nmeal places list --level 2\nmeal places list --within SY02 --format csv",
)
@_level
@_within
@click.option(
    "--rows", default=50, show_default=True, help=_("How many to print for eyes; 0 for all.")
)
@format_option
@click.pass_obj
def list_(
    folder: str | None, level: int | None, within: str | None, rows: int, format_: Format
) -> None:
    """Print places."""
    known = _known(folder)
    outer = _place(known, within)
    found = [
        _place_row(known, code)
        for code, place in known.places.items()
        if level in (None, place.level) and (outer is None or outer in known.around(code))
    ]
    shown = found[:rows] if rows and format_ == "table" else found
    print_rows(shown, _place_headings(), format_, empty=_("No such place."))
    if len(shown) < len(found):
        more = _("{n} more: meal places list --rows 0, or --format csv")
        click.echo(more.format(n=len(found) - len(shown)))


@places.command(
    help=_("Find places by name, alias or P-code, and those with a name like it.")
    + "\n\n\b\nmeal places find جرابلس\nmeal places find Azaz --level 2"
)
@click.argument("name", metavar="NAME")
@_level
@_within
@format_option
@click.pass_obj
def find(
    folder: str | None, name: str, level: int | None, within: str | None, format_: Format
) -> None:
    """Print the places of a name."""
    from meal_pipeline.places import Asked, Matcher

    known = _known(folder)
    asked = Asked(name, (), level, _place(known, within) or "")
    code = known.by_code(name)
    exact = {one.pcode: one for one in (*([code] if code else []), *known.by_name(name))}
    rows = [
        _place_row(known, one.pcode) | {"spelling": name, "match": one.kind, "likeness": 1.0}
        for one in exact.values()
        if level in (None, known.places[one.pcode].level)
        and (not asked.within or asked.within in known.around(one.pcode))
    ]
    rows += [
        _place_row(known, one.pcode)
        | {"spelling": one.spelling, "match": "near", "likeness": one.likeness}
        for one in Matcher(known).candidates(asked, 10)
        if one.pcode not in exact
    ]
    if format_ == "table":
        rows = [row | {"match": _(KINDS[row["match"]])} for row in rows]
    headings = {
        **_place_headings(),
        "spelling": _("spelling"),
        "match": _("match"),
        "likeness": _("likeness"),
    }
    print_rows(rows, headings, format_, empty=_("No such place."))


@places.command(
    help=_("See which place each answer of PROJECT means, and what may be meant by the rest.")
    + "\n\n"
    + _(
        "It looks at the rows as they were read last, matches every answer to a question of places "
        "and keeps the result. Nothing is matched by likeness: what may be meant is for you to "
        "choose."
    )
    + "\n\n\b\n"
    + _("Example:")
    + "\n  meal places resolve wash\n  meal places resolve wash --unresolved --format csv > t.csv"
)
@click.argument("project", metavar="PROJECT")
@click.option("--unresolved", is_flag=True, help=_("Only answers that are no known place."))
@format_option
@click.pass_obj
def resolve(folder: str | None, project: str, unresolved: bool, format_: Format) -> None:
    """Match the answers of a project."""
    from meal_pipeline.places import project_places, record_matches
    from meal_pipeline.rows.loading import forms_of
    from meal_pipeline.rows.place_answers import answered_places

    with _store(folder) as (workspace, store):
        declared = workspace.project(project)
        snapshot = store.snapshots.latest(project, "read")
        if snapshot is None:
            raise MealError(
                _("The rows of project {project} were never read.").format(project=project),
                next_step=f"meal run {project}",
            )
        if not any(one.place for one in declared.disaggregations.values()):
            raise MealError(
                _("Project {project} splits its rows by no place.").format(project=project),
                next_step=_("Write place: true at a disaggregation of its file."),
            )
        with store.read() as connection:
            known = project_places(connection, project)
        forms = forms_of(store, declared)
        found = list(answered_places(snapshot, declared, forms, known))
        matches: dict[str, Any] = {}
        for _form, code, answers in found:
            matches.setdefault(code, {}).update(answers.matches)
        with store.write() as connection:
            record_matches(connection, project, matches, replace=True)
    if not found and not known.known:
        raise MealError(_("No list of places was imported."), next_step="meal places import FILE")
    rows = [
        row
        for form, code, answers in found
        for row in _answer_rows(form, code, answers, known.known)
        if not unresolved or row["kind"] == "unresolved"
    ]
    left = [row for row in rows if row["kind"] == "unresolved"]
    _print_answers(rows, format_)
    if format_ == "table":
        if left:
            counted = ngettext(
                "{n} answer, given in {rows} rows, is no known place: it counts as not stated.",
                "{n} answers, given in {rows} rows, are no known place: they count as not stated.",
                len(left),
            )
            total = sum(row["rows"] for row in left)
            click.echo(f"{CARE} " + counted.format(n=len(left), rows=total))
            click.echo(f'  → meal places choose {project} "{left[0]["spelling"]}" P-CODE')
        else:
            click.echo(f"{DONE} " + _("Every answer is a known place."))


@places.command(
    help=_("Say which place an answer of PROJECT means; figures follow at the next run.")
    + "\n\n"
    + _(
        "Many at once: fill in the column pcode of what meal places resolve --format csv gives, "
        "and hand the table back with --from."
    )
    + "\n\n\b\n"
    + _("Example:")
    + '\n  meal places choose wash "كوباني" C1946\n  meal places choose wash --from choices.csv'
)
@click.argument("project", metavar="PROJECT")
@click.argument("spelling", metavar="[SPELLING]", required=False)
@click.argument("pcode", metavar="[P-CODE]", required=False)
@click.option(
    "--from", "file", type=click.Path(path_type=Path), help=_("A table with spelling and pcode.")
)
@click.option("--split", metavar="CODE", help=_("Only in this disaggregation."))
@click.option("--within", metavar="P-CODE", help=_("Only where it was answered in this place."))
@click.option("--by", default=getpass.getuser, help=_("Who chooses; by default your login."))
@click.pass_obj
def choose(
    folder: str | None,
    project: str,
    spelling: str | None,
    pcode: str | None,
    file: Path | None,
    split: str | None,
    within: str | None,
    by: str,
) -> None:
    """Choose places."""
    from meal_pipeline.places import Choice, PlacesRefused, choices_in
    from meal_pipeline.places import choose as choose_places
    from meal_pipeline.store.times import utc_now

    if (file is None) == (spelling is None or pcode is None) or (file and spelling):
        raise click.UsageError(_("Give a spelling and a P-code, or a table with --from."))
    with _store(folder) as (workspace, store):
        workspace.project(project)
        try:
            chosen = (
                choices_in(file) if file else [Choice(str(spelling), str(pcode), split, within)]
            )
            if not chosen:
                raise MealError(
                    _("No row of {file} has a P-code to take over.").format(file=file),
                    next_step=_("Fill in the column pcode of unresolved answers."),
                )
            n = choose_places(store, project, chosen, by=by, clock=utc_now)
        except PlacesRefused as error:
            _print_faults(error)
            raise
    said = ngettext("{n} choice of {by} is kept.", "{n} choices of {by} are kept.", n)
    click.echo(f"{DONE} " + said.format(n=n, by=by))
    click.echo("  → " + _("Figures with it: {command}").format(command=f"meal run {project}"))


@places.command(
    help=_("Print the list of places with all their names, or the matches of PROJECT.")
    + "\n\n\b\nmeal places export > places.csv\nmeal places export wash --format json"
)
@click.argument("project", metavar="[PROJECT]", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help=_("How to print."),
)
@click.pass_obj
def export(folder: str | None, project: str | None, format_: Format) -> None:
    """Print what is kept."""
    from meal_pipeline.places import known_rows, matches_of

    with _store(folder) as (workspace, store):
        if project is not None:
            workspace.project(project)
        with store.read() as connection:
            rows = matches_of(connection, project) if project else known_rows(connection)
    columns = (
        ("disaggregation", "within", "spelling", "pcode", "kind", "decided_by", "decided_at")
        if project
        else ("pcode", "level", "parent_pcode", "name_ar", "name_en", "valid_from", "valid_to",
              "aliases", "previous_pcode", "source", "imported_at")
    )  # fmt: skip
    print_rows(rows, {one: one for one in columns}, format_, empty="")


@contextmanager
def _store(folder: str | None) -> "Iterator[tuple[Workspace, Store]]":
    from meal_pipeline.workspace import open_workspace

    workspace = open_workspace(folder)
    store = workspace.open_store()
    try:
        yield workspace, store
    finally:
        store.close()


def _known(folder: str | None) -> "Gazetteer":
    """Give the list of places, or say how to have one."""
    from meal_pipeline.places import load_gazetteer

    with _store(folder) as (_workspace, store), store.read() as connection:
        known = load_gazetteer(connection)
    if not known:
        raise MealError(_("No list of places was imported."), next_step="meal places import FILE")
    return known


def _place(known: "Gazetteer", code: str | None) -> str | None:
    from meal_pipeline.workspace.faults import did_you_mean

    if code is None:
        return None
    found = known.by_code(code)
    if found is None:
        raise MealError(
            _("There is no place {code}.").format(code=code),
            next_step=did_you_mean(code, list(known.places)),
        )
    return found.pcode


def _place_headings() -> dict[str, str]:
    return {
        "pcode": "P-code",
        "level": _("level"),
        "name_ar": _("Arabic"),
        "name_en": _("English"),
        "lies_in": _("lies in"),
        "valid_to": _("ended"),
    }


def _place_row(known: "Gazetteer", code: str) -> dict[str, Any]:
    place = known.places[code]
    return {
        "pcode": code,
        "level": place.level,
        "name_ar": place.name_ar,
        "name_en": place.name_en,
        "lies_in": _path(known, code),
        "valid_to": place.valid_to,
    }


def _path(known: "Gazetteer", code: str) -> str:
    """Give the places around a place in the language in use, the nearest first."""
    around = (known.places[one] for one in known.around(code) if one in known.places)
    return " · ".join(_in_language(one.names) or one.pcode for one in around)


def _in_language(names: Mapping[str, str]) -> str | None:
    return names.get(current_language()) or next(iter(names.values()), None)


def _answer_rows(
    form: str, code: str, answers: "PlaceAnswers", known: "Gazetteer"
) -> Iterator[dict[str, Any]]:
    """Give a row for each answer: the unresolved first, then by how many rows gave it."""
    ordered = sorted(
        answers.rows.items(),
        key=lambda pair: (answers.matches[pair[0]].pcode is not None, -pair[1], pair[0].spelling),
    )
    for asked, n in ordered:
        match = answers.matches[asked]
        near = () if match.pcode else answers.matcher.candidates(asked)
        yield {
            "form": form,
            "disaggregation": code,
            "within": asked.within,
            "spelling": asked.spelling,
            "label": " / ".join(asked.labels),
            "rows": n,
            "kind": match.kind,
            "pcode": match.pcode,
            "place": _in_language(answers.names.get(match.pcode or "", {})),
            "candidates": [
                {
                    "pcode": one.pcode,
                    "spelling": one.spelling,
                    "lies_in": _path(known, one.pcode),
                    "likeness": one.likeness,
                }
                for one in near
            ],
            "decided_by": match.decided_by,
            "decided_at": match.decided_at,
        }


def _print_answers(rows: list[dict[str, Any]], format_: Format) -> None:
    headings = {
        "form": _("form"),
        "disaggregation": _("split"),
        "within": _("within"),
        "spelling": _("answer"),
        "label": _("label"),
        "rows": _("rows"),
        "kind": _("match"),
        "pcode": "P-code",
        "place": _("place"),
        "candidates": _("what may be meant"),
        "decided_by": _("by"),
        "decided_at": _("when"),
    }
    if format_ != "json":
        rows = [
            row
            | {
                "candidates": "; ".join(
                    f"{one['pcode']} {one['spelling']} ({one['lies_in']})"
                    for one in row["candidates"]
                )
            }
            for row in rows
        ]
    if format_ == "table":
        rows = [row | {"kind": _(KINDS[row["kind"]])} for row in rows]
        del headings["form"], headings["decided_at"]
    print_rows(rows, headings, format_, empty=_("No row answers a question of places."))


def _print_faults(error: Any) -> None:
    """Print what is wrong beside the first fault, which the command ends with."""
    for one in error.faults[1 : SHOWN + 1]:
        click.echo(f"{FAILED} {one.place}: {one.message}", err=True)
