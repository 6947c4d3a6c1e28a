"""One request to the practice server: who asks, with which rights, for which page.

Here: the checks that every route shares, in the order of a real server. Not here: the answers.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from meal_pipeline.practice.accounts import ANONYMOUS, PracticeUser, Rights, Unauthorized, sign_in
from meal_pipeline.practice.forms import PracticeForm
from meal_pipeline.practice.openrosa import read_multipart
from meal_pipeline.practice.paging import links, list_window
from meal_pipeline.practice.problems import Problem
from meal_pipeline.practice.services import Services

_NO_CREDENTIALS = "Authentication credentials were not provided."
_TEXT_404 = {"data", "hooks", "exports"}  # these look the asset up before they look at the token


class Asked:
    """One request: who asks, for what, in which language."""

    def __init__(self, request: Request, world: Services, raw: bytes = b"") -> None:
        self.request = request
        self.raw = raw
        self.world = world
        self.params: Mapping[str, str] = dict(request.query_params)
        self.base = str(request.base_url).rstrip("/")
        self.url = f"{self.base}{request.url.path}"

    def json(self) -> Any:
        """Give the JSON that was sent; what cannot be read breaks the server, as it does there."""
        try:
            return orjson.loads(self.raw) if self.raw else {}
        except orjson.JSONDecodeError:
            raise Problem.fault() from None

    def body(self) -> dict[str, Any]:
        """Give the fields that were sent, as JSON or as a form."""
        kind = self.request.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))
        if kind.startswith("multipart/"):
            parts = read_multipart(kind, self.raw)
            return {part.field: part.content.decode() for part in parts if not part.name}
        if self.raw and "json" not in kind:
            raise Problem.fault()
        told = self.json()
        return told if isinstance(told, dict) else {}

    def json_response(
        self, told: Any, status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Give a JSON answer with another status than 200."""
        return Response(orjson.dumps(told), status, headers=headers, media_type="application/json")

    def part(self, name: str) -> str:
        """Give a part of the path."""
        return str(self.request.path_params[name])

    def user(self) -> PracticeUser | None:
        """Tell who asks, None for nobody in particular."""
        return sign_in(self.request.headers.get("authorization"), self.world.users)

    def signed_in(self) -> PracticeUser:
        """Tell who asks, who must have an account."""
        user = self.user()
        if user is None:
            raise Unauthorized(_NO_CREDENTIALS)
        return user

    def name(self) -> str:
        """Tell the name of the one who asks."""
        user = self.user()
        return user.username if user else ANONYMOUS

    def need(self, rights: Rights, permission: str) -> None:
        """Refuse who sees the form and may not do this."""
        if permission not in rights.permissions:
            raise Problem.forbidden()

    def rights(self, form: PracticeForm) -> Rights:
        """Tell what the one who asks may do with the form."""
        user = self.user()
        if user is None:
            return form.rights_of(ANONYMOUS)
        return form.rights_of(user.username, superuser=user.superuser)

    def form(self, route: str = "") -> tuple[PracticeForm, Rights]:
        """Give the form of the path and the rights on it, refusing as the route does."""
        known = self.known(route)
        rights = self.rights(known)
        if not rights.sees_form:
            raise Problem.not_found()
        return known, rights

    def known(self, route: str = "") -> PracticeForm:
        """Give the form of the path, whoever asks; one in the trash bin is not there."""
        form = self.world.forms.get(self.part("uid"))
        if form is not None and not form.trashed:
            return form
        if route in _TEXT_404:
            raise Problem.gone()
        self.user()
        if route:
            raise Problem.detail(404, "No Asset matches the given query.")
        raise Problem.not_found()

    def forms(self) -> list[PracticeForm]:
        """Give the forms that show in the lists of the one who asks: own and shared ones."""
        user = self.user()
        if user is None:
            return []
        return [
            form
            for form in self.world.forms.values()
            if (user.username == form.owner or user.username in form.rights)
            and not form.trashed
            and form.rights_of(user.username).sees_form
        ]

    def cut(self, told: dict[str, Any]) -> dict[str, Any]:
        """Leave out the fields that `exclude` names."""
        left_out = set(self.params.get("exclude", "").split(","))
        return {key: value for key, value in told.items() if key not in left_out}

    def page(self, entries: list[Any], tell: Callable[[Any], Any]) -> dict[str, Any]:
        """Give one page of a list."""
        window = list_window(
            self.params, default=self.world.default_page, largest=self.world.max_page
        )
        following, previous = links(self.url, self.params, window, len(entries))
        chosen = entries[window.start : window.start + window.limit]
        return {
            "count": len(entries),
            "next": following,
            "previous": previous,
            "results": [tell(entry) for entry in chosen],
        }


def check_format(asked: Asked) -> None:
    """Refuse what is not JSON: other formats KoboToolbox has are not here, the rest is unknown."""
    wanted = asked.params.get("format", "json")
    if wanted in {"xml", "geojson", "xls"}:
        raise Problem.not_here()
    if wanted != "json":
        raise Problem.not_found()
    accepted = asked.request.headers.get("accept", "*/*")
    if "format" in asked.params or "json" in accepted or "*/*" in accepted:
        return
    if "text/html" in accepted or "xml" in accepted:
        raise Problem.not_here()
    raise Problem.detail(406, "Could not satisfy the request Accept header.")
