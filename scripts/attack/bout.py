"""One visitor after another: each bout has dice, an address and a cookie jar of its own, and a number."""

import base64
import json
import random
import re
import zlib
from dataclasses import dataclass, field

from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import Label
from recovery_site.domain.recovery import Recovery, Step
from scripts.attack.book import NEW_PASSWORD, Book
from scripts.attack.target import DOMAIN, PLAYER, VICTIM, WINNER, Target
from scripts.attack.wire import FORM, Answer, Fields, ask, encode, request

TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')

SHARES = 5
"""Each kind's requests are worked off in so many independent shares, each a sequence of its own."""

Headers = tuple[tuple[str | bytes, str | bytes], ...]


class Enough(Exception):
    """The requests of this share have been made."""


@dataclass
class Bout:
    """What one round of one kind works with."""

    kind: str
    number: str
    dice: random.Random
    target: Target
    book: Book
    left: int
    """How many requests may still be made."""
    accounts: int
    """How many accounts of each role there are."""

    def send(self, *parts: bytes, pause: float = 0.0, canary: bytes = b"") -> list[Answer]:
        """Make one request and write it down. Raises `Enough`."""
        if self.left <= 0:
            raise Enough
        self.left -= 1
        answers = ask(self.dice.choice(self.target.ports), *parts, pause=pause)
        self.book.note(self.kind, f"{self.kind} {self.number}", b"".join(parts), answers, canary)
        return answers

    def visitor(self) -> "Visitor":
        """Return a fresh browser at a fresh client address."""
        return Visitor(self, ".".join(["10", *(str(self.dice.randint(1, 254)) for _ in range(3))]))

    def address(self, role: str) -> str:
        return f"{role}-{self.dice.randrange(self.accounts):04}@{DOMAIN}"

    def victim(self) -> "Visitor":
        """Return a visitor at the page with a victim's numbers; nobody presses."""
        visitor = self.visitor()
        visitor.begin(self.address(VICTIM))
        return visitor

    def player(self) -> "Visitor":
        """Return a visitor at the page with the code."""
        visitor = self.visitor()
        visitor.begin(self.address(PLAYER))
        visitor.press()
        return visitor


@dataclass
class Visitor:
    """A browser: its cookies, its form token, and whose recovery it has under way."""

    bout: Bout
    client: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    address: str = ""

    def headers(self, *more: tuple[str | bytes, str | bytes]) -> Headers:
        """Return what a browser sends, as a trusted proxy passes it on."""
        own: Headers = (("Host", self.bout.target.host), ("X-Forwarded-For", self.client), ("Connection", "close"))
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (*own, *((("Cookie", jar),) if jar else ()), *more)

    def send(self, *parts: bytes, pause: float = 0.0, canary: bytes = b"") -> Answer:
        """Send bytes and take the cookies and the token of the first answer."""
        answer = self.bout.send(*parts, pause=pause, canary=canary)[0]
        self.cookies |= {name: value for name, value in answer.cookies() if value}
        if found := TOKEN.search(answer.body):
            self.token = found[1].decode()
        return answer

    def get(self, path: str, *more: tuple[str | bytes, str | bytes]) -> Answer:
        return self.send(request("GET", path, self.headers(*more)))

    def post(self, path: str, fields: Fields = (), *more: tuple[str | bytes, str | bytes]) -> Answer:
        """Post a form with this visitor's token."""
        body = encode([("csrf_token", self.token), *fields])
        return self.send(request("POST", path, self.headers(("Content-Type", FORM), *more), body))

    def begin(self, address: str) -> None:
        """Type an address."""
        self.get("/quen-mat-khau")
        self.post("/quen-mat-khau", [("email", address)])
        if (current := self.recovery()) is not None:
            self.address = current.address
        self.get("/quen-mat-khau/so-dien-thoai")

    def press(self, path: str = "/quen-mat-khau/so-dien-thoai") -> Answer:
        """Press "Lấy mã xác nhận" or "Gửi lại" as an honest visitor does."""
        self.bout.book.press(self.address)
        answer = self.post(path)
        self.get("/quen-mat-khau/dat-lai")
        return answer

    def recovery(self) -> Recovery | None:
        """Return the recovery that the server has under this browser's id."""
        return self.bout.target.services.under_way.current(browser_id(self.cookies.get("recovery", "")))

    def right_code(self) -> str:
        """Return what stands in the SMS, '' where none was sent."""
        recovery, services = self.recovery(), self.bout.target.services
        if recovery is None or recovery.step is not Step.AWAITING_CODE or recovery.key_id is None:
            return ""
        key = services.keys.subkey(Label.CODE, recovery.key_id)
        code = derive_code(key, recovery_id=recovery.id, generation=recovery.generation, digits=services.rules.digits)
        return code.reveal()

    def wrong_code(self) -> str:
        """Return six digits that are not the code."""
        guess = self.bout.dice.randrange(10**6)
        return f"{guess:06}" if f"{guess:06}" != self.right_code() else f"{(guess + 1) % 10**6:06}"

    def enter(self, code: str, password: str) -> Answer:
        """Send a code and a new password."""
        return self.post("/quen-mat-khau/dat-lai", [("code", code), ("password", password), ("again", password)])


def new_password(dice: random.Random) -> str:
    """Return a password that the rules take."""
    return f"{NEW_PASSWORD}{dice.randrange(10**6):06}"


def winner(bout: Bout) -> Visitor:
    """Return a visitor who has a code for an account that no other bout touches."""
    visitor = bout.visitor()
    share, number = bout.number.split(".")
    visitor.begin(f"{WINNER}-{int(number) * SHARES + int(share):04}@{DOMAIN}")
    visitor.press()
    return visitor


def browser_id(cookie: str) -> str | None:
    """Return the id in a session cookie, read as anybody can: it is signed, not sealed."""
    try:
        payload = cookie.lstrip(".").split(".")[0]
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        found = json.loads(zlib.decompress(raw) if cookie.startswith(".") else raw)
    except (ValueError, zlib.error):
        return None
    return str(found["id"]) if isinstance(found, dict) and "id" in found else None
