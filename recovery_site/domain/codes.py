"""The 6-digit code: derived when needed and never stored; read generously, compared strictly.

Sources: DESIGN rule 2; OWASP ASVS 5.0 6.5.4 (six digits), 11.2.4 (constant time), 15.3.5 (compared as text).
"""

import hmac
import re
import unicodedata
from enum import Enum, auto
from hashlib import sha256

from recovery_site.domain.secret import Secret

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015\u2212\u200b\u2060\ufeff]+")


class CodeProblem(Enum):
    """Why what was typed cannot be a code at all. None of these costs a try."""

    EMPTY = auto()
    NOT_DIGITS = auto()
    TOO_SHORT = auto()
    TOO_LONG = auto()


class MalformedCode(Exception):
    """What was typed is not a code. Carries the problem; the page finds the words."""

    def __init__(self, problem: CodeProblem) -> None:
        super().__init__(problem.name)
        self.problem = problem


def derive_code(key: bytes, *, recovery_id: str, generation: int, digits: int) -> Secret:
    """Return the code of one generation of one recovery, zero-padded to `digits`.

    HMAC-SHA-256 over (recovery id, generation). The whole 256-bit number is reduced, so the bias of the
    remainder is below 2^-230 and every code from 000000 to 999999 is equally likely.
    """
    digest = hmac.digest(key, f"{recovery_id}|{generation}".encode(), sha256)
    return Secret(str(int.from_bytes(digest) % 10**digits).zfill(digits))


def read_code(typed: str, *, digits: int) -> Secret:
    """Return the code that was typed; `12 34 56`, `123-456` and full-width digits are the same code.

    Raises `MalformedCode` for anything that is not exactly `digits` digits.
    """
    text = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    if not text:
        raise MalformedCode(CodeProblem.EMPTY)
    if not (text.isascii() and text.isdigit()):
        raise MalformedCode(CodeProblem.NOT_DIGITS)
    if len(text) != digits:
        raise MalformedCode(CodeProblem.TOO_SHORT if len(text) < digits else CodeProblem.TOO_LONG)
    return Secret(text)


def codes_match(expected: Secret, typed: Secret) -> bool:
    """Compare two codes as text of fixed length in constant time."""
    return hmac.compare_digest(expected.reveal().encode(), typed.reveal().encode())
