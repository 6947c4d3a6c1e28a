"""The receiver: KoboToolbox calls it for each new submission, and it writes down: look.

Here: the routes, what is read of a delivery, and the answers. Not here: secrets (`door`), writing
(`writing`), the port (`serving`), what is done because of it (the roof).

| answer | when |
|---|---|
| 202 | the event is committed to the store |
| 200 | `GET /health`, or a delivery with the header `X-Meal-Check`, which is not kept |
| 401 | the secret is missing or wrong, or there is no such project |
| 404 | no such path |
| 405 | not a POST: an address that redirects makes KoboToolbox send an empty GET |
| 413 | the body is larger than `LARGEST_BODY` |
| 503 | the store cannot take it now; KoboToolbox tries again |
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from meal_pipeline.errors import MealError
from meal_pipeline.listen.door import Door, shown_secret
from meal_pipeline.listen.inbox import Event
from meal_pipeline.listen.writing import InboxWriter, NotKept
from meal_pipeline.store import Store
from meal_pipeline.store.tables.events import events
from meal_pipeline.store.times import utc_now, utc_text

CHECK = "x-meal-check"
"""The header of a request that only asks whether a delivery would be taken."""
LARGEST_BODY = 1_000_000
"""Bytes. A delivery of ours has about a hundred; nothing is gained from a larger one."""
BODY_SECONDS = 15.0
READ_AGAIN_SECONDS = 30.0
"""How often secrets are read again, so that a withdrawn one stops to open."""

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LARGEST_ID = 2**63 - 1


class TooLarge(Exception):
    """A body is larger than any delivery."""


_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    ClientDisconnect: (400, "broken off"),
    TimeoutError: (408, "too slow"),
    TooLarge: (413, "too large"),
    NotKept: (503, "try again"),
}


def listen_app(
    store: Store,
    secrets: Callable[[], Mapping[str, str]],
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Starlette:
    """Give the receiver as an ASGI application.

    `store` is for it alone; `secrets` gives the secret of each project that may be called.
    """
    door = Door(secrets)
    writer = InboxWriter(store)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(_read_again, door)
        writer.start()
        reading = asyncio.create_task(_keep_reading(door))
        try:
            yield
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            await run_in_threadpool(writer.stop)

    async def delivery(request: Request) -> JSONResponse:
        project, form = request.path_params["project"], request.path_params["form"]
        if not await _may_enter(door, project, shown_secret(project, request.headers)):
            return _answer(401, "wrong secret")
        if not _CODE.fullmatch(form):
            return _answer(404, "no such form")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
            if CHECK in request.headers:
                return _answer(200, "ready")
            await writer.keep(Event(project, form, _submission_id(body), utc_text(clock())))
        except tuple(_REFUSALS) as error:
            return _answer(*_REFUSALS[type(error)])
        return _answer(202, "noted")

    async def health(_request: Request) -> JSONResponse:
        try:
            await run_in_threadpool(_ask, store)
        except (SQLAlchemyError, MealError):
            return _answer(503, "the store does not answer")
        return _answer(200, "listening")

    app = Starlette(
        routes=[
            # With and without the slash at the end: a redirect would lose the delivery.
            *(
                Route(f"/hook/{{project}}/{{form}}{end}", delivery, methods=["POST"])
                for end in ("", "/")
            ),
            Route("/health", health),
        ],
        lifespan=life,
    )
    app.router.redirect_slashes = False
    return app


def _answer(status: int, detail: str) -> JSONResponse:
    later = {"Retry-After": "60"} if status == 503 else None
    return JSONResponse({"detail": detail}, status, later)


async def _may_enter(door: Door, project: str, shown: str | None) -> bool:
    """Say whether the secret opens, once it was read again where it did not."""
    if shown is None or door.opens(project, shown):
        return shown is not None
    await run_in_threadpool(_read_again, door)
    return door.opens(project, shown)


def _read_again(door: Door) -> None:
    """Read the secrets; faulty project files are told elsewhere and must not stop the bell."""
    with suppress(MealError, OSError):
        door.read_again()


async def _keep_reading(door: Door) -> None:
    while True:
        await asyncio.sleep(READ_AGAIN_SECONDS)
        await run_in_threadpool(_read_again, door)


async def _body(request: Request) -> bytes:
    """Read the body, no further than allowed."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > LARGEST_BODY:
        raise TooLarge
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_BODY:
            raise TooLarge
    return bytes(found)


def _submission_id(body: bytes) -> int | None:
    """Give Kobo's `_id`, None where the body does not tell it; nothing else is looked at."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    found = told.get("_id") if isinstance(told, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= _LARGEST_ID:
        return found
    return None


def _ask(store: Store) -> None:
    with store.read() as connection:
        connection.execute(select(events.c.event_id).limit(1)).scalar()
