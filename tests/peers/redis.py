"""A real Redis on this machine, on a port of its own, that keeps nothing on the disk."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from redis import Redis, RedisError

from tests.peers.absent import need
from tests.peers.kannel import free_ports, until

PROGRAM = "/usr/bin/redis-server"


@dataclass
class RunningRedis:
    """A server that can be ended in the middle of a test."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Redis:
        return Redis.from_url(self.url)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running(*options: str) -> Iterator[RunningRedis]:
    """Start a server; `options` are those of `redis-server`. Raises where it does not answer in time."""
    need("redis-server", PROGRAM)
    [port] = free_ports(1)
    words = [PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
    process = subprocess.Popen([*words, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = RunningRedis(port, process)
    try:
        until("Redis answers", lambda: _answers(server.client))
        yield server
    finally:
        server.end()


def _answers(client: Redis) -> bool:
    with suppress(RedisError):
        return bool(client.ping())
    return False
