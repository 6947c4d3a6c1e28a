"""Every form of a project, pulled one after the other.

Here: the report, and the client's errors turned into sentences. Not here: how one form is pulled
(`form_pull.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from meal_pipeline.collect.form_pull import FormPull, Opening
from meal_pipeline.collect.pull_failed import no_submissions, pull_failed
from meal_pipeline.kobo import KoboClient, KoboError
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import head_index
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project

Progress = Callable[[str, int, int], None]
"""Called after each page with the form's code, the rows read so far and those expected."""


@dataclass(frozen=True)
class FormReport:
    """What one pull brought; `complete` is always true, since an incomplete pull is an error."""

    form: str
    rows_on_server: int
    rows_held: int
    """Rows that hold now; more than on the server where rows were deleted there."""
    rows_new: int
    rows_edited: int
    versions_new: int
    complete: bool = True

    @property
    def changed(self) -> bool:
        """Whether there is anything new to read."""
        return bool(self.rows_new or self.rows_edited or self.versions_new)


@dataclass(frozen=True)
class CollectReport:
    """One entry a form, in the project's order."""

    forms: list[FormReport]

    @property
    def changed(self) -> bool:
        """Whether any form has anything new to read."""
        return any(form.changed for form in self.forms)


def collect_project(
    store: Store,
    project: Project,
    *,
    key: SubkeySource,
    connect: Callable[[str], KoboClient],
    clock: Clock,
    progress: Progress | None = None,
) -> CollectReport:
    """Pull every form of `project` completely into the log of submissions.

    `connect` gives a client for a server's address; it is closed here. Raises PullFailed at the
    first form that cannot be proven complete: what held of it still holds, pages that came are
    kept for the next try, and forms pulled before are not undone. Raises it too when no form has
    a submission yet; one empty form beside others is pulled like them.
    """
    reports: list[FormReport] = []
    try:
        client = connect(project.server)
    except KoboError as error:
        code, form = next(iter(project.forms.items()))
        raise pull_failed(
            error, project=project.code, form=code, server=project.server, uid=form.uid
        ) from error
    with client:
        if _all_empty(store, client, project):
            raise no_submissions(list(project.forms))
        for code, form in project.forms.items():
            opening = Opening(
                pull_id=token_hex(8),
                project=project.code,
                form=code,
                server=project.server,
                asset_uid=form.uid,
                started_at=utc_text(clock()),
            )
            report = _rows_read(code, progress)
            pull = FormPull(store, client, opening, key=key, clock=clock, rows_read=report)
            reports.append(_run(pull, opening))
    return CollectReport(reports)


def _all_empty(store: Store, client: KoboClient, project: Project) -> bool:
    """Say whether no form has a row, here or there; a form is looked at while none is held."""
    server = project.server
    if any(len(head_index(store, server, form.uid)[0]) for form in project.forms.values()):
        return False
    for code, form in project.forms.items():
        try:
            asset = client.asset(form.uid, exclude=("content",))
        except KoboError as error:
            raise pull_failed(
                error, project=project.code, form=code, server=server, uid=form.uid
            ) from error
        if not asset.has_deployment or asset.submission_count != 0:
            return False
    return True


def _run(pull: FormPull, opening: Opening) -> FormReport:
    try:
        pulled = pull.run()
    except KoboError as error:
        failure = pull_failed(
            error,
            project=opening.project,
            form=opening.form,
            server=opening.server,
            uid=opening.asset_uid,
        )
        pull.record_failure(str(failure))
        raise failure from error
    return FormReport(
        opening.form,
        pulled.rows_on_server,
        pulled.rows_held,
        pulled.rows_new,
        pulled.rows_edited,
        pulled.versions_new,
    )


def _rows_read(form: str, progress: Progress | None) -> Callable[[int, int], None]:
    def report(read: int, expected: int) -> None:
        if progress is not None:
            progress(form, read, expected)

    return report
