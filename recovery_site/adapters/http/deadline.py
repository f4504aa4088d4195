"""The end of one exchange, whatever it waits for."""

import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from recovery_site.domain.messages import FaultKind
from recovery_site.ports import GatewayFault

T = TypeVar("T")


def too_slow() -> GatewayFault:
    """Return the fault of a peer that lets the time run out."""
    return GatewayFault("the answer is too slow", FaultKind.UNREACHABLE)


class Deadline:
    """The end of some work: of all its requests, of a name that is not found, of a lock that others hold.

    httpx's own time-outs begin anew with every byte, and do not count the time of name servers. The work runs in a
    thread of its own; when its time is over its connection is cut, which ends it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._passed = False
        self._stream: Any = None

    def run(self, work: Callable[[], T]) -> T:
        """Return or raise what `work` does, at most `seconds` later; raises `GatewayFault` when the time is over."""
        outcome: Future[T] = Future()

        def attempt() -> None:
            try:
                outcome.set_result(work())
            except Exception as error:  # noqa: BLE001 -- raised again where `run` was called
                outcome.set_exception(error)

        threading.Thread(target=attempt, name="http-exchange", daemon=True).start()
        try:
            return outcome.result(self._seconds)
        except TimeoutError:
            self._passed = True
            self._cut()
            raise too_slow() from None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the connection of a request (httpx's `trace` extension); one that comes too late carries nothing."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = info["return_value"]
            if self._passed:
                self._cut()

    def _cut(self) -> None:
        if self._stream is not None:
            with suppress(OSError):  # the peer hung up at the same moment
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
