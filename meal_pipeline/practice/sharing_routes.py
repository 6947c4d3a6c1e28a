"""Routes of sharing and of the project history.

Here: permission assignments, the list of permissions, `/history/`. Not here: what rights do to
other routes (`asking`, `data`).
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from meal_pipeline.practice.accounts import IMPLIED, PERMISSIONS, Rights, with_implied
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.history import found
from meal_pipeline.practice.problems import Problem

_PARTIAL = "partial_submissions"
_PARTIAL_LABEL = {
    "default": "Act on submissions only from specific users",
    "view_submissions": "View submissions only from specific users",
    "change_submissions": "Edit submissions only from specific users",
    "delete_submissions": "Delete submissions only from specific users",
    "validate_submissions": "Validate submissions only from specific users",
}


def history(asked: Asked) -> Any:
    """Answer what happened to a form; for who manages it only."""
    form = _managed(asked)
    entries = found(form, asked.base, asked.params.get("q"))
    return asked.page(entries, lambda entry: entry)


def actions(asked: Asked) -> Any:
    """Answer which kinds of thing happened."""
    form = _managed(asked)
    return {"actions": sorted({entry.action for entry in form.history})}


def permissions(asked: Asked) -> Any:
    """Answer all permissions that there are."""
    url = f"{asked.base}/api/v2/permissions/"
    told = [
        {
            "url": f"{url}{name}/",
            "codename": name,
            "implied": [f"{url}{each}/" for each in sorted(IMPLIED[name])],
            "contradictory": [f"{url}{each}/" for each in sorted(_contradictory(name))],
            "name": PERMISSIONS[name],
        }
        for name in sorted(PERMISSIONS)
    ]
    return {"count": len(told), "next": None, "previous": None, "results": told}


def assignments(asked: Asked) -> Any:
    """Answer who may do what; who does not manage the form sees the owner and itself."""
    form, rights = asked.form("permission-assignments")
    names = sorted({form.owner, *form.rights})
    if "manage_asset" not in rights.permissions:
        names = [name for name in names if name in {form.owner, asked.name()}]
    return [
        _told(form, name, permission, asked)
        for name in names
        for permission in sorted(form.rights_of(name).permissions)
        if permission in PERMISSIONS and _is_listed(permission, name, form)
    ]


def assign(asked: Asked) -> Any:
    """Give somebody a permission, with all that it implies."""
    form = _shared(asked)
    sent = asked.body()
    name = _last(sent.get("user"))
    permission = _last(sent.get("permission"))
    if permission not in PERMISSIONS:
        raise Problem(400, {"permission": ["Invalid hyperlink - Object does not exist."]})
    rows = None
    if permission == _PARTIAL:
        rows = _rows(sent.get("partial_permissions"))
    held = form.rights.get(name, Rights()).permissions - _contradictory(permission)
    granted = with_implied(held | {permission})
    asked.world.set_rights(form.uid, name, *granted, rows=rows)
    told = _told(form, name, permission, asked)
    return asked.json_response(told, 201, {"location": told["url"]})


def revoke(asked: Asked) -> Any:
    """Take a permission away, with all that need it."""
    form = _shared(asked)
    for name, rights in form.rights.items():
        for permission in rights.permissions:
            if _uid(form, name, permission) == asked.part("assignment"):
                lost = {each for each in rights.permissions if permission in IMPLIED.get(each, ())}
                kept = rights.permissions - lost - {permission}
                if kept:
                    asked.world.set_rights(form.uid, name, *kept, rows=rights.rows)
                else:
                    asked.world.remove_rights(form.uid, name)
                return Response(status_code=204)
    raise Problem.not_found()


def _managed(asked: Asked) -> PracticeForm:
    """Give the form; unlike elsewhere, who may not see it is told 403, and nobody 401."""
    form = asked.known("history")
    asked.signed_in()
    asked.need(asked.rights(form), "manage_asset")
    return form


def _shared(asked: Asked) -> PracticeForm:
    form, rights = asked.form("permission-assignments")
    asked.need(rights, "manage_asset")
    return form


def _rows(partial: Any) -> dict[str, Any]:
    for entry in partial or ():
        if _last(entry.get("url")) == "view_submissions" and entry.get("filters"):
            filters = list(entry["filters"])
            return filters[0] if len(filters) == 1 else {"$or": filters}
    words = "This field is required for the 'partial_submissions' permission"
    raise Problem(400, {"partial_permissions": [words]})


def _told(form: PracticeForm, name: str, permission: str, asked: Asked) -> dict[str, Any]:
    one = f"{asked.base}/api/v2/assets/{form.uid}/permission-assignments/"
    told: dict[str, Any] = {
        "url": f"{one}{_uid(form, name, permission)}/",
        "user": f"{asked.base}/api/v2/users/{name}/",
        "permission": f"{asked.base}/api/v2/permissions/{permission}/",
        "label": _LABELS.get(permission, _PARTIAL_LABEL),
    }
    if permission == _PARTIAL:
        rows: Mapping[str, Any] = form.rights[name].rows or {}
        filters = rows["$or"] if set(rows) == {"$or"} else [rows]
        url = f"{asked.base}/api/v2/permissions/view_submissions/"
        told["partial_permissions"] = [{"url": url, "filters": filters}]
    return told


_LABELS: dict[str, Any] = {
    "add_submissions": "Add submissions",
    "change_asset": "Edit form",
    "change_submissions": "Edit submissions",
    "delete_submissions": "Delete submissions",
    "discover_asset": "Discover asset",
    "manage_asset": "Manage project",
    "validate_submissions": "Validate submissions",
    "view_asset": "View form",
    "view_submissions": "View submissions",
}


def _is_listed(permission: str, name: str, form: PracticeForm) -> bool:
    return permission != "delete_asset" and not (
        permission == "discover_asset" and name == form.owner
    )


def _contradictory(permission: str) -> set[str]:
    if permission == _PARTIAL:
        return {name for name in PERMISSIONS if "view_submissions" in with_implied({name})}
    sees_rows = "view_submissions" in with_implied({permission})
    return {_PARTIAL} if sees_rows and permission != "manage_asset" else set()


def _uid(form: PracticeForm, name: str, permission: str) -> str:
    return made_uid("p", 22, form.uid, name, permission)


def _last(url: Any) -> str:
    return str(url or "").rstrip("/").rpartition("/")[2]
