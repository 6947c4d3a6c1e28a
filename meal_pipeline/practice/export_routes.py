"""Routes of exports: asked for and fetched later, or by a lasting address (Excel, Power BI).

Here: settings read and refused, exports kept for their makers, downloads. Not here: what stands in
a file (`exporting`, `export_files`). GeoJSON, SPSS and KML are left out.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from meal_pipeline.practice.accounts import Rights, Unauthorized
from meal_pipeline.practice.asking import Asked
from meal_pipeline.practice.authoring import made_uid
from meal_pipeline.practice.data import matching_ids, shown
from meal_pipeline.practice.data_routes import form_with_data
from meal_pipeline.practice.export_files import Export, ExportFailed, csv_file, workbook
from meal_pipeline.practice.exporting import Options, Row, sheets
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.problems import Problem

_KEPT = 10
_CACHED = timedelta(minutes=5)
_REQUIRED = (
    "fields_from_all_versions",
    "group_sep",
    "hierarchy_in_labels",
    "lang",
    "multiple_select",
    "type",
)
_TYPES = ("csv", "geojson", "spss_labels", "xls", "kml")
_MULTIPLE = ("both", "details", "summary")
_MADE = {
    "csv": ("csv", "text/csv"),
    "xls": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def exports(asked: Asked) -> Any:
    """Answer one's own exports of a form, the newest first."""
    form, _rights = asked.form("exports")
    mine = [each for each in reversed(form.exports) if each.owner == asked.name()]
    mine = [each for each in mine if not each.setting]
    return asked.page(mine, lambda each: _told(each, form, asked))


def create(asked: Asked) -> Any:
    """Make an export; it is told as created, and is complete when asked about."""
    form, rights = form_with_data(asked)
    settings = _checked(form, asked.body())
    made = _made(asked, form, rights, settings)
    told = _told(made, form, asked) | {"status": "created", "messages": {}, "result": None}
    told |= {"last_submission_time": None, "data": _asked_for(form, settings, asked)}
    return asked.json_response(told, 201, {"location": told["url"]})


def export(asked: Asked) -> Any:
    """Answer how one export went, with the address of its file."""
    form, _rights = asked.form("exports")
    return _told(_mine(asked, form), form, asked)


def forget(asked: Asked) -> Any:
    """Delete an export."""
    form, _rights = asked.form("exports")
    form.exports.remove(_mine(asked, form))
    return Response(status_code=204)


def settings(asked: Asked) -> Any:
    """Answer the saved export settings of a form."""
    form, _rights = asked.form("export-settings")
    return asked.page(list(form.export_settings), lambda uid: _setting(form, uid, asked))


def save_setting(asked: Asked) -> Any:
    """Save export settings, which gives them a lasting address."""
    form, rights = asked.form("export-settings")
    asked.need(rights, "manage_asset")
    sent = asked.body()
    checked = _checked(form, sent.get("export_settings") or {})
    uid = made_uid("es", 23, form.uid, asked.world.serial())
    form.export_settings[uid] = {
        "name": str(sent.get("name", "")),
        "date_modified": _stamp(asked.world.now()),
        "export_settings": checked,
    }
    told = _setting(form, uid, asked)
    return asked.json_response(told, 201, {"location": told["url"]})


def setting(asked: Asked) -> Any:
    """Answer one saved setting."""
    form = _with_setting(asked)
    return _setting(form, asked.part("setting"), asked)


def forget_setting(asked: Asked) -> Any:
    """Delete a saved setting."""
    form = _with_setting(asked)
    asked.need(asked.rights(form), "manage_asset")
    del form.export_settings[asked.part("setting")]
    return Response(status_code=204)


def synchronous(asked: Asked) -> Any:
    """Answer the file of a saved setting, made at most every five minutes for each account."""
    kind = {"csv": "csv", "xlsx": "xls"}.get(asked.part("format"))
    form = _with_setting(asked)
    if kind is None:
        return Response("None", 404)  # the real server's renderer fails to be found, and says so
    uid = asked.part("setting")
    owner, key = asked.name(), f"{uid}.{kind}"
    fresh = [
        each
        for each in form.exports
        if each.owner == owner and each.setting == key and asked.world.now() - each.moment < _CACHED
    ]
    if not fresh:
        _form, rights = form_with_data(asked)
        wanted = form.export_settings[uid]["export_settings"] | {"type": kind}
        fresh = [_made(asked, form, rights, wanted, setting=key)]
    if fresh[0].error:
        words = (
            f"Synchronous export failed. It can be tried again after {_CACHED.seconds - 1} "
            "seconds. Sooner retries will return the same error."
        )
        return PlainTextResponse(words, 500)
    return RedirectResponse(_address(fresh[0], form), 302, {"content-type": "text/html"})


def file(asked: Asked) -> Any:
    """Answer an export's file, to the account that made it."""
    form = asked.world.forms.get(asked.part("uid"))
    try:
        name = asked.name()
    except Unauthorized:
        name = ""
    if form is None or name != asked.part("username"):
        return HTMLResponse("<h1>403 Forbidden</h1>", 403)
    for each in form.exports:
        if each.owner == name and each.filename == asked.part("filename") and not each.error:
            _, mimetype = _MADE[each.settings["type"]]
            headers = {"content-disposition": f"inline; filename*=utf-8''{quote(each.filename)}"}
            return Response(each.content, headers=headers | {"content-type": mimetype})
    raise Problem.gone()


def _checked(form: PracticeForm, sent: Mapping[str, Any]) -> dict[str, Any]:
    if any(key not in sent for key in _REQUIRED):
        *first, last = (f"'{key}'" for key in _REQUIRED)
        words = f"Must contain all the following required keys: {', '.join(first)} and {last}"
        raise Problem(400, {"data": [words]})
    if sent["type"] not in _TYPES:
        *first, last = (f"'{kind}'" for kind in _TYPES)
        raise Problem(400, {"type": [f"Must be either {', '.join(first)} or {last}"]})
    languages = _languages(form)
    known = [f"'{name}'" for name in [*filter(None, languages), "_default", "_xml"]]
    if f"'{sent['lang']}'" not in known:
        *first, last = known
        words = f"For this asset must be either {', '.join(first)} or {last}"
        raise Problem(400, {"lang": [words]})
    if sent["multiple_select"] not in _MULTIPLE:
        *first, last = (f"'{name}'" for name in _MULTIPLE)
        raise Problem(400, {"multiple_select": [f"Must be either {', '.join(first)} or {last}"]})
    if sent["type"] not in _MADE:
        raise Problem.not_here()
    return dict(sent)


def _languages(form: PracticeForm) -> list[str | None]:
    content = form.head.content if form.head else {}
    return list(content.get("translations") or [None])


def _made(
    asked: Asked,
    form: PracticeForm,
    rights: Rights,
    settings: Mapping[str, Any],
    *,
    setting: str = "",
) -> Export:
    """Make an export and keep it; of each account's, the last ten stay."""
    moment, owner = asked.world.tick(), asked.name()
    rows = _rows(asked, form, rights, settings)
    made = Export(
        uid=made_uid("e", 22, form.uid, asked.world.serial()),
        owner=owner,
        moment=moment,
        settings=settings,
        filename=_filename(form, settings, owner, moment, asked.world.serial()),
        setting=setting,
    )
    if rows and not settings.get("fields"):
        made.latest = f"{max(str(row['_submission_time']) for row in rows)}Z"
    options = _options(form, settings)
    versions = [each for each in reversed(form.versions) if each.deployed_at]
    chosen = versions if options.all_versions else versions[:1]
    layout = sheets({version.uid: version.content for version in chosen})
    try:
        if settings["type"] == "csv":
            made.content = csv_file(rows, layout[0], options)
        else:
            made.content = workbook(rows, layout, form.name, options)
    except ExportFailed as error:
        made.error, made.latest = error, None
    except ImportError:  # openpyxl is not installed
        raise Problem.not_here() from None
    form.exports.append(made)
    for old in [each for each in form.exports if each.owner == owner][:-_KEPT]:
        form.exports.remove(old)
    asked.world.happened(form, "export", owner)
    return made


def _rows(
    asked: Asked, form: PracticeForm, rights: Rights, settings: Mapping[str, Any]
) -> list[Row]:
    ids = matching_ids(form, rights, settings.get("query") or {})
    if wanted := settings.get("submission_ids"):
        ids = [each for each in ids if each in set(wanted)]
    stored = [row for row in map(form.get, ids) if row]
    return [orjson.loads(shown(row, None, form, asked.base)) for row in stored]


def _options(form: PracticeForm, settings: Mapping[str, Any]) -> Options:
    lang: str | None = settings["lang"]
    fields = settings.get("fields") or ()
    return Options(
        lang=None if lang == "_xml" else "" if lang == "_default" else lang,
        group_sep=settings["group_sep"],
        hierarchy=bool(settings["hierarchy_in_labels"]),
        multiple=settings["multiple_select"],
        all_versions=bool(settings["fields_from_all_versions"]),
        as_text=settings.get("xls_types_as_text", True),
        media_urls=settings.get("include_media_url", False),
        fields=(*fields, "_uuid", "meta/rootUuid") if fields else (),
    )


def _filename(
    form: PracticeForm, settings: Mapping[str, Any], owner: str, moment: datetime, serial: int
) -> str:
    versions = "all versions" if settings["fields_from_all_versions"] else "latest version"
    lang = {"_xml": "False", "_default": "labels"}.get(settings["lang"], settings["lang"])
    ending, _ = _MADE[settings["type"]]
    time = f"{moment.astimezone(UTC):%Y-%m-%d-%H-%M-%S}"
    name = f"{form.name} - {versions} - {lang} - {time}"
    plain = re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_"))
    if any(each.filename == f"{plain}.{ending}" for each in form.exports if each.owner == owner):
        plain += f"_{made_uid('', 7, plain, serial)}"
    return f"{plain}.{ending}"


def _asked_for(form: PracticeForm, settings: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    source = f"{asked.base}/api/v2/assets/{form.uid}/"
    return {**settings, "source": source, "name": settings.get("name")}


def _told(each: Export, form: PracticeForm, asked: Asked) -> dict[str, Any]:
    data = _asked_for(form, each.settings, asked) | {"processing_time_seconds": 0.01}
    if "query" in data:
        data["query"] = data["query"] | {"_userform_id": f"{form.owner}_{form.uid}"}
    if data.get("fields"):
        groups = {path.partition("/")[0] for path in data["fields"] if "/" in path}
        always = ["_attachments", "_supplementalDetails", "_uuid", "meta/rootUuid"]
        data["fields"] = [*data["fields"], *sorted(groups), *always]
    error = each.error
    return {
        "url": f"{asked.base}/api/v2/assets/{form.uid}/exports/{each.uid}/",
        "status": "error" if error else "complete",
        "messages": {"error": str(error), "error_type": error.kind} if error else {},
        "uid": each.uid,
        "date_created": _stamp(each.moment),
        "last_submission_time": each.latest,
        "result": None if error else f"{asked.base}{_address(each, form)}",
        "data": data,
    }


def _address(each: Export, form: PracticeForm) -> str:
    return f"/private-media/{each.owner}/exports/{form.uid}/{quote(each.filename)}"


def _setting(form: PracticeForm, uid: str, asked: Asked) -> dict[str, Any]:
    url = f"{asked.base}/api/v2/assets/{form.uid}/export-settings/{uid}/"
    addresses = {f"data_url_{kind}": f"{url}data.{kind}" for kind in ("csv", "xlsx")}
    return {"uid": uid, "url": url, **addresses, **form.export_settings[uid]}


def _with_setting(asked: Asked) -> PracticeForm:
    form, _rights = asked.form("export-settings")
    if asked.part("setting") not in form.export_settings:
        raise Problem.not_found()
    return form


def _mine(asked: Asked, form: PracticeForm) -> Export:
    for each in form.exports:
        if each.uid == asked.part("export") and each.owner == asked.name():
            return each
    raise Problem.detail(404, "No SubmissionExportTask matches the given query.")


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
