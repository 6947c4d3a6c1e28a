"""What can go wrong between us and a KoboToolbox server.

Here: one small class a cause, each with an English sentence and the facts it is made of, so that a
caller can word it in another language. Nothing here ever holds the token, a query or an answer.
Not here: deciding which of them an HTTP answer means (`transport`).
"""


class KoboError(Exception):
    """Base of all errors of this client.

    `status` is the HTTP status or None when no answer came; `path` the path asked, without query.
    """

    def __init__(self, message: str, *, status: int | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.path = path


class BadAddress(KoboError):
    """The server's address cannot be used as it is written."""


class Unreachable(KoboError):
    """No answer came: no network, no such host, refused, time-out, connection dropped."""


class InvalidToken(KoboError):
    """401: the token is missing, malformed, or not known to this server."""


class NotFound(KoboError):
    """404 with a JSON body: there is no such thing here, or this account may not know of it."""


class NoRight(NotFound):
    """404 with a JSON body under `/data/`: the form exists, but its submissions are hidden."""


class AssetGone(KoboError):
    """404 that is not JSON under `/data/`: the form does not exist or is in the trash."""


class NotDeployed(KoboError):
    """400 under `/data/`: the form is a draft that was never deployed."""


class Forbidden(KoboError):
    """403: the account may see this, but not do that."""


class Refused(KoboError):
    """Any other 4xx: the server does not accept the request as it was put."""


class TryLater(KoboError):
    """The server cannot answer now; `retry_after` in seconds when it says how long, else None."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        path: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, path=path)
        self.retry_after = retry_after


class RateLimited(TryLater):
    """429: the server asks us to slow down."""


class ServerFault(TryLater):
    """5xx or 408: the server failed."""


class UnexpectedAnswer(KoboError):
    """The answer is not what the API promises: a web page, half a page, rows out of order."""


class HalfAnswer(UnexpectedAnswer):
    """The answer ended before it was complete."""


class RedirectedElsewhere(UnexpectedAnswer):
    """The server sends us to another address, where the token must not go."""


class Incomplete(KoboError):
    """The rows read do not agree with the number the server counts.

    `rows_read`, `count_before` and `count_after` as in `records.PullProof`.
    """

    def __init__(
        self, message: str, *, path: str, rows_read: int, count_before: int, count_after: int
    ) -> None:
        super().__init__(message, path=path)
        self.rows_read = rows_read
        self.count_before = count_before
        self.count_after = count_after
