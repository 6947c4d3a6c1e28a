"""Every form of a project, pulled one after the other.

Here: the client's errors turned into sentences. Not here: how one form is pulled (`form_pull.py`),
and the report (`report.py`).
"""

from collections.abc import Callable, Collection
from pathlib import Path
from secrets import token_hex

from meal_pipeline.collect.depth import Depth
from meal_pipeline.collect.form_pull import FormPull, Opening
from meal_pipeline.collect.pull_failed import no_submissions, pull_failed, vanished
from meal_pipeline.collect.report import CollectReport, FormReport, Progress
from meal_pipeline.kobo import KoboClient, KoboError
from meal_pipeline.store import Clock, Store
from meal_pipeline.store.sealing import SubkeySource
from meal_pipeline.store.submission_log import head_index
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace.project import Project
from meal_pipeline.workspace.server_address import folder_of


def collect_project(
    store: Store,
    project: Project,
    *,
    key: SubkeySource,
    connect: Callable[[str], KoboClient],
    clock: Clock,
    progress: Progress | None = None,
    depth: Depth | None = None,
    accept_deletions: Collection[str] = (),
    root: Path = Path(),
) -> CollectReport:
    """Bring the log of submissions in step with the server, form by form.

    `connect` gives a client for a server's address; it is closed here. `depth` is how deep to look,
    None for what is due. `accept_deletions` names forms whose missing rows are deleted whatever
    their number: a person decided. A project whose server is a folder of exports, named from the
    workspace's `root`, is imported from there instead.

    Raises PullFailed at the first form that cannot be proven complete: what held of it still holds,
    pages that came are kept for the next try, and forms pulled before are not undone. Raises it
    where rows are gone and a person must decide: everything else of the form is in step then. And
    when no form has a submission yet; one empty form beside others is pulled like them.
    """
    if folder := folder_of(project.server, root):
        from meal_pipeline.collect.from_folder import collect_folder

        return collect_folder(store, project, folder, key=key, clock=clock, progress=progress)
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
            pull = FormPull(
                store,
                client,
                opening,
                project.sync,
                key=key,
                clock=clock,
                rows_read=_rows_read(code, progress),
                depth=depth,
                accept_deletions=code in accept_deletions,
            )
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
    if pulled.vanished.doubt is not None:
        raise vanished(opening.project, opening.form, pulled.vanished, pulled.vanished.doubt)
    published = pulled.published
    return FormReport(
        opening.form,
        pulled.rows_on_server,
        pulled.rows_held,
        published.new,
        published.edited,
        pulled.versions_new,
        published.deleted,
        published.returned,
        published.revalidated,
        pulled.files_new,
        pulled.depth,
    )


def _rows_read(form: str, progress: Progress | None) -> Callable[[int, int], None]:
    def report(read: int, expected: int) -> None:
        if progress is not None:
            progress(form, read, expected)

    return report
