"""A folder of exports into the log of submissions, as a pull from a server would bring it.

Here: the forms of a project, one after the other, each wholly or not at all. Not here: reading
files (`sources.py`, `bodies.py`, `several.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from meal_pipeline.exports.bodies import Export, KnownForm, open_export
from meal_pipeline.exports.carrying import Lacks
from meal_pipeline.exports.problems import ImportFailed, UnreadableFile
from meal_pipeline.exports.several import Submissions
from meal_pipeline.exports.sources import FormSource, Sources, content_hash, find_sources
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store, insert_rows, upsert
from meal_pipeline.store.body_hash import ATTACHMENTS, VALIDATION, attachments_hash, validation_of
from meal_pipeline.store.erasing import Erased
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import (
    FormVersion,
    append_submissions,
    append_versions,
    version_uids,
)
from meal_pipeline.store.submission_publishing import publish_submissions
from meal_pipeline.store.submission_state import State, count_held
from meal_pipeline.store.tables.collect import forms, pulls
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project

RowsRead = Callable[[str, int], None]
"""Called with the form's code and the rows read so far."""


@dataclass(frozen=True)
class ImportedForm:
    """What an import brought for one form; `lacks` is what its files could not tell.

    More rows may be held than are in the files: those of earlier imports stay.
    """

    form: str
    rows_in_files: int
    rows_held: int
    rows_new: int
    rows_edited: int
    rows_revalidated: int
    versions_new: int
    lacks: Lacks


@dataclass(frozen=True)
class Survey:
    """A folder with its data files opened: the exports by form uid, and what was not read."""

    sources: Sources
    exports: dict[str, list[Export]]
    unread: tuple[tuple[str, str, str], ...]
    """File, reason, and what to do."""


def survey_folder(folder: Path) -> Survey:
    """Look through a folder and find out which data file belongs to which form.

    Raises ImportFailed where there is no form.
    """
    sources = find_sources(folder)
    known = [KnownForm.of(source) for source in sources.forms]
    exports: dict[str, list[Export]] = {source.uid: [] for source in sources.forms}
    unread = [(one.name, one.said, one.fix) for one in sources.files if one.kind == "unreadable"]
    for file in sources.data:
        try:
            export = open_export(file, known)
        except UnreadableFile as error:
            unread.append((file.name, str(error), error.next_step or ""))
        else:
            exports[export.form.source.uid].append(export)
    return Survey(sources, exports, tuple(unread))


def import_folder(
    store: Store,
    project: Project,
    folder: Path,
    *,
    key: SubkeySource,
    clock: Clock,
    progress: RowsRead | None = None,
) -> list[ImportedForm]:
    """Bring every form of `project` from the files of `folder` into the log of submissions.

    The same folder again adds nothing; a changed file adds new versions of the rows that changed.
    Rows that are in no file any more stay. Raises ImportFailed where a form of the project is not
    in the folder or none of its files holds a submission, and UnreadableFile where a file breaks
    off half-way; forms imported before it stay.
    """
    survey = survey_folder(folder)
    found = [survey.sources.form(form.uid) for form in project.forms.values()]
    if not any(survey.exports[source.uid] for source in found):
        raise ImportFailed(
            _("No file in the folder {folder} holds submissions of the project's forms.").format(
                folder=folder.name
            ),
            next_step=_("Look what each file is: meal import FOLDER"),
        )
    imported = []
    for code, source in zip(project.forms, found, strict=True):
        opening = {
            "pull_id": token_hex(8),
            "project": project.code,
            "form": code,
            "server": project.server,
            "asset_uid": source.uid,
            "started_at": utc_text(clock()),
        }
        exports = survey.exports[source.uid]

        def rows_read(rows: int, form: str = code) -> None:
            if progress:
                progress(form, rows)

        with Submissions(exports, rows_read) as submissions:
            for file, _reason, _fix in survey.unread:
                submissions.lacks.add("file", file)
            job = _FormImport(store, opening, source, submissions, key=key, clock=clock)
            imported.append(job.run(_size(exports)))
    return imported


def _state(body: Mapping[str, Any]) -> State:
    status, seconds = validation_of(body)
    at = None if seconds is None else utc_text(datetime.fromtimestamp(seconds, UTC))
    return State(str(body.get("_uuid") or ""), status, at, attachments_hash(body.get(ATTACHMENTS)))


def _size(exports: Sequence[Export]) -> int:
    return sum(one.file.path.stat().st_size for one in exports)


class _FormImport:
    def __init__(
        self,
        store: Store,
        opening: dict[str, Any],
        source: FormSource,
        submissions: Submissions,
        *,
        key: SubkeySource,
        clock: Clock,
    ) -> None:
        self.store, self.opening, self.submissions = store, opening, submissions
        self.key, self.clock = key, clock
        self.server, self.uid = opening["server"], opening["asset_uid"]
        self.source = _named_by_rows(source, submissions)

    def run(self, received_bytes: int) -> ImportedForm:
        """Log what is new, then let it hold all at once."""
        self._note_versions()
        where = (self.server, self.uid)
        erased = Erased(self.store, *where, self.key)
        seen: dict[int, State] = {}
        for chunk in self.submissions.chunks():
            kept = erased.without(chunk)
            seen.update((one["_id"], _state(one)) for one in kept if VALIDATION in one)
            with self.store.write() as connection:
                append_submissions(
                    connection,
                    *where,
                    kept,
                    key=self.key,
                    pull_id=self.opening["pull_id"],
                    received_at=utc_text(self.clock()),
                )
        held_versions = version_uids(self.store, *where)
        versions = [
            FormVersion(uid, content_hash(content), content, at)
            for uid, content, at in self.source.versions
            if uid not in held_versions
        ]
        now = utc_text(self.clock())
        with self.store.write() as connection:
            upsert(connection, forms, [self._described(now)], ["server", "asset_uid"])
            append_versions(connection, *where, versions)
            published = publish_submissions(connection, *where, at=now, seen=seen)
            held = count_held(connection, *where)
            record = {
                **self.opening,
                "finished_at": now,
                "rows_on_server": len(self.submissions),
                "rows_held": held,
                "rows_new": published.new,
                "rows_edited": published.edited,
                "rows_returned": published.returned,
                "rows_revalidated": published.revalidated,
                "requests": 0,
                "received_bytes": received_bytes,
                "complete": True,
                "error": None,
            }
            insert_rows(connection, pulls, [record])
        return ImportedForm(
            self.opening["form"],
            len(self.submissions),
            held,
            published.new,
            published.edited,
            published.revalidated,
            len(versions),
            self.submissions.lacks,
        )

    def _note_versions(self) -> None:
        known = {uid for uid, _content, _at in self.source.versions}
        for version, rows in self.submissions.versions.items():
            if version and version not in known:
                self.submissions.lacks.add("versions", version, rows)

    def _described(self, now: str) -> dict[str, Any]:
        last, _version = self.submissions.latest
        return {
            "server": self.server,
            "asset_uid": self.uid,
            "name": self.source.title,
            "deployed_version_uid": self.source.versions[-1][0],
            "last_submission_time": last or None,
            "submission_count": len(self.submissions),
            "looked_at": now,
            "cannot_carry": self.submissions.lacks.as_json(),
        }


def _named_by_rows(source: FormSource, submissions: Submissions) -> FormSource:
    """Give the form with its newest version named as the last submission names its own.

    An XLSForm does not say which version it is; those who kept it beside the data kept the last.
    """
    _time, version = submissions.latest
    if source.named or not version:
        return source
    *older, (_uid, content, at) = source.versions
    return replace(source, versions=[*older, (version, content, at)])
