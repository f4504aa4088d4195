"""What can come of a recovery's verbs: outcomes that are saved, and refusals that leave no trace."""

from dataclasses import dataclass
from datetime import datetime

from recovery_site.domain.codes import CodeProblem
from recovery_site.domain.messages import FaultKind, MessageState
from recovery_site.domain.passwords import Verdict
from recovery_site.domain.recovery import CodeState, Recovery


class NoUsableAccount(Exception):
    """Unknown, locked or without a number: one exception for all three, so that no page can tell them apart."""


class NoRecovery(Exception):
    """This browser has no live recovery."""


class PhoneNotChosen(Exception):
    """The account has several numbers and none of them was chosen."""


class TooEarly(Exception):
    """The next send is not due yet; `wait` is in whole seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class CodeSpent(Exception):
    """All tries of the recovery are used: another SMS could not help."""


@dataclass(frozen=True)
class Choice:
    """A number that the code can go to: its fingerprint and its mask. Whose it is would be news to a stranger."""

    phone: str
    mask: str


@dataclass(frozen=True)
class Delivery:
    """Where the SMS is, as the official may know it.

    `fault` says why it did not go, so far or for good; `accepted_at` is when the carrier took it; `expected` is in how
    many seconds it is likely to go where many wait, None where there is nothing to tell; `may_change` says that more
    may become known.
    """

    state: MessageState
    fault: FaultKind | None = None
    accepted_at: datetime | None = None
    expected: int | None = None
    may_change: bool = False
    withheld: bool = False
    """The page tells nothing of it: the same sentence stands there whether there is an SMS or not."""

    @property
    def stamp(self) -> str:
        """Return what tells one sentence on the page from another, and whether it is the last."""
        waits = MessageState.SENDING if not self.state.is_final else self.state
        return f"{waits}-{self.fault or ''}-{self.expected or ''}-{int(self.may_change)}"


@dataclass(frozen=True)
class Status:
    """What the page with the code shows. `wait` is in whole seconds, `attempts_left` in tries."""

    recovery: Recovery
    delivery: Delivery
    wait: int
    code: CodeState


@dataclass(frozen=True)
class Submission:
    """The last form as it was typed. `diacritics_seen` says that the warning about them was shown before."""

    code: str
    password: str
    again: str
    diacritics_seen: bool = False

    def __repr__(self) -> str:
        return "Submission(***)"


@dataclass(frozen=True)
class Refused:
    """What is wrong with the form itself; no try was spent."""

    verdict: Verdict
    code: CodeProblem | None = None
    mismatch: bool = False
    diacritics_unseen: bool = False


@dataclass(frozen=True)
class WrongCode:
    attempts_left: int


@dataclass(frozen=True)
class CodeGone:
    """The code may not be compared any more: expired, spent or never sent."""

    state: CodeState


@dataclass(frozen=True)
class Changed:
    """The password is new. `browser` is the browser's new id; None where another request of its had made the change."""

    browser: str | None


class BeingChanged:
    """Another request of this browser is changing the password at this moment."""


Outcome = Refused | WrongCode | CodeGone | Changed | BeingChanged
