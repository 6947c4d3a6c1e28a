"""An export, turned back into submissions as the API would have given them.

Here: which form a file fits, how its sheets belong together, the server's own keys. Not here: one
sheet (`frames.py`), several files that hold the same submissions (`several.py`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from meal_pipeline.exports.carrying import Lacks
from meal_pipeline.exports.cells import cell_text
from meal_pipeline.exports.delimited import open_delimited
from meal_pipeline.exports.frames import Frame, find_frame, lacks_of_files
from meal_pipeline.exports.headings import Headings, Wording
from meal_pipeline.exports.json_files import json_rows
from meal_pipeline.exports.problems import UnreadableFile
from meal_pipeline.exports.sources import FormSource, SourceFile
from meal_pipeline.exports.workbook import Cell, Sheet, open_workbook
from meal_pipeline.forms import FormUnion, UnitedRepeat
from meal_pipeline.locale import gettext as _

_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2})-(\d{2})-(\d{2})")
_TITLE_LIMIT = 31
_FITS = 0.5
_STATUS = "validation_status_"
_STATUSES = {"approved": "approved", "not approved": "not_approved", "on hold": "on_hold"}

_OF_A_REPEAT = {"_parent_index", "_submission__id", "_submission__uuid"}
_JSON_RANK, _TABLE_RANK = 100, 10


@dataclass
class KnownForm:
    """A form of the folder with all that its exports may be worded in."""

    source: FormSource
    union: FormUnion
    wording: Wording

    @property
    def day(self) -> str | None:
        """The question that tells on which day a submission was filled in."""
        types = {column.type: column.name for column in reversed(self.union.columns_of())}
        return types.get("today") or types.get("start")

    @classmethod
    def of(cls, source: FormSource) -> "KnownForm":
        """Take a form in. Raises FormError where its definition cannot be read."""
        union = source.union()
        wording = Wording(union)
        for version, content, _at in source.versions:
            wording.add(version, content)
        return cls(source, union, wording)


@dataclass
class Export:
    """A data file that fits a form; `lacks`, `rows` and `between` are complete once it was read.

    `rank` tells how much it carries (more is better), `made` when it was exported, as its name
    or the workbook says ('' where neither does).
    """

    file: SourceFile
    form: KnownForm
    rank: int
    made: str
    lacks: Lacks
    main: Frame | None = None
    repeats: dict[str, Frame] = field(default_factory=dict)
    rows: int = 0
    between: tuple[str, str] = ("", "")
    """When its first and last submission were received, as the server wrote it."""
    days: tuple[str, str] = ("", "")
    """The first and the last day on which it was filled in, by the form's question `day`."""

    @property
    def language(self) -> str | None:
        """The language of its headings; None for names and for JSON."""
        return self.main.headings.language if self.main else None


def open_export(file: SourceFile, forms: Sequence[KnownForm]) -> Export:
    """Find the form that a data file belongs to, and the sheets that hold its frames.

    Raises UnreadableFile for a file that fits no form, or whose rows have no identity.
    """
    stamp = _STAMP.search(file.path.name)
    made = f"{stamp[1]}T{stamp[2]}:{stamp[3]}:{stamp[4]}" if stamp else ""
    if file.kind == "json":
        return _json_export(file, forms, made)
    if file.kind == "csv":
        opened = open_delimited(file.path)
        sheets: tuple[Sheet, ...] = (Sheet(file.path.stem, opened.rows),)
    else:
        book = open_workbook(file.path)
        sheets, made = book.sheets, made or book.made
    main, headings, form = _main_sheet(file, sheets, forms)
    lacks = Lacks()
    export = Export(file, form, _TABLE_RANK, made, lacks)
    export.main = Frame(main, *headings, form.wording, None, lacks)
    _need_identity(export.main, file)
    _find_repeats(export, [one for one in sheets if one is not main])
    _note_lacks(export)
    export.rank -= _shortfall(export)
    return export


def bodies_of(export: Export) -> Iterator[dict[str, Any]]:
    """Give the submissions of a file, one after the other.

    Everything is text, what is not answered is absent, keys are the paths of each row's own form
    version, repeats are lists. Raises UnreadableFile where the file breaks off.
    """
    export.rows, export.between, export.days = 0, ("", ""), ("", "")
    day_paths = {
        path
        for column in export.form.union.columns_of()
        if column.name == export.form.day
        for path in column.paths.values()
    }
    for body in _Reading(export).bodies() if export.main else _json_bodies(export):
        export.rows += 1
        export.between = _widened(export.between, str(body.get("_submission_time") or ""))
        for path in day_paths:
            export.days = _widened(export.days, str(body.get(path) or "")[:10])
        yield body


def _widened(span: tuple[str, str], moment: str) -> tuple[str, str]:
    if not moment:
        return span
    return min(span[0] or moment, moment), max(span[1], moment)


def _json_bodies(export: Export) -> Iterator[dict[str, Any]]:
    for row in json_rows(export.file.path):
        if row.get("_xform_id_string") in (None, export.form.source.uid):
            yield row if isinstance(row.get("_id"), int) else _numbered(row, export.lacks)


def _json_export(file: SourceFile, forms: Sequence[KnownForm], made: str) -> Export:
    first = next(json_rows(file.path))
    named = first.get("_xform_id_string")
    for form in forms:
        if form.source.uid == named or (named is None and len(forms) == 1):
            return Export(file, form, _JSON_RANK, made, Lacks())
    by_keys = max(forms, key=lambda form: _shared(first, form.union))
    if len(forms) == 1 and _shared(first, by_keys.union) >= _FITS:
        return Export(file, by_keys, _JSON_RANK, made, Lacks())
    raise _fits_none(file)


def _shared(row: Mapping[str, Any], union: FormUnion) -> float:
    keys = {key for key in row if not key.startswith(("_", "meta/", "formhub/"))}
    paths = {path for form in union.versions for path in form.by_path}
    paths |= {repeat.path for form in union.versions for repeat in form.repeats}
    return len(keys & paths) / len(keys) if keys else 0.0


def _fits_none(file: SourceFile) -> UnreadableFile:
    return UnreadableFile(
        _("{file} is no export of a form in this folder.").format(file=file.name),
        next_step=_("Put the XLSForm of these data into the folder, or take the file out of it."),
    )


def _main_sheet(
    file: SourceFile, sheets: Sequence[Sheet], forms: Sequence[KnownForm]
) -> tuple[Sheet, tuple[int, Headings], KnownForm]:
    best: tuple[tuple[float, int], Sheet, tuple[int, Headings], KnownForm] | None = None
    for form in forms:
        for sheet in sheets:
            found = find_frame(sheet, form.wording, None)
            if found is None or "_parent_index" in found[1].meta.values():
                continue
            own = 1 if "_id" in found[1].meta.values() else 0
            score = (found[1].fit + own, found[1].questions)
            if found[1].fit >= _FITS and (best is None or score > best[0]):
                best = score, sheet, found, form
    if best is None:
        raise _fits_none(file)
    return best[1:]


def _need_identity(main: Frame, file: SourceFile) -> None:
    if main.meta("_id") is None and main.meta("_uuid") is None:
        raise UnreadableFile(
            _("{file} has neither a column _id nor _uuid: its rows cannot be told apart.").format(
                file=file.name
            ),
            next_step=_("Export it again from KoboToolbox with all columns."),
        )


def _find_repeats(export: Export, sheets: Sequence[Sheet]) -> None:
    wording = export.form.wording
    for repeat in export.form.union.repeats:
        titles = {_title(one) for one in (repeat.name, *repeat.labels.values())}
        candidates = []
        for sheet in sheets:
            found = find_frame(sheet, wording, repeat.name)
            if found and _OF_A_REPEAT & set(found[1].meta.values()):
                score = (_title(sheet.name) in titles, found[1].fit, found[1].questions)
                candidates.append((score, sheet, found))
        if candidates:
            score, sheet, found = max(candidates, key=lambda one: one[0])
            if score[0] or score[1] >= _FITS:
                frame = Frame(sheet, *found, wording, repeat.name, export.lacks)
                export.repeats[repeat.name] = frame


def _title(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:_TITLE_LIMIT].casefold()


def _note_lacks(export: Export) -> None:
    """Note what the whole file lacks."""
    main, lacks = export.main, export.lacks
    assert main is not None
    newest = export.form.union.newest.version_uid
    for repeat in export.form.union.repeats:
        if repeat.name not in export.repeats:
            lacks.add("repeats", repeat.name)
    for frame in (main, *export.repeats.values()):
        for column in frame.missing():
            if column.type != "audit":
                lacks.add("missing", column.name)
            if newest not in column.questions:
                lacks.add("newest_only")
        lacks_of_files(export.form.union.columns_of(frame.repeat), lacks)
    for key, kind in (
        ("__version__", "no_version"),
        ("meta/rootUuid", "edits"),
        ("_submission_time", "times"),
        ("_submitted_by", "senders"),
        ("_id", "no_id"),
    ):
        absent = main.meta(key) is None
        if absent and not (key == "__version__" and any("version" in m for m in _metas(main))):
            lacks.add(kind)


def _shortfall(export: Export) -> int:
    """Weigh what an export lacks: repeats most, then codes and types, then single questions."""
    assert export.main is not None
    kinds = {kind for kind, _about in export.lacks.counted}
    return (
        4 * ("repeats" in kinds)
        + 2 * (export.language is not None)
        + 2 * export.main.has_dates()
        + len(kinds & {"missing", "newest_only", "clash"})
    )


def _metas(frame: Frame) -> list[str]:
    return list(frame.headings.meta.values())


def made_id(uuid: str) -> int:
    """Give a number for a submission that has none: 48 bits of its uuid's hash, above all ids."""
    return (1 << 48) + int.from_bytes(hashlib.sha256(uuid.encode()).digest()[:6], "big")


def _numbered(row: Mapping[str, Any], lacks: Lacks) -> dict[str, Any]:
    uuid = str(row.get("_uuid") or row.get("meta/instanceID") or "").removeprefix("uuid:")
    lacks.counted["no_id", ""] += 0
    return {**row, "_id": made_id(uuid), "_uuid": uuid}


class _Reading:
    """Reads the rows of an export; the rows of repeats are held, packed, by their parent's row."""

    def __init__(self, export: Export) -> None:
        assert export.main is not None
        self.export, self.main, self.lacks = export, export.main, export.lacks
        self.uid = export.form.source.uid
        self.known = {one.version_uid for one in export.form.union.versions}
        self.newest = export.form.union.newest.version_uid
        self.children: dict[str, dict[str, list[bytes]]] = {
            repeat.name: _held(export.repeats[repeat.name], top=repeat.parent is None)
            for repeat in export.form.union.repeats
            if repeat.name in export.repeats
        }
        self.inside: dict[str | None, list[UnitedRepeat]] = {}
        for repeat in export.form.union.repeats:
            if repeat.name in export.repeats:
                self.inside.setdefault(repeat.parent, []).append(repeat)
        self.versions = [
            at
            for at, key in self.main.headings.meta.items()
            if "version" in key and not key.startswith("_submission")
        ]

    def bodies(self) -> Iterator[dict[str, Any]]:
        main = self.main
        place = {key: main.meta(key) for key in _KEYS}

        def said(row: list[Cell], key: str) -> str | None:
            at = place[key]
            return None if at is None else cell_text(row[at], "text")

        for row in main.rows():
            uuid = (said(row, "_uuid") or "").removeprefix("uuid:")
            identity = said(row, "_id")
            if not identity and not uuid:
                continue  # a total below the rows, a remark
            version = self._version(row)
            body: dict[str, Any] = {
                "_id": self._number(identity, uuid),
                **main.keyed(main.answers(row, version), version),
            }
            # Without a column `_index` the place of a row says nothing: rows may have been deleted.
            index = said(row, "_index") or ""
            own = (str(body["_id"]), uuid)
            self._attach(body, None, [index, *(f"={one}" for one in own)], version, own)
            for at in self.versions:
                if text := cell_text(row[at], "text"):
                    body[main.headings.meta[at]] = text
            self._add_meta(body, uuid, {key: said(row, key) for key in _KEYS})
            yield body
        for name, rows in self.children.items():
            if rows:
                self.lacks.add("orphans", name, sum(map(len, rows.values())))

    def _version(self, row: list[Cell]) -> str:
        for at in self.versions:
            text = cell_text(row[at], "text")
            if text in self.known:
                return str(text)
        return self.newest

    def _number(self, identity: str | None, uuid: str) -> int:
        try:
            return int(float(identity)) if identity else made_id(uuid)
        except ValueError:
            raise UnreadableFile(
                _("{file} has an _id that is no number.").format(file=self.export.file.name),
                next_step=_("Export it again from KoboToolbox."),
            ) from None

    def _attach(
        self,
        body: dict[str, Any],
        around: str | None,
        keys: Sequence[str],
        version: str,
        own: tuple[str, str],
    ) -> None:
        """Put the rows of the repeats that are held under `keys` into a row of the frame `around`.

        `own` are the number and the uuid of the submission: rows that name another are not its.
        """
        for repeat in self.inside.get(around, ()):
            frame, held = self.export.repeats[repeat.name], self.children[repeat.name]
            rows = []
            for packed in (one for key in keys if key for one in held.pop(key, ())):
                own_index, of, answers = orjson.loads(packed)
                if of and of not in own:
                    self.lacks.add("orphans", repeat.name, 1)
                    continue
                row = frame.keyed(answers, version)
                self._attach(row, repeat.name, [own_index], version, own)
                if row:
                    rows.append(row)
            if rows:
                body[repeat.paths.get(version) or repeat.newest.path] = rows

    def _add_meta(self, body: dict[str, Any], uuid: str, said: Mapping[str, str | None]) -> None:
        body["_xform_id_string"] = self.uid
        body["_uuid"] = uuid
        body["meta/instanceID"] = f"uuid:{uuid}"
        if root := said["meta/rootUuid"]:
            body["meta/rootUuid"] = root
            if root.removeprefix("uuid:") != uuid:
                body["meta/deprecatedID"] = root
        body["_attachments"] = []
        if received := said["_submission_time"]:
            body["_submission_time"] = received.replace(" ", "T", 1)
        for key in ("_status", "_submitted_by"):
            if text := said[key]:
                body[key] = text
        if self.main.meta("_validation_status") is not None:
            body["_validation_status"] = self._validation(said["_validation_status"])

    def _validation(self, text: str | None) -> dict[str, str]:
        if not text:
            return {}
        if text.startswith(_STATUS):
            return {"uid": text}
        status = _STATUSES.get(text.strip().lower())
        if status is None:
            self.lacks.add("validation", rows=1)
            return {}
        return {"uid": f"{_STATUS}{status}"}


_KEYS = (
    "_id", "_uuid", "_index", "meta/rootUuid", "_submission_time", "_status", "_submitted_by",
    "_validation_status",
)  # fmt: skip


def _held(frame: Frame, *, top: bool) -> dict[str, list[bytes]]:
    """Give the rows of a repeat, packed: own index, submission, answers.

    They lie under their parent's index; those of a `top` repeat under `=` and their submission,
    which holds when sheets were sorted or rows deleted by hand.
    """
    keys = ("_parent_index", "_index", "_submission___version__")
    parent, own, version = (frame.meta(key) for key in keys)
    named = [frame.meta(key) for key in ("_submission__id", "_submission__uuid", "_uuid")]
    of = next((at for at in named if at is not None), None)

    def said(row: list[Cell], at: int | None) -> str:
        return "" if at is None else cell_text(row[at], "text") or ""

    held: dict[str, list[bytes]] = {}
    for number, row in enumerate(frame.rows(), 1):
        submission = said(row, of).removeprefix("uuid:")
        packed = orjson.dumps(
            [said(row, own) or str(number), submission, frame.answers(row, said(row, version))]
        )
        key = f"={submission}" if top and submission else said(row, parent)
        held.setdefault(key, []).append(packed)
    return held
