"""What happens to a form as a whole: versions, sharing, archiving, the trash, files.

Here: the events of a form, with the traces that a real server leaves of them. Not here: those of
its submissions (`world`), HTTP.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from meal_pipeline.practice.accounts import Rights
from meal_pipeline.practice.authoring import made_uid, stored_content
from meal_pipeline.practice.forms import PracticeForm, PracticeVersion, root_uuid
from meal_pipeline.practice.openrosa import File
from meal_pipeline.practice.world import World


class Lifecycle(World):
    """A world whose forms change, too."""

    def deploy(
        self, form_uid: str, content: Mapping[str, Any], version: str, *, by: str | None = None
    ) -> None:
        """Deploy a new version of a form."""
        with self.lock:
            form, moment = self.form(form_uid), self._moment()
            first = form.deployed is None
            form.versions.append(
                PracticeVersion(version, content, deployed_at=moment, modified_at=moment)
            )
            self._deployed(form, "deploy" if first else "redeploy", by)

    redeploy = deploy

    def create(
        self, name: str, content: Mapping[str, Any], settings: Mapping[str, Any], *, owner: str
    ) -> PracticeForm:
        """Make a form with one draft of `content`, which may be in the columns of an XLSForm."""
        with self.lock:
            uid = made_uid("a", 22, self._seed, self.serial())
            moment = self._moment()
            form = PracticeForm(uid, name, owner=owner, settings=settings, created_at=moment)
            self.add(form)
            self.save(uid, by=owner, content=content)
            return form

    def save(
        self,
        form_uid: str,
        *,
        by: str | None = None,
        content: Mapping[str, Any] | None = None,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """Change a form as the web page does, and give the uid of its newest version.

        A new name alone makes a draft, too: with the content of before. New settings do not.
        """
        with self.lock:
            form = self.form(form_uid)
            uid = made_uid("v", 22, self._seed, form_uid, self.serial())
            if content is not None:
                kept = stored_content(content, form_uid, len(form.versions))
            else:
                kept = dict(form.head.content) if form.head else {}
            form.name = form.name if name is None else name
            form.settings = form.settings if settings is None else settings
            if content is None and name is None and form.head:
                return form.head.uid
            self.draft(form_uid, kept, uid, by=by)
            return uid

    def deploy_saved(self, form_uid: str, version: str, *, by: str | None = None) -> None:
        """Deploy a version that is saved; raise `KeyError` when there is none of that uid."""
        with self.lock:
            form, moment = self.form(form_uid), self._moment()
            places = [at for at, each in enumerate(form.versions) if each.uid == version]
            if not places:
                raise KeyError(version)
            action = "redeploy" if form.deployed else "deploy"
            saved = form.versions[places[0]]
            form.versions[places[0]] = replace(saved, deployed_at=moment, modified_at=moment)
            self._deployed(form, action, by)

    def draft(
        self, form_uid: str, content: Mapping[str, Any], version: str, *, by: str | None = None
    ) -> None:
        """Save a new version of a form without deploying it."""
        with self.lock:
            form, moment = self.form(form_uid), self._moment()
            form.versions.append(PracticeVersion(version, content, modified_at=moment))
            self.happened(form, "update-content", by, extra={"latest_version_uid": version})

    def set_rights(
        self,
        form_uid: str,
        username: str,
        *permissions: str,
        rows: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what an account may do with a form from now on; nothing named is nothing allowed.

        Permissions are KoboToolbox's (`view_asset`, `view_submissions`, …). `rows`, a query, is
        for `partial_submissions`: only such submissions are seen. The owner loses rights too.
        """
        with self.lock:
            self.form(form_uid).rights[username] = Rights(frozenset(permissions), rows)
            self.happened(self.form(form_uid), "modify-user-permissions", None)

    def remove_rights(self, form_uid: str, username: str) -> None:
        """Forget what an account was allowed; then only what everyone may do is left to it."""
        with self.lock:
            self.form(form_uid).rights.pop(username, None)
            self.happened(self.form(form_uid), "modify-user-permissions", None)

    def archive(self, form_uid: str, *, by: str | None = None) -> None:
        """Archive a form: its data can be read, and nothing more comes in."""
        self._activate(form_uid, False, by)

    def unarchive(self, form_uid: str, *, by: str | None = None) -> None:
        """Let an archived form collect again."""
        self._activate(form_uid, True, by)

    def _activate(self, form_uid: str, active: bool, by: str | None) -> None:
        with self.lock:
            form = self.form(form_uid)
            form.active = active
            self.happened(form, "unarchive" if active else "archive", by)

    def trash(self, form_uid: str, *, by: str | None = None) -> None:
        """Delete a form into the trash bin: it answers as if it never was."""
        with self.lock:
            self.form(form_uid).trashed = True
            self.happened(self.form(form_uid), "in-trash", by)

    def untrash(self, form_uid: str) -> None:
        """Take a form out of the trash bin, with all its rows."""
        with self.lock:
            self.form(form_uid).trashed = False

    def attach(
        self,
        form_uid: str,
        submission_id: int,
        question: str,
        *,
        filename: str,
        content: bytes,
        mimetype: str = "image/jpeg",
    ) -> str:
        """Give a submission the file that answers `question`; give the attachment's uid.

        As when a device sends files in a later post: `_uuid` stays. A file that was there leaves
        the list.
        """
        file = File(question, filename, mimetype, content)
        return self.attach_file(form_uid, submission_id, question, file, answer=True)

    def attach_file(
        self,
        form_uid: str,
        submission_id: int,
        question: str,
        file: File,
        *,
        answer: bool = False,
    ) -> str:
        """Do what `attach` does; the row names the file already unless `answer` is set."""
        with self.lock:
            form = self.form(form_uid)
            row = self._row(form, submission_id)
            filename = file.name
            self.tick()
            uid = made_uid("att", 24, self._seed, form_uid, self.serial())
            kept = [
                each
                for each in row["_attachments"]
                if each["question_xpath"] != question or (each["is_deleted"] and not answer)
            ]
            if answer:
                row[question] = filename
            folder, stored = root_uuid(row), filename.replace(" ", "_")
            added = {
                "mimetype": file.mimetype,
                "filename": f"{form.owner}/attachments/{form.formhub_uuid}/{folder}/{stored}",
                "media_file_basename": filename,
                "uid": uid,
                "is_deleted": False,
                "question_xpath": question,
            }
            row["_attachments"] = [*kept, added]
            form.contents[uid] = file.content
            self._touched(form, row, "modify-submission", by=row["_submitted_by"])
            return uid

    def detach(self, form_uid: str, attachment_uid: str, *, by: str | None = None) -> None:
        """Delete an attachment: it stays in the row's list, last, and says `is_deleted`."""
        with self.lock:
            form = self.form(form_uid)
            self.tick()
            row = form.with_attachment(attachment_uid).row()
            kept = [file for file in row["_attachments"] if file["uid"] != attachment_uid]
            (gone,) = [file for file in row["_attachments"] if file["uid"] == attachment_uid]
            row["_attachments"] = [*kept, gone | {"is_deleted": True}]
            form.contents.pop(attachment_uid, None)
            self._touched(form, row, "modify-submission", by=by)

    def add_media(self, form_uid: str, filename: str, content: bytes, mimetype: str) -> str:
        """Attach a file to a form, as for `select_one_from_file`; a former one is replaced."""
        with self.lock:
            form = self.form(form_uid)
            uid = made_uid("af", 23, self._seed, form_uid, self.serial())
            former = [each for each, file in form.media.items() if file["filename"] == filename]
            for each in former:
                del form.media[each]
            form.media[uid] = {
                "filename": filename,
                "mimetype": mimetype,
                "created": self._moment(),
                "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            }
            form.contents[uid] = content
            return uid

    def _deployed(self, form: PracticeForm, action: str, by: str | None) -> None:
        if form.head and form.deployed:
            extra = {
                "latest_version_uid": form.head.uid,
                "latest_deployed_version_uid": form.deployed.uid,
            }
            self.happened(form, action, by, extra=extra)

    def _moment(self) -> str:
        return f"{self.tick():%Y-%m-%dT%H:%M:%S.%fZ}"
