"""Routes of files: those of submissions, and those attached to a form.

Here: downloads, deletions, the list of a form's media. Not here: metadata in rows (`data`), what a
deletion does to a row (`lifecycle`).
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, Response

from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.data import legacy_number, visible
from meal_pipeline.practice.data_routes import form_with_data
from meal_pipeline.practice.forms import PracticeForm, Stored
from meal_pipeline.practice.problems import Problem

_SIZES = ("small", "medium", "large")
_CONVERTED = ("audio/", "video/")


def attachment(asked: Asked) -> Any:
    """Answer an attachment's bytes, by uid (or by number, as old servers name it)."""
    form, stored = _row(asked)
    wanted = asked.part("attachment")
    for file in stored.head["_attachments"]:
        if wanted in {file["uid"], str(legacy_number(file["uid"]))} and not file["is_deleted"]:
            return _file(asked, form, file)
    raise Problem.not_found()


def thumbnail(asked: Asked) -> Any:
    """Answer an attachment in a smaller size, which here are the same bytes."""
    if asked.part("size") not in _SIZES:
        return HTMLResponse("Resource not found (404)", status_code=404)
    return attachment(asked)


def by_question(asked: Asked) -> Any:
    """Answer the file that answers the question `xpath`."""
    form, stored = _row(asked)
    if "xpath" not in asked.params:
        raise Problem.detail(400, "`xpath` query parameter is required")
    for file in stored.head["_attachments"]:
        if file["question_xpath"] == asked.params["xpath"] and not file["is_deleted"]:
            return _file(asked, form, file)
    raise Problem.detail(400, "The path could not be found in the submission")


def delete(asked: Asked) -> Any:
    """Delete one attachment."""
    form, rights = form_with_data(asked)
    asked.need(rights, "change_submissions")
    if asked.part("attachment") not in _live(form):
        raise Problem(400, {"attachment_uid": ["Invalid attachment UID"]})
    asked.world.detach(form.uid, asked.part("attachment"), by=asked.name())
    return Response(status_code=204, media_type="application/json")


def delete_many(asked: Asked) -> Any:
    """Delete the attachments of whole submissions."""
    form, rights = form_with_data(asked)
    asked.need(rights, "change_submissions")
    roots = asked.body().get("submission_root_uuids")
    if not roots:
        words = "`attachment_uid` or `submission_root_uuids` must be provided"
        raise Problem(400, {"detail": [words]})
    rows = [form.find(f"uuid:{str(root).removeprefix('uuid:')}") for root in roots]
    uids = [
        file["uid"]
        for row in rows
        if row is not None
        for file in row.head["_attachments"]
        if not file["is_deleted"]
    ]
    for uid in uids:
        asked.world.detach(form.uid, uid, by=asked.name())
    return asked.json_response({"message": f"{len(uids)} attachments deleted"}, 202)


def media(asked: Asked) -> Any:
    """Answer the files attached to a form; only `form_media` is kept here."""
    form, _rights = asked.form("files")
    wanted = asked.params.get("file_type", "form_media") == "form_media"
    uids = sorted(form.media) if wanted else []
    return asked.page(uids, lambda uid: _told(form, uid, asked))


def medium(asked: Asked) -> Any:
    """Answer what is known of one file of a form."""
    form = _with_medium(asked)
    return _told(form, asked.part("file"), asked)


def medium_content(asked: Asked) -> Any:
    """Answer the bytes of a file of a form."""
    form = _with_medium(asked)
    uid = asked.part("file")
    return Response(form.contents[uid], media_type=form.media[uid]["mimetype"])


def _with_medium(asked: Asked) -> PracticeForm:
    form, _rights = asked.form("files")
    if asked.part("file") not in form.media:
        raise Problem.detail(404, "No AssetFile matches the given query.")
    return form


def _told(form: PracticeForm, uid: str, asked: Asked) -> dict[str, Any]:
    file = form.media[uid]
    asset = f"{asked.base}/api/v2/assets/{form.uid}/"
    return {
        "uid": uid,
        "url": f"{asset}files/{uid}/",
        "asset": asset,
        "user": f"{asked.base}/api/v2/users/{form.owner}/",
        "user__username": form.owner,
        "file_type": "form_media",
        "description": "default",
        "date_created": file["created"],
        "content": f"{asset}files/{uid}/content/",
        "metadata": {
            "hash": f"md5:{file['md5']}",
            "filename": file["filename"],
            "mimetype": file["mimetype"],
        },
    }


def _row(asked: Asked) -> tuple[PracticeForm, Stored]:
    form, rights = form_with_data(asked)
    stored = form.find(asked.part("row"))
    if stored is None or not visible(form, rights, stored):
        raise Problem.not_found()
    return form, stored


def _live(form: PracticeForm) -> set[str]:
    return {
        file["uid"]
        for row in form.stored()
        for file in row.head["_attachments"]
        if not file["is_deleted"]
    }


def _file(asked: Asked, form: PracticeForm, file: Mapping[str, Any]) -> Response:
    """Give a file, or the rest of it: the proxy of a real server lets downloads be resumed."""
    mimetype = file["mimetype"]
    if asked.params.get("format") == "mp3":
        if mimetype.startswith(_CONVERTED):
            raise Problem.not_here()
        raise Problem.detail(400, f"Conversion is not supported for {mimetype}")
    content = form.contents.get(file["uid"])
    if content is None:
        raise Problem.not_found()
    start = _start(asked.request.headers.get("range"))
    if start is None:
        return Response(content, media_type=mimetype, headers={"accept-ranges": "bytes"})
    if start >= len(content):
        return Response(status_code=416, headers={"content-range": f"bytes */{len(content)}"})
    told = f"bytes {start}-{len(content) - 1}/{len(content)}"
    headers = {"content-range": told, "accept-ranges": "bytes"}
    return Response(content[start:], 206, media_type=mimetype, headers=headers)


def _start(header: str | None) -> int | None:
    """Read `bytes=N-`; every other form of the header counts as none."""
    number = (header or "").removeprefix("bytes=").removesuffix("-")
    return int(number) if number.isdecimal() else None
