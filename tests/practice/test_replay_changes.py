"""What was changed on a real server in a recorded order changes the practice server alike."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .chains import CHAINS, Chain
from .recordings import Recording, reason_left_out
from .replaying import Replay

RECEIVER, CLOSED = "http://127.0.0.1:58090", "http://127.0.0.1:58099"
SAID = {
    "/hook/201": (201, b"created"), "/hook/500": (500, b"boom"), "/hook/429": (429, b"slow down"),
    "/hook/503": (503, b"busy"), "/nothing": (404, b"nope"),
}  # fmt: skip


@contextmanager
def receiver() -> Iterator[str]:
    """The receiver that the recorded hooks were pointed at."""
    calls: dict[str, int] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            calls[path] = calls.get(path, 0) + 1
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = SAID.get(path, (200, b'{"ok":true}'))
            if path == "/hook/flaky":
                odd = calls[path] % 2
                status, body = (503, b"flaky") if odd else (200, b'{"ok":"second"}')
            self.send_response(302 if path == "/hook/302" else status)
            if path == "/hook/302":
                self.send_header("location", "/hook/ok-after-redirect")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def recording(shared: Path) -> Recording:
    return Recording(shared / "reference" / "kobo" / "recorded")


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: f"{chain.folder} {chain.name}")
def test_changes_are_answered_as_by_a_real_server(chain: Chain, recording: Recording) -> None:
    wrong = {}
    with (
        receiver() as there,
        chain.build(recording) as server,
        httpx.Client(base_url=server.url) as http,
    ):
        replay = Replay(server.url)
        replay.others = {RECEIVER: there, CLOSED: "http://127.0.0.1:9"}
        for exchange in chain.members(recording):
            if reason_left_out(exchange):
                continue
            folder, number = exchange.number
            place = number if folder == chain.folder else exchange.number
            if between := chain.between.get(place):
                between(server, replay, recording)
            answer = replay.send(http, exchange)
            assert server.settle_hooks()
            if found := replay.differences(exchange, answer):
                wrong[exchange.name] = found
    assert not wrong, "\n".join(f"{name}: {found[:4]}" for name, found in wrong.items())
