"""Making what was logged hold, all at once.

Here: new versions, rows that vanished or came back, validation statuses, with the history of each.
Not here: what is known of submissions (`submission_state`), logging bodies (`submission_log`), and
who decides what vanished (collect).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, literal, select, text, update

from meal_pipeline.store.rows import insert_rows, upsert
from meal_pipeline.store.submission_state import HEAD, State, of_form, waiting
from meal_pipeline.store.tables.collect import (
    submission_heads,
    submission_spans,
    submissions,
    validation_statuses,
)

_CHUNK = 5_000
_IDS_A_QUERY = 1_000
_SPAN = (*HEAD, "valid_from", "sequence")


@dataclass(frozen=True)
class Published:
    """How many submissions hold for the first time, in a new version, again, or no longer.

    `revalidated` ones have another validation status, whatever else happened to them.
    """

    new: int = 0
    edited: int = 0
    returned: int = 0
    deleted: int = 0
    revalidated: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return any(vars(self).values())


def publish_submissions(
    connection: Connection,
    server: str,
    asset_uid: str,
    *,
    at: str,
    seen: Mapping[int, State] | None = None,
    gone: Collection[int] = (),
) -> Published:
    """Make the last version logged of each submission hold, from the moment `at` (UTC text).

    `seen` is what the server tells of submissions now: their statuses and files hold from now on,
    and those that had vanished are there again. `gone` are submissions that vanished.
    """
    form = (server, asset_uid)
    seen = seen or {}
    _tell_planner(connection, "submissions (server, asset_uid, submission_id, sequence)")
    new = _hold_new(connection, form, at)
    _tell_planner(connection, "submission_heads")
    edited = returned = 0
    for rows in _waiting_in_chunks(connection, *form):
        before = [row.submission_id for row in rows if not row.deleted_at]
        _end_spans(connection, form, before, at, "edited")
        _hold(connection, form, rows, at)
        edited += len(before)
        returned += sum(row.deleted_at is not None for row in rows)
    back = _returned(connection, form, seen)
    _begin_spans(connection, form, back, at)
    _set_heads(connection, form, [{"b_id": one, "deleted_at": None} for one in back])
    _end_spans(connection, form, gone, at, "deleted")
    _set_heads(connection, form, [{"b_id": one, "deleted_at": at} for one in gone])
    revalidated = _note_states(connection, form, seen, at)
    return Published(new, edited, returned + len(back), len(gone), revalidated)


def _tell_planner(connection: Connection, table: str) -> None:
    """Let PostgreSQL count what a large pull has just brought.

    Without counts it takes each form for one row, and compares every row with every other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table}"))


def _some(ids: Collection[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, _IDS_A_QUERY)):
        yield some


def _waiting_in_chunks(
    connection: Connection, server: str, asset_uid: str
) -> Iterator[Sequence[Any]]:
    """Give what waits, some thousand submissions at a time."""
    after = -(2**62)
    while rows := connection.execute(waiting(server, asset_uid, after, _CHUNK)).all():
        yield rows
        after = rows[-1].submission_id


def _hold_new(connection: Connection, form: tuple[str, str], at: str) -> int:
    """Let all submissions hold that have no head yet, and count them.

    In the database alone: the first pull of a form may be large.
    """
    log, heads, spans = submissions.c, submission_heads.c, submission_spans.c
    same = and_(*(heads[name] == log[name] for name in HEAD))
    fresh = (
        select(*(log[name] for name in HEAD), literal(at), func.max(log.sequence))
        .outerjoin(submission_heads, same)
        .where(*of_form(submissions, *form), heads.sequence.is_(None))
        .group_by(*(log[name] for name in HEAD))
    )
    connection.execute(insert(submission_spans).from_select(list(_SPAN), fresh))
    _tell_planner(connection, "submission_spans")
    names = (*HEAD, "sequence", "body_hash", "uuid")
    first = (
        select(*(log[name] for name in names))
        .join(submission_spans, and_(*(spans[name] == log[name] for name in (*HEAD, "sequence"))))
        .outerjoin(submission_heads, same)
        .where(*of_form(submissions, *form), heads.sequence.is_(None))
    )
    held = insert(submission_heads).from_select(list(names), first)
    return connection.execute(held, execution_options={"preserve_rowcount": True}).rowcount


def _hold(connection: Connection, form: tuple[str, str], rows: Sequence[Any], at: str) -> None:
    """Let these versions hold: their heads and their spans."""
    server, asset_uid = form
    heads = [
        {
            "server": server,
            "asset_uid": asset_uid,
            "submission_id": row.submission_id,
            "sequence": row.sequence,
            "body_hash": row.body_hash,
            "uuid": row.uuid,
            "deleted_at": None,
        }
        for row in rows
    ]
    upsert(connection, submission_heads, heads, HEAD)
    # No version that waits has held before, so that none has a span yet.
    insert_rows(
        connection,
        submission_spans,
        [_span(form, row.submission_id, row.sequence, at) for row in rows],
    )


def _span(form: tuple[str, str], submission_id: int, sequence: int, at: str) -> dict[str, Any]:
    return {
        "server": form[0],
        "asset_uid": form[1],
        "submission_id": submission_id,
        "valid_from": at,
        "sequence": sequence,
        "valid_to": None,
        "ended_by": None,
    }


def _begin_spans(
    connection: Connection, form: tuple[str, str], ids: Collection[int], at: str
) -> None:
    """Let the versions that the heads name hold again."""
    spans = [
        _span(form, row.submission_id, row.sequence, at)
        for some in _some(ids)
        for row in connection.execute(
            select(submission_heads.c.submission_id, submission_heads.c.sequence).where(
                *of_form(submission_heads, *form), submission_heads.c.submission_id.in_(some)
            )
        )
    ]
    upsert(connection, submission_spans, spans, _SPAN)


def _end_spans(
    connection: Connection, form: tuple[str, str], ids: Collection[int], at: str, by: str
) -> None:
    spans = submission_spans.c
    for some in _some(ids):
        connection.execute(
            update(submission_spans)
            .where(
                *of_form(submission_spans, *form),
                spans.submission_id.in_(some),
                spans.valid_to.is_(None),
            )
            .values(valid_to=at, ended_by=by)
        )


def _set_heads(
    connection: Connection, form: tuple[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Set columns of heads; each row names the submission as `b_id`."""
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        connection.execute(
            update(submission_heads)
            .where(
                *of_form(submission_heads, *form),
                submission_heads.c.submission_id == bindparam("b_id"),
            )
            .values({name: bindparam(name) for name in names}),
            [dict(row) for row in rows],
        )


def _returned(
    connection: Connection, form: tuple[str, str], seen: Mapping[int, State]
) -> list[int]:
    """Give the submissions that had vanished and are seen again, unchanged."""
    heads = submission_heads.c
    vanished = connection.execute(
        select(heads.submission_id)
        .where(*of_form(submission_heads, *form), heads.deleted_at.is_not(None))
        .order_by(heads.submission_id)
    ).scalars()
    return [one for one in vanished if one in seen]


def _note_states(
    connection: Connection, form: tuple[str, str], seen: Mapping[int, State], at: str
) -> int:
    """Write statuses and files where they are other than known; count the other statuses."""
    if not seen:
        return 0
    heads = submission_heads.c
    known = connection.execute(
        select(
            heads.submission_id,
            heads.sequence,
            heads.validation,
            heads.validated_at,
            heads.attachments,
        ).where(*of_form(submission_heads, *form))
    )
    changes, statuses = [], []
    for row in known:
        state = seen.get(row.submission_id)
        if state is None:
            continue
        told = (state.validation, state.validated_at)
        other_status = told != (row.validation, row.validated_at)
        if other_status:
            statuses.append(
                {
                    "server": form[0],
                    "asset_uid": form[1],
                    "submission_id": row.submission_id,
                    "seen_at": at,
                    "status": state.validation,
                    "set_at": state.validated_at,
                    "sequence": row.sequence,
                }
            )
        if other_status or state.attachments != row.attachments:
            changes.append(
                {
                    "b_id": row.submission_id,
                    "validation": state.validation,
                    "validated_at": state.validated_at,
                    "attachments": state.attachments,
                }
            )
    _set_heads(connection, form, changes)
    upsert(connection, validation_statuses, statuses, [*HEAD, "seen_at"])
    return len(statuses)
