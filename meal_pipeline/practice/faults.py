"""Trouble on demand: what networks and servers do on a bad day.

Here: an ASGI layer that spoils chosen answers. Not here: what a healthy answer is.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTROL = "/practice/"
"""Below this path nothing is spoilt: trouble is switched off there."""


@dataclass
class Fault:
    """One kind of trouble for paths that begin with `path_prefix`, the next `times` times.

    `times` None is until cleared. `status`, `body` and `headers` answer instead of the server;
    `rewrite` changes the body of the real answer; `truncate` sends only that share of it and then
    breaks off; `drop` closes the connection without an answer; `repeat` gives the answer before
    once more (the first request is answered as usual); `delay` waits so many seconds first; `skip`
    lets so many requests through before the trouble begins.
    """

    path_prefix: str
    status: int | None = None
    body: bytes = b'{"detail": "This is a fault made for practice."}'
    headers: Mapping[str, str] = field(default_factory=dict)
    rewrite: Callable[[bytes], bytes] | None = None
    truncate: float | None = None
    drop: bool = False
    repeat: bool = False
    delay: float = 0.0
    times: int | None = 1
    skip: int = 0
    before: list[Message] = field(default_factory=list, repr=False)


class FaultList:
    """The trouble that is still to come."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Spoil the next answers that the fault names."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Be healthy again."""
        with self._lock:
            self._faults.clear()

    def next(self, path: str) -> Fault | None:
        """Give the fault that spoils the answer for a path now, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.times != 0 and path.startswith(fault.path_prefix):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    if fault.times and (fault.before or not fault.repeat):
                        fault.times -= 1
                    return fault
        return None


class Faults:
    """Wraps an application and spoils its answers as the list says."""

    def __init__(self, app: ASGIApp, faults: FaultList) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or spoil the answer."""
        healthy = scope["type"] != "http" or scope["path"].startswith(CONTROL)
        fault = None if healthy else self._faults.next(scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop:
            _close(send)
        elif fault.status is not None:
            headers = {"content-type": "application/json"} | dict(fault.headers)
            await _answer(send, fault.status, headers, fault.body)
        elif fault.repeat:
            await self._repeated(fault, scope, receive, send)
        elif fault.rewrite or fault.truncate is not None:
            await self._spoiled(fault, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _repeated(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Message) -> None:
            messages.append(message)

        messages: list[Message] = []
        if not fault.before:
            await self._app(scope, receive, keep)
            fault.before = messages
        for message in fault.before:
            await send(message)

    async def _spoiled(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        if fault.rewrite:
            body = fault.rewrite(body)
        if fault.truncate is None:
            await _answer(send, start["status"], headers | dict(fault.headers), body)
            return
        await send(_start(start["status"], headers | {"content-length": str(len(body))}))
        part = body[: int(len(body) * fault.truncate)]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        _close(send, gently=True)


def _start(status: int, headers: Mapping[str, str]) -> Message:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    await send(_start(status, dict(headers) | {"content-length": str(len(body))}))
    await send({"type": "http.response.body", "body": body})


def _close(send: Send, *, gently: bool = False) -> None:
    """Close the connection under uvicorn, which is the only server that practice runs on."""
    transport: Any = send.__self__.transport  # type: ignore[attr-defined]
    if gently:
        transport.close()
    else:
        transport.abort()
