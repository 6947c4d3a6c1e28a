"""A project's hooks on its server: installed, looked at, removed.

Here: which hook is ours, trying the address before the server is told of it, and what the log of
deliveries means. Not here: the API (`meal_pipeline.kobo.hooks`), printing (`cli`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.kobo import KoboClient, NotFound
from meal_pipeline.kobo.hooks import (
    Delivery,
    Hook,
    HookWish,
    create_hook,
    delete_hook,
    deliveries,
    list_hooks,
    retry_failed,
    update_hook,
)
from meal_pipeline.listen.door import HEADER
from meal_pipeline.listen.inbox import KEPT_DAYS
from meal_pipeline.listen.receiver import CHECK
from meal_pipeline.locale import gettext as _
from meal_pipeline.locale import mark
from meal_pipeline.store import Store
from meal_pipeline.store.tables.events import events
from meal_pipeline.store.times import utc_text
from meal_pipeline.workspace import Workspace
from meal_pipeline.workspace.project import Project

FIELDS = ("_id", "_uuid")
"""All that a delivery carries: no answer travels."""
LAST = 20
"""How many of the last deliveries are looked at."""

_CHECK_SECONDS = 20.0
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


class BadHookAddress(MealError):
    """The address is not one to which KoboToolbox can deliver."""


class NoHookRight(MealError):
    """The account may not give a form a hook."""


@dataclass(frozen=True)
class FormHook:
    """The hook of one form, None where it has none, with its last failures.

    `never_arrived` counts those of the last deliveries that the server calls a success although the
    inbox has no such event: something on the way answered in the receiver's place.
    """

    form: str
    uid: str
    hook: Hook | None
    failures: tuple[Delivery, ...] = ()
    never_arrived: int = 0


def hook_name(workspace: Workspace, project: str) -> str:
    """Give the name by which a hook is known as that of this project in this workspace."""
    return f"meal_pipeline {project} ({workspace.settings.id})"


def endpoint(url: str, project: str, form: str) -> str:
    """Give the address for one form; `url` is where the receiver is reached from outside."""
    return f"{url.rstrip('/')}/hook/{project}/{form}"


def check_address(
    address: str, secret: str, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Try `address` (of one form) as the server will call it. Raises BadHookAddress.

    A redirect is refused: KoboToolbox would follow it with an empty GET and call it a success. The
    receiver reads a new secret within seconds, so a refusal of it is waited for.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise BadHookAddress(
            _("{address} is no web address.").format(address=address),
            next_step=_("Write it as https://meal.example.org"),
        )
    until = time.monotonic() + _CHECK_SECONDS
    trusts_proxies = parts.hostname not in _THIS_MACHINE
    with httpx.Client(timeout=10, trust_env=trusts_proxies) as client:
        while True:
            try:
                answer = client.post(address, headers={HEADER: secret, CHECK: "1"}, json={})
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise BadHookAddress(
                    _("{address} does not answer ({reason}).").format(
                        address=address, reason=type(error).__name__
                    ),
                    next_step=_("Start meal serve, and see that the address leads to it."),
                ) from None
            if answer.status_code != httpx.codes.UNAUTHORIZED or time.monotonic() > until:
                break
            sleep(1)
    _judge(address, answer)


def _judge(address: str, answer: httpx.Response) -> None:
    """Raise BadHookAddress unless the receiver itself said that it is ready."""
    if answer.is_redirect:
        raise BadHookAddress(
            _("{address} sends on to {target}; KoboToolbox would lose what it delivers.").format(
                address=address, target=answer.headers.get("location", "?")
            ),
            next_step=_("Give the address that answers itself, with https if it sends on to that."),
        )
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise BadHookAddress(
            _("The receiver at {address} does not know this project's secret.").format(
                address=address
            ),
            next_step=_("Run meal serve on this workspace, with the same keyring or environment."),
        )
    if answer.status_code != httpx.codes.OK or answer.content != b'{"detail":"ready"}':
        raise BadHookAddress(
            _("Something other than meal serve answers at {address} ({status}).").format(
                address=address, status=answer.status_code
            ),
            next_step=_("Start meal serve, and see that the address leads to it."),
        )


def install_hooks(
    client: KoboClient, workspace: Workspace, project: Project, url: str, secret: str
) -> list[FormHook]:
    """Give each form of the project its hook, checked first; one that is there is brought in step.

    Ours is found by its name or its address; doubles of it are deleted. Raises BadHookAddress,
    NoHookRight and KoboError.
    """
    for form in project.forms:
        check_address(endpoint(url, project.code, form), secret)
    name = hook_name(workspace, project.code)
    installed = []
    for form, declared in project.forms.items():
        address = endpoint(url, project.code, form)
        wish = HookWish(name, address, {HEADER: secret}, FIELDS)
        with _right_to(form):
            there = list_hooks(client, declared.uid)
            ours = [one for one in there if one.name == name or one.endpoint == address]
            hook = (
                update_hook(client, declared.uid, ours[0].uid, wish)
                if ours
                else create_hook(client, declared.uid, wish)
            )
            for double in ours[1:]:
                delete_hook(client, declared.uid, double.uid)
        installed.append(FormHook(form, declared.uid, hook))
    return installed


def look_at_hooks(
    client: KoboClient, workspace: Workspace, store: Store, project: Project, now: datetime
) -> list[FormHook]:
    """Give the hook of each form with its last failures. Raises NoHookRight and KoboError."""
    found = []
    for form, uid, hook in _our_hooks(client, workspace, project):
        if hook is None:
            found.append(FormHook(form, uid, None))
            continue
        failed = deliveries(client, uid, hook.uid, status="failed", limit=LAST)
        succeeded = deliveries(client, uid, hook.uid, status="success", limit=LAST)
        missing = _not_in_inbox(store, project.code, form, succeeded, now)
        found.append(FormHook(form, uid, hook, tuple(failed), missing))
    return found


def retry_hooks(client: KoboClient, workspace: Workspace, project: Project) -> int:
    """Have what failed delivered again; give how many deliveries that are."""
    return sum(
        retry_failed(client, uid, hook.uid)
        for _form, uid, hook in _our_hooks(client, workspace, project)
        if hook is not None and hook.active and hook.failed
    )


def remove_hooks(client: KoboClient, workspace: Workspace, project: Project) -> int:
    """Delete the project's hooks with their logs; give how many there were."""
    count = 0
    for _form, uid, hook in _our_hooks(client, workspace, project):
        if hook is not None:
            delete_hook(client, uid, hook.uid)
            count += 1
    return count


def what_to_do(failure: Delivery) -> str:
    """Say what a failed delivery asks of a person."""
    code = failure.status_code
    if code is None:
        return _(NO_ANSWER)
    known = WHAT_TO_DO.get(code)
    if known is None:
        known = SERVER_SIDE if code >= 500 else OTHER
    return _(known)


NO_ANSWER = mark("Nothing answered: see that meal serve runs and its address is reached.")
SERVER_SIDE = mark("The receiver could not keep it: see whether the disk is full, then --retry.")
OTHER = mark("Something between refuses it: see that the address leads to meal serve.")
WHAT_TO_DO = {
    401: mark("The secret is another one now: install the hook again, then --retry."),
    404: mark("The address is not that of meal serve: install the hook again, then --retry."),
    413: mark("The delivery is too large: install the hook again, so that it carries ids only."),
    429: mark(
        "A server in front asks to slow down: let it pass calls to meal serve, then --retry."
    ),
}
"""By the status that answered."""


def _our_hooks(
    client: KoboClient, workspace: Workspace, project: Project
) -> Iterator[tuple[str, str, Hook | None]]:
    """Give the code, uid and hook of each form."""
    name = hook_name(workspace, project.code)
    for form, declared in project.forms.items():
        with _right_to(form):
            there = list_hooks(client, declared.uid)
        yield form, declared.uid, next((one for one in there if one.name == name), None)


def _not_in_inbox(
    store: Store, project: str, form: str, succeeded: list[Delivery], now: datetime
) -> int:
    """Count the successes of which the inbox, which forgets in time, should have an event."""
    since = utc_text(now - timedelta(days=KEPT_DAYS - 1))
    recent = [one.submission_id for one in succeeded if one.date_modified >= since]
    statement = select(events.c.submission_id).where(
        events.c.project == project,
        events.c.form == form,
        events.c.submission_id.in_(recent),
    )
    with store.read() as connection:
        return len(set(recent) - set(connection.execute(statement).scalars()))


@contextmanager
def _right_to(form: str) -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise NoHookRight(
            _("This account may not change the form {form}, so it cannot give it a hook.").format(
                form=form
            ),
            next_step=_("Ask the form's owner for the right to edit the form, or to do this."),
        ) from error
