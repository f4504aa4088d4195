"""A line between a client and a server that a test makes slow, dead, or cuts in the middle of a word."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.peers.kannel import PATIENCE_SECONDS

_PIECE = 1 << 16


class Proxy:
    """Passes bytes on to `target`; `port` is where it listens."""

    def __init__(self, target: int) -> None:
        self.silent = False
        """New connections are taken, and nothing is ever said."""
        self.delay = 0.0
        """Seconds before each answer is passed on."""
        self.connections = 0
        self.ended = threading.Event()
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._cut_in = 0
        self._cut_after = False
        self._threads: list[threading.Thread] = []
        self._spawn(self._listen)

    def cut(self, request: int, *, after: bool) -> None:
        """End the connection at the n-th request from now: before it reaches the server, or when it has answered."""
        self._cut_after, self._cut_in = after, request

    def close(self) -> None:
        self.ended.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self._listener.close()

    def _spawn(self, work: object, *arguments: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self.ended.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                client, _ = self._listener.accept()
                self.connections += 1
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.silent:
                self.ended.wait()
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while not self.ended.is_set():
            ready, _, _ = select.select([client, server], [], [], 0.05)
            if client in ready:
                request = client.recv(_PIECE)
                self._cut_in -= 1
                now = self._cut_in == 0
                if not request or (now and not self._cut_after):
                    return
                server.sendall(request)
                if now:
                    server.recv(_PIECE)
                    return
            elif server in ready:
                answer = server.recv(_PIECE)
                if not answer or self.ended.wait(self.delay):
                    return
                client.sendall(answer)


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Run a line to a port of this machine."""
    line = Proxy(target)
    try:
        yield line
    finally:
        line.close()
