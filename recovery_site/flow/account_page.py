"""What somebody who is signed in is told of the account: its numbers, masked, and what happened to it lately."""

from dataclasses import dataclass

from recovery_site.domain.audit import OF_STRANGERS, Event, EventKind
from recovery_site.domain.people import Account, AccountKind, mask_number
from recovery_site.ports import Transactions

RECENT = 12
"""How many of the latest events are shown."""


@dataclass(frozen=True)
class MaskedPhone:
    """A number as it may be shown and, in a group, whose it is."""

    mask: str
    holder: str = ""


@dataclass(frozen=True)
class Overview:
    """The account page in facts; `recovered` is the last recovery, whose detail is the masked number."""

    phones: tuple[MaskedPhone, ...]
    recovered: Event | None
    events: tuple[Event, ...]


class AccountPage:
    """The verb of the account page. `mask` is the shape of a masked number."""

    def __init__(self, transactions: Transactions, mask: str) -> None:
        self._transactions = transactions
        self._mask = mask

    def overview(self, account: Account) -> Overview:
        """Return what the account's own page shows; never a whole number."""
        with self._transactions() as tx:
            recovered = tx.audit.latest(account.address, EventKind.PASSWORD_RECOVERED)
            events = tx.audit.of_account(account.address, RECENT, OF_STRANGERS)
        is_group = account.kind is AccountKind.GROUP
        phones = tuple(
            MaskedPhone(mask_number(phone.number, self._mask), phone.holder if is_group else "")
            for phone in account.phones
        )
        return Overview(phones, recovered, tuple(events))
