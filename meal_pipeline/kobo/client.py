"""The KoboToolbox API v2, read completely or with a clear error.

Here: what can be asked of a server, and the walk over pages with its proof. Not here: sending and
retrying (`transport`), storing what was read, anything written to a server.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from threading import Thread
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote

import orjson

from meal_pipeline.kobo.errors import Incomplete, UnexpectedAnswer
from meal_pipeline.kobo.fields import ID, SCANNED, VALIDATION_STATUS
from meal_pipeline.kobo.records import (
    Account,
    Asset,
    AttachedFile,
    Page,
    PullProof,
    Row,
    Traffic,
    Version,
)
from meal_pipeline.kobo.transport import Transport

PAGE_SIZE = 1000
"""The largest page that servers have given since March 2026; a larger one is cut silently."""

_IDS_A_REQUEST = 200  # keeps the address below the 8 kB that a front NGINX allows
_LISTED_A_REQUEST = 100


def default_user_agent() -> str:
    """Give the name and version under which this client shows in a server's log."""
    try:
        return f"meal-pipeline/{version('meal-pipeline')}"
    except PackageNotFoundError:
        return "meal-pipeline"


class KoboClient:
    """One account on one server. Use it in a `with` block, or close it.

    `server` is an address such as `https://kf.kobotoolbox.org`; `token` the 40 letters of the
    account settings, or None for public forms; `timeout` in seconds a step of a request, `patience`
    a whole answer (the server itself gives up after 120); `retries` how often a request is sent
    again after 429, 5xx, a time-out or a dropped connection; `concurrency` the most requests at a
    time; `sleep` waits between tries. Every method raises a `KoboError`.
    """

    def __init__(
        self,
        server: str,
        token: str | None,
        *,
        timeout: float = 60.0,
        patience: float = 180.0,
        retries: int = 4,
        concurrency: int = 2,
        user_agent: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = Transport(
            server,
            token,
            timeout=timeout,
            patience=patience,
            retries=retries,
            concurrency=concurrency,
            user_agent=user_agent or default_user_agent(),
            sleep=sleep,
        )

    @property
    def server(self) -> str:
        """The server's address, `https://host[:port]`."""
        return self._transport.server

    @property
    def traffic(self) -> Traffic:
        """Requests, retries and bytes so far."""
        return self._transport.traffic

    def __repr__(self) -> str:
        return f"KoboClient({self.server!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def me(self) -> Account:
        """Tell whose token this is; raise `InvalidToken` for a wrong or missing one."""
        answer = self._transport.get("/me/")
        username = answer.get("username")
        if not isinstance(username, str):
            raise UnexpectedAnswer(f"{self.server} does not say whose token this is.", path="/me/")
        return Account(username)

    def assets(self) -> list[Asset]:
        """List the forms that the account may see, drafts included, without their content."""
        found = self._listed("/api/v2/assets/", {"q": "asset_type:survey"})
        return [Asset.from_json(entry) for entry in found]

    def asset(self, uid: str, *, exclude: Sequence[str] = ()) -> Asset:
        """Describe one form; `exclude` names fields to leave out, `content` being the heavy one."""
        params = {"exclude": ",".join(exclude)} if exclude else None
        return Asset.from_json(self._transport.get(_asset_path(uid), params))

    def versions(self, uid: str, *, deployed: bool = True) -> list[Version]:
        """List the versions of a form, newest first; all or only those ever deployed."""
        # The server reads only Python's spelling; a lower-case `true` is an error 500 there.
        params = {"deployed": "True"} if deployed else {}
        return [
            Version.from_json(entry)
            for entry in self._listed(f"{_asset_path(uid)}versions/", params)
        ]

    def version(self, uid: str, version_uid: str) -> Version:
        """Give one version of a form with its content."""
        path = f"{_asset_path(uid)}versions/{quote(version_uid, safe='')}/"
        return Version.from_json(self._transport.get(path))

    def attached_files(self, uid: str) -> list[AttachedFile]:
        """List the files attached to a form, such as lists of choices."""
        found = self._listed(f"{_asset_path(uid)}files/", {"file_type": "form_media"})
        return [AttachedFile.from_json(entry) for entry in found]

    def download(self, path: str, sink: BinaryIO) -> None:
        """Write the file at `path` of this server to `sink`, after what `sink` holds already.

        The token goes to this server alone, wherever the file lies.
        """
        self._transport.download(path, sink)

    def count(self, uid: str, *, query: Mapping[str, Any] | None = None) -> int:
        """Count the submissions that match `query` (MongoDB's language) and may be seen."""
        return self._rows(uid, query, fields=(ID,), limit=1).count

    def submissions(
        self,
        uid: str,
        *,
        after_id: int | None = None,
        fields: Sequence[str] | None = None,
        query: Mapping[str, Any] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> "Pull":
        """Walk over the submissions in ascending `_id`, a page at a time.

        `after_id` leaves out that id and all before; `fields` names the keys wanted (`_id`, `_uuid`
        and `meta/rootUuid` always come); `query` is MongoDB's language. Rows deleted or added
        meanwhile shift nothing. Iterate over the result, then call its `prove`.
        """
        return Pull(self, uid, after_id=after_id, fields=fields, query=query, page_size=page_size)

    def submissions_by_id(
        self, uid: str, ids: Iterable[int], *, fields: Sequence[str] | None = None
    ) -> Iterator[Page]:
        """Give the submissions of these ids, in pages; an id that is no longer there is absent."""
        waiting = iter(sorted(set(ids)))
        while chunk := list(islice(waiting, _IDS_A_REQUEST)):
            asked = set(chunk)
            for page in self.submissions(uid, fields=fields, query={ID: {"$in": chunk}}):
                if not asked.issuperset(row[ID] for row in page.rows):
                    raise UnexpectedAnswer(
                        f"A page of {self.server} has rows that were not asked for.",
                        path=f"{_asset_path(uid)}data/",
                    )
                yield page

    def _rows(
        self,
        uid: str,
        query: Mapping[str, Any] | None,
        *,
        fields: Sequence[str] | None,
        limit: int,
    ) -> Page:
        path = f"{_asset_path(uid)}data/"
        params: dict[str, str | int] = {"limit": limit, "sort": _json({ID: 1})}
        if query:
            params["query"] = _json(query)
        if fields is not None:
            params["fields"] = _json([ID, *(name for name in fields if name != ID)])
        answer = self._transport.get(path, params)
        rows, count = answer.get("results"), answer.get("count")
        if not isinstance(rows, list) or not isinstance(count, int):
            raise UnexpectedAnswer(f"A page of {self.server} lacks its rows or count.", path=path)
        if fields is not None and VALIDATION_STATUS not in fields:
            for row in rows:
                row.pop(VALIDATION_STATUS, None)  # always {} when not asked for, whatever is true
        return Page(rows, count)

    def _listed(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Read a list route to its end, by `start`: `next` may name another host."""
        found: dict[str, dict[str, Any]] = {}
        start = 0
        while True:
            answer = self._transport.get(
                path, {**params, "limit": _LISTED_A_REQUEST, "start": start}
            )
            entries, count = answer.get("results"), answer.get("count")
            if not isinstance(entries, list) or not isinstance(count, int):
                raise UnexpectedAnswer(
                    f"A list of {self.server} lacks entries or count.", path=path
                )
            found.update((str(entry.get("uid")), entry) for entry in entries)
            start += len(entries)
            if start >= count:
                return list(found.values())
            if not entries:
                raise UnexpectedAnswer(
                    f"A list of {self.server} ended after {start} of {count} entries.", path=path
                )


class Pull:
    """A walk over submissions: iterate once over its pages, then `prove` that none is missing."""

    def __init__(
        self,
        client: KoboClient,
        uid: str,
        *,
        after_id: int | None,
        fields: Sequence[str] | None,
        query: Mapping[str, Any] | None,
        page_size: int,
    ) -> None:
        self._client = client
        self._uid = uid
        self._after = after_id or 0
        self._fields = fields
        self._query = query
        self._page_size = page_size
        self._path = f"{_asset_path(uid)}data/"
        self._cursor = self._after
        self._rows_read = 0
        self._count_before: int | None = None
        self._finished = False
        self._pages = self._walk()

    def __iter__(self) -> Iterator[Page]:
        return self._pages

    def _walk(self) -> Iterator[Page]:
        page = self._page()
        while True:
            if self._count_before is None:
                self._count_before = page.count
            self._cursor = self._last_id(page)
            self._rows_read += len(page.rows)
            # A page shorter than asked is no end: servers cut pages as they like.
            self._finished = len(page.rows) == page.count
            following = None if self._finished else self._asked_ahead()
            if page.rows:
                yield page
            if following is None:
                return
            page = following.result()

    def _page(self) -> Page:
        """Ask for the page after the cursor."""
        return self._client._rows(
            self._uid,
            self._where({"$gt": self._cursor}),
            fields=self._fields,
            limit=self._page_size,
        )

    def _asked_ahead(self) -> "Future[Page]":
        """Ask for the next page while the caller works on the last one."""
        following: Future[Page] = Future()

        def ask() -> None:
            try:
                following.set_result(self._page())
            except BaseException as error:  # raised again where the page is wanted
                following.set_exception(error)

        # Not a pool: nobody who leaves the walk should have to wait for this answer.
        Thread(target=ask, daemon=True).start()
        return following

    def prove(self) -> PullProof:
        """Compare the rows read with the server's counts, when all pages were read.

        Raises `Incomplete` when they differ, or when the walk was left before its end.
        """
        if self._count_before is None or not self._finished:
            count_after = self._count_before or 0
        elif self._rows_read:
            bounds = {"$gt": self._after, "$lte": self._cursor}
            count_after = self._client.count(self._uid, query=self._where(bounds))
        else:
            count_after = 0
        proof = PullProof(
            rows_read=self._rows_read,
            count_before=self._count_before or 0,
            count_after=count_after,
            last_id=self._cursor if self._rows_read else None,
        )
        if not (self._finished and proof.complete):
            raise Incomplete(
                f"{proof.rows_read} submissions were read, but {self._client.server} counts "
                f"{proof.count_after}.",
                path=self._path,
                rows_read=proof.rows_read,
                count_before=proof.count_before,
                count_after=proof.count_after,
            )
        return proof

    def _where(self, bounds: Mapping[str, int]) -> dict[str, Any]:
        cursor = {ID: bounds}
        return {"$and": [cursor, self._query]} if self._query else cursor

    def _last_id(self, page: Page) -> int:
        """Give the id of the page's last row, having checked that the page can be trusted."""
        last = self._cursor
        for row in page.rows:
            identity = row.get(ID) if isinstance(row, dict) else None
            if self._fields is None and isinstance(row, dict) and SCANNED.issuperset(row):
                raise UnexpectedAnswer(
                    f"A page of {self._client.server} answers another question.", path=self._path
                )
            if not isinstance(identity, int) or identity <= last:
                raise UnexpectedAnswer(
                    f"A page of {self._client.server} repeats rows or is out of order.",
                    path=self._path,
                )
            last = identity
        if len(page.rows) > page.count or (page.count and not page.rows):
            raise UnexpectedAnswer(
                f"A page of {self._client.server} has {len(page.rows)} rows where "
                f"{page.count} are counted.",
                path=self._path,
            )
        return last


def _asset_path(uid: str) -> str:
    return f"/api/v2/assets/{quote(uid, safe='')}/"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


__all__ = ["PAGE_SIZE", "KoboClient", "Pull", "Row", "default_user_agent"]
