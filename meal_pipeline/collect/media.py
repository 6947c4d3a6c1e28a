"""Pictures, recordings and other files of submissions, fetched when somebody asks for them.

Here: which files there are, and fetching those that are not here. Not here: what they show; their
names and types alone are read with the answers.

Each file lies under its submission's `_id` by the uid that the server gave it, so that a file that
was replaced is another one. A file that broke off goes on where it stopped.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import select

from meal_pipeline.kobo import KoboClient, KoboError, TryLater, Unreachable
from meal_pipeline.store import Store
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import bodies
from meal_pipeline.store.submission_state import of_form
from meal_pipeline.store.tables.collect import submission_heads
from meal_pipeline.workspace.project import Form, Project

_LONGEST_SUFFIX = 10


@dataclass(frozen=True)
class MediaFile:
    """A file of a submission: its question, its path on the server, and where it is to lie."""

    submission_id: int
    question: str
    path: str
    target: Path


@dataclass(frozen=True)
class MediaReport:
    """How many files were fetched, were here already, and could not be had."""

    fetched: int
    here: int
    missing: int


def media_files(
    store: Store,
    project: Project,
    form: Form,
    *,
    key: SubkeySource,
    folder: Path,
    question: str | None = None,
) -> Iterator[MediaFile]:
    """Give the files of the submissions that hold now; of one question, if it is named."""
    heads = submission_heads.c
    asked = select(heads.submission_id).where(
        *of_form(submission_heads, project.server, form.uid),
        heads.attachments.is_not(None),
        heads.deleted_at.is_(None),
    )
    with store.read() as connection:
        ids = list(connection.execute(asked).scalars())
    for body in bodies(store, project.server, form.uid, ids, key):
        for attachment in body.get("_attachments") or ():
            if not isinstance(attachment, Mapping) or attachment.get("is_deleted"):
                continue
            file = _file(body, attachment, form.uid, folder)
            if file is not None and question in (None, file.question, file.question.split("/")[-1]):
                yield file


def fetch_media(
    client: KoboClient,
    files: list[MediaFile],
    progress: Callable[[int, int], None] | None = None,
) -> MediaReport:
    """Fetch the files that are not here. progress: called with the files done and those in all.

    A file that the server no longer has is counted as missing. Raises KoboError where the server
    cannot be asked; what came is kept.
    """
    fetched = here = missing = 0
    for number, file in enumerate(files, 1):
        if file.target.exists():
            here += 1
        elif _fetch(client, file):
            fetched += 1
        else:
            missing += 1
        if progress:
            progress(number, len(files))
    return MediaReport(fetched, here, missing)


def _fetch(client: KoboClient, file: MediaFile) -> bool:
    file.target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.target.with_name(file.target.name + ".part")
    descriptor = os.open(part, os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "r+b") as sink:
        sink.seek(0, os.SEEK_END)
        try:
            client.download(file.path, sink)
        except (Unreachable, TryLater):
            raise
        except KoboError:
            part.unlink(missing_ok=True)
            return False
        sink.flush()
        os.fsync(sink.fileno())
    part.replace(file.target)
    return True


def _file(
    body: Mapping[str, Any], attachment: Mapping[str, Any], uid: str, folder: Path
) -> MediaFile | None:
    """Give what is needed to fetch an attachment; older servers name it by number and address."""
    submission_id = int(body["_id"])
    name = str(attachment.get("uid") or attachment.get("id") or "")
    told = str(attachment.get("filename") or attachment.get("media_file_basename") or "")
    if attachment.get("uid"):
        path = (
            f"/api/v2/assets/{quote(uid, safe='')}/data/{submission_id}"
            f"/attachments/{quote(name, safe='')}/"
        )
    else:
        address = urlsplit(str(attachment.get("download_url") or ""))
        path = address.path + (f"?{address.query}" if address.query else "")
    safe = "".join(letter for letter in name if letter.isalnum())
    if not path or not safe:
        return None
    suffix = PurePosixPath(told).suffix
    suffix = suffix if suffix[1:].isalnum() and len(suffix) <= _LONGEST_SUFFIX else ""
    target = folder / uid / str(submission_id) / f"{safe}{suffix}"
    return MediaFile(submission_id, str(attachment.get("question_xpath") or ""), path, target)
