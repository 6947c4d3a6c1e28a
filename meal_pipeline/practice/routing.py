"""How a path of the practice server is answered: methods, formats, refusals, the lock.

Here: one route and the making of its endpoint. Not here: which routes there are (`routes`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from meal_pipeline.practice.accounts import Unauthorized
from meal_pipeline.practice.asking import Asked, check_format
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.services import Services

Answer = Callable[[Asked], Any]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Later:
    """An answer that takes time: `work` gives it, without the lock and beside other requests."""

    work: Callable[[], Response]


@dataclass(frozen=True)
class Place:
    """A path with the answers of its methods (HEAD goes with GET), told in docs as `about`.

    `missing` are methods that KoboToolbox has there and this server answers with 501; any other
    is 405. A `raw` place is not JSON, so no format is asked of it.
    """

    path: str
    about: str
    answers: Mapping[str, Answer]
    missing: frozenset[str] = frozenset()
    raw: bool = False

    def answer(self, asked: Asked) -> Any:
        """Answer a request, or refuse its method or format."""
        method = asked.request.method
        answer = self.answers.get("GET" if method == "HEAD" else method)
        if answer is None:
            asked.user()
            if method in self.missing or method == "OPTIONS":
                raise Problem.not_here()
            raise Problem.detail(405, f'Method "{method}" not allowed.')
        if not self.raw:
            check_format(asked)
        return answer(asked)


def route(place: Place, world: Services) -> Route:
    """Give the Starlette route of a place."""
    return Route(place.path, _endpoint(place, world), methods=list(METHODS))


def _endpoint(place: Place, world: Services) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = b"" if request.method in {"GET", "HEAD"} else await request.body()
        asked = Asked(request, world, raw)
        try:
            with world.lock:
                body = place.answer(asked)
        except Unauthorized as error:
            problem = Problem.detail(401, str(error))
            return _refusal(asked, problem, {"www-authenticate": "Session"})
        except Problem as problem:
            return _refusal(asked, problem, {})
        if isinstance(body, Later):
            return await run_in_threadpool(body.work)
        if isinstance(body, Response):
            return body
        encoded = body if isinstance(body, bytes) else orjson.dumps(body)
        return Response(encoded, media_type="application/json")

    return endpoint


def _refusal(asked: Asked, problem: Problem, headers: Mapping[str, str]) -> Response:
    if problem.body is None:
        return HTMLResponse("Resource not found (404)", status_code=problem.status)
    language = asked.request.headers.get("accept-language", "en")
    return asked.json_response(problem.translated(language), problem.status, headers)
