"""Bytes to a server on 127.0.0.1 and whatever comes back: no client library would send what an attacker sends."""

import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

PATIENCE_SECONDS = 30
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n")
FORM = "application/x-www-form-urlencoded"

Fields = Sequence[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Answer:
    """One answer. `status` is 0 where the server hung up without one."""

    status: int
    head: bytes = b""
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, '' where there is none."""
        found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*([^\r\n]*)", self.head)
        return found[1].decode("latin-1") if found else ""

    def cookies(self) -> list[tuple[str, str]]:
        """Return the names and values of the cookies that are set."""
        found = re.findall(rb"(?im)^set-cookie:[ \t]*([^=\r\n]+)=([^;\r\n]*)", self.head)
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in found]


def ask(port: int, *parts: bytes, pause: float = 0.0) -> list[Answer]:
    """Send the parts over one new connection, with `pause` seconds between them, and return every answer."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as line:
        line.settimeout(PATIENCE_SECONDS)
        try:
            for number, part in enumerate(parts):
                if number and pause:
                    time.sleep(pause)
                line.sendall(part)
            line.shutdown(socket.SHUT_WR)
        except OSError:  # the server has seen enough; perhaps it said why
            pass
        came = bytearray()
        try:
            while piece := line.recv(65536):
                came += piece
        except OSError:
            pass
    return answers(bytes(came), head_only=parts[0][:5].upper() == b"HEAD ") or [Answer(0)]


def answers(came: bytes, *, head_only: bool = False) -> list[Answer]:
    """Cut what came into answers, by their own lengths."""
    found: list[Answer] = []
    while status := _STATUS.match(came):
        head, _, rest = came.partition(b"\r\n\r\n")
        answer = Answer(int(status[1]), head + b"\r\n")
        length = answer.header("Content-Length")
        size = 0 if head_only or status[1] in (b"204", b"304") else int(length) if length.isdigit() else len(rest)
        found.append(Answer(answer.status, answer.head, rest[:size]))
        came = rest[size:]
    return found


def encode(fields: Fields) -> bytes:
    """Return a form's body; bytes stand as they are."""
    return b"&".join(
        quote_plus(name).encode() + b"=" + (value if isinstance(value, bytes) else quote_plus(_raw(value)).encode())
        for name, value in fields
    )


def request(
    method: str | bytes,
    path: str | bytes,
    headers: Sequence[tuple[str | bytes, str | bytes]],
    body: bytes | None = None,
) -> bytes:
    """Return a request's bytes. Nothing is checked: a line feed in a header is one."""
    raw_path = path if isinstance(path, bytes) else quote(_raw(path), safe="/?&=%#:;,+@!$'()*[]~.-_").encode()
    lines = [_raw(method) + b" " + raw_path + b" HTTP/1.1"]
    lines += [_raw(name) + b": " + _raw(value) for name, value in headers]
    if body is not None and not any(
        _raw(name).lower() in (b"content-length", b"transfer-encoding") for name, _ in headers
    ):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
