"""What keeps an account from being recovered today, and what is worth a look although it does not.

Sources: DESIGN sections 3 and 7. A number that several accounts have is no hindrance, but they share its daily limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice

from recovery_site.domain.people import Account, AccountStatus, PhoneNumber

MOST_NAMED = 3
"""So many of the accounts that share a number are named."""

Owners = Mapping[PhoneNumber, Sequence[str]]
"""The addresses of the accounts that have a number."""


class Hindrance(Enum):
    """Why an account needs the help desk; the last two do not stop its recovery."""

    AMBIGUOUS = auto()
    LOCKED = auto()
    OVERDUE = auto()
    """Its first password was not changed in time."""
    NO_PHONE = auto()
    NO_MOBILE = auto()
    """It has numbers, and none of them is a Vietnamese mobile number."""
    SOME_NOT_MOBILE = auto()
    SHARED_NUMBER = auto()

    @property
    def stops(self) -> bool:
        """True where the account cannot be recovered until this is put right."""
        return self not in (Hindrance.SOME_NOT_MOBILE, Hindrance.SHARED_NUMBER)


@dataclass(frozen=True)
class Finding:
    """An account with everything that hinders it.

    Of its numbers the one that most accounts have: how many others, and the addresses of the first few.
    """

    account: Account
    hindrances: tuple[Hindrance, ...]
    sharers: int = 0
    shared_with: tuple[str, ...] = ()


def find_hindrances(account: Account, owners: Owners | None = None) -> Finding:
    """Return what hinders the account, the gravest first; numbers count as shared only where `owners` says so."""
    sharing = _sharing(account, owners or {})
    told = (*_stopping(account), *_worth_a_look(account, shared=len(sharing) > 1))
    # never all of them: with one number on all accounts that would be the square of their count
    others = islice((address for address in sharing if address != account.address), MOST_NAMED)
    return Finding(account, told, max(len(sharing) - 1, 0), tuple(others))


def owners_of_numbers(accounts: Iterable[Account]) -> Owners:
    """Return who has each number."""
    owners: dict[PhoneNumber, list[str]] = {}
    for account in accounts:
        for number in dict.fromkeys(phone.number for phone in account.phones):
            owners.setdefault(number, []).append(account.address)
    return owners


def _stopping(account: Account) -> Iterable[Hindrance]:
    if account.status is AccountStatus.AMBIGUOUS:
        yield Hindrance.AMBIGUOUS  # whose numbers it has is unknown: nothing can be said of them
        return
    if account.status is AccountStatus.LOCKED:
        yield Hindrance.LOCKED
    if account.status is AccountStatus.OVERDUE:
        yield Hindrance.OVERDUE
    if not account.phones:
        yield Hindrance.NO_MOBILE if account.unread_numbers else Hindrance.NO_PHONE


def _worth_a_look(account: Account, *, shared: bool) -> Iterable[Hindrance]:
    if account.phones and account.unread_numbers and account.status is not AccountStatus.AMBIGUOUS:
        yield Hindrance.SOME_NOT_MOBILE
    if shared:
        yield Hindrance.SHARED_NUMBER


def _sharing(account: Account, owners: Owners) -> Sequence[str]:
    """Return all who have that number of the account which most have, the account itself among them."""
    return max((owners.get(phone.number, ()) for phone in account.phones), key=len, default=())
