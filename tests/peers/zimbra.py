"""A double of Zimbra's SOAP services, over HTTPS on free ports of this machine; no Zimbra can be installed for a test.

It is strict: what the published schema refuses is a fault, and a failure at the end of the test.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.ElementTree import fromstring

from recovery_site.domain.people import Account, AccountStatus
from recovery_site.settings.directory import Zimbra as Settings
from tests.fakes import ACCOUNTS, OLD_PASSWORD
from tests.peers.certificates import make_authority, server_context
from tests.peers.zimbra_accounts import Accounts, Admin, Fault
from tests.peers.zimbra_schema import ADMIN, SOAP, ZIMBRA, NotInTheSchema, open_envelope
from tests.peers.zimbra_services import Services

SERVICE_ACCOUNT, SERVICE_PASSWORD = "khoi-phuc@soctrang.gov.vn", "canary <&> service \"pass'word"
ADMIN_PATH, PERSON_PATH = "/service/admin/soap/", "/service/soap/"


@dataclass(eq=False)
class Zimbra:
    """A running double: what it keeps, what it was asked, and how it behaves."""

    accounts: Accounts
    services: Services
    ca_file: Path
    url: str = ""
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    refuse: dict[str, list[str]] = field(default_factory=dict)
    """Codes of the faults with which the next requests of a name are answered."""
    break_after: dict[str, str] = field(default_factory=dict)
    """Codes with which requests of a name are answered after they were done."""
    cut_before: set[str] = field(default_factory=set)
    cut_after: set[str] = field(default_factory=set)
    """Names of requests at which the connection is cut: before they are done, or in place of the answer."""
    behave: Callable[["Handler"], None] | None = None
    """In place of any answer."""
    closing: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, **changed: Any) -> Settings:
        """Return the table `[directory.zimbra]` for this server."""
        return Settings.model_validate(
            {
                "url": self.url, "soap_url": self.url + PERSON_PATH, "ca_file": str(self.ca_file),
                "admin": SERVICE_ACCOUNT, "admin_password": SERVICE_PASSWORD, "timeout_seconds": 15, **changed,
            }
        )  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request; `answer` is for the tests that let the server misbehave."""

    double: Zimbra

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.double.behave:
            self.double.asked.append(self.path)
            self.double.behave(self)
            return
        with self.double.turn:
            self._serve(body)

    def answer(self, status: int, body: bytes, kind: str = "text/xml; charset=utf-8", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Be quiet."""

    def _serve(self, body: bytes) -> None:
        double, name = self.double, ""
        double.bodies.append(body)
        try:
            request, token = open_envelope(fromstring(body, forbid_dtd=True))
            self._right_place(request)
            name = request.tag.partition("}")[2]
            double.asked.append(name)
            if name in double.cut_before:
                return
            status, content = 200, self._done(name, request, token)
        except (NotInTheSchema, ParseError) as error:
            double.violations.append(str(error))
            status, content = 500, _fault(Fault("service.INVALID_REQUEST", f"invalid request: {error}"))
        except Fault as fault:
            status, content = 500, _fault(fault)
        if name not in double.cut_after:
            self.answer(status, _envelope(content))

    def _done(self, name: str, request: Element, token: str) -> Element:
        codes = self.double.refuse.get(name)
        if codes:
            raise Fault(codes.pop(0), "canary: as the test wants it")
        answer = self.double.services.answer(request, token)
        if name in self.double.break_after:
            raise Fault(self.double.break_after[name], "canary: after it was done")
        return answer

    def _right_place(self, request: Element) -> None:
        expected = ADMIN_PATH if request.tag.startswith(f"{{{ADMIN}}}") else PERSON_PATH
        if self.path != expected:
            raise NotInTheSchema(f"{request.tag} at {self.path}")
        if not self.headers.get("Content-Type", "").startswith("application/soap+xml"):
            raise NotInTheSchema("not the content type of SOAP 1.2")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or does not like the certificate, is no news."""


@contextmanager
def running(folder: Path, now: Callable[[], datetime] | None = None) -> Iterator[Zimbra]:
    """Run a double with the sample accounts until the end of the block; `now` is its clock."""
    authority = make_authority(folder, "zimbra")
    accounts = Accounts(now or (lambda: datetime.now(UTC)))
    accounts.admins[SERVICE_ACCOUNT] = Admin(SERVICE_PASSWORD)
    for account in ACCOUNTS.values():
        seed(accounts, account)
    double = Zimbra(accounts, Services(accounts), authority.file)
    handler = type("BoundHandler", (Handler,), {"double": double})
    with _Server(("127.0.0.1", 0), handler) as server:
        # the handshake in the thread of its connection: one that hangs must not stop the others
        context = server_context(authority.issue())
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        double.url = f"https://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield double
        finally:
            double.closing.set()
            server.shutdown()
            thread.join()


def seed(accounts: Accounts, account: Account) -> None:
    """Give the double an account, with the old password."""
    values = {
        "displayName": [account.display_name],
        "ou": [account.unit],
        "mobile": [phone.number.local for phone in account.phones],
        "zimbraAccountStatus": ["active" if account.status is AccountStatus.ACTIVE else "locked"],
    }
    accounts.add(account.address, OLD_PASSWORD, {name: [one for one in of if one] for name, of in values.items()})


def _fault(fault: Fault) -> Element:
    element = Element(f"{{{SOAP}}}Fault")
    SubElement(SubElement(element, f"{{{SOAP}}}Code"), f"{{{SOAP}}}Value").text = "soap:Sender"
    SubElement(SubElement(element, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text").text = fault.reason
    error = SubElement(SubElement(element, f"{{{SOAP}}}Detail"), f"{{{ZIMBRA}}}Error")
    SubElement(error, f"{{{ZIMBRA}}}Code").text = fault.code
    SubElement(error, f"{{{ZIMBRA}}}Trace").text = "qtp1-1:1700000000000"
    for name, value in fault.arguments.items():
        SubElement(error, f"{{{ZIMBRA}}}a", n=name, t="NUM").text = value
    return element


def _envelope(content: Element) -> bytes:
    envelope = Element(f"{{{SOAP}}}Envelope")
    SubElement(SubElement(envelope, f"{{{SOAP}}}Header"), f"{{{ZIMBRA}}}context")
    SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    body: bytes = tostring(envelope)
    return body


def hang_up(handler: Handler) -> None:
    """Close the connection without a word."""
