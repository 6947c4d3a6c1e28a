"""How a form is told as JSON: detail, list entry, versions, content.

Here: the shapes of the asset routes. Not here: finding the form or checking rights (`app`).
Fields that only KoboToolbox's own pages use (report styles, map styles) are there but empty.
"""

from collections.abc import Mapping
from typing import Any

from meal_pipeline.practice.accounts import ANONYMOUS, Rights
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion

_QUESTIONLESS = ("begin_", "end_")


def described(form: PracticeForm, rights: Rights, base: str) -> dict[str, Any]:
    """Give the detail of a form as an account with `rights` sees it; `base` is the server's URL."""
    url = f"{base}/api/v2/assets/{form.uid}/"
    deployed = [version for version in reversed(form.versions) if version.deployed_at]
    listed = listed_form(form, rights, base)
    return listed | {
        "files": [],
        "version__content_hash": form.head.hash if form.head else None,
        "version_count": len(form.versions),
        "deployed_versions": {
            "count": len(deployed),
            "next": None,
            "previous": None,
            "results": [described_version(version, form, base) for version in deployed[:100]],
        },
        "deployment__links": {},
        "deployment__data_download_links": {},
        "report_styles": {"default": {}, "specified": {}, "kuid_names": {}},
        "report_custom": {},
        "advanced_features": {},
        "map_styles": {},
        "map_custom": {},
        "content": form.head.content if form.head else {},
        "embeds": [
            {"format": "xls", "url": f"{url}xls/"},
            {"format": "xform", "url": f"{url}xform/"},
        ],
        "analysis_form_json": {"additional_fields": []},
        "xform_link": f"{url}xform/",
        "hooks_link": f"{url}hooks/",
        "xls_link": f"{url}xls/",
        "assignable_permissions": [],
        "effective_permissions": [{"codename": name} for name in sorted(rights.permissions)],
        "exports": f"{url}exports/",
        "paired_data": f"{url}paired-data/",
        "project_ownership": None,
    }


def listed_form(form: PracticeForm, rights: Rights, base: str) -> dict[str, Any]:
    """Give a form as the list of assets shows it."""
    url = f"{base}/api/v2/assets/{form.uid}/"
    deployed = form.deployed
    return {
        "url": url,
        "date_created": form.created_at,
        "date_modified": form.modified_at,
        "date_deployed": deployed.deployed_at if deployed else None,
        "owner": f"{base}/api/v2/users/{form.owner}/",
        "summary": _summary(form),
        "owner__username": form.owner,
        "parent": None,
        "uid": form.uid,
        "tag_string": "",
        "settings": form.settings,
        "kind": "asset",
        "name": form.name,
        "asset_type": form.asset_type,
        "version_id": form.head.uid if form.head else None,
        "has_deployment": deployed is not None,
        "deployed_version_id": deployed.uid if deployed else None,
        "deployment__active": deployed is not None and form.active,
        "deployment__submission_count": (
            0 if deployed is None else len(form) if rights.sees_all_rows else None
        ),
        "deployment__last_submission_time": form.last_submission_time,
        "deployment__encrypted": form.encrypted,
        "deployment__uuid": form.formhub_uuid if deployed else None,
        "deployment_status": form.status,
        "permissions": [],
        "export_settings": [],
        "downloads": [
            {"format": "xls", "url": f"{url[:-1]}.xls"},
            {"format": "xml", "url": f"{url[:-1]}.xml"},
        ],
        "data": f"{url}data/",
        "subscribers_count": 0,
        "status": _sharing(form),
        "access_types": None,
        "children": {"count": 0},
        "data_sharing": {},
        "owner_label": form.owner,
        "last_modified_by": form.owner,
        "created_by": form.owner,
    }


def described_version(version: PracticeVersion, form: PracticeForm, base: str) -> dict[str, Any]:
    """Give a version as a list shows it; `date_deployed` is false for a draft."""
    return {
        "uid": version.uid,
        "url": f"{base}/api/v2/assets/{form.uid}/versions/{version.uid}/",
        "content_hash": version.hash,
        "date_deployed": version.deployed_at or False,
        "date_modified": version.modified_at or version.deployed_at or form.created_at,
        "version_number": version.number or _number(form, version),
    }


def sheet_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give content as the `/content/` route does, in the columns of an XLSForm sheet."""
    languages = content.get("translations") or [None]
    translated = set(content.get("translated", ()))

    def sheet_row(row: Mapping[str, Any]) -> dict[str, Any]:
        flat: dict[str, Any] = {}
        for key, value in row.items():
            if key in translated and isinstance(value, list):
                for language, text in zip(languages, value, strict=False):
                    flat[f"{key}::{language}" if language else key] = text
            elif key not in {"select_from_list_name", "required"}:
                flat[key] = value
        if list_name := row.get("select_from_list_name"):
            other = " or_other" if row.get("_or_other") else ""
            flat["type"] = f"{row['type']} {list_name}{other}"
        if "required" in row:
            flat["required"] = str(row["required"]).lower()
        return flat

    return {
        "survey": [sheet_row(row) for row in content.get("survey", ())],
        "choices": [sheet_row(row) for row in content.get("choices", ())],
        "settings": [content.get("settings", {})],
    }


def _number(form: PracticeForm, version: PracticeVersion) -> str:
    """Count deployed versions "1", "2"; a draft after the second is "2.1"."""
    whole = part = 0
    for each in form.versions:
        whole, part = (whole + 1, 0) if each.deployed_at else (whole, part + 1)
        if each is version:
            break
    return f"{whole}.{part}" if part else str(whole)


def _sharing(form: PracticeForm) -> str:
    if form.rights.get(ANONYMOUS, Rights()).sees_form:
        return "public"
    return "shared" if any(rights.sees_form for rights in form.rights.values()) else "private"


def _summary(form: PracticeForm) -> dict[str, Any]:
    content = form.head.content if form.head else {}
    survey = content.get("survey", ())
    types = [str(row.get("type", "")) for row in survey]
    languages = content.get("translations") or []
    return {
        "geo": any(kind.startswith("geo") for kind in types),
        "row_count": sum(not kind.startswith(_QUESTIONLESS) for kind in types),
        "languages": [language for language in languages if language],
        "default_translation": languages[0] if languages else None,
    }
