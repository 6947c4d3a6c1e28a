"""Pages: what `start`, `limit` and their relatives do, and the links to other pages.

Here: the two manners of paging that the server has, with their traps. Not here: the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from meal_pipeline.practice.problems import Problem


@dataclass(frozen=True)
class Window:
    """Where a page begins and how long it is; `link_start` and `link_limit` go into the links."""

    start: int
    limit: int
    link_start: int
    link_limit: int


def data_window(params: Mapping[str, str], *, default: int, largest: int) -> Window:
    """Read the page of `/data/`: only `start` and `limit` move it, but the links follow others too.

    A limit above `largest` is cut silently, as on the real server.
    """
    limit = _positive(params, "limit", default, "A positive integer is required", least=1)
    start = _positive(params, "start", 0, "A positive integer is required.", least=0)
    limit = min(limit, largest)
    link_start, link_limit = _linked(params, start, limit, default, largest)
    return Window(start, limit, link_start, link_limit)


def list_window(params: Mapping[str, str], *, default: int, largest: int) -> Window:
    """Read the page of a list of assets or versions: nonsense counts as absent."""
    limit = min(_number(params.get("limit"), least=1) or default, largest)
    start = _number(params.get("start"), least=0) or 0
    start, limit = _linked(params, start, limit, default, largest)
    return Window(start, limit, start, limit)


def links(
    url: str, params: Mapping[str, str], window: Window, count: int
) -> tuple[str | None, str | None]:
    """Give the addresses of the next and the previous page, None where there is none."""

    def link(start: int) -> str:
        given = dict(params) | {"limit": str(window.link_limit), "start": str(start)}
        if start <= 0:
            del given["start"]
        return f"{url}?{urlencode(sorted(given.items()))}"

    after = window.link_start + window.link_limit
    following = link(after) if after < count else None
    previous = link(window.link_start - window.link_limit) if window.link_start > 0 else None
    return following, previous


def _linked(
    params: Mapping[str, str], start: int, limit: int, default: int, largest: int
) -> tuple[int, int]:
    """Give start and limit as the links see them: `offset`, `page` and `page_size` count here."""
    if "page" in params:
        size = min(_number(params.get("page_size"), least=1) or default, largest)
        page = _number(params["page"], least=1) or 1
        return (page - 1) * size, limit if "limit" in params else size
    if "offset" in params and "start" not in params:
        return _number(params["offset"], least=0) or 0, limit
    return start, limit


def _number(text: str | None, *, least: int) -> int | None:
    number = int(text) if text and text.isdecimal() else None
    return number if number is not None and number >= least else None


def _positive(params: Mapping[str, str], name: str, absent: int, words: str, *, least: int) -> int:
    if name not in params:
        return absent
    number = _number(params[name], least=least)
    if number is None:
        raise Problem(400, {name: words})
    return number
