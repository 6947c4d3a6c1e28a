"""The versions of a form that are not held yet.

Here: asking for them, and whether a form asks for files. Not here: what they mean (forms).
"""

import hashlib
from collections.abc import Collection

import orjson

from meal_pipeline.forms.question_types import value_kind
from meal_pipeline.kobo import KoboClient
from meal_pipeline.store import Store
from meal_pipeline.store.submission_log import FormVersion, form_versions


def new_versions(client: KoboClient, uid: str, held: Collection[str]) -> list[FormVersion]:
    """Give the deployed versions of the form whose uids are not in `held`, with their content."""
    found = []
    for listing in client.versions(uid, deployed=True):
        if listing.uid not in held:
            content = client.version(uid, listing.uid).content or {}
            canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
            hashed = hashlib.sha256(canonical).hexdigest()
            found.append(FormVersion(listing.uid, hashed, content, listing.date_deployed))
    return found


def form_has_files(store: Store, server: str, asset_uid: str) -> bool:
    """Tell whether any held version of the form asks for a picture, a recording or another file."""
    return any(
        value_kind(str(row.get("type", ""))) == "media"
        for _uid, content in form_versions(store, server, asset_uid)
        for row in content.get("survey", ())
    )
