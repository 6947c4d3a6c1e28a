"""`/submission`: where devices send rows and edits.

Here: the route, its checks in the order of a real server, and its answers in XML or JSON. Not
here: reading what was sent (`openrosa`), the Enketo routes, which this server does not have.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from meal_pipeline.practice.accounts import ANONYMOUS, Unauthorized
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.content import repeats_of
from meal_pipeline.practice.forms import PracticeForm, Stored
from meal_pipeline.practice.openrosa import (
    BadDocument,
    File,
    Sent,
    as_sent,
    read_json,
    read_multipart,
    read_xml,
)
from meal_pipeline.practice.rows import named_in

_XML = "text/xml; charset=utf-8"


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def submission(asked: Asked) -> Any:
    """Answer `/submission` and `/{username}/submission`: receive a row, an edit, or late files."""
    whose = asked.request.path_params.get("username")
    try:
        user = asked.user()
        if user is None and whose is None:
            return _detail(asked, 401, "Authentication credentials were not provided.")
    except Unauthorized as error:
        return _detail(asked, 401, str(error))
    try:
        form, sent, digest = _read(asked)
        if form is None:
            return _detail(asked, 404, "Not found.")
        return _received(asked, form, sent, digest, user.username if user else None)
    except BadDocument:
        return _message(400, "Improperly formatted XML.")
    except _Refused as refused:
        return _message(refused.status, refused.message)


def _read(asked: Asked) -> tuple[PracticeForm | None, Sent, str]:
    if "json" in asked.request.headers.get("content-type", ""):
        name, tree = read_json(asked.json())
        attributes: Mapping[str, str] = {}
        document, files = asked.raw, []
    else:
        parts = read_multipart(asked.request.headers.get("content-type", ""), asked.raw)
        xml = next((part for part in parts if part.field == "xml_submission_file"), None)
        if xml is None:
            raise _Refused(400, "There was a problem receiving the ODK submission.")
        document, files = xml.content, [part for part in parts if part is not xml]
        name, tree, attributes = read_xml(document)
    form = asked.world.forms.get(name)
    if form is None or form.trashed or form.deployed is None:
        return None, Sent(name, {}), ""
    repeats = repeats_of(form.deployed.content)
    sent = as_sent(name, tree, repeats, attributes=attributes, files=files)
    return form, sent, hashlib.sha256(document).hexdigest()


def _received(
    asked: Asked, form: PracticeForm, sent: Sent, digest: str, username: str | None
) -> Response:
    if sent.instance_uuid is None:
        raise _Refused(400, "Instance ID is required")
    rights = form.rights_of(username or ANONYMOUS)
    needed = "change_submissions" if sent.deprecated_uuid else "add_submissions"
    if needed not in rights.permissions:
        raise _Refused(403, "Access denied")
    if not form.active:
        raise _Refused(405, "Form is not active")
    known = form.find(f"uuid:{sent.instance_uuid}")
    if known is not None:
        return _again(asked, form, sent, digest, known)
    edited = form.find(f"uuid:{sent.deprecated_uuid}") if sent.deprecated_uuid else None
    if edited is not None and edited.head["_uuid"] != sent.deprecated_uuid:
        raise _Refused(410, "Invalid submission - deprecatedID refers to an old version")
    if edited is not None:
        identity = asked.world.edit_whole(form.uid, edited.head["_id"], sent, by=username)
    else:
        identity = asked.world.receive(form.uid, sent, submitted_by=username)
    _keep_files(asked, form, identity, sent)
    form.documents[sent.instance_uuid] = digest
    return _successful(asked, form, identity, sent)


def _again(asked: Asked, form: PracticeForm, sent: Sent, digest: str, known: Stored) -> Response:
    """Answer what was sent before: late files are taken, the same is a duplicate."""
    identity: int = known.head["_id"]
    if known.head["_uuid"] != sent.instance_uuid or form.documents.get(
        sent.instance_uuid or ""
    ) not in {None, digest}:
        raise _Refused(409, "Submission with this instance ID already exists")
    if not _keep_files(asked, form, identity, sent):
        return _message(202, "Duplicate Instance")
    return _successful(asked, form, identity, sent)


def _keep_files(asked: Asked, form: PracticeForm, identity: int, sent: Sent) -> bool:
    """Attach the files that the row names and has not; tell whether there were any."""
    kept = False
    for file in sent.files:
        stored = form.get(identity)
        question = named_in(sent.answers, file.name)
        if stored is None or question is None or _has(stored, file):
            continue
        asked.world.attach_file(form.uid, identity, "" if sent.encrypted else question, file)
        kept = True
    return kept


def _has(stored: Stored, file: File) -> bool:
    return any(
        each["media_file_basename"] == file.name and not each["is_deleted"]
        for each in stored.head["_attachments"]
    )


def _successful(asked: Asked, form: PracticeForm, identity: int, sent: Sent) -> Response:
    stored = form.get(identity)
    received = stored.head["_submission_time"] if stored else ""
    moment = datetime.fromisoformat(received).replace(tzinfo=UTC).isoformat()
    if sent.submission_date:  # said with the offset that the row loses
        moment = datetime.fromisoformat(sent.submission_date).isoformat()
    now = asked.world.now().astimezone(UTC).isoformat()
    location = {"location": asked.url}
    instance = f"uuid:{sent.instance_uuid}"
    if "json" in asked.request.headers.get("content-type", ""):
        told = {
            "message": "Successful submission.",
            "formid": form.uid,
            "encrypted": sent.encrypted,
            "instanceID": instance,
            "submissionDate": moment,
            "markedAsCompleteDate": now,
        }
        return asked.json_response(told, 201, location)
    text = (
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n'
        "    <message>Successful submission.</message>\n"
        '    <submissionMetadata xmlns="http://www.opendatakit.org/xforms" '
        f'id="{form.uid}"  instanceID="{instance}" submissionDate="{moment}" '
        f'isComplete="true" markedAsCompleteDate="{now}"/>\n'
        "</OpenRosaResponse>\n"
    )
    return Response(text, 201, headers=location | {"content-type": _XML})


def _message(status: int, message: str) -> Response:
    text = (
        "<?xml version='1.0' encoding='UTF-8' ?>\n"
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n'
        f'        <message nature="">{message}</message>\n'
        "</OpenRosaResponse>"
    )
    return Response(text, status, headers={"content-type": _XML})


def _detail(asked: Asked, status: int, sentence: str) -> Response:
    if "json" in asked.request.headers.get("content-type", ""):
        return asked.json_response({"detail": sentence}, status)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<root><detail>{sentence}</detail></root>'
    return Response(text, status, headers={"content-type": _XML})
