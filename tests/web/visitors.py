"""Visitors who do the same at the same moments for different addresses, and what of their answers must be the same."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.fakes import GOOD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.website import Website

_NONCES = {
    r'(name="csrf_token" (?:type="hidden" )?value=)"[^"]*"': r"\1TOKEN",
    r'(name="ticket" value=|data-puzzle=)"[^"]+"': r"\1PROOF",
    r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b": "REFERENCE",
    r"\b0\d{3}XXX\d{3}\b": "NUMBER",
}
"""What differs from browser to browser, whatever stands behind an address."""

_COOKIE = re.compile(r"^([^=]+=)[^;]*")
_LENGTH = "Content-Length"
"""Differs with the typed address, which stands in the form again; the masked body says more."""

Answer = tuple[int, tuple[tuple[str, str], ...], str]


@dataclass
class Visitor:
    """One browser, and the address that it types."""

    browser: CheckingClient
    address: str

    def act(self, action: str) -> list[Answer]:
        """Do one thing and return the masked answers, none of them followed."""
        return [self._masked(answer) for answer in ACTIONS[action](self)]

    def get(self, path: str) -> TestResponse:
        return self.browser.send("GET", path)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.browser.post(path, {"csrf_token": self.browser.token(), **fields})

    def submit(self, code: str = "", password: str = GOOD_PASSWORD, again: str = GOOD_PASSWORD) -> TestResponse:
        return self.post("/quen-mat-khau/dat-lai", code=code or self._wrong(), password=password, again=again)

    def _wrong(self) -> str:
        return next(code for code in map(str, range(123456, 999999)) if code not in self.browser.website.sent_codes())

    def _masked(self, answer: TestResponse) -> Answer:
        body = answer.get_data(as_text=True).replace(self.address, "ADDRESS")
        for nonce, name in _NONCES.items():
            body = re.sub(nonce, name, body)
        headers = tuple((name, _COOKIE.sub(r"\1COOKIE", value)) if name == "Set-Cookie" else (name, value)
                        for name, value in answer.headers if name != _LENGTH)  # fmt: skip
        return answer.status_code, headers, body


ACTIONS: Mapping[str, Callable[[Visitor], Sequence[TestResponse]]] = {
    "type the address": lambda one: [one.get("/quen-mat-khau"), one.post("/quen-mat-khau", email=one.address)],
    "look at the number": lambda one: [one.get("/quen-mat-khau/so-dien-thoai")],
    "get a code": lambda one: [one.post("/quen-mat-khau/so-dien-thoai"), one.get("/quen-mat-khau/dat-lai")],
    "choose a number": lambda one: [one.post("/quen-mat-khau/so-dien-thoai", phone="0" * 32)],
    "send it again": lambda one: [one.post("/quen-mat-khau/dat-lai/gui-lai"), one.get("/quen-mat-khau/dat-lai")],
    "look at the code's page": lambda one: [one.get("/quen-mat-khau/dat-lai")],
    "ask for the message": lambda one: [
        one.get("/quen-mat-khau/dat-lai/tin-nhan"), one.get("/quen-mat-khau/dat-lai/tin-nhan?biet=sending---0"),
    ],
    "try a wrong code": lambda one: [one.submit()],
    "try what is no code": lambda one: [one.submit("12ab")],
    "try a weak password": lambda one: [one.submit(password="Abc@1234", again="Abc@1234")],
    "type two passwords": lambda one: [one.submit(again="Khac-voi-o-tren-1")],
    "have a password judged": lambda one: [one.post("/quen-mat-khau/dat-lai/kiem-tra", password="Matkhau@123")],
    "look whether it is done": lambda one: [one.get("/quen-mat-khau/thanh-cong")],
    "go back": lambda one: [one.get("/quen-mat-khau"), one.get("/quen-mat-khau/dat-lai/gui-lai")],
}  # fmt: skip


def _wait(seconds: int) -> Callable[[Website], None]:
    def wait(website: Website) -> None:
        website.clock.pass_by(seconds)
        website.deliver_all()

    return wait


def _carrier(fault: str) -> Callable[[Website], None]:
    def change(website: Website) -> None:
        website.gateway.fault = fault

    return change


def _directory(*, down: bool) -> Callable[[Website], None]:
    def change(website: Website) -> None:
        website.directory.down = down

    return change


EVENTS: Mapping[str, Callable[[Website], None]] = {
    "a second passes": _wait(1),
    "a minute passes": _wait(61),
    "five minutes pass": _wait(300),
    "eleven minutes pass": _wait(660),
    "half an hour passes": _wait(1800),
    "a day passes": _wait(86400),
    "the carrier refuses": _carrier("status 500"),
    "the carrier takes all": _carrier(""),
    "the directory is gone": _directory(down=True),
    "the directory is back": _directory(down=False),
}
"""What happens to all visitors alike."""


def compare(
    website: Website, addresses: Sequence[str], script: Sequence[str], *, statements: bool = True
) -> list[Visitor]:
    """Let a visitor for each address do what the script says, and hold every answer against the first one's.

    The `statements` that the database got must be the same as well: whoever does other work takes another time.
    """
    visitors = [
        Visitor(CheckingClient(website, address=f"192.0.2.{number}"), address)
        for number, address in enumerate(addresses, 1)
    ]
    for step, what in enumerate(script):
        if what in EVENTS:
            EVENTS[what](website)
            continue
        expected, *others = [_with_statements(website, visitor, what) for visitor in visitors]
        for address, (answers, asked) in zip(addresses[1:], others, strict=True):
            differs = f"step {step}, {what!r}: {address} differs from {addresses[0]}"
            assert answers == expected[0], differs
            assert not statements or asked == expected[1], f"{differs} in its statements"
    return visitors


def _with_statements(website: Website, visitor: Visitor, action: str) -> tuple[list[Answer], list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(website.services.engine, "before_cursor_execute", note)
    try:
        return visitor.act(action), statements
    finally:
        event.remove(website.services.engine, "before_cursor_execute", note)
