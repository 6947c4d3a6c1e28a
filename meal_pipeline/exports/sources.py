"""What the files of a folder are: forms, data, or something else.

Here: the look through the folder, and which files belong to one form. Not here: reading the rows
(`bodies.py`), and what comes into the log (`import_folder.py`).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from meal_pipeline.exports.delimited import open_delimited
from meal_pipeline.exports.json_files import LINES, Definition, look_into
from meal_pipeline.exports.problems import ImportFailed, Remark, UnreadableFile
from meal_pipeline.exports.workbook import Cell, open_workbook
from meal_pipeline.exports.xlsforms import (
    XlsForm,
    has_choices,
    has_survey,
    read_form_sheets,
    read_xlsform,
)
from meal_pipeline.forms import FormError, FormUnion, FormVersion, parse_content, unite
from meal_pipeline.locale import gettext as _

Kind = Literal["form", "workbook", "csv", "json", "other", "unreadable"]

_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_DELIMITED = (".csv", ".tsv", ".txt")
_JSON = (".json", *LINES)
_KOBO_UID = re.compile(r"a[A-Za-z0-9]{21}")
_PART = re.compile(r"[ _-]*(survey|questions?|choices?)[ _-]*", re.IGNORECASE)
_ALIKE = 0.5
"""Two forms that share so many of the smaller one's question names are versions of one."""


@dataclass(frozen=True)
class SourceFile:
    """A file of the folder: its name from there, what it is, and what to say of it."""

    path: Path
    name: str
    kind: Kind
    said: str = ""
    fix: str = ""


@dataclass
class FormSource:
    """One form: its versions, oldest first, with the contents they were read from."""

    uid: str
    title: str
    versions: list[tuple[str, Mapping[str, Any], str | None]] = field(default_factory=list)
    """Version uid, content, and when it was deployed."""
    files: list[str] = field(default_factory=list)
    named: bool = False
    """Whether the uids of its versions are KoboToolbox's own."""

    def union(self) -> FormUnion:
        """Give all versions as one form. Raises FormError."""
        return unite(
            [
                parse_content(content, asset_uid=self.uid, version_uid=uid)
                for uid, content, _at in self.versions
            ]
        )


@dataclass(frozen=True)
class Sources:
    """A folder, looked through: every file, the forms, the data files, what there is to correct."""

    folder: Path
    files: tuple[SourceFile, ...]
    forms: tuple[FormSource, ...]
    remarks: tuple[Remark, ...]

    @property
    def data(self) -> tuple[SourceFile, ...]:
        """The files that may hold submissions."""
        return tuple(one for one in self.files if one.kind in ("workbook", "csv", "json"))

    def form(self, uid: str) -> FormSource:
        """Give the form with this uid. Raises ImportFailed, naming those that there are."""
        for form in self.forms:
            if form.uid == uid:
                return form
        raise ImportFailed(
            _("The folder {folder} has no form {uid}; it has {forms}.").format(
                folder=self.folder.name,
                uid=uid,
                forms=", ".join(one.uid for one in self.forms) or _("none"),
            ),
            next_step=_("Put the XLSForm back, or write the uid into the project file."),
        )


def find_sources(folder: Path) -> Sources:
    """Look through a folder and those in it, in the order of the files' names.

    Raises ImportFailed where there is no such folder, or nothing in it that is a form.
    """
    if not folder.is_dir():
        raise ImportFailed(
            _("There is no folder {folder}.").format(folder=folder),
            next_step=_("Look at its name; for a project, at the line server of its file."),
        )
    looking = _Looking(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith((".", "~$")) for part in name.split("/"))
        if path.is_file() and not hidden:
            looking.look(path, name)
    looking.pair_delimited_forms()
    if not looking.found:
        raise ImportFailed(
            _("There is no form in the folder {folder}.").format(folder=folder.name),
            next_step=_("Put its XLSForm beside the data: in KoboToolbox, Form, … , Download XLS."),
        )
    return Sources(
        folder, tuple(looking.files), tuple(_united(looking.found)), tuple(looking.remarks)
    )


@dataclass(frozen=True)
class _Found:
    """One definition of a form, as one file has it."""

    file: str
    definition: Definition
    title: str
    version: FormVersion
    order: tuple[str, ...]


class _Looking:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[SourceFile] = []
        self.found: list[_Found] = []
        self.remarks: list[Remark] = []
        self._parts: dict[str, dict[str, tuple[Path, str]]] = {}

    def look(self, path: Path, name: str) -> None:
        """Tell what one file is; one that cannot be read is told, and stops nothing."""
        ending = path.suffix.lower()
        try:
            if ending in _WORKBOOKS:
                self._workbook(path, name)
            elif ending in _DELIMITED:
                self._delimited(path, name)
            elif ending in _JSON:
                self._json(path, name)
            else:
                self._add(path, name, "other")
        except (UnreadableFile, FormError) as error:
            self._add(path, name, "unreadable", str(error), error.next_step or "")

    def _add(self, path: Path, name: str, kind: Kind, said: str = "", fix: str = "") -> None:
        self.files.append(SourceFile(path, name, kind, said, fix))

    def _workbook(self, path: Path, name: str) -> None:
        book = open_workbook(path)
        macros = _("It holds macros, which are not run.") if book.macros else ""
        survey = next((one for one in book.sheets if one.name.strip().lower() == "survey"), None)
        if survey and has_survey(next(survey.rows(), [])):
            self._form(path, name, read_xlsform(path, path.read_bytes()), macros)
        elif any(next(sheet.rows(), None) for sheet in book.sheets):
            self._add(path, name, "workbook", macros)
        else:
            self._add(path, name, "unreadable", _("It has no cell."), _("Export it again."))

    def _delimited(self, path: Path, name: str) -> None:
        opened = open_delimited(path)
        header = next(opened.rows(), [])
        part = "survey" if has_survey(header) else "choices" if has_choices(header) else None
        if part:
            rest = _PART.sub("", path.stem).strip().lower()
            self._parts.setdefault(f"{path.parent}|{rest}", {})[part] = (path, name)
            return
        said = ""
        if opened.legacy:
            said = _("Its letters are {encoding}, not UTF-8; it is read so.").format(
                encoding=opened.legacy
            )
        self._add(path, name, "csv" if len(header) > 1 else "other", said)

    def pair_delimited_forms(self) -> None:
        """Put questions and choices in CSV files together."""
        for parts in self._parts.values():
            for path, name in parts.values():
                if "survey" not in parts:
                    self._add(
                        path,
                        name,
                        "unreadable",
                        _("It holds choices, and no questions stand beside it."),
                        _("Put the questions beside it, named alike."),
                    )
            if "survey" not in parts:
                continue
            path, name = parts["survey"]
            try:
                sheets = {
                    part: _as_rows(open_delimited(one).rows()) for part, (one, _n) in parts.items()
                }
                self._form(path, name, read_form_sheets(path.name, sheets), "")
            except (UnreadableFile, FormError) as error:
                self._add(path, name, "unreadable", str(error), error.next_step or "")
                continue
            if "choices" in parts:
                self._add(*parts["choices"], "form", _("The choices of {file}.").format(file=name))

    def _form(self, path: Path, name: str, form: XlsForm, said: str) -> None:
        stem = path.stem
        uid = form.id_string or (stem if _KOBO_UID.fullmatch(stem) else None)
        self._define(
            name, Definition(form.content, uid, None, None, form.title), form.version or ""
        )
        self.remarks.extend(form.remarks)
        self._add(path, name, "form", said)

    def _json(self, path: Path, name: str) -> None:
        held = look_into(path)
        for definition in held.definitions:
            self._define(name, definition, "")
        if held.definitions:
            self._add(path, name, "form")
        else:
            self._add(path, name, "json" if held.has_rows else "other")

    def _define(self, name: str, definition: Definition, version: str) -> None:
        stem = Path(name).stem
        parsed = parse_content(definition.content, asset_uid="form", version_uid="version")
        order = (definition.deployed_at or "", version, name)
        title = definition.name or definition.asset_uid or stem
        self.found.append(_Found(name, definition, title, parsed, order))


def _united(found: Sequence[_Found]) -> list[FormSource]:
    """Put definitions together that are versions of one form, oldest first."""
    groups: list[list[_Found]] = []
    for one in sorted(found, key=lambda each: each.definition.asset_uid is None):
        group = next((group for group in groups if _belongs(one, group)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    sources = []
    for group in groups:
        ordered = sorted(group, key=lambda one: one.order)
        if any(one.definition.version_uid for one in ordered):
            ordered = [one for one in ordered if one.definition.version_uid]
        uids = [one.definition.asset_uid for one in ordered if one.definition.asset_uid]
        source = FormSource(
            uids[0] if uids else _slug(Path(ordered[0].file).stem),
            ordered[-1].title,
            files=sorted({one.file for one in group}),
            named=all(one.definition.version_uid for one in ordered),
        )
        known: set[str] = set()
        for one in ordered:
            uid = one.definition.version_uid or f"file-{content_hash(one.definition.content)[:12]}"
            if uid not in known:
                known.add(uid)
                at = one.definition.deployed_at
                source.versions.append((uid, one.definition.content, at))
        sources.append(source)
    return sorted(sources, key=lambda one: one.uid)


def _belongs(one: _Found, group: Sequence[_Found]) -> bool:
    uid = one.definition.asset_uid
    held = {each.definition.asset_uid for each in group} - {None}
    if uid is not None and held:
        return uid in held
    return any(_alike(one.version, each.version) for each in group)


def _alike(one: FormVersion, other: FormVersion) -> bool:
    names, others = set(one.by_path), set(other.by_path)
    return len(names & others) >= max(1.0, _ALIKE * min(len(names), len(others)))


def content_hash(content: Mapping[str, Any]) -> str:
    """Give the SHA-256 (64 hex digits) of a form's content."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _slug(stem: str) -> str:
    return re.sub(r"[^\w-]+", "-", stem).strip("-") or "form"


def _as_rows(rows: Iterable[list[Cell]]) -> list[dict[str, Any]]:
    listed = list(rows)
    header = ["" if one is None else str(one) for one in listed[0]]
    return [dict(zip(header, row, strict=False)) for row in listed[1:]]
