"""Routes that change submissions: delete, validation status, bulk edit, duplicate.

Here: the payloads and refusals of these routes, quirks included. Not here: what happens to the
rows (`world`), reading them (`data_routes`).
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from meal_pipeline.practice.accounts import Rights
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.data import matching_ids, shown, visible
from meal_pipeline.practice.data_routes import form_with_data
from meal_pipeline.practice.forms import PracticeForm, Stored, root_uuid
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.rows import made_uuid
from meal_pipeline.practice.world import STATUSES

_STATUS = "validation_status.uid"
_CONFIRM = "Confirmation is required"


def delete_row(asked: Asked) -> Any:
    """Delete one submission, by id or uuid."""
    form, _rights, stored = _row_for(asked, "delete_submissions")
    asked.world.delete(form.uid, stored.head["_id"], by=asked.name())
    return Response(status_code=204)


def duplicate_row(asked: Asked) -> Any:
    """Copy one submission."""
    form, _rights, stored = _row_for(asked, "change_submissions")
    identity = asked.world.duplicate(form.uid, stored.head["_id"], by=asked.name())
    copy = form.get(identity)
    if copy is None:
        raise Problem.fault()
    body = shown(copy, None, form, asked.base, old=asked.world.old)
    return Response(body, 201, media_type="application/json")


def status(asked: Asked) -> Any:
    """Answer the validation status of one submission."""
    form, rights = form_with_data(asked)
    return _stored(asked, form, rights).head["_validation_status"]


def set_status(asked: Asked) -> Any:
    """Set the validation status of one submission; an archived form breaks here, as it does."""
    form, _rights, stored = _row_for(asked, "validate_submissions")
    if not form.active:
        raise Problem.fault()
    wanted = asked.body().get(_STATUS)
    if wanted not in STATUSES:
        raise Problem.detail(400, f"Invalid validation status: `{wanted}`")
    asked.world.validate(form.uid, stored.head["_id"], status=wanted, by=asked.name())
    changed = form.get(stored.head["_id"])
    return changed.head["_validation_status"] if changed else {}


def clear_status(asked: Asked) -> Any:
    """Clear the validation status of one submission."""
    form, _rights, stored = _row_for(asked, "validate_submissions")
    asked.world.validate(form.uid, stored.head["_id"], status=None, by=asked.name())
    return Response(status_code=204)


def set_statuses(asked: Asked) -> Any:
    """Set the status of many; DELETE does the same, and what is no status clears it."""
    form, rights = _form_for(asked, "validate_submissions")
    payload = _payload(asked)
    ids = _ids(payload, form, rights, needs=_STATUS)
    asked.world.validate(form.uid, *ids, status=payload[_STATUS], by=asked.name())
    return {"detail": f"{len(ids)} submissions have been updated"}


def delete_rows(asked: Asked) -> Any:
    """Delete many submissions."""
    form, rights = _form_for(asked, "delete_submissions")
    ids = _ids(_payload(asked), form, rights)
    asked.world.delete(form.uid, *ids, by=asked.name())
    return {"detail": f"{len(ids)} submissions have been deleted"}


def edit_rows(asked: Asked) -> Any:
    """Set answers in many submissions; ids that are not there are passed over silently."""
    form, rights = _form_for(asked, "change_submissions")
    payload = _payload(asked)
    if not payload.get("data"):
        raise Problem(400, {"payload": ["`data` is required"]})
    ids = _ids(payload, form, rights, strict=False)
    if not ids:
        raise Problem(400, ["No submissions match the given `submission_ids`"])
    if not form.active:
        results = [_result(made_uuid(form.uid, each), None, 400) for each in ids]
        raise Problem(400, _told(results, failed=True))
    uuids = asked.world.bulk_edit(form.uid, ids, payload["data"], by=asked.name())
    rows = [form.get(each) for each in ids]
    return _told(
        [
            _result(uuid, root_uuid(row.head) if row else None, 201)
            for uuid, row in zip(uuids, rows, strict=True)
        ]
    )


def _told(results: list[dict[str, Any]], *, failed: bool = False) -> dict[str, Any]:
    return {
        "count": len(results),
        "successes": 0 if failed else len(results),
        "failures": len(results) if failed else 0,
        "results": results,
    }


def _result(uuid: str, root: str | None, status_code: int) -> dict[str, Any]:
    message = "Successful submission" if status_code == 201 else "Form is not active"
    return {"uuid": uuid, "root_uuid": root, "status_code": status_code, "message": message}


def _form_for(asked: Asked, permission: str) -> tuple[PracticeForm, Rights]:
    form, rights = form_with_data(asked)
    asked.need(rights, permission)
    return form, rights


def _row_for(asked: Asked, permission: str) -> tuple[PracticeForm, Rights, Stored]:
    form, rights = _form_for(asked, permission)
    return form, rights, _stored(asked, form, rights)


def _stored(asked: Asked, form: PracticeForm, rights: Rights) -> Stored:
    stored = form.find(asked.part("row"))
    if stored is None or not visible(form, rights, stored):
        raise Problem.not_found()
    return stored


def _payload(asked: Asked) -> Mapping[str, Any]:
    payload = asked.body().get("payload")
    if not isinstance(payload, Mapping):
        raise Problem(400, {"payload": ["This field is required."]})
    return payload


def _ids(
    payload: Mapping[str, Any],
    form: PracticeForm,
    rights: Rights,
    *,
    needs: str | None = None,
    strict: bool = True,
) -> list[int]:
    """Give the ids that a payload means: those it lists, those of a query, or all."""
    if needs and needs not in payload:
        raise Problem(400, {"payload": [f"`{needs}` is required"]})
    if "submission_ids" in payload:
        given = payload["submission_ids"]
        if not given:
            words = "`submission_ids` must contain at least one value"
            raise Problem(400, {"payload": [words]})
        try:
            wanted = sorted({int(each) for each in given})
        except (TypeError, ValueError):
            words = "`submission_ids` must only contain integer values"
            raise Problem(400, {"payload": [words]}) from None
        there = [each for each in wanted if _is_visible(form, rights, each)]
        if strict and len(there) < len(wanted):
            raise Problem.detail(400, "One or more submission ids are invalid")
        return there
    if "query" in payload:
        return matching_ids(form, rights, payload["query"])
    if payload.get("confirm") is not True:
        raise Problem(400, {"payload": [_CONFIRM]})
    return matching_ids(form, rights, {})


def _is_visible(form: PracticeForm, rights: Rights, identity: int) -> bool:
    stored = form.get(identity)
    return stored is not None and visible(form, rights, stored)
