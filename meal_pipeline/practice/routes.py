"""The table of routes: which path is answered by what, and what is left out.

Here: the table and the answers for everything that is not in it. Not here: how a place is answered
(`routing`). `docs/practice.md` is generated from it.
"""

from typing import Any

from starlette.responses import RedirectResponse

from meal_pipeline.practice import (
    asset_routes,
    attachment_routes,
    authoring_routes,
    control_routes,
    data_routes,
    export_routes,
    hook_routes,
    sharing_routes,
    submission_routes,
    writing_routes,
)
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.routing import METHODS, Place

_REMOVED = (
    "The V1 API has been removed. Please read the migration article at "
    "https://support.kobotoolbox.org/migrating_api.html"
)
ASSETS = "/api/v2/assets/"
ONE = f"{ASSETS}{{uid}}/"
ROW = f"{ONE}data/{{row}}/"
HOOK = f"{ONE}hooks/{{hook}}/"

LEFT_OUT = {
    "paired-data": "data of another project, looked up in a form",
    "reports": "figures for KoboToolbox's own report page",
    "table_view": "a web page",
    "valid_content": "content in another shape",
    "xform": "a form as a web page",
    "xls": "a form as an XLSX file",
}
"""What KoboToolbox has beside a form and this server answers with 501."""

LEFT_OUT_WHOLE = {
    "/api/v2/": "the list of routes",
    "/api/v2/access-logs/me/": "who signed in",
    "/api/v2/audit-logs/": "the log of the installation",
    "/api/v2/imports/": "importing an XLSX form",
    "/api/v2/organizations/": "organisations",
    "/api/v2/project-history-logs/": "the history of all projects",
    "/api/v2/project-views/": "project views",
    "/api/v2/service_usage/": "usage and limits",
    "/formList": "the list of forms for ODK Collect",
    f"{ASSETS}metadata/": "lists for KoboToolbox's own search page",
}
"""Whole paths that KoboToolbox has and this server answers with 501, and all that is below them."""

LEFT_OUT_BELOW = {
    "/api/v2/asset_snapshots/": "previews, and edits from the web form",
    "/forms/": "forms for ODK Collect",
    "/xformsManifest/": "files for ODK Collect",
}
"""Beginnings of paths that KoboToolbox has and this server answers with 501."""


def elsewhere(asked: Asked) -> Any:
    """Answer for what KoboToolbox has beside a form and this server does not."""
    name = asked.part("route")
    if name not in LEFT_OUT:
        raise Problem.gone()
    asked.form(name)
    raise Problem.not_here()


def otherwise(asked: Asked) -> Any:
    """Answer for every other path: the removed first API, a forgotten slash, or nothing there."""
    path = asked.request.url.path
    if path.startswith(("/api/v1/", "/assets/", "/environment/")):
        raise Problem.detail(410, _REMOVED)
    if path.startswith("/api/v2/") and not path.endswith("/") and "." not in path:
        query = asked.request.url.query
        return RedirectResponse(f"{path}/?{query}" if query else f"{path}/", status_code=301)
    below = tuple(path for path in LEFT_OUT_WHOLE if path not in {"/api/v2/", "/formList"})
    if path in LEFT_OUT_WHOLE or path.startswith((*below, *LEFT_OUT_BELOW)):
        raise Problem.not_here()
    raise Problem.gone()


_GET = frozenset({"GET", "HEAD"})


def _all(answer: Any) -> dict[str, Any]:
    return dict.fromkeys(METHODS, answer)


PLACES: list[Place] = [
    Place("/token/", "the token, by password", _all(asset_routes.token)),
    Place("/me/", "whose token it is", {"GET": asset_routes.me}, frozenset({"PATCH", "DELETE"})),
    Place(
        ASSETS,
        "the list of forms; creating one",
        {"GET": asset_routes.assets, "POST": authoring_routes.create},
    ),
    Place(f"{ASSETS}minimal-list/", "the short list", {"GET": asset_routes.minimal_list}),
    Place(f"{ASSETS}hash/", "moves when a form changes", {"GET": asset_routes.assets_hash}),
    Place(f"{ASSETS}counts/", "forms by state", {"GET": asset_routes.assets_counts}),
    Place(f"{ASSETS}bulk/", "archive, delete several forms", {"POST": authoring_routes.bulk}),
    Place(f"{ASSETS}metadata/", "", _all(otherwise), raw=True),
    Place(
        ONE,
        "a form; changing or deleting it",
        {
            "GET": asset_routes.asset,
            "PATCH": authoring_routes.change,
            "DELETE": authoring_routes.delete,
        },
        frozenset({"PUT"}),
    ),
    Place(f"{ONE}content/", "its newest content", {"GET": asset_routes.content}),
    Place(f"{ONE}versions/", "its versions", {"GET": asset_routes.versions}),
    Place(f"{ONE}versions/{{version}}/", "one version", {"GET": asset_routes.version}),
    Place(
        f"{ONE}deployment/",
        "what is deployed; deploying, archiving",
        {
            "GET": asset_routes.deployment,
            "POST": authoring_routes.deploy,
            "PATCH": authoring_routes.redeploy,
        },
    ),
    Place(f"{ONE}counts/", "submissions a day", {"GET": data_routes.counts}),
    Place(f"{ONE}data/", "submissions, by page", {"GET": data_routes.data}),
    Place(f"{ONE}data.json", "the same", {"GET": data_routes.data}),
    Place(
        f"{ONE}data/bulk/",
        "editing or deleting many",
        {"PATCH": writing_routes.edit_rows, "DELETE": writing_routes.delete_rows},
    ),
    Place(
        f"{ONE}data/validation_statuses/",
        "the status of many",
        {"PATCH": writing_routes.set_statuses, "DELETE": writing_routes.set_statuses},
    ),
    Place(
        ROW,
        "one submission; deleting it",
        {"GET": data_routes.row, "DELETE": writing_routes.delete_row},
    ),
    Place(f"{ONE}data/{{row}}.json", "the same", {"GET": data_routes.row}),
    Place(
        f"{ROW}validation_status/",
        "its status",
        {
            "GET": writing_routes.status,
            "PATCH": writing_routes.set_status,
            "DELETE": writing_routes.clear_status,
        },
    ),
    Place(f"{ROW}duplicate/", "copying it", {"POST": writing_routes.duplicate_row}),
    Place(
        f"{ROW}attachments/",
        "the file of a question",
        {"GET": attachment_routes.by_question},
        raw=True,
    ),
    Place(
        f"{ROW}attachments/{{attachment}}/",
        "a file",
        {"GET": attachment_routes.attachment},
        raw=True,
    ),
    Place(
        f"{ROW}attachments/{{attachment}}/{{size}}/",
        "a picture in a smaller size (the same bytes here)",
        {"GET": attachment_routes.thumbnail},
        raw=True,
    ),
    Place(
        f"{ONE}attachments/bulk/",
        "deleting the files of submissions",
        {"DELETE": attachment_routes.delete_many},
    ),
    Place(
        f"{ONE}attachments/{{attachment}}/",
        "deleting a file",
        {"DELETE": attachment_routes.delete},
    ),
    Place(
        f"{ONE}files/",
        "files attached to the form",
        {"GET": attachment_routes.media},
        frozenset({"POST"}),
    ),
    Place(
        f"{ONE}files/{{file}}/",
        "one of them",
        {"GET": attachment_routes.medium},
        frozenset({"DELETE"}),
    ),
    Place(
        f"{ONE}files/{{file}}/content/",
        "its bytes",
        {"GET": attachment_routes.medium_content},
        raw=True,
    ),
    Place(f"{ROW}enketo/{{link:path}}", "links to the web form", {}, frozenset(METHODS), raw=True),
    Place(
        f"{ONE}hooks/",
        "REST services; setting one up",
        {"GET": hook_routes.hooks, "POST": hook_routes.create},
    ),
    Place(
        HOOK,
        "one of them",
        {"GET": hook_routes.hook, "PATCH": hook_routes.change, "DELETE": hook_routes.delete},
        frozenset({"PUT"}),
    ),
    Place(f"{HOOK}retry/", "sending all that failed again", {"PATCH": hook_routes.retry_all}),
    Place(f"{HOOK}logs/", "its deliveries", {"GET": hook_routes.logs}),
    Place(f"{HOOK}logs/{{log}}/", "one delivery", {"GET": hook_routes.log}),
    Place(f"{HOOK}logs/{{log}}/retry/", "sending it again", {"PATCH": hook_routes.retry}),
    Place(
        f"{ONE}exports/",
        "exports (CSV, XLSX); making one",
        {"GET": export_routes.exports, "POST": export_routes.create},
    ),
    Place(
        f"{ONE}exports/{{export}}/",
        "how one went",
        {"GET": export_routes.export, "DELETE": export_routes.forget},
        frozenset({"PUT", "PATCH"}),
    ),
    Place(
        f"{ONE}export-settings/",
        "saved export settings",
        {"GET": export_routes.settings, "POST": export_routes.save_setting},
    ),
    Place(
        f"{ONE}export-settings/{{setting}}/",
        "one of them",
        {"GET": export_routes.setting, "DELETE": export_routes.forget_setting},
        frozenset({"PUT", "PATCH"}),
    ),
    Place(
        f"{ONE}export-settings/{{setting}}/data.{{format}}",
        "its file, for Excel and Power BI",
        {"GET": export_routes.synchronous},
        raw=True,
    ),
    Place(
        "/private-media/{username}/exports/{uid}/{filename}",
        "an export's file",
        {"GET": export_routes.file},
        raw=True,
    ),
    Place(f"{ONE}history/", "who did what", {"GET": sharing_routes.history}),
    Place(f"{ONE}history/actions/", "kinds of that", {"GET": sharing_routes.actions}),
    Place(f"{ONE}history/export/", "the history as a file", {}, frozenset({"POST"})),
    Place(
        f"{ONE}permission-assignments/",
        "who may do what; sharing",
        {"GET": sharing_routes.assignments, "POST": sharing_routes.assign},
    ),
    Place(
        f"{ONE}permission-assignments/{{assignment}}/",
        "taking a right away",
        {"DELETE": sharing_routes.revoke},
        frozenset({"GET"}),
    ),
    Place("/api/v2/permissions/", "all permissions", {"GET": sharing_routes.permissions}),
    Place("/submission", "receiving rows", {"POST": submission_routes.submission}, raw=True),
    Place(
        "/{username}/submission",
        "receiving rows without an account",
        {"POST": submission_routes.submission},
        raw=True,
    ),
    Place(f"{ROW}supplement/", "transcripts and translations", {}, frozenset(METHODS), raw=True),
    Place(f"{ASSETS}{{uid}}.xls", "a form as an XLSX file", {}, _GET, raw=True),
    Place(f"{ASSETS}{{uid}}.xml", "a form as XML", {}, _GET, raw=True),
    Place(f"{ONE}data.xml", "submissions as XML", {}, _GET, raw=True),
    Place(f"{ONE}data.geojson", "submissions as GeoJSON", {}, _GET, raw=True),
    Place(
        "/practice/troubles/",
        "switching trouble on and off (not a route of KoboToolbox)",
        {"POST": control_routes.switch_on, "DELETE": control_routes.switch_off},
    ),
    Place(f"{ONE}{{route}}/", "", _all(elsewhere)),
    Place("/{path:path}", "", _all(otherwise), raw=True),
]
