"""Which question each column of an export belongs to.

Here: headings as XML names or labels in any language of the form, with or without groups, under
any separator; the split columns of choices and points. A heading that fits two questions fits
none. Not here: what stands below the headings (`bodies.py`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meal_pipeline.forms import Choice, Column, FormUnion, Question
from meal_pipeline.forms.model import Labels
from meal_pipeline.forms.sheets import read_sheets
from meal_pipeline.forms.special_groups import expand_special_groups

POINT_PARTS = ("latitude", "longitude", "altitude", "precision")
XML = None
"""The language of headings that are names."""

_ROOT_UUID = re.compile(r"(meta\W{0,5})?rootUuid", re.IGNORECASE)
_INSTANCE = re.compile(r"(meta\W{0,5})?instanceID", re.IGNORECASE)
_VERSION = re.compile(r"_{1,2}version_{1,2}([0-9]{3})?")
_OURS = {
    "_id", "_uuid", "_submission_time", "_validation_status", "_submitted_by", "_status", "_index",
    "_parent_index", "_parent_table_name", "_submission__id", "_submission__uuid",
    "_submission___version__",
}  # fmt: skip
_LEFT_OUT = re.compile(
    r"_notes|_tags|_xform_id_string|formhub.uuid|_submission_.*|_geolocation|_attachments"
)
_OWN_GROUPS = {"begin_score", "begin_rank", "begin_kobomatrix"}
_SIGNS = re.compile(r"[^\w\u0600-\u06ff]{0,5}")
"""What a separator of groups may be: no letter, no digit, five signs at most."""


@dataclass(frozen=True)
class Target:
    """What a column holds: a question's answer, whether one choice is ticked, a part of a point.

    `part` is '' for the whole answer, else a code, or one of `POINT_PARTS`.
    """

    column: Column
    part: str = ""


@dataclass(frozen=True)
class Headings:
    """The columns of a sheet by their position; `language` is that of headings and answers.

    `clashing` are those that fit several questions, `unknown` those that fit none.
    """

    language: str | None
    targets: Mapping[int, Target]
    meta: Mapping[int, str]
    clashing: Mapping[int, str]
    unknown: Mapping[int, str]

    @property
    def questions(self) -> int:
        """How many columns belong to questions."""
        return len(self.targets) + len(self.clashing)

    @property
    def fit(self) -> float:
        """The share of the columns that are the form's, of all that are not the server's own."""
        all_ = self.questions + len(self.unknown)
        return self.questions / all_ if all_ else 0.0


def plain(text: object) -> str:
    """Give a heading or label with single blanks, for comparing."""
    return " ".join(str(text).split())


@dataclass
class Wording:
    """The headings that a form may have in exports, of all its versions.

    `groups` are labels of groups and repeats by path; `matrices` the headings of matrix cells, as
    KoboToolbox words them; both by version uid.
    """

    union: FormUnion
    groups: dict[str, dict[str, Labels]] = field(default_factory=dict)
    matrices: dict[str, dict[str, Labels]] = field(default_factory=dict)
    _known: dict[Any, Any] = field(default_factory=dict)

    def entries(self, repeat: str | None, language: str | None) -> "list[Entry]":
        """Give every heading of a frame in a language as its parts, with what it heads."""
        key = (repeat, language)
        if key not in self._known:
            self._known[key] = list(dict.fromkeys(_entries(self, repeat, language)))
        return self._known[key]  # type: ignore[no-any-return]

    def known(
        self, repeat: str | None, language: str | None, separator: str, *, groups: bool
    ) -> "dict[str, set[Target | None]]":
        """Give what each heading of a frame heads, written with this separator."""
        key = (repeat, language, separator, groups)
        if key not in self._known:
            self._known[key] = _known(self.entries(repeat, language), separator, groups=groups)
        return self._known[key]  # type: ignore[no-any-return]

    def add(self, version: str, content: Mapping[str, Any]) -> None:
        """Take the labels that a version's content has beside its questions' own."""
        sheets = read_sheets(content)
        groups = self.groups.setdefault(version, {})
        inside: list[str] = []
        # KoboToolbox deploys its own groups without their labels.
        own = {row.number for row in sheets.survey if row.type in _OWN_GROUPS}
        for row in expand_special_groups(sheets.survey, sheets.choices):
            if row.type.startswith("begin_"):
                inside.append(row.name or "")
                groups["/".join(inside)] = {} if row.number in own else row.text("label")
            elif row.type.startswith("end_") and inside:
                inside.pop()
        matrices = self.matrices.setdefault(version, {})
        matrix: str | None = None
        items: tuple[Choice, ...] = ()
        for row in sheets.survey:
            if row.type == "begin_kobomatrix":
                matrix = row.name
                items = sheets.choices.get(row.cells.get("kobo--matrix_list", ""), ())
            elif row.type == "end_kobomatrix":
                matrix = None
            elif matrix:
                for item in items:
                    matrices[f"{matrix}_{item.name}_{row.name}"] = {
                        language: f'<span style="display:none">{item.name}-{label}</span>'
                        for language, label in row.text("label").items()
                    }

    def segments(
        self, version: str, question: Question, language: str | None
    ) -> Iterator[tuple[str, ...]]:
        """Give the ways in which a version heads a question: its groups, then itself."""
        *around, name = question.path.split("/")
        if language is XML:
            yield (*around, name)
            return
        groups = self.groups.get(version, {})
        labelled = [
            groups.get("/".join(around[: at + 1]), {}).get(language) or group
            for at, group in enumerate(around)
        ]
        matrix = self.matrices.get(version, {}).get(name, {}).get(language)
        own = [one for one in (matrix, question.labels.get(language)) if one]
        for text in own or [name]:
            yield tuple(map(plain, (*labelled, text)))
        if question.or_other or name.endswith("_other"):
            yield tuple(map(plain, (*labelled, name)))


def match_headings(header: Sequence[object], wording: Wording, repeat: str | None) -> Headings:
    """Give what each column of a sheet is, for the form's main frame or one of its repeats.

    Of all languages, separators and both ways with groups, the one counts that explains most
    columns; names before labels.
    """
    written = {at: plain(one) for at, one in enumerate(header) if one is not None and plain(one)}
    names = {column.name for column in wording.union.columns_of(repeat)}
    meta = {at: key for at, text in written.items() if (key := _meta(text, names))}
    asked = {at: text for at, text in written.items() if at not in meta}
    best, best_score = None, (-1, -1)
    for language in (XML, *wording.union.language_codes):
        entries = wording.entries(repeat, language)
        for separator in _separators(entries, asked.values()):
            for groups in (True, False):
                known = wording.known(repeat, language, separator, groups=groups)
                found = {at: known[text] for at, text in asked.items() if text in known}
                score = (sum(len(one) == 1 for one in found.values()), len(found))
                if score > best_score:
                    best, best_score = (language, found), score
    language, found = best or (XML, {})
    times = Counter(asked[at] for at in found)
    clear = {at for at, one in found.items() if len(one) == 1 and times[asked[at]] == 1}
    return Headings(
        language,
        {at: target for at in sorted(clear) if (target := next(iter(found[at])))},
        meta,
        {at: asked[at] for at in found if at not in clear},
        {at: text for at, text in asked.items() if at not in found},
    )


def _meta(text: str, names: Iterable[str]) -> str | None:
    """Give the server's own key that a heading is, '' being one that is left out."""
    if text in names:
        return None
    if text in _OURS or _VERSION.fullmatch(text):
        return text
    if _ROOT_UUID.fullmatch(text):
        return "meta/rootUuid"
    if text == "uuid" or _INSTANCE.fullmatch(text):
        return "_uuid"
    return "-" if _LEFT_OUT.fullmatch(text) else None


Entry = tuple[tuple[str, ...], Target | None]


def _entries(wording: Wording, repeat: str | None, language: str | None) -> Iterator[Entry]:
    """Give every heading as its parts, with what it heads; None for what is left out."""
    forms = {one.version_uid: one for one in wording.union.versions}
    for column in wording.union.columns_of(repeat):
        for version, question in column.questions.items():
            form = forms[version]
            for segments in wording.segments(version, question, language):
                *around, own = segments
                yield segments, Target(column)
                if question.kind == "select_multiple":
                    for choice in form.choices_of(question):
                        for text in _choice_texts(choice, language):
                            yield (*segments, plain(text)), Target(column, choice.name)
                elif question.kind == "geopoint":
                    for part in POINT_PARTS:
                        target = Target(column, part)
                        yield (*around, f"_{own}_{part}"), target
                        if around:
                            first, *others = around
                            yield (f"_{first}", *others, f"{own}_{part}"), target
                elif question.kind == "media":
                    yield (*around, f"{own}_URL"), None


def _choice_texts(choice: Choice, language: str | None) -> set[str]:
    label = choice.labels.get(language) if language else None
    # KoboToolbox heads the choice that `or_other` adds with its code.
    return {label or choice.name} | ({"other"} if choice.name == "other" else set())


def _separators(entries: Sequence[Entry], headings: Iterable[str]) -> list[str]:
    """Give the separators that stand between parts of headings, the commonest first."""
    listed = list(headings)
    counted: Counter[str] = Counter()
    pairs = (_without_groups(parts, target) for parts, target in entries)
    all_ = (*(parts for parts, _target in entries), *pairs)
    for parts in dict.fromkeys(one for one in all_ if 2 <= len(one) <= 3):
        first, *middle, last = parts
        for text in listed:
            if text.startswith(first) and text.endswith(last):
                between = text[len(first) : len(text) - len(last)]
                sign = between if not middle else between.partition(middle[0])[0]
                if text == sign.join(parts) and _SIGNS.fullmatch(sign):
                    counted[sign] += 1
    return [sign for sign, _count in counted.most_common(3)] or ["/"]


def _known(
    entries: Iterable[Entry], separator: str, *, groups: bool
) -> dict[str, set[Target | None]]:
    known: dict[str, set[Target | None]] = {}
    for parts, target in entries:
        kept = parts if groups else _without_groups(parts, target)
        known.setdefault(plain(separator.join(kept)), set()).add(target)
    return known


def _without_groups(parts: tuple[str, ...], target: Target | None) -> tuple[str, ...]:
    ticked = target is not None and target.part and target.column.kind == "select_multiple"
    return parts[-2:] if ticked else parts[-1:]
