"""Sending the record to a syslog server: a local socket, UDP, or TCP with counted octets (RFC 6587 section 3.4.1)."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10
_PORT = 514


class SyslogAddressRefused(Exception):
    """What was written is not where a syslog server is."""


class Syslog:
    """A connection to the server at `tcp://HOST[:PORT]`, `udp://HOST[:PORT]`, or the socket in a file, `/dev/log`.

    Raises `SyslogAddressRefused`; `OSError` where the server cannot be reached.
    """

    def __init__(self, address: str) -> None:
        if address.startswith("/"):
            self._socket = _local(Path(address))
        else:
            self._socket = _remote(address)
        self._is_stream = self._socket.type == socket.SOCK_STREAM

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send_all(self, messages: Iterable[str]) -> int:
        """Send the messages as they come; return how many there were. Raises `OSError`."""
        return len([self.send(one) for one in messages])  # type: ignore[func-returns-value]  # counted as they go

    def send(self, message: str) -> None:
        """Send one message, which must be ASCII and have no line break. Raises `OSError`."""
        text = message.encode("ascii")
        # counted, not separated: where a message ends does not depend on what stands in it
        self._socket.sendall(b"%d %s" % (len(text), text) if self._is_stream else text)

    def close(self) -> None:
        """End the connection, and let the server have what is on its way."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._socket.close()


def _local(path: Path) -> socket.socket:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        opened = socket.socket(socket.AF_UNIX, kind)
        opened.settimeout(TIMEOUT_SECONDS)
        try:
            opened.connect(str(path))
        except OSError as error:
            opened.close()
            if kind is socket.SOCK_STREAM:
                raise OSError(error.errno, error.strerror, str(path)) from error
        else:
            return opened
    raise AssertionError("one of two kinds is the last")


def _remote(address: str) -> socket.socket:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError as error:
        raise SyslogAddressRefused(address) from error
    if parts.scheme not in ("tcp", "udp") or not host or parts.path.strip("/"):
        raise SyslogAddressRefused(address)
    try:
        if parts.scheme == "tcp":
            return socket.create_connection((host, port), TIMEOUT_SECONDS)
        [(family, kind, protocol, _, there), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(TIMEOUT_SECONDS)
        opened.connect(there)
    except OSError as error:
        raise OSError(error.errno, error.strerror, address) from error
    return opened
