"""What answers of a project were found to mean, as the store keeps it, and a person's choices.

Here: reading and writing the matches of a project. Not here: matching (`matching`), and which
answers there are (`rows`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, and_, delete, select

from meal_pipeline.errors import MealError
from meal_pipeline.exports.problems import Remark
from meal_pipeline.locale import gettext as _
from meal_pipeline.places.gazetteer import Gazetteer, load_gazetteer
from meal_pipeline.places.import_places import PlacesRefused
from meal_pipeline.places.matching import Asked, Match, Matcher
from meal_pipeline.places.sheets import tables_of
from meal_pipeline.store import Clock, Store, upsert
from meal_pipeline.store.tables.places import place_matches
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.faults import did_you_mean

KEYS = ("project", "disaggregation", "within", "spelling")

Row = dict[str, Any]


class ChoiceRefused(MealError):
    """A choice that fits no answer of the project, or no place."""


@dataclass(frozen=True)
class ProjectPlaces:
    """The known places, and what persons chose for a project, by the code of the split."""

    known: Gazetteer = field(default_factory=Gazetteer)
    chosen: Mapping[str, Mapping[tuple[str, str], Match]] = field(default_factory=dict)

    def matcher(self, disaggregation: str, own: Mapping[str, Mapping[str, str]]) -> Matcher:
        """Give what matches the answers of a split; own: places the project's file names itself."""
        return Matcher(self.known, self.chosen.get(disaggregation, {}), own)

    def meaning(self, disaggregation: str) -> str:
        """Give a hash of what decides which answers of a split mean which place.

        The list's places, names and parents, and what persons chose; not who chose and when.
        """
        places = sorted(
            (one.pcode, one.level, one.parent or "", one.valid_to or "")
            for one in self.known.places.values()
        )
        names = sorted((one.pcode, one.spelling, one.kind) for one in self.known.names)
        chosen = sorted(
            (*asked, match.pcode or "")
            for asked, match in self.chosen.get(disaggregation, {}).items()
        )
        return hashlib.sha256(orjson.dumps([places, names, chosen])).hexdigest()


@dataclass(frozen=True)
class Choice:
    """What a person chose: that a spelling means a place; only in one split or parent if given.

    `at` tells the row of a file that says so.
    """

    spelling: str
    pcode: str
    disaggregation: str | None = None
    within: str | None = None
    at: Remark | None = None


def project_places(connection: Connection, project: str) -> ProjectPlaces:
    """Give the known places and the choices of a project."""
    chosen: dict[str, dict[tuple[str, str], Match]] = defaultdict(dict)
    for row in matches_of(connection, project):
        if row["kind"] == "chosen":
            match = Match(row["pcode"], "chosen", row["decided_by"], row["decided_at"])
            chosen[row["disaggregation"]][row["within"], row["spelling"]] = match
    return ProjectPlaces(load_gazetteer(connection), chosen)


def matches_of(connection: Connection, project: str) -> list[Row]:
    """Give the stored matches of a project: the columns of `place_matches`."""
    wanted = select(place_matches).where(place_matches.c.project == project)
    ordered = wanted.order_by(*(place_matches.c[key] for key in KEYS))
    return [dict(row) for row in connection.execute(ordered).mappings()]


def record_matches(
    connection: Connection,
    project: str,
    found: Mapping[str, Mapping[Asked, Match]],
    *,
    replace: bool = False,
) -> bool:
    """Write what answers mean, split by split; give whether anything differed.

    replace: forget answers of these splits that are not among them, but for what a person chose.
    """
    held = {tuple(row[key] for key in KEYS): row for row in matches_of(connection, project)}
    rows = {
        (project, code, asked.within, asked.spelling): {
            "project": project,
            "disaggregation": code,
            "within": asked.within,
            "spelling": asked.spelling,
            "pcode": match.pcode,
            "kind": match.kind,
            "decided_by": match.decided_by,
            "decided_at": match.decided_at,
        }
        for code, matches in found.items()
        for asked, match in matches.items()
    }
    written = [row for key, row in rows.items() if held.get(key) != row]
    gone = [
        key
        for key, row in held.items()
        if replace
        and row["disaggregation"] in found
        and key not in rows
        and row["kind"] != "chosen"
    ]
    upsert(connection, place_matches, written, KEYS)
    for key in gone:
        same = (place_matches.c[name] == value for name, value in zip(KEYS, key, strict=True))
        connection.execute(delete(place_matches).where(and_(*same)))
    return bool(written or gone)


def choose(store: Store, project: str, choices: Sequence[Choice], *, by: str, clock: Clock) -> int:
    """Let spellings of a project mean the places that a person chose; give how many are new.

    All of them or none. Raises ChoiceRefused for a spelling that the project has not, a place that
    is not known or lies elsewhere, and for a name that several places share where the answers do
    not tell the place around it; PlacesRefused where the choice stands in a file.
    """
    faults: list[Remark] = []
    now = utc_text(clock())
    with store.write() as connection:
        held = matches_of(connection, project)
        known = load_gazetteer(connection)
        written: dict[tuple[str, ...], Row] = {}
        for one in choices:
            try:
                rows = _chosen_rows(one, held, known, project)
            except ChoiceRefused as error:
                if one.at is None:
                    raise
                at = one.at
                faults.append(Remark(at.file, str(error), error.next_step or "", at.sheet, at.row))
                continue
            decided = {"kind": "chosen", "decided_by": by, "decided_at": now}
            written |= {tuple(row[key] for key in KEYS): row | decided for row in rows}
        if faults:
            raise PlacesRefused(faults)
        upsert(connection, place_matches, list(written.values()), KEYS)
    return len(written)


def _chosen_rows(one: Choice, held: list[Row], known: Gazetteer, project: str) -> list[Row]:
    """Give the rows of matches that a choice is about, with the place."""
    place = known.by_code(one.pcode)
    if place is None:
        raise ChoiceRefused(
            _("There is no place {code}.").format(code=one.pcode),
            next_step=did_you_mean(one.pcode, sorted(known.places))
            if known
            else "meal places import FILE",
        )
    asked = [
        row
        for row in held
        if _typed(row["spelling"]) == _typed(one.spelling)
        and one.disaggregation in (None, row["disaggregation"])
        and one.within in (None, row["within"])
    ]
    if not asked:
        spellings = sorted({row["spelling"] for row in held})
        raise ChoiceRefused(
            _("No answer of project {project} is “{spelling}”.").format(
                project=project, spelling=one.spelling
            ),
            next_step=did_you_mean(one.spelling, spellings)
            if spellings
            else f"meal places resolve {project}",
        )
    around = set(known.around(place.pcode))
    fitting = [row for row in asked if not row["within"] or row["within"] in around]
    if not fitting:
        raise ChoiceRefused(
            _("{code} does not lie in {parent}, where “{spelling}” was answered.").format(
                code=place.pcode, parent=asked[0]["within"], spelling=one.spelling
            ),
            next_step=f"meal places find {one.spelling}",
        )
    level = known.places[place.pcode].level
    namesakes = {
        name.pcode
        for name in known.by_name(one.spelling)
        if known.places[name.pcode].level == level
    }
    if len(namesakes) > 1 and any(not row["within"] for row in fitting):
        raise ChoiceRefused(
            _("“{spelling}” is the name of {n} places: {codes}.").format(
                spelling=one.spelling, n=len(namesakes), codes=", ".join(sorted(namesakes))
            ),
            next_step=_("Say in the project's file what the places lie in: within: …"),
        )
    return [
        row | {"pcode": place.pcode}
        for row in fitting
        if (row["kind"], row["pcode"]) != ("chosen", place.pcode)  # it keeps who chose, and when
    ]


def _typed(spelling: str) -> str:
    """Give a spelling as it comes back from a table: its blanks, and what guards a formula."""
    text = " ".join(spelling.split())
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def choices_in(path: Path) -> list[Choice]:
    """Read choices from a table that `meal places resolve --format csv` wrote.

    Columns `spelling`, `pcode` and, where there, `disaggregation` and `within`. Only rows whose
    column `kind` is not filled by a match of the program count, so that the table may be given back
    whole. Raises PlacesRefused for a table without these columns, and UnreadableFile.
    """
    table = tables_of(path)[0]
    at = {heading.strip().lower(): place for place, heading in enumerate(table.headings)}
    lacking = [name for name in ("spelling", "pcode") if name not in at]
    if lacking:
        said = _("There is no column {column}.").format(column=", ".join(lacking))
        fix = _("Fill in the table of: meal places resolve PROJECT --format csv")
        raise PlacesRefused([Remark(table.file, said, fix, table.sheet, 1)])

    def cell(cells: list[str], name: str) -> str | None:
        return cells[at[name]] if name in at else None

    return [
        Choice(
            cells[at["spelling"]],
            cells[at["pcode"]],
            cell(cells, "disaggregation") or None,
            cell(cells, "within"),
            Remark(table.file, "", "", table.sheet, number),
        )
        for number, cells in table.rows
        if cells[at["pcode"]] and cell(cells, "kind") in (None, "", "unresolved", "chosen")
    ]
