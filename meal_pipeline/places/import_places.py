"""Lists of places into the store: all of what is asked for, or nothing.

Here: holding what files say against each other and against what is known, and writing it in one
transaction. Not here: reading rows (`listed`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select

from meal_pipeline.errors import MealError
from meal_pipeline.exports.problems import Remark
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import ngettext
from meal_pipeline.places.letters import name_letters
from meal_pipeline.places.listed import ListedPlace, Spelling, read_places
from meal_pipeline.store import Clock, Store, insert_rows, upsert
from meal_pipeline.store.tables.places import place_names, places
from meal_pipeline.store.times import utc_text

_BATCH = 500
_SAID = ("level", "parent_pcode", "name_en", "name_ar", "valid_from")

Row = dict[str, Any]


class PlacesRefused(MealError):
    """Files of places that cannot be taken in; `faults` says all that is wrong with them."""

    def __init__(self, faults: Sequence[Remark]) -> None:
        first, more = faults[0], len(faults) - 1
        sentence = f"{first.place}: {first.message}"
        if more:
            sentence += " " + ngettext("({n} more fault)", "({n} more faults)", more).format(n=more)
        super().__init__(sentence, next_step=first.fix)
        self.faults = tuple(faults)


@dataclass(frozen=True)
class ImportedPlaces:
    """What an import did: places new, changed and as they were; known ones spelt otherwise."""

    added: int
    changed: int
    unchanged: int
    respelt: int


@dataclass
class _Known:
    """Places and their spellings as the store has them, with what the files say laid over."""

    places: dict[str, Row]
    spellings: dict[str, dict[str, Row]]
    touched: set[str] = field(default_factory=set)
    """P-codes of the places whose spellings differ from the store's."""


def import_places(
    store: Store,
    files: Iterable[Path],
    *,
    clock: Clock,
    sheet: str | None = None,
    level: int | None = None,
) -> ImportedPlaces:
    """Take places and their names in from files, in one transaction.

    A place that is known is brought to what the files say; what they do not say of it stays, as do
    its aliases. sheet, level: as for `read_places`. Raises PlacesRefused with every fault, or
    UnreadableFile; then nothing is written.
    """
    listed: list[ListedPlace] = []
    faults: list[Remark] = []
    for path in files:
        found = read_places(path, sheet=sheet, level=level)
        listed += found.places
        faults += found.faults
    own = _own_places(listed, faults)
    if faults:
        raise PlacesRefused(faults)
    now = utc_text(clock())
    with store.write() as connection:
        known = _known(connection)
        before = dict(known.places)
        _add_implied(listed, own, known)
        for one in own.values():
            _lay_over(known, one, now)
        names = [one for one in listed if one.level is None]
        faults += _parents(own.values(), known)
        faults += [fault for one in names if (fault := _unknown(one, known))]
        if not faults:
            for one in [*own.values(), *names]:
                _spell(known, one, now)
            faults += _clashes([*own.values(), *names], known)
        if faults:
            raise PlacesRefused(faults)
        written = {code: row for code, row in known.places.items() if row != before.get(code)}
        _write(connection, written, known)
    added = sum(code not in before for code in written)
    return ImportedPlaces(
        added,
        len(written) - added,
        len(own.keys() - written.keys()),
        len(known.touched & before.keys()),
    )


def _own_places(listed: list[ListedPlace], faults: list[Remark]) -> dict[str, ListedPlace]:
    """Give each place's own row; two that differ are a fault."""
    own: dict[str, ListedPlace] = {}
    for one in listed:
        if one.implied or one.level is None:
            continue
        first = own.setdefault(one.pcode, one)
        if first is one or _same(first, one):
            continue
        said = _("{column}: {code} is also the P-code of “{name}” ({place}).").format(
            column=one.at.code,
            code=one.pcode,
            name=first.names[0].text,
            place=first.at.fault("", "").place,
        )
        faults.append(one.at.fault(said, _("Correct one of the two codes, or delete the row.")))
    return own


def _same(one: ListedPlace, other: ListedPlace) -> bool:
    names = [
        {(name.language, name_letters(name.text)) for name in each.names} for each in (one, other)
    ]
    return one.level == other.level and names[0] == names[1] and one.parent == other.parent


def _known(connection: Connection) -> _Known:
    spellings: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in connection.execute(select(place_names)).mappings():
        spellings[row["pcode"]][row["spelling"]] = dict(row)
    held = connection.execute(select(places)).mappings()
    return _Known({row["pcode"]: dict(row) for row in held}, spellings)


def _add_implied(listed: list[ListedPlace], own: dict[str, ListedPlace], known: _Known) -> None:
    """Let places that only rows of places within them name be known, too."""
    for one in listed:
        if one.implied and one.pcode not in known.places:
            own.setdefault(one.pcode, one)


def _lay_over(known: _Known, one: ListedPlace, now: str) -> None:
    held = known.places.get(one.pcode)
    row: Row = dict.fromkeys(_SAID) if held is None else {key: held[key] for key in _SAID}
    said = (one.level, one.parent, one.name("en"), one.name("ar"), one.valid_from)
    row |= {key: value for key, value in zip(_SAID, said, strict=True) if value is not None}
    row |= {"pcode": one.pcode, "valid_to": one.valid_to}
    if held is None or any(held[key] != value for key, value in row.items()):
        known.places[one.pcode] = row | {"source": one.at.file, "imported_at": now}


def _parents(own: Iterable[ListedPlace], known: _Known) -> Iterator[Remark]:
    for one in own:
        if one.parent is None or one.level is None:
            continue
        parent = known.places.get(one.parent)
        if parent is None:
            said = _(
                "{column}: {code} lies in {parent}, which is in no file and not known."
            ).format(column=one.at.parent, code=one.pcode, parent=one.parent)
            yield one.at.fault(
                said, _("Correct the code, or import the list of the level above with it.")
            )
        elif parent["level"] >= one.level:
            said = _("{column}: {code} cannot lie in {parent}, which is of level {level}.").format(
                column=one.at.parent, code=one.pcode, parent=one.parent, level=parent["level"]
            )
            yield one.at.fault(said, _("Correct the code of the place around it."))


def _unknown(one: ListedPlace, known: _Known) -> Remark | None:
    if one.pcode in known.places:
        return None
    said = _("{column}: there is no place {code} to give names to.")
    return one.at.fault(
        said.format(column=one.at.code, code=one.pcode),
        _("Correct the code, or import the list of places first."),
    )


def _spell(known: _Known, one: ListedPlace, now: str) -> None:
    """Let the official names of a place be those of its row, and its aliases be among others."""
    languages = {name.language for name in one.names}
    held = known.spellings[one.pcode]
    kept = {
        spelling: row
        for spelling, row in held.items()
        if row["kind"] != "name" or row["language"] not in languages
    }
    official = {name_letters(name.text) for name in one.names}
    official |= {row["letters"] for row in kept.values() if row["kind"] == "name"}
    said = [
        *((Spelling(code, "", ""), "code") for code in one.former),
        # An alias that differs from the name only by what the rule ignores adds nothing.
        *((name, "alias") for name in one.aliases if name_letters(name.text) not in official),
        *((name, "name") for name in one.names),
    ]
    for name, kind in said:
        row = {
            "pcode": one.pcode,
            "spelling": name.text,
            "kind": kind,
            "language": name.language,
            "letters": name_letters(name.text),
        }
        before = held.get(name.text)
        as_before = before is not None and (one.level is None or before["kind"] == kind)
        kept[name.text] = (
            (before or {}) if as_before else row | {"source": one.at.file, "imported_at": now}
        )
    if kept != held:
        known.spellings[one.pcode] = kept
        known.touched.add(one.pcode)


def _clashes(listed: Iterable[ListedPlace], known: _Known) -> Iterator[Remark]:
    """Give the aliases that fit two places of one level in one place."""
    meant: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for code, spellings in known.spellings.items():
        place = known.places[code]
        for row in spellings.values():
            if row["kind"] != "code" and place["valid_to"] is None:
                meant[place["level"], place["parent_pcode"], row["letters"]].add(code)
    for one in listed:
        place = known.places[one.pcode]
        for alias in one.aliases:
            at = place["level"], place["parent_pcode"], name_letters(alias.text)
            others = sorted(meant[at] - {one.pcode})
            if others:
                said = _("{column}: the alias “{alias}” of {code} fits {other}, too.").format(
                    column=alias.column, alias=alias.text, code=one.pcode, other=", ".join(others)
                )
                yield one.at.fault(said, _("Take it away from one of them."))


def _write(connection: Connection, written: Mapping[str, Row], known: _Known) -> None:
    upsert(connection, places, list(written.values()), ["pcode"])
    codes = sorted(known.touched)
    for start in range(0, len(codes), _BATCH):
        some = codes[start : start + _BATCH]
        connection.execute(delete(place_names).where(place_names.c.pcode.in_(some)))
    rows = [row for code in codes for row in known.spellings[code].values()]
    insert_rows(connection, place_names, rows)
