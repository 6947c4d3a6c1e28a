"""A small world for the client: a practice server with one form of 250 submissions."""

from collections.abc import Callable, Iterator

import pytest

from meal_pipeline.kobo import KoboClient
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeVersion

FORM = "aHOUSEHOLDS"
CONTENT = {"survey": [{"type": "integer", "name": "age", "$xpath": "demo/age"}], "choices": []}
DEPLOYED = "2026-01-01T00:00:00.000000Z"

Connect = Callable[..., KoboClient]


def household_form() -> PracticeForm:
    version = PracticeVersion("v1", CONTENT, deployed_at=DEPLOYED)
    return PracticeForm(FORM, "Households", versions=[version])


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer([household_form()]) as running:
        for number in range(250):
            running.submit(FORM, {"demo/age": number})
        yield running


@pytest.fixture
def waits() -> list[float]:
    """The seconds a client would have slept."""
    return []


@pytest.fixture
def connect(server: PracticeServer, waits: list[float]) -> Iterator[Connect]:
    opened: list[KoboClient] = []

    def make(token: str | None = PRACTICE_TOKEN, **settings: object) -> KoboClient:
        address = str(settings.pop("server", server.url))
        client = KoboClient(address, token, sleep=waits.append, **settings)  # type: ignore[arg-type]
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()
