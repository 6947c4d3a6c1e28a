"""Every trace of one submission, taken out of log, snapshots, findings and files.

Here: the order of it, so that a power cut is healed by doing it again. Not here: snapshots
(`rewritten_snapshots`), what stays behind as a hash (`store.erasing`).
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, delete, select, text, update

from meal_pipeline.erase.rewritten_snapshots import Replaced, projects_with, rewrite_snapshots
from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.erasing import Erased, erase_versions, note_erasure
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import bodies
from meal_pipeline.store.submission_state import of_form
from meal_pipeline.store.tables.collect import submissions
from meal_pipeline.store.tables.correct import corrections
from meal_pipeline.store.tables.erase import erasures
from meal_pipeline.store.tables.events import events
from meal_pipeline.store.tables.places import place_matches
from meal_pipeline.store.tables.validate import findings
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project

Reason = Literal["withdrawn", "safety"]
"""A respondent withdrew, or the row was deleted for somebody's safety."""


class NothingToErase(MealError):
    """The submission is not held, and was not erased before."""


@dataclass(frozen=True)
class Erasure:
    """What was erased: versions of the submission, findings, and snapshots written anew."""

    erasure_id: str
    versions: int
    findings: int
    snapshots: tuple[Replaced, ...]


def find_submission(
    store: Store, project: Project, wanted: str, key: SubkeySource
) -> list[tuple[str, int]]:
    """Give the form's code and the `_id` of the submissions that `wanted` names.

    `wanted` is an `_id` or any `_uuid` that the submission ever had, with or without `uuid:`. One
    that was erased is found by its `_id`, so that a broken off erasure can be finished.
    """
    uuid = wanted.strip().removeprefix("uuid:")
    found = []
    with store.read() as connection:
        for code, form in project.forms.items():
            log = submissions.c
            asked = select(log.submission_id).where(*of_form(submissions, project.server, form.uid))
            if uuid.isdecimal():
                asked = asked.where(log.submission_id == int(uuid))
            else:
                asked = asked.where(log.uuid == uuid)
            ids = set(connection.execute(asked.distinct()).scalars())
            if uuid.isdecimal():
                ids |= Erased(store, project.server, form.uid, key).among([int(uuid)])
            found += [(code, one) for one in sorted(ids)]
    return found


def erase_submission(
    store: Store,
    project: Project,
    form: str,
    submission_id: int,
    *,
    reason: Reason,
    key: SubkeySource,
    clock: Clock,
    files: Iterable[Path] = (),
    say: Callable[[str], None] | None = None,
) -> Erasure:
    """Erase a submission of the form of this code from everything that is held.

    `files` are folders that speak of it, such as its pictures and the project's site of results;
    they are deleted. Snapshots of every project that reads the form are written anew. Erasing again
    what was erased finishes what a power cut broke off. Raises NothingToErase.
    """
    server, uid = project.server, project.forms[form].uid
    erased = Erased(store, server, uid, key)
    id_hash = erased.id_hash(submission_id)
    now = utc_text(clock())
    body = next(bodies(store, server, uid, [submission_id], key), None)
    with store.write() as connection:
        _overwrite_what_is_deleted(connection, store.dialect)
        erasure_id = _known(connection, id_hash)
        versions = erase_versions(connection, server, uid, submission_id)
        if erasure_id is None:
            if not versions:
                raise NothingToErase(
                    _("Form {form} of project {project} holds no submission {id}.").format(
                        form=form, project=project.code, id=submission_id
                    ),
                    next_step=f"meal findings {project.code}",
                )
            erasure_id = f"E-{id_hash[:12]}"
            note_erasure(
                connection,
                {
                    "erasure_id": erasure_id,
                    "server": server,
                    "asset_uid": uid,
                    "id_hash": id_hash,
                    "root_hash": None if body is None else erased.root_hash(body),
                    "erased_at": now,
                    "reason": reason,
                    "versions": versions,
                },
            )
    for folder in files:
        shutil.rmtree(folder, ignore_errors=True)
    replaced = rewrite_snapshots(
        store, (server, uid), submission_id, erasure_id=erasure_id, clock=clock, say=say
    )
    with store.write() as connection:
        _overwrite_what_is_deleted(connection, store.dialect)
        gone = 0
        for code, form_code in {(project.code, form), *projects_with(store, server, uid)}:
            gone += _forget_findings(connection, code, form_code, submission_id)
            _forget_spellings(connection, code)
    _empty_the_journal(store)
    return Erasure(erasure_id, versions, gone, replaced)


def _known(connection: Connection, id_hash: str) -> str | None:
    found: str | None = connection.execute(
        select(erasures.c.erasure_id).where(erasures.c.id_hash == id_hash)
    ).scalar()
    return found


def _forget_spellings(connection: Connection, project: str) -> None:
    """Forget what answers were as places, but for choices; the next run finds the others anew."""
    ours = place_matches.c.project == project
    connection.execute(delete(place_matches).where(ours, place_matches.c.kind != "chosen"))


def _forget_findings(connection: Connection, project: str, form: str, submission_id: int) -> int:
    gone = connection.execute(
        delete(findings)
        .where(
            findings.c.project == project,
            findings.c.form == form,
            findings.c.submission_id == submission_id,
        )
        .returning(findings.c.finding_id)
    ).all()
    connection.execute(
        delete(corrections).where(
            corrections.c.project == project,
            corrections.c.form == form,
            corrections.c.submission_id == submission_id,
        )
    )
    connection.execute(
        update(events)
        .where(events.c.project == project, events.c.submission_id == submission_id)
        .values(submission_id=None)
    )
    return len(gone)


def _overwrite_what_is_deleted(connection: Connection, dialect: str) -> None:
    """Let SQLite write zeros over what it deletes (https://www.sqlite.org/pragma.html)."""
    if dialect == "sqlite":
        connection.execute(text("PRAGMA secure_delete = ON"))


def _empty_the_journal(store: Store) -> None:
    """Bring SQLite's write-ahead log into the database, where the deleted rows are overwritten."""
    if store.dialect == "sqlite":
        with store.engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
