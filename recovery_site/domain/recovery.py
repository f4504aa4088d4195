"""One browser's attempt to recover one account: its steps, its moves and its clocks.

The diagram beside this file, `recovery.mermaid`, shows the same moves; a test holds the two together.
Sources: DESIGN sections 2 to 4 and 8; OWASP ASVS 5.0 6.5.1, 6.5.5, 6.6.2, 6.6.3.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from math import ceil

SAME_CODE_WHILE_LEFT = timedelta(minutes=3)
"""A resend keeps the code while at least this much of its life is left (DESIGN rule 4)."""

CLAIM_LIFETIME = timedelta(seconds=30)
"""How long one change of a password may take before another try may start; a crash frees it after this."""

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No look-alikes: the reference is read out over the telephone."""


class Step(StrEnum):
    """What a recovery waits for."""

    AWAITING_CONFIRMATION = "awaiting_confirmation"
    AWAITING_CODE = "awaiting_code"
    DONE = "done"
    ABANDONED = "abandoned"


class Move(StrEnum):
    """What can happen to a recovery."""

    CONFIRM = "confirm"
    RESEND = "resend"
    SUBMIT = "submit"
    ABANDON = "abandon"


MOVES = {
    (Step.AWAITING_CONFIRMATION, Move.CONFIRM): Step.AWAITING_CODE,
    (Step.AWAITING_CONFIRMATION, Move.ABANDON): Step.ABANDONED,
    (Step.AWAITING_CODE, Move.RESEND): Step.AWAITING_CODE,
    (Step.AWAITING_CODE, Move.SUBMIT): Step.DONE,
    (Step.AWAITING_CODE, Move.ABANDON): Step.ABANDONED,
}


class IllegalMove(Exception):
    """A recovery was asked for a move that its step does not have."""


class CodeState(Enum):
    """Whether the code of a recovery may be tried, and why not."""

    LIVE = auto()
    NEVER_SENT = auto()
    SPENT = auto()
    EXPIRED = auto()
    CLAIMED = auto()


@dataclass(frozen=True)
class RecoveryRules:
    """The numbers of the rules; durations are exact, counts are per recovery."""

    code_lifetime: timedelta = timedelta(minutes=10)
    resend_after: timedelta = timedelta(seconds=60)
    attempts: int = 5
    digits: int = 6
    lifetime: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Recovery:
    """The row behind one recovery. Times are UTC; `browser` and `phone` are keyed or hashed, never the thing itself."""

    id: str
    browser: str
    reference: str
    address: str
    attempts_left: int
    created_at: datetime
    expires_at: datetime
    resumed_at: datetime
    step: Step = Step.AWAITING_CONFIRMATION
    previous_browser: str | None = None
    phone: str | None = None
    masked_phone: str | None = None
    generation: int = 0
    sends: int = 0
    key_id: str | None = None
    code_expires_at: datetime | None = None
    last_sent_at: datetime | None = None
    claimed_until: datetime | None = None
    finished_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """True while the recovery can still lead to a new password."""
        return self.step in (Step.AWAITING_CONFIRMATION, Step.AWAITING_CODE) and now < self.expires_at

    @property
    def is_spent(self) -> bool:
        """True where no try is left; a right code whose change a crash cut off still has the one that it paid."""
        return self.attempts_left <= 0 and self.claimed_until is None

    def wait_before_send(self, now: datetime, rules: RecoveryRules) -> int:
        """Return the whole seconds until the next send is allowed; 0 when it is. The server owns this time.

        While a right code is changing the password nothing is sent either.
        """
        waits = [self.last_sent_at + rules.resend_after] if self.last_sent_at else []
        waits += [self.claimed_until] if self.claimed_until else []
        return max([0, *(ceil((end - now).total_seconds()) for end in waits)])

    def code_state(self, now: datetime) -> CodeState:
        """Return whether a typed code may be compared now."""
        if self.code_expires_at is None:
            return CodeState.NEVER_SENT
        if self.claimed_until is not None and now < self.claimed_until:
            return CodeState.CLAIMED
        if self.is_spent:
            return CodeState.SPENT
        return CodeState.LIVE if now < min(self.code_expires_at, self.expires_at) else CodeState.EXPIRED

    def with_code_sent(
        self, now: datetime, rules: RecoveryRules, *, key_id: str, phone: str, masked_phone: str
    ) -> "Recovery":
        """Return the recovery after a send: the same code while enough of its life is left, else a new generation.

        Another phone always gets a new generation, so that two people never hold the same code.
        """
        move = Move.CONFIRM if self.step is Step.AWAITING_CONFIRMATION else Move.RESEND
        sent = replace(
            self._after(move), last_sent_at=now, sends=self.sends + 1, phone=phone, masked_phone=masked_phone
        )
        keeps_code = (
            self.code_expires_at is not None
            and self.code_expires_at - now >= SAME_CODE_WHILE_LEFT
            and self.phone == phone
        )
        if keeps_code:
            return sent
        expires = min(now + rules.code_lifetime, self.expires_at)
        return replace(sent, generation=self.generation + 1, key_id=key_id, code_expires_at=expires)

    def with_try_given_back(self) -> "Recovery":
        """Return the recovery after a change that failed for no fault of the person (DESIGN rule 5)."""
        return replace(self, attempts_left=self.attempts_left + 1, claimed_until=None)

    def claimed(self, now: datetime) -> "Recovery":
        """Return the recovery while its one change of the password is under way."""
        return replace(self, claimed_until=now + CLAIM_LIFETIME)

    def done(self, now: datetime, *, browser: str) -> "Recovery":
        """Return the recovery after its change; the browser's old id still finds the page that says so."""
        return replace(
            self._after(Move.SUBMIT),
            claimed_until=None,
            finished_at=now,
            browser=browser,
            previous_browser=self.browser,
        )

    def abandoned(self, now: datetime) -> "Recovery":
        """Return the recovery after it was ended without a change."""
        return replace(self._after(Move.ABANDON), finished_at=now)

    def resumed(self, now: datetime) -> "Recovery":
        """Return the recovery as the one that its browser works on now."""
        return replace(self, resumed_at=now)

    def _after(self, move: Move) -> "Recovery":
        try:
            return replace(self, step=MOVES[self.step, move])
        except KeyError:
            raise IllegalMove(f"{move} from {self.step}") from None


def new_reference(letters: str) -> str:
    """Return eight letters as a reference, `K7F3-QX2M`."""
    return f"{letters[:4]}-{letters[4:8]}"


def read_reference(typed: str) -> str:
    """Return a reference as it is stored, however it was read out and typed: `k7f3 qx2m`."""
    letters = "".join(char for char in typed.upper() if char.isalnum())
    return new_reference(letters)
