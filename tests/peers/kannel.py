"""A real Kannel on this machine: bearerbox and smsbox on free ports, the tests as the operator behind them."""

import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

PATIENCE_SECONDS = 30
"""How long anything is waited for: the machine may be busy with other tests."""

STOP_SECONDS = 1
"""What a box gets for its end: with requests that wait, smsbox takes ten seconds."""

USERNAME, PASSWORD, ADMIN_PASSWORD = "recovery", "sendsms-secret", "admin-secret"

WITH_THE_FAKE_OPERATOR = f"""
group = core
admin-port = 13000
admin-interface = 127.0.0.1
admin-password = {ADMIN_PASSWORD}
smsbox-port = 13001
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = "/var/log/kannel/bearerbox.log"
log-level = 3
access-log = "/var/log/kannel/access.log"
access-log-format = "%l %A [SMSC:%i] [ID:%I]"
store-type = spool
store-location = "/var/spool/kannel"
sms-resend-freq = 1

group = smsc
smsc = fake
smsc-id = FAKE
host = 127.0.0.1
port = 2775
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-interface = 127.0.0.1
sendsms-port = 13013
global-sender = 1900
log-file = "/var/log/kannel/smsbox.log"
log-level = 3

group = sendsms-user
username = {USERNAME}
password = {PASSWORD}
"""


class NoKannel(Exception):
    """This machine has no Kannel to test with, or it does not start."""


@dataclass(frozen=True)
class Ports:
    """Where one Kannel listens, and where it waits for the fake operator."""

    admin: int
    smsbox: int
    sendsms: int
    carrier: int


class Kannel:
    """A running Kannel. Everything that it writes stands in `folder`."""

    def __init__(self, configuration: str, folder: Path, ports: Ports) -> None:
        self.url = f"http://127.0.0.1:{ports.sendsms}/cgi-bin/sendsms"
        self.ports = ports
        self.folder = folder
        self._boxes: list[subprocess.Popen[bytes]] = []
        for name in ("log", "spool"):
            (folder / name).mkdir(exist_ok=True)
        self._file = folder / "kannel.conf"
        for place, name in (("/var/log/kannel", "log"), ("/var/spool/kannel", "spool")):
            configuration = configuration.replace(place, str(folder / name))
        self._file.write_text(configuration)

    def start(self) -> None:
        """Start both boxes and wait until they answer; raises `NoKannel`."""
        # smsbox gives up where bearerbox does not answer yet
        for box, port in (("bearerbox", self.ports.smsbox), ("smsbox", self.ports.sendsms)):
            self._start(box, port)
        until("smsbox reaches bearerbox", lambda: "smsbox:" in self.status())

    def _start(self, box: str, port: int) -> None:
        output = self.folder / f"{box}.out"
        try:
            with output.open("wb") as out:
                process = subprocess.Popen([f"/usr/sbin/{box}", "-v", "4", self._file], stdout=out, stderr=out)
        except FileNotFoundError as error:
            raise NoKannel(f"the tests need /usr/sbin/{box}: apt-get install kannel kannel-extras") from error
        self._boxes.append(process)

        def listens() -> bool:
            if process.poll() is not None:
                raise NoKannel(f"{box} did not start: {output.read_text()} {self.written()}")
            # not by connecting: bearerbox takes whoever connects for a box, and pauses a second before the next one
            return f"0100007F:{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()

        until(f"{box} listens", listens)

    def stop(self) -> None:
        """End both boxes; what the spool holds stays there."""
        while self._boxes:
            box = self._boxes.pop()
            box.terminate()
            try:
                box.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                box.kill()
                box.wait()

    def status(self) -> str:
        return self.command("status.txt")

    def command(self, name: str, **values: str) -> str:
        """Return the answer of bearerbox's administration: `status.txt`, `suspend`, `resume`, `stop-smsc`."""
        query = urlencode({"password": ADMIN_PASSWORD, **values})
        address = f"http://127.0.0.1:{self.ports.admin}/{name}?{query}"
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())

    def wait_for_carrier(self) -> None:
        """Wait until the bind to the carrier stands."""
        until("the carrier is bound", lambda: "(online " in self.status().partition("SMSC connections:")[2])

    def written(self) -> str:
        """Return all of Kannel's logs."""
        return "".join(path.read_text(errors="replace") for path in sorted((self.folder / "log").iterdir()))

    def configuration(self) -> str:
        return self._file.read_text()


def with_values(configuration: str, values: Mapping[str, object]) -> str:
    """Return the configuration with these keys changed; raises `NoKannel` where one does not stand in it once."""
    for key, value in values.items():
        configuration, found = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", configuration)
        if found != 1:
            raise NoKannel(f"the configuration has {found} lines {key}, not one")
    return configuration


@contextmanager
def running(configuration: str = WITH_THE_FAKE_OPERATOR, **values: object) -> Iterator[Kannel]:
    """Start a Kannel; it is gone, with its files, at the end of the block.

    `values` change keys of the configuration, written with _ for -; without a `port` the carrier gets a free one.
    """
    admin, smsbox, sendsms, carrier = free_ports(4)
    with tempfile.TemporaryDirectory(prefix="recovery-kannel-") as folder:
        changed = {
            "admin-port": admin,
            "smsbox-port": smsbox,
            "sendsms-port": sendsms,
            "port": carrier,
            **{key.replace("_", "-"): value for key, value in values.items()},
        }
        kannel = Kannel(with_values(configuration, changed), Path(folder), Ports(admin, smsbox, sendsms, carrier))
        try:
            kannel.start()
            yield kannel
        finally:
            kannel.stop()


_HEAD = re.compile(rb"^(\S+) ([0-9]+) text ", re.MULTILINE)


class Operator:
    """The far end of Kannel's `fake` SMSC, which writes `<from> <to> text <body>` and a newline for each message.

    A body may have newlines of its own.
    """

    def __init__(self, port: int) -> None:
        self._stream = b""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while part := self._socket.recv(65536):
            self._stream += part

    def received(self, count: int) -> list[tuple[str, str, str]]:
        """Wait for `count` messages; return sender, receiver and text of all there are."""
        until(f"{count} messages arrive", lambda: len(self._messages()) >= count)
        return self._messages()

    def _messages(self) -> list[tuple[str, str, str]]:
        parts = _HEAD.split(self._stream)[1:]
        return [
            (sender.decode(), receiver.decode(), body.decode().removesuffix("\n"))
            for sender, receiver, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        ]

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()


@dataclass
class ReportReceiver:
    """Where Kannel's delivery reports arrive: the paths and the queries of all calls, oldest first."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)

    def of(self, message_id: str) -> list[dict[str, str]]:
        return [call for call in list(self.calls) if call.get("id") == message_id]

    def wait(self, message_id: str, *types: str) -> dict[str, str]:
        """Wait for a report of one of `types` and return it."""
        until(
            f"a report {'/'.join(types)} of {message_id}",
            lambda: any(call["type"] in types for call in self.of(message_id)),
        )
        return next(call for call in self.of(message_id) if call["type"] in types)


@contextmanager
def report_receiver() -> Iterator[ReportReceiver]:
    """Listen on a free port of this machine until the end of the block."""
    receiver = ReportReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            receiver.paths.append(parts.path)
            receiver.calls.append(dict(parse_qsl(parts.query, keep_blank_values=True)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
            """Be quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True  # Kannel keeps its connections open

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/report"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def until(what: str, is_so: Callable[[], bool]) -> None:
    """Wait until `is_so`; raises `TimeoutError` with `what`."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"in {PATIENCE_SECONDS} seconds it did not happen that {what}")
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
