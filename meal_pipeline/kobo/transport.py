"""One request to a KoboToolbox server: sent, retried, judged, read.

Here: address and token, retries with back-off, and which error an answer means. Not here: which
paths there are and what their answers hold (`client`, `records`).
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, BinaryIO, Literal, NoReturn, Self
from urllib.parse import urlsplit

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from meal_pipeline.kobo import errors
from meal_pipeline.kobo.records import Traffic

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 120.0
_HOPS = 5  # redirects of a file to its storage, at most
_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


def server_address(server: str) -> str:
    """Give `server` as `https://host[:port]`, whatever page of it was pasted.

    Raises `errors.BadAddress` for what is no web address, and for one that holds a password.
    """
    text = server.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.username or parts.password:
        raise errors.BadAddress("Write the server's address without a user name or password.")
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1:
        raise errors.BadAddress("The server's address must look like https://kf.kobotoolbox.org.")
    return f"{parts.scheme}://{parts.netloc}"


class _TokenAuth(httpx.Auth):
    """Sends the token; holds it where no repr, log or error shows it."""

    def __init__(self, token: str) -> None:
        self.__value = f"Token {token}"

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self.__value
        yield request


def _checked(token: str | None) -> httpx.Auth | None:
    token = (token or "").strip()
    if not token:
        return None
    if not (token.isascii() and token.isalnum()):
        # httpx would quote the header in its error: refuse it before it gets there.
        raise errors.InvalidToken(
            "The token holds characters that no token has; copy it again from the account settings."
        )
    return _TokenAuth(token)


class Transport:
    """Asks one server for JSON, as one account.

    `retries` is how often a request is sent again after 429, 5xx, a time-out or a dropped
    connection; the waits double from one second, with jitter, unless the server says how long.
    `timeout` is what one step of an answer may take, `patience` the whole of it, in seconds.
    """

    def __init__(
        self,
        server: str,
        token: str | None,
        *,
        timeout: float,
        patience: float,
        retries: int,
        concurrency: int,
        user_agent: str,
        sleep: Callable[[float], None],
    ) -> None:
        self.server = server_address(server)
        self.traffic = Traffic()
        auth = _checked(token)
        self._has_token = auth is not None
        self._patience = patience
        self._http = httpx.Client(
            base_url=self.server,
            auth=auth,
            timeout=timeout,
            limits=httpx.Limits(max_connections=concurrency),
            follow_redirects=False,
            # Loading certificates takes longer than a request; without TLS there are none.
            verify=self.server.startswith("https:"),
            # A proxy of the environment leads to the world, not back to this machine.
            trust_env=urlsplit(self.server).hostname not in _THIS_MACHINE,
            headers={
                "Accept": "application/json",
                # Error texts are translated; one language makes them the same in every log.
                "Accept-Language": "en",
                "User-Agent": user_agent,
            },
        )
        self._retrying = Retrying(
            stop=stop_after_attempt(retries + 1),
            wait=_wait,
            retry=retry_if_exception(_is_transient),
            sleep=sleep,
            before_sleep=lambda _: self.traffic.add(retries=1),
            reraise=True,
        )

    def __repr__(self) -> str:
        return f"Transport({self.server!r})"

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
        self._http.close()

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """Give the JSON object at `path`; raise the `errors.KoboError` that its answer means."""
        return self._retrying.copy()(self._get_once, path, dict(params or {}))

    def send(
        self, method: Literal["POST", "PATCH", "DELETE"], path: str, body: Any = None
    ) -> dict[str, Any]:
        """Change what is at `path`; give the JSON object of the answer, empty where it has none.

        A POST is sent once: it may have been done although no answer came. Raises like `get`.
        """
        if method == "POST":
            return self._send_once(method, path, body)
        return self._retrying.copy()(self._send_once, method, path, body)

    def download(self, path: str, sink: BinaryIO) -> None:
        """Write the file at `path` to `sink`, going on after what `sink` holds where that is known.

        A redirect is followed; to another host, without the token. Raises like `get`.
        """
        self._retrying.copy()(self._download_once, path, sink)

    def _download_once(self, path: str, sink: BinaryIO) -> None:
        url = httpx.URL(self.server).join(path)
        for _hop in range(_HOPS):
            with self._opened(url, path, start=sink.tell()) as answer:
                if answer.has_redirect_location:
                    url = url.join(answer.headers["location"])
                    continue
                if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    sink.seek(0)
                    sink.truncate()
                    continue
                if not answer.is_success:
                    answer.read()
                    self._raise_for(answer, path)
                if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                    sink.seek(0)
                    sink.truncate()
                for part in answer.iter_bytes():
                    sink.write(part)
                self.traffic.add(bytes_received=answer.num_bytes_downloaded)
                return
        raise errors.UnexpectedAnswer(f"{self.server} redirects in a circle.", path=path)

    @contextmanager
    def _opened(self, url: httpx.URL, path: str, *, start: int) -> Iterator[httpx.Response]:
        """Ask for a file, from byte `start` on; the token goes to this server alone."""
        home = httpx.URL(self.server)
        at_home = (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)
        request = self._http.build_request(
            "GET",
            url,
            headers={"Accept": "*/*"} | ({"Range": f"bytes={start}-"} if start else {}),
        )
        self.traffic.add(requests=1)
        with self._worded(path):
            answer = self._http.send(
                request, stream=True, auth=httpx.USE_CLIENT_DEFAULT if at_home else None
            )
            try:
                yield answer
            finally:
                answer.close()

    def _get_once(self, path: str, params: dict[str, str | int]) -> dict[str, Any]:
        answer, content = self._exchange("GET", path, params=params)
        if answer.status_code != httpx.codes.OK:
            self._raise_for(answer, path)
        self.traffic.add(body_bytes=len(content))
        return self._read(answer, content, path)

    def _send_once(self, method: str, path: str, body: Any) -> dict[str, Any]:
        answer, content = self._exchange(method, path, json=body)
        if answer.status_code in (httpx.codes.NO_CONTENT, httpx.codes.NOT_MODIFIED):
            return {}
        if not answer.is_success:
            self._raise_for(answer, path)
        return self._read(answer, content, path)

    def _exchange(self, method: str, path: str, **what: Any) -> tuple[httpx.Response, bytes]:
        """Send a request; give the answer and its body, or raise why none came."""
        self.traffic.add(requests=1)
        with self._worded(path), self._http.stream(method, path, **what) as answer:
            content = self._received(answer) if answer.is_success else answer.read()
        self.traffic.add(bytes_received=answer.num_bytes_downloaded)
        return answer, content

    @contextmanager
    def _worded(self, path: str) -> Iterator[None]:
        """Turn what goes wrong on the way into our own errors."""
        try:
            yield
        except httpx.TimeoutException:
            raise errors.Unreachable(f"{self.server} did not answer in time.", path=path) from None
        except httpx.RemoteProtocolError:
            raise errors.HalfAnswer(
                f"{self.server} broke off in the middle of an answer.", path=path
            ) from None
        except httpx.DecodingError:
            raise errors.HalfAnswer(
                f"An answer of {self.server} arrived damaged.", path=path
            ) from None
        except httpx.TransportError as error:
            # Only the kind is told: the text of the error may quote what was sent.
            reason = "its certificate is not trusted" if _untrusted(error) else type(error).__name__
            raise errors.Unreachable(
                f"{self.server} cannot be reached ({reason}).", path=path
            ) from None

    def _received(self, answer: httpx.Response) -> bytes:
        """Give the whole body; a server that drips without end is given up, too."""
        until = time.monotonic() + self._patience
        parts = []
        for part in answer.iter_bytes():
            parts.append(part)
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the whole answer takes too long")
        return b"".join(parts)

    def _read(self, answer: httpx.Response, content: bytes, path: str) -> dict[str, Any]:
        if not _is_json(answer):
            raise errors.UnexpectedAnswer(
                f"{self.server} answered with a web page instead of data; "
                "is this the address of a KoboToolbox server?",
                status=answer.status_code,
                path=path,
            )
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise errors.HalfAnswer(
                f"An answer of {self.server} is cut off or damaged.",
                status=answer.status_code,
                path=path,
            ) from None
        if not isinstance(body, dict):
            raise errors.UnexpectedAnswer(
                f"An answer of {self.server} has another form than its API promises.",
                status=answer.status_code,
                path=path,
            )
        return body

    def _raise_for(self, answer: httpx.Response, path: str) -> NoReturn:
        """Raise what a status other than 200 means; texts are translated, so only shapes count."""
        status, server = answer.status_code, self.server
        on_data = path.endswith("/data/")
        if answer.is_redirect:
            raise errors.RedirectedElsewhere(
                f"{server} sends to another address ({_host(answer)}), where the token must not "
                "go; if that is the right server, write its address instead.",
                status=status,
                path=path,
            )
        if status == 400 and on_data and "detail" in _object(answer):
            raise errors.NotDeployed(
                "The form has not been deployed yet.", status=status, path=path
            )
        if status == 401:
            given = "does not know this token" if self._has_token else "asks for a token"
            raise errors.InvalidToken(f"{server} {given}.", status=status, path=path)
        if status == 403:
            raise errors.Forbidden("The account has no right to do this.", status=status, path=path)
        if status == 404 and on_data and not _is_json(answer):
            raise errors.AssetGone(
                f"{server} has no such form: it was deleted, or its id or the address is wrong.",
                status=status,
                path=path,
            )
        if status == 404 and on_data:
            raise errors.NoRight(
                "The account may not see the submissions of this form.", status=status, path=path
            )
        if status == 404 and _is_json(answer):
            raise errors.NotFound(
                f"{server} has nothing of this id that the account may see.",
                status=status,
                path=path,
            )
        if status == 404:
            raise errors.UnexpectedAnswer(
                f"{server} does not know this route; is it the address of a KoboToolbox server?",
                status=status,
                path=path,
            )
        if status == 429:
            raise errors.RateLimited(
                f"{server} asks to slow down.",
                status=status,
                path=path,
                retry_after=_retry_after(answer),
            )
        if status == 408 or status >= 500:
            raise errors.ServerFault(
                f"{server} failed with status {status}.",
                status=status,
                path=path,
                retry_after=_retry_after(answer),
            )
        raise errors.Refused(
            f"{server} refused the request with status {status}.", status=status, path=path
        )


def _is_json(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("content-type", "")
    return kind.partition(";")[0].strip() == "application/json"


def _untrusted(error: httpx.TransportError) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _host(answer: httpx.Response) -> str:
    target = urlsplit(answer.headers.get("location", ""))
    return f"{target.scheme}://{target.hostname}" if target.hostname else target.path


def _retry_after(answer: httpx.Response) -> float | None:
    """Read `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        now = parsedate_to_datetime(answer.headers["date"])
    except (ValueError, KeyError):
        return None
    return max(0.0, (when - now).total_seconds())


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, errors.TryLater):
        return (error.retry_after or 0.0) <= _LONGEST_WAIT
    return isinstance(error, errors.Unreachable | errors.HalfAnswer)


def _wait(state: RetryCallState) -> float:
    """Double the wait each time, with jitter, or take what the server says when it is longer."""
    error = state.outcome.exception() if state.outcome else None
    asked = (error.retry_after or 0.0) if isinstance(error, errors.TryLater) else 0.0
    backoff = min(_FIRST_WAIT * 2.0 ** (state.attempt_number - 1), _LONGEST_WAIT)
    jitter = random.uniform(0.5, 1.5)  # noqa: S311  (spreads clients, hides nothing)
    return max(asked, min(backoff * jitter, _LONGEST_WAIT))
