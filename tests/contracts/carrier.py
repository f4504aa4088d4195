"""A carrier on this machine: a real HTTP server that behaves as badly as it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request as the carrier saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Carrier:
    """What was asked, and how the next request is answered."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    behave: "Callable[[Handler], None]" = lambda handler: handler.answer(200, "")
    closing: threading.Event = field(default_factory=threading.Event)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end: no thread may outlive its test
    carrier: Carrier

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.carrier.asked.append(Asked(self.command, self.path, headers, body))
        self.server.carrier.behave(self)

    do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815 -- http.server's names

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        payload = body.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(payload)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def pause(self, seconds: float) -> bool:
        """Wait, at most until the test ends; return whether to go on."""
        return not self.server.carrier.closing.wait(seconds)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Be quiet."""


def hang(handler: Handler) -> None:
    handler.pause(60)


def drop_the_connection(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.close()


def trickle_the_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while handler.pause(0.05):
        handler.wfile.write(b"x")


def trickle_the_headers(handler: Handler) -> None:
    handler.send_response(200)
    handler.flush_headers()
    while handler.pause(0.05):
        handler.wfile.write(b"X")


def never_end(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while handler.pause(0):
        handler.wfile.write(b"x" * 8192)


def redirect(handler: Handler) -> None:
    handler.answer(302, "", Location=f"{handler.server.carrier.url}/elsewhere")


@contextmanager
def running() -> Iterator[Carrier]:
    """Start a carrier on a free port of this machine; it is gone at the end of the block."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.carrier = Carrier(url=f"http://127.0.0.1:{server.server_address[1]}/send")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.carrier
        finally:
            server.carrier.closing.set()
            server.shutdown()
            thread.join()


def seconds(act: Callable[[], object]) -> float:
    """Return how long `act` took."""
    started = time.monotonic()
    act()
    return time.monotonic() - started
