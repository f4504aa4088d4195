"""A carrier in a process of its own: it answers after a while, fails as told, and takes each message id once.

    python -m scripts.sms.carrier PORT --seconds 0.05 --faults 0.33

`GET /taken` gives what it has taken: for each message id the number, the text, and when it came first.
"""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import click

STALL_SECONDS = 3.0
"""How long a stalled call lasts: longer than the site waits for it."""


@dataclass
class Book:
    """What the carrier remembers."""

    seconds: float
    faults: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: dict[str, dict[str, str | float]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 -- the same faults in each run

    def fault(self) -> str:
        """Return what goes wrong with this call, '' where nothing does."""
        with self.lock:
            if self.chance.random() >= self.faults:
                return ""
            return self.chance.choice(["refuse", "refuse", "stall", "drop", "take and drop", "take and stall"])

    def take(self, message: dict[str, str], came: float) -> None:
        """Take a message; an id that was taken before is the same message (the idempotency key)."""
        with self.lock:
            if message["id"] in self.taken:
                self.seen["taken before"] += 1
                return
            self.taken[message["id"]] = {"to": message["to"], "text": message["text"], "at": came}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    book: Book

    def do_POST(self) -> None:
        came = time.time()
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self.book.fault()
        self.book.seen[fault or "accepted"] += 1
        time.sleep(self.book.seconds)
        if fault.startswith("take") or not fault:
            self.book.take(message, came)
        if fault.endswith("stall"):
            time.sleep(STALL_SECONDS)
        if fault.endswith("drop"):
            self.close_connection = True
            return
        self._answer(500 if fault == "refuse" else 200, b"{}")

    def do_GET(self) -> None:
        with self.book.lock:
            told = {"taken": self.book.taken, "calls": self.book.seen}
            body = json.dumps(told).encode()
        self._answer(200, body)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged: the texts hold codes."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that was killed hangs up; that is what this carrier is for."""


@click.command()
@click.argument("port", type=int)
@click.option("--seconds", default=0.05, show_default=True, help="How long a call takes.")
@click.option("--faults", default=0.0, show_default=True, help="The share of the calls that fail.")
def main(port: int, seconds: float, faults: float) -> None:
    """Carry messages on 127.0.0.1 until killed."""
    Handler.book = Book(seconds, faults)
    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
