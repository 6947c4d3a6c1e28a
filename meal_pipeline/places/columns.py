"""What the columns of a list of places mean, by their headings.

Here: the headings of OCHA's COD-AB as HDX has had them (`admin1Pcode`, `ADM1_PCODE`, `adm1_pcode`
with `adm1_name`, `adm1_name1` and `lang`, `lang1`), and plain ones (`pcode`, `name_ar`, `aliases`).
Not here: the rows (`listed`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from meal_pipeline.places.sheets import Table

_TONGUE = "(?:ar|en|fr|es|pt|ku|kmr|ckb|tr|fa|ps|ur|ru|uk|he|hy|so|sw|am|bn|my)"
_ADMIN = re.compile(
    r"(?:admin|adm)_?(?P<level>[0-4])_?"
    r"(?:(?P<code>p_?code)"
    rf"|(?P<alias>alt|ref)_?name_?\d?(?:_(?P<alias_language>{_TONGUE}))?"
    rf"|(?:name)?(?P<number>\d)?(?:_(?P<language>{_TONGUE}))?)"
)
_SETTLEMENT = r"(?:settlement|community|village|neighbourhood|location)"
_PLAIN = re.compile(
    rf"(?P<settlement>{_SETTLEMENT}_?)?"
    rf"(?:(?P<code>p_?code)|name(?:_(?P<language>{_TONGUE}))?"
    rf"|(?P<alias>alias(?:es)?)(?:_(?P<alias_language>{_TONGUE}))?)"
)
_FORMER = re.compile(r"(?:previous|former|old)_?p_?code")
_FROM, _TO = re.compile(r"valid_?(?:on|from)"), re.compile(r"valid_?to")
_LANGUAGE = re.compile(r"lang(?P<number>\d?)")
_LEVEL = re.compile(r"adm(?:in)?[ _-]?([0-4])", re.IGNORECASE)


@dataclass
class Columns:
    """Positions of columns. `names` and `codes` go by level, `languages` by a name's number."""

    codes: dict[int, int] = field(default_factory=dict)
    names: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    aliases: list[tuple[int, str]] = field(default_factory=list)
    former: list[int] = field(default_factory=list)
    valid_from: int | None = None
    valid_to: int | None = None
    languages: dict[str, int] = field(default_factory=dict)
    level: int | None = None
    """The column that tells each row's level, in a list of several levels."""
    parent: int | None = None
    """The column of the P-code of the place around each, in such a list."""
    own: int | None = None
    """The level of the table's places; None where its rows only name known ones."""
    code: int | None = None
    """The column of their P-codes; None where there is none."""

    @property
    def parents(self) -> Mapping[int, int]:
        """The columns of the P-codes of places around, by level, nearest first."""
        return {
            level: at
            for level, at in sorted(self.codes.items(), reverse=True)
            if at != self.code and (self.own is None or level < self.own)
        }


def columns_of(table: Table, level: int | None = None) -> Columns:
    """Give what the columns of `table` are.

    The deepest level with a P-code is the table's own. Where the code stands under a plain `pcode`,
    the level is in a column `level`, is the one given, or in the name of the sheet or file
    (`syr_admin2.geojson`).
    """
    found, plain = Columns(), _Plain()
    for at, heading in enumerate(table.headings):
        _take(found, plain, at, re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_"))
    if plain.code is not None:
        found.code = plain.code
        if plain.names and found.level is not None:
            found.own = 0
        elif plain.names:
            found.own = 4 if plain.settlement else _told(table, level)
        if found.own is not None:
            found.names[found.own] = plain.names
    elif found.codes:
        found.own = max(found.codes)
        found.code = found.codes[found.own]
    return found


@dataclass
class _Plain:
    """Columns whose headings name no level."""

    code: int | None = None
    names: list[tuple[int, str]] = field(default_factory=list)
    settlement: bool = False


def _take(found: Columns, plain: _Plain, at: int, heading: str) -> None:
    """Note what the column at a place is, where its heading is known."""
    if admin := _ADMIN.fullmatch(heading):
        _take_admin(found, at, admin)
    elif one := _PLAIN.fullmatch(heading):
        plain.settlement = plain.settlement or bool(one["settlement"])
        if one["code"]:
            plain.code = at
        elif one["alias"]:
            found.aliases.append((at, one["alias_language"] or ""))
        else:
            plain.names.append((at, one["language"] or ""))
    elif _FORMER.fullmatch(heading):
        found.former.append(at)
    elif heading == "level":
        found.level = at
    elif heading == "parent_pcode":
        found.parent = at
    elif _FROM.fullmatch(heading):
        found.valid_from = at
    elif _TO.fullmatch(heading):
        found.valid_to = at
    elif language := _LANGUAGE.fullmatch(heading):
        found.languages[language["number"]] = at


def _take_admin(found: Columns, at: int, heading: re.Match[str]) -> None:
    level = int(heading["level"])
    if heading["code"]:
        found.codes[level] = at
    elif heading["alias"]:
        found.aliases.append((at, heading["alias_language"] or ""))
    else:
        # A name without a language has it in a column of its own: `lang2` for `adm1_name2`.
        language = heading["language"] or f"lang{heading['number'] or ''}"
        found.names.setdefault(level, []).append((at, language))


def _told(table: Table, level: int | None) -> int | None:
    if level is not None:
        return level
    for text in (table.sheet, table.file):
        if found := _LEVEL.search(text):
            return int(found[1])
    return None
