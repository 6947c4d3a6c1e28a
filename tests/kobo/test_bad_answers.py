"""Each thing that goes wrong is one clear error of its own, and the token stays hidden."""

import logging
import traceback
from collections.abc import Callable

import orjson
import pytest

from meal_pipeline.kobo import (
    AssetGone,
    BadAddress,
    Forbidden,
    HalfAnswer,
    InvalidToken,
    KoboClient,
    KoboError,
    NoRight,
    NotDeployed,
    NotFound,
    RateLimited,
    RedirectedElsewhere,
    Refused,
    ServerFault,
    UnexpectedAnswer,
    Unreachable,
)
from meal_pipeline.practice import PRACTICE_TOKEN, PracticeForm, PracticeServer, PracticeUser

from .conftest import FORM, Connect

DATA = f"/api/v2/assets/{FORM}/data/"
SECRET = "0123456789abcdef0123456789abcdef01234567"


def read(client: KoboClient, uid: str = FORM) -> int:
    pull = client.submissions(uid)
    rows = sum(len(page.rows) for page in pull)
    pull.prove()
    return rows


def test_a_wrong_token(connect: Connect) -> None:
    with pytest.raises(InvalidToken, match="does not know this token") as caught:
        connect(SECRET).me()
    assert (caught.value.status, caught.value.path) == (401, "/me/")


def test_no_token(connect: Connect) -> None:
    with pytest.raises(InvalidToken, match="asks for a token"):
        connect(None).me()


def test_no_token_on_a_form_that_is_not_public(connect: Connect) -> None:
    with pytest.raises(NoRight):
        read(connect(None))


def test_a_form_without_rights(server: PracticeServer, connect: Connect) -> None:
    server.users[SECRET] = PracticeUser("stranger", SECRET)
    with pytest.raises(NoRight):
        read(connect(SECRET))
    with pytest.raises(NotFound):
        connect(SECRET).asset(FORM)


def test_a_form_that_is_gone_is_told_from_one_without_rights(connect: Connect) -> None:
    with pytest.raises(AssetGone):
        read(connect(), "aGONE")
    with pytest.raises(NotFound):
        connect().versions("aGONE")


def test_a_form_that_was_never_deployed(server: PracticeServer, connect: Connect) -> None:
    server.add(PracticeForm("aDRAFT", "Draft"))
    with pytest.raises(NotDeployed):
        read(connect(), "aDRAFT")


def test_the_error_is_the_same_when_the_server_speaks_another_language(
    server: PracticeServer, connect: Connect
) -> None:
    body = orjson.dumps({"detail": "لم يُنشر هذا النموذج"})
    server.fault(DATA, status=400, body=body)
    with pytest.raises(NotDeployed):
        read(connect())


def test_a_refused_parameter_is_not_taken_for_an_undeployed_form(
    server: PracticeServer, connect: Connect
) -> None:
    with pytest.raises(Refused):
        connect().count(FORM, query={"_id": {"$in": 5}})


def test_no_server_at_the_address(connect: Connect, waits: list[float]) -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        connect(server="http://127.0.0.1:9", retries=2).me()
    assert len(waits) == 2


def test_a_server_that_does_not_answer_in_time(server: PracticeServer, connect: Connect) -> None:
    server.fault(DATA, delay=0.5)
    with pytest.raises(Unreachable, match="did not answer in time"):
        read(connect(timeout=0.1, retries=0))


@pytest.mark.parametrize(
    ("status", "error"), [(403, Forbidden), (410, Refused), (429, RateLimited), (503, ServerFault)]
)
def test_a_status_is_an_error_of_its_own(
    server: PracticeServer, connect: Connect, status: int, error: type[KoboError]
) -> None:
    server.fault(DATA, status=status)
    with pytest.raises(error) as caught:
        read(connect(retries=0))
    assert caught.value.status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_what_the_client_did_wrong_is_not_sent_again(
    server: PracticeServer, connect: Connect, status: int
) -> None:
    server.fault(DATA, status=status)
    client = connect()
    with pytest.raises(KoboError):
        read(client)
    assert client.traffic.requests == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 429},
        {"status": 500},
        {"status": 502, "headers": {"content-type": "text/html"}, "body": b"<h1>Bad gateway</h1>"},
        {"drop": True},
        {"truncate": 0.5},
        {"rewrite": lambda body: body[: len(body) // 2]},
    ],
    ids=["429", "500", "502 page", "dropped", "half an answer", "half a page"],
)
def test_passing_trouble_is_waited_out(
    server: PracticeServer, connect: Connect, waits: list[float], trouble: dict[str, object]
) -> None:
    server.fault(DATA, times=3, **trouble)
    client = connect()
    assert read(client) == 250
    assert client.traffic.retries == 3
    assert waits[0] < waits[1] * 3 and 0.5 <= waits[0] <= 1.5 and 2 <= waits[2] <= 6


def test_a_wait_that_the_server_asks_for_is_kept(
    server: PracticeServer, connect: Connect, waits: list[float]
) -> None:
    server.fault(DATA, status=429, headers={"retry-after": "37"})
    assert read(connect()) == 250
    assert waits == [37.0]


def test_a_server_that_asks_to_come_back_much_later_is_not_waited_for(
    server: PracticeServer, connect: Connect, waits: list[float]
) -> None:
    server.fault(DATA, status=503, headers={"retry-after": "3600"})
    with pytest.raises(ServerFault) as caught:
        read(connect())
    assert (caught.value.retry_after, waits) == (3600.0, [])


@pytest.mark.parametrize(
    "trouble",
    [{"truncate": 0.5}, {"rewrite": lambda body: body[:-20]}],
    ids=["connection ends", "page ends"],
)
def test_half_a_page_is_never_taken_for_a_page(
    server: PracticeServer, connect: Connect, trouble: dict[str, object]
) -> None:
    server.fault(DATA, times=9, **trouble)
    with pytest.raises(HalfAnswer):
        read(connect(retries=1))


def _rows(change: Callable[[list[dict[str, object]]], object]) -> Callable[[bytes], bytes]:
    def rewrite(body: bytes) -> bytes:
        page = orjson.loads(body)
        page["results"] = change(page["results"])
        return orjson.dumps(page)

    return rewrite


@pytest.mark.parametrize(
    "rewrite",
    [
        _rows(lambda rows: rows[::-1]),
        _rows(lambda rows: rows + rows[-1:]),
        _rows(lambda rows: []),
        _rows(lambda rows: None),
        _rows(lambda rows: [{"demo/age": "1"}]),
        lambda body: orjson.dumps([1, 2]),
        lambda body: orjson.dumps(orjson.loads(body) | {"count": 1}),
    ],
    ids=["descending", "repeated", "none", "no list", "no id", "another shape", "small count"],
)
def test_a_page_that_cannot_be_trusted_is_refused(
    server: PracticeServer, connect: Connect, rewrite: Callable[[bytes], bytes]
) -> None:
    server.fault(DATA, rewrite=rewrite)
    with pytest.raises(UnexpectedAnswer):
        read(connect(retries=0))


def test_the_same_page_again_is_refused(server: PracticeServer, connect: Connect) -> None:
    first, *_others = connect().submissions(FORM, page_size=100)
    again = orjson.dumps({"count": 250, "next": None, "previous": None, "results": first.rows})
    server.fault(DATA, skip=1, rewrite=lambda body: again)
    with pytest.raises(UnexpectedAnswer, match="repeats rows or is out of order"):
        for _page in connect().submissions(FORM, page_size=100):
            pass


def test_a_web_page_is_not_taken_for_data(server: PracticeServer, connect: Connect) -> None:
    page = {"headers": {"content-type": "text/html"}, "body": b"<h1>Sign in to this network</h1>"}
    server.fault(DATA, status=200, **page)
    with pytest.raises(UnexpectedAnswer, match="a web page instead of data"):
        read(connect())


def test_the_token_is_never_sent_to_another_address(
    server: PracticeServer, connect: Connect
) -> None:
    asked: list[bytes] = []
    with PracticeServer() as other:
        other.fault("/", rewrite=lambda body: asked.append(body) or body)
        server.fault(DATA, status=302, headers={"location": f"{other.url}/me/"})
        with pytest.raises(RedirectedElsewhere, match="must not go"):
            read(connect())
    assert asked == []


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("kf.kobotoolbox.org", "https://kf.kobotoolbox.org"),
        (" https://eu.kobotoolbox.org/#/forms/aX/summary ", "https://eu.kobotoolbox.org"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    ],
)
def test_an_address_may_be_pasted_as_it_is_found(written: str, used: str) -> None:
    with KoboClient(written, None) as client:
        assert client.server == used


@pytest.mark.parametrize("written", ["", "ftp://kf.kobotoolbox.org", "https://:8", "https://a:b"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(BadAddress):
        KoboClient(written, None)


def test_a_password_in_the_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadAddress) as caught:
        KoboClient("https://omar:geheim@kf.kobotoolbox.org", None)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("pasted", ["two words", "caf\u00e9", "line\nbreak", "رمز"])
def test_a_token_with_foreign_letters_is_refused_without_repeating_it(pasted: str) -> None:
    with pytest.raises(InvalidToken) as caught:
        KoboClient("https://kf.kobotoolbox.org", pasted)
    assert pasted not in str(caught.value)


@pytest.mark.parametrize(
    "trouble",
    [{"status": 401}, {"status": 500}, {"drop": True}, {"truncate": 0.1}, {"status": 302}],
)
def test_the_token_shows_in_no_error_log_or_repr(
    server: PracticeServer,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    trouble: dict[str, object],
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fault("/", times=9, **trouble)
    client = connect(PRACTICE_TOKEN, retries=1)
    with pytest.raises(KoboError) as caught:
        client.me()
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert PRACTICE_TOKEN not in shown + caplog.text + repr(client) + repr(client._transport)
