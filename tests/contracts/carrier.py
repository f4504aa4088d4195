"""A carrier on this machine: a real HTTP server that behaves as badly as it is told to."""

import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from defusedxml.ElementTree import fromstring

from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.domain.messages import FaultKind, Sms
from recovery_site.domain.people import read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import Clock, GatewayFault, SmsGateway
from recovery_site.settings.gateways import HttpGateway as HttpSettings

NUMBER = read_number("0393070121")
TEXT = 'Ma: 123456. "A" & <B> {to} %26 +\nMa ho tro: K7F3-QX2M'
SMS = Sms("message-id-1", Secret(TEXT), code=Secret("123456"), minutes=10, reference="K7F3-QX2M")
KEY = "canary-key"
"""What the settings of `gateway` hold and nobody may tell."""

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "json": {"json": {"to": "{to}", "text": "{text}", "id": "{message_id}", "more": [{"local": "{to_local}", "n": 1}]}},
    "form": {"form": {"to": "{to}", "text": "{text}", "id": "{message_id}"}},
    "query": {"query": {"to": "{to}", "text": "{text}", "id": "{message_id}"}, "method": "GET"},
    "xml": {"xml": "<sms><to>{to}</to><text>{text}</text><id>{message_id}</id></sms>"},
}
"""The four ways in which a message can stand in a request."""


@dataclass(frozen=True)
class Asked:
    """One request as the carrier saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    def fields(self, variant: str) -> dict[str, str]:
        """Return what a carrier reads out of this request."""
        match variant:
            case "json":
                body = json.loads(self.body)
                return {name: body[name] for name in ("to", "text", "id")}
            case "form":
                return {name: values[0] for name, values in parse_qs(self.body).items()}
            case "query":
                return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            case _:
                return {str(element.tag): element.text or "" for element in fromstring(self.body)}


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
    body: str

    def handle_any(self) -> None:
        self.body = body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
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

    def answer_json(self, status: int = 200, **fields: object) -> None:
        self.answer(status, json.dumps(fields))

    def pause(self, seconds: float) -> bool:
        """Wait, at most until the test ends; return whether to go on."""
        return not self.server.carrier.closing.wait(seconds)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Be quiet."""


def says(body: str, status: int = 200) -> Callable[["Handler"], None]:
    """Return the behaviour of one who always answers this."""
    return lambda handler: handler.answer(status, body)


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


def trickle_hints(handler: Handler) -> None:
    while handler.pause(0.05):
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def never_end(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while handler.pause(0):
        handler.wfile.write(b"x" * 8192)


def compress_without_end(handler: Handler) -> None:
    payload = gzip.compress(b" " * 60_000_000)
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(payload)))
    handler.end_headers()
    handler.wfile.write(payload)


def speak_something_else(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    handler.close_connection = True


def redirect(handler: Handler) -> None:
    handler.answer(302, "", Location=f"{handler.server.carrier.url}/elsewhere")


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[Carrier]:
    """Start a carrier on a free port of this machine, with TLS where there is a context; it is gone after the block."""
    with Server(("127.0.0.1", 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https" if context else "http"
        server.carrier = Carrier(url=f"{scheme}://127.0.0.1:{server.server_address[1]}/send")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.carrier
        finally:
            server.carrier.closing.set()
            server.shutdown()
            thread.join()


def gateway(
    carrier: Carrier, variant: str = "json", report_url: str = "", clock: Clock | None = None, **changed: object
) -> HttpGateway:
    """Return a gateway that asks this carrier, with a key in its headers."""
    settings = {
        "kind": "http",
        "url": carrier.url,
        "headers": {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "{message_id}"},
        "timeout_seconds": 20,
        **VARIANTS[variant],
        **changed,
    }
    return HttpGateway(HttpSettings.model_validate(settings), report_url, clock)


def fault_of(gateway: SmsGateway, *secrets: str) -> tuple[FaultKind, str]:
    """Return kind and reason of a message that is not accepted; they must not tell a secret."""
    with pytest.raises(GatewayFault) as fault:
        gateway.send(NUMBER, SMS)
    said = f"{fault.value!s} {fault.value!r}"
    for secret in ("123456", "393070121", "Ma:", KEY, *secrets):
        assert secret not in said
    # a traceback shows no cause: httpx's words may hold a header
    assert fault.value.__cause__ is None
    return fault.value.kind, str(fault.value)


def seconds(act: Callable[[], object]) -> float:
    """Return how long `act` took."""
    started = time.monotonic()
    act()
    return time.monotonic() - started
