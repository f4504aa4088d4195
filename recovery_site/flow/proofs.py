"""Proofs of good will: a puzzle that the browser solves, or a ticket for those whose browser cannot.

Each is made for one purpose and one visitor, ends soon and is used once. Whether one is needed says `Door`.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from math import ceil

import structlog

from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.tickets import NotATicket, Ticket, new_ticket, read_ticket
from recovery_site.ports import Chance, Clock, Limit, LimitReached, Puzzles, Transaction
from recovery_site.ports.requester import requester

_DIGITS = "0123456789"

log = structlog.get_logger()


class Purpose(Enum):
    """What a proof opens; one for the one opens not the other."""

    LOOK_UP = auto()
    SEND = auto()


class Given(Enum):
    """What a visitor has shown. `EARLY`: a ticket that does not open yet."""

    NOTHING = auto()
    EARLY = auto()
    TICKET = auto()
    PUZZLE = auto()


@dataclass(frozen=True)
class Visitor:
    """Who stands at the door: the client's network, the mark of the browser's session, and what it shows."""

    client: str
    session: str = ""
    answer: str = ""
    ticket: str = ""


@dataclass(frozen=True)
class ProofRules:
    """`turns` is the most that an easy puzzle takes, and half of it the least."""

    turns: int = 600
    life: timedelta = timedelta(minutes=5)
    wait: timedelta = timedelta(seconds=30)


class ProofWanted(Exception):
    """A proof has to be shown first. `puzzle` is JSON for the browser.

    `ticket` is '' where waiting opens nothing; `wait` is in whole seconds, and over at `opens_at`. `early`: the ticket
    was shown too early. `retry_after`, in whole seconds, is above 0 where this answer is a refusal.
    """

    def __init__(
        self, puzzle: str, ticket: str = "", wait: int = 0, opens_at: datetime | None = None, *, early: bool = False
    ) -> None:
        super().__init__()
        self.puzzle = puzzle
        self.ticket = ticket
        self.wait = wait
        self.opens_at = opens_at
        self.early = early
        self.retry_after = 0


class Proofs:
    """Asks for proofs and takes them."""

    def __init__(self, puzzles: Puzzles, keys: KeyRing, clock: Clock, chance: Chance, rules: ProofRules) -> None:
        self._puzzles = puzzles
        self._keys = keys
        self._clock = clock
        self._chance = chance
        self._rules = rules

    def take(self, tx: Transaction, purpose: Purpose, visitor: Visitor) -> Given:
        """Take what the visitor shows and spend it; what was spent before is nothing. Raises `LimitReached`.

        A ticket is spent within the site's own number of them, so that waiting in a crowd opens no other way around.
        """
        given = self._taken(tx, purpose, visitor)
        if given is Given.NOTHING and (visitor.answer or visitor.ticket):
            log.warning("proof_refused", purpose=purpose.name.lower(), client=requester())
        return given

    def _taken(self, tx: Transaction, purpose: Purpose, visitor: Visitor) -> Given:
        now, bearer = self._clock.now(), _bearer(purpose, visitor)
        facts = self._puzzles.solved(visitor.answer) if visitor.answer else None
        if facts and facts["for"] == bearer and int(facts["until"]) > now.timestamp():
            return Given.PUZZLE if _spend(tx, str(facts["id"])) else Given.NOTHING
        ticket = self._read(visitor.ticket, bearer)
        if ticket is None or ticket.ends_at <= now:
            return Given.NOTHING
        if ticket.opens_at > now:
            return Given.EARLY
        if not _spend(tx, ticket.id):
            return Given.NOTHING
        tx.limits.hit(Limit.WAITS_OF_SITE)
        return Given.TICKET

    def ask(
        self, purpose: Purpose, visitor: Visitor, *, hardness: int = 1, may_wait: bool = True, early: bool = False
    ) -> ProofWanted:
        """Return what asks for a proof; with `early` the ticket that the visitor has goes on counting."""
        now, bearer = self._clock.now(), _bearer(purpose, visitor)
        half = max(1, self._rules.turns * hardness // 2)
        turns = half + int(self._chance.letters(_DIGITS, 9)) % half
        until = int((now + self._rules.life).timestamp())
        log.info("proof_wanted", purpose=purpose.name.lower(), client=requester())
        puzzle = self._puzzles.make({"for": bearer, "until": until}, turns)
        if not may_wait:
            return ProofWanted(puzzle)
        kept = self._read(visitor.ticket, bearer) if early else None
        ticket = kept or new_ticket(self._chance.token(), now, self._rules.wait, self._rules.life, bearer)
        wait = max(0, ceil((ticket.opens_at - now).total_seconds()))
        return ProofWanted(puzzle, ticket.signed(self._key), wait, ticket.opens_at, early=kept is not None)

    @property
    def _key(self) -> bytes:
        return self._keys.subkey(Label.PROOF)

    def _read(self, text: str, bearer: str) -> Ticket | None:
        with suppress(NotATicket):
            return read_ticket(text, bearer, self._key)
        return None


def _spend(tx: Transaction, name: str) -> bool:
    """Return whether this is the first use of a proof."""
    try:
        tx.limits.hit(Limit.USES_OF_PROOF, name)
    except LimitReached:
        return False
    return True


def _bearer(purpose: Purpose, visitor: Visitor) -> str:
    return sha256(f"{purpose.name}|{visitor.client}|{visitor.session}".encode()).hexdigest()
