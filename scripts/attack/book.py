"""What was asked, what was answered, and every promise that was found broken."""

import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from scripts.attack.target import PASSWORD
from scripts.attack.wire import Answer

NEW_PASSWORD = "Buom-trang-77-vuon-"
"""How every new password of the bench begins, and a canary like the old one."""

MOST_TOLD = 30

_PROTOCOL = (501, 505)
"""What only the server in front of the application answers, to what is no HTTP/1.1."""

_LEAKS = {
    # with what follows each name in a trace: a random form token spells "jinja2" once in some million answers
    "a stack trace": re.compile(
        rb'Traceback \(most|File &?(?:#34;|")[^"<>]+\.py|(?<![\w-])(?:sqlalchemy|sqlite3|psycopg|werkzeug|jinja2)[./]'
    ),
    "a password": re.compile(f"{PASSWORD}|{NEW_PASSWORD}".encode()),
    "a password's hash": re.compile(rb"\$argon2id"),
    "a telephone number": re.compile(rb"(?<!\d)(?:\+?84|0)9[12368]000\d{4}(?!\d)"),
    "markup that was typed": re.compile(rb"<script>alert|<img src=x|<svg/onload"),
    "a template's result": re.compile(rb"1787569"),
    "a header that was typed": re.compile(rb"(?im)^(?:set-cookie: x=1|bcc:|x: y)"),
}  # fmt: skip


@dataclass
class Book:
    """The figures of a run, kept by many threads."""

    secrets: tuple[bytes, ...]
    """What no answer may hold, besides `_LEAKS`: keys, folders."""
    home: str
    """The site's own base URL: no answer leads elsewhere."""
    asked: Counter[str] = field(default_factory=Counter)
    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    pressed: Counter[str] = field(default_factory=Counter)
    """For each address, how often "Lấy mã xác nhận" or "Gửi lại" was really pressed."""
    right_codes: Counter[str] = field(default_factory=Counter)
    """For each address, how often a right code was sent with a password that is none of the bad ones."""
    broken: list[str] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, where: str, sent: bytes, answers: list[Answer], canary: bytes = b"") -> None:
        """Count one request and look at its answers."""
        faults = [fault for answer in answers for fault in self._faults(answer, canary)]
        with self._turn:
            self.asked[kind] += 1
            self.statuses[kind].update(answer.status for answer in answers)
            self.broken += [f"{where}: {fault}: {sent[:160]!r}" for fault in faults]

    def press(self, address: str) -> None:
        with self._turn:
            self.pressed[address] += 1

    def enter_right_code(self, address: str) -> None:
        with self._turn:
            self.right_codes[address] += 1

    def breaks(self, sentence: str) -> None:
        """Write down a broken promise."""
        with self._turn:
            self.broken.append(sentence)

    def secrets_in(self, text: bytes) -> list[str]:
        """Return what a log shows that nobody may see; it may quote what was typed."""
        return [leak for leak in self.leaks(text) if not leak.startswith(("markup", "a header"))]

    def leaks(self, text: bytes) -> list[str]:
        """Return what a text shows that nobody may see, with the words around it."""
        seen = [(name, found) for name, pattern in _LEAKS.items() if (found := pattern.search(text))]
        leaks = [f"{name} in {text[max(0, at.start() - 60) : at.end() + 60]!r}" for name, at in seen]
        return leaks + ["a secret of the machine" for secret in self.secrets if secret in text]

    def _faults(self, answer: Answer, canary: bytes) -> list[str]:
        faults = self.leaks(answer.head + b"\r\n" + answer.body)
        if answer.status >= 500 and answer.status not in _PROTOCOL:
            faults.append(f"status {answer.status}")
        if canary and re.search(rb"(?<![0-9a-zA-Z])" + canary + rb"(?![0-9a-zA-Z])", answer.body):
            faults.append("the code")
        where = answer.header("Location")
        if where and not where.startswith(self.home + "/") and (not where.startswith("/") or where[1:2] in ("/", "\\")):
            faults.append(f"a way out: {where[:80]}")
        # the server in front refuses what is no HTTP in its own plain words: the application never hears of it
        is_of_the_site = answer.status and answer.header("Content-Type") != "text/html"
        if is_of_the_site and "frame-ancestors 'none'" not in answer.header("Content-Security-Policy"):
            faults.append(f"no policy on an answer {answer.status}")
        return faults
