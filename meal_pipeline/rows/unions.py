"""A project's form with all its versions together, out of the store.

Here: contents, attached files and the project's declarations to one `FormUnion`. Not here: the rows
(`loading`), and how versions are joined (`forms.uniting`).
"""

from collections.abc import Collection
from functools import lru_cache

import orjson

from meal_pipeline.forms import FormUnion, FormVersion, parse_content, unite
from meal_pipeline.forms.attached_files import AttachedFile, files_needed, with_files
from meal_pipeline.store import Store
from meal_pipeline.store.form_files import form_files
from meal_pipeline.store.submission_log import form_versions
from meal_pipeline.workspace.project import Form


def form_union(
    store: Store, server: str, form: Form, only: Collection[str] | None = None
) -> FormUnion | None:
    """Give all held versions of a form together, or those of the uids `only`; None without any.

    Choices in attached files are those of the files that are held. Raises FormError.
    """
    versions = [
        _parsed(form.uid, uid, orjson.dumps(content))
        for uid, content in form_versions(store, server, form.uid)
        if only is None or uid in only
    ]
    if not versions:
        return None
    if any(files_needed(version) for version in versions):
        files = [
            AttachedFile(one.name, one.content, one.problem)
            for one in form_files(store, server, form.uid)
        ]
        versions = [with_files(version, files) for version in versions]
    return unite(versions, form)


@lru_cache(maxsize=64)
def _parsed(asset_uid: str, version_uid: str, content: bytes) -> FormVersion:
    """Read a version; several stages of a run ask for the same one."""
    return parse_content(orjson.loads(content), asset_uid=asset_uid, version_uid=version_uid)
