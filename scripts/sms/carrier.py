"""A carrier in a process of its own: it answers after a while, fails as told, and takes each message id once.

    python -m scripts.sms.carrier PORT --seconds 0.05 --faults 0.33

`GET /taken` gives what it has taken: for each message id the number, the text, and when it came first; `GET /count`
gives how many. It runs on one event loop with one write for an answer: a thread for each call costs milliseconds that
would look like the site's own.
"""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any

import click

STALL_SECONDS = 3.0
"""How long a stalled call lasts: longer than the site waits for it."""


@dataclass
class Book:
    """What the carrier remembers."""

    seconds: float
    faults: float
    taken: dict[str, dict[str, str | float]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 -- the same faults in each run

    def fault(self) -> str:
        """Return what goes wrong with this call, '' where nothing does."""
        if self.chance.random() >= self.faults:
            return ""
        return self.chance.choice(["refuse", "refuse", "stall", "drop", "take and drop", "take and stall"])

    def take(self, message: dict[str, str], came: float) -> None:
        """Take a message; an id that was taken before is the same message (the idempotency key)."""
        if message["id"] in self.taken:
            self.seen["taken before"] += 1
            return
        self.taken[message["id"]] = {"to": message["to"], "text": message["text"], "at": came}

    async def carry(self, message: dict[str, str]) -> int:
        """Carry one message and return the answer's status; 0 hangs up without one."""
        came, answers_at = time.time(), time.monotonic() + self.seconds
        fault = self.fault()
        self.seen[fault or "accepted"] += 1
        await asyncio.sleep(answers_at - time.monotonic())
        if fault.startswith("take") or not fault:
            self.take(message, came)
        if fault.endswith("stall"):
            await asyncio.sleep(STALL_SECONDS)
        if fault.endswith("drop"):
            return 0
        return 500 if fault == "refuse" else 200

    def _told(self, request: bytes) -> dict[str, Any]:
        # thousands of messages take milliseconds to write down, in which nobody is served: not for a progress bar
        if request.split()[1] == b"/count":
            return {"taken": len(self.taken)}
        return {"taken": self.taken, "calls": self.seen}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the one request of a connection; a client that was killed hangs up, which is no fault."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            request, _, fields = head.partition(b"\r\n")
            size = int(BytesParser().parsebytes(fields).get("Content-Length", "0"))
            body = await reader.readexactly(size)
            if request.startswith(b"GET"):
                status, told = 200, json.dumps(self._told(request)).encode()
            else:
                status, told = await self.carry(json.loads(body)), b"{}"
            if status:
                answer = f"HTTP/1.1 {status} -\r\nContent-Length: {len(told)}\r\nConnection: close\r\n\r\n"
                writer.write(answer.encode() + told)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def carry_on(port: int, book: Book) -> None:
    """Listen on 127.0.0.1 until killed."""
    server = await asyncio.start_server(book.serve, "127.0.0.1", port, backlog=128)
    async with server:
        await server.serve_forever()


@click.command()
@click.argument("port", type=int)
@click.option("--seconds", default=0.05, show_default=True, help="How long a call takes.")
@click.option("--faults", default=0.0, show_default=True, help="The share of the calls that fail.")
def main(port: int, seconds: float, faults: float) -> None:
    """Carry messages on 127.0.0.1 until killed."""
    asyncio.run(carry_on(port, Book(seconds, faults)))


if __name__ == "__main__":
    main()
