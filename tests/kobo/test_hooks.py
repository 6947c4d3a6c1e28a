"""Hooks through the API of a KoboToolbox look-alike."""

from collections.abc import Iterator

import pytest

from meal_pipeline.kobo import KoboClient, NotFound, Refused
from meal_pipeline.kobo.hooks import (
    HookWish,
    create_hook,
    delete_hook,
    deliveries,
    list_hooks,
    retry_failed,
    update_hook,
)
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion

UID = "aHookForm"
NOWHERE = "http://127.0.0.1:1/hook"
WISH = HookWish("ours", NOWHERE, {"X-Secret": "word"}, ("_id",))
STRANGER = "stranger" * 5


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    content = {"survey": [{"type": "text", "name": "a", "label": ["A"]}], "translations": [None]}
    form = PracticeForm(
        UID, "Form", [PracticeVersion("v1", content, deployed_at="2026-01-01T00:00:00.000000Z")]
    )
    users = {PRACTICE_TOKEN: "officer", STRANGER: "stranger"}
    with PracticeServer([form], users=users) as one:
        yield one


@pytest.fixture
def client(server: PracticeServer) -> Iterator[KoboClient]:
    with KoboClient(server.url, PRACTICE_TOKEN, retries=0) as one:
        yield one


def test_a_hook_is_made_as_wished_and_found_again(
    client: KoboClient, server: PracticeServer
) -> None:
    made = create_hook(client, UID, WISH)
    assert list_hooks(client, UID) == [made]
    (kept,) = server.forms[UID].hooks.values()
    assert (kept.name, kept.endpoint, kept.export_type) == ("ours", NOWHERE, "json")
    assert kept.settings["custom_headers"] == {"X-Secret": "word"}
    assert list(kept.subset_fields) == ["_id"]


def test_a_secret_is_in_no_text_of_a_wish() -> None:
    assert "word" not in repr(WISH)


def test_a_changed_hook_keeps_its_uid(client: KoboClient) -> None:
    made = create_hook(client, UID, WISH)
    changed = update_hook(client, UID, made.uid, HookWish("ours", f"{NOWHERE}/2"))
    assert (changed.uid, changed.endpoint) == (made.uid, f"{NOWHERE}/2")


def test_a_deleted_hook_is_gone(client: KoboClient) -> None:
    made = create_hook(client, UID, WISH)
    delete_hook(client, UID, made.uid)
    assert list_hooks(client, UID) == []
    with pytest.raises(NotFound):
        delete_hook(client, UID, made.uid)


def test_a_failure_is_in_the_log_and_is_tried_again_on_demand(
    client: KoboClient, server: PracticeServer
) -> None:
    made = create_hook(client, UID, WISH)
    server.submit(UID, {"a": "1"})
    assert server.settle_hooks()
    (failure,) = deliveries(client, UID, made.uid, status="failed")
    assert (failure.status, failure.status_code, failure.tries) == ("failed", None, 1)
    assert deliveries(client, UID, made.uid, status="success") == []
    assert list_hooks(client, UID)[0].failed == 1
    assert retry_failed(client, UID, made.uid) == 1
    assert server.settle_hooks()
    (again,) = deliveries(client, UID, made.uid)
    assert (again.uid, again.tries) == (failure.uid, 2)


def test_nothing_failed_is_nothing_to_retry(client: KoboClient) -> None:
    made = create_hook(client, UID, WISH)
    assert retry_failed(client, UID, made.uid) == 0


def test_a_hook_that_is_off_is_not_retried(client: KoboClient, server: PracticeServer) -> None:
    made = create_hook(client, UID, WISH)
    server.change_hook(UID, made.uid, active=False)
    with pytest.raises(Refused):
        retry_failed(client, UID, made.uid)


def test_a_bad_address_is_refused_by_the_server(client: KoboClient) -> None:
    with pytest.raises(Refused):
        create_hook(client, UID, HookWish("ours", "not a url"))


def test_who_may_not_change_the_form_sees_no_hooks(server: PracticeServer) -> None:
    with KoboClient(server.url, STRANGER, retries=0) as stranger, pytest.raises(NotFound):
        list_hooks(stranger, UID)
