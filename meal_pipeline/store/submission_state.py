"""What is known of every submission: which version holds, since when, with which status.

Here: the state of each submission, held or logged only. Not here: making what was logged hold
(`submission_publishing`), and the bodies (`submission_log`).

`submission_heads` says what holds now, `submission_spans` what held when. A row that vanished from
its server keeps its head, marked with the time; when it is seen again it holds again.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from meal_pipeline.store.engine import Store
from meal_pipeline.store.tables.collect import (
    submission_heads,
    submission_spans,
    submissions,
    validation_statuses,
)

HEAD = ("server", "asset_uid", "submission_id")
"""The columns that name a submission in every table of the log."""
APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class State:
    """What tells one state of a submission from another, without its answers.

    `validation` is `approved`, `not_approved`, `on_hold` or ''; `validated_at` UTC text;
    `attachments` a hash of the files it has, None for none.
    """

    uuid: str
    validation: str = ""
    validated_at: str | None = None
    attachments: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A submission as it was logged last; `deleted` once it was found gone from its server."""

    state: State
    deleted: bool = False


def held_states(store: Store, server: str, asset_uid: str) -> dict[int, Held]:
    """Give what was logged last of each submission, holding already or not yet: `_id` → state."""
    heads = submission_heads.c
    asked = select(
        heads.submission_id,
        heads.uuid,
        heads.validation,
        heads.validated_at,
        heads.attachments,
        heads.deleted_at,
    ).where(heads.server == server, heads.asset_uid == asset_uid)
    with store.read() as connection:
        found = {
            row[0]: Held(State(row[1], row[2], row[3], row[4]), row[5] is not None)
            for row in connection.execute(asked)
        }
        for row in connection.execute(waiting(server, asset_uid)):
            before = found.get(row.submission_id)
            known = before.state if before else State("")
            state = State(row.uuid, known.validation, known.validated_at, known.attachments)
            found[row.submission_id] = Held(state, before.deleted if before else False)
    return found


def count_held(connection: Connection, server: str, asset_uid: str) -> int:
    """Count the submissions that hold now."""
    return connection.execute(
        select(func.count())
        .select_from(submission_heads)
        .where(
            *of_form(submission_heads, server, asset_uid), submission_heads.c.deleted_at.is_(None)
        )
    ).scalar_one()


def validation_index(
    store: Store, server: str, asset_uid: str, *, as_of: str | None = None
) -> dict[int, tuple[str, bool]]:
    """Give the validation status of each submission that has one: `_id` → (status, edited since).

    `edited since` tells that an approved submission got new answers after it was seen approved.
    as_of: a moment (UTC text) as of which to tell; None for now.
    """
    said, log, held = validation_statuses.c, submissions.c, holding(as_of)
    last = select(said.submission_id, func.max(said.seen_at).label("seen_at")).where(
        *of_form(validation_statuses, server, asset_uid)
    )
    if as_of is not None:
        last = last.where(said.seen_at <= as_of)
    newest = last.group_by(said.submission_id).subquery()
    then = submissions.alias("approved")
    asked = (
        select(log.submission_id, said.status, log.uuid, then.c.uuid.label("uuid_then"))
        .join(held.table, held.same_version)
        .join(newest, newest.c.submission_id == log.submission_id)
        .join(
            validation_statuses,
            and_(*(said[name] == log[name] for name in HEAD), said.seen_at == newest.c.seen_at),
        )
        .join(
            then,
            and_(*(then.c[name] == log[name] for name in HEAD), then.c.sequence == said.sequence),
        )
        .where(*of_form(submissions, server, asset_uid), held.holds, said.status != "")
    )
    with store.read() as connection:
        return {
            row.submission_id: (row.status, row.status == APPROVED and row.uuid != row.uuid_then)
            for row in connection.execute(asked)
        }


@dataclass(frozen=True)
class Holding:
    """Which versions of the log hold: the table that says so, and its conditions."""

    table: Table
    same_version: ColumnElement[bool]
    holds: ColumnElement[bool]


def holding(as_of: str | None = None) -> Holding:
    """Give how to ask for the versions that hold now, or held at a moment (UTC text)."""
    table = submission_heads if as_of is None else submission_spans
    log, held = submissions.c, table.c
    same_version = and_(*(held[name] == log[name] for name in HEAD), held.sequence == log.sequence)
    if as_of is None:
        return Holding(table, same_version, held.deleted_at.is_(None))
    ended = or_(held.valid_to.is_(None), held.valid_to > as_of)
    return Holding(table, same_version, and_(held.valid_from <= as_of, ended))


def of_form(table: Any, server: str, asset_uid: str) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions that a row of `table` is of this form."""
    return table.c.server == server, table.c.asset_uid == asset_uid


def waiting(
    server: str, asset_uid: str, after: int | None = None, limit: int | None = None
) -> Select[Any]:
    """Ask for the last version logged of each submission for which an earlier one holds, or none.

    `held` and `deleted_at` are what its head says.
    """
    log, heads = submissions.c, submission_heads.c
    newer = (
        select(log.submission_id, func.max(log.sequence).label("sequence"))
        .outerjoin(submission_heads, and_(*(heads[name] == log[name] for name in HEAD)))
        .where(
            *of_form(submissions, server, asset_uid),
            or_(heads.sequence.is_(None), heads.sequence < log.sequence),
        )
        .group_by(log.submission_id)
        .order_by(log.submission_id)
    )
    if after is not None:
        newer = newer.where(log.submission_id > after).limit(limit)
    wanted = newer.subquery()
    return (
        select(
            log.submission_id,
            log.sequence,
            log.body_hash,
            log.uuid,
            heads.sequence.label("held"),
            heads.deleted_at,
        )
        .join(
            wanted,
            and_(wanted.c.submission_id == log.submission_id, wanted.c.sequence == log.sequence),
        )
        .outerjoin(submission_heads, and_(*(heads[name] == log[name] for name in HEAD)))
        .where(*of_form(submissions, server, asset_uid))
        .order_by(log.submission_id)
    )
