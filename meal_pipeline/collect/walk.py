"""Asking a server for the rows of one form, again where an answer proves nothing.

Here: walks over rows and their proof. Not here: what is asked for when (`form_pull`), what is done
with it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from meal_pipeline.kobo import Incomplete, KoboClient, Page, Row
from meal_pipeline.kobo.fields import ID

Answer = TypeVar("Answer")

RowsRead = Callable[[int, int], None]
"""Called after each page with the rows read so far and those expected."""

_TRIES = 3
_IDS_A_REQUEST = 200


class FormRows:
    """The rows of one form on its server."""

    def __init__(self, client: KoboClient, uid: str, rows_read: RowsRead) -> None:
        self._client, self._uid, self._rows_read = client, uid, rows_read

    def bodies(
        self, after_id: int | None = None, query: Mapping[str, Any] | None = None
    ) -> Iterator[Page]:
        """Give all bodies after an id, a page at a time. Proves nothing."""
        yield from self._told(self._client.submissions(self._uid, after_id=after_id, query=query))

    def all_bodies(self, take: Callable[[Sequence[Row]], None]) -> int:
        """Give all bodies to `take`, and tell how many there are. Raises Incomplete."""
        pull = self._client.submissions(self._uid)
        for page in self._told(pull):
            take(page.rows)
        return pull.prove().rows_read

    def bodies_by_id(self, ids: Collection[int]) -> Iterator[Page]:
        """Give the bodies of these ids; those that are no longer there are left out."""
        read = 0
        for page in self._client.submissions_by_id(self._uid, ids):
            yield page
            read += len(page.rows)
            self._rows_read(read, len(ids))

    def scan(self, fields: Sequence[str], after_id: int | None = None) -> dict[int, Row]:
        """Give `fields` of every row after an id, proven complete: `_id` → row.

        Rows that come or go meanwhile spoil the proof; then it is walked again. Raises Incomplete
        when that does not help.
        """

        def once() -> dict[int, Row]:
            pull = self._client.submissions(self._uid, after_id=after_id, fields=fields)
            found = {row[ID]: row for page in self._told(pull) for row in page.rows}
            pull.prove()
            return found

        return self._again(once)

    def count(self) -> int:
        """Tell how many rows the server counts."""
        return self._client.count(self._uid)

    def still_there(self, ids: Sequence[int]) -> int:
        """Tell how many of these ids the server has."""
        return sum(
            self._client.count(
                self._uid, query={ID: {"$in": list(ids[start : start + _IDS_A_REQUEST])}}
            )
            for start in range(0, len(ids), _IDS_A_REQUEST)
        )

    def _told(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Give pages, and tell of each once the caller is done with it."""
        read = 0
        for page in pages:
            yield page
            expected = page.count + read
            read += len(page.rows)
            self._rows_read(read, expected)

    def _again(self, ask: Callable[[], Answer]) -> Answer:
        for _try in range(_TRIES - 1):
            try:
                return ask()
            except Incomplete:
                continue
        return ask()
