"""The people of a group mailbox: never more than five, never fewer than two; one who leaves takes no code along.

The directory is changed first: from then on no code goes to the number, and one that went there opens nothing, because
the last step asks the directory again.
"""

import unicodedata
from datetime import datetime

import structlog

from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.people import GROUP_SIZES, Account, AccountKind, AccountStatus, Phone, mask_number
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.under_way import UnderWay
from recovery_site.ports import Clock, Directory, Transaction, Transactions, UnknownAccount

log = structlog.get_logger()


class NotAGroup(Exception):
    """The account is one person's, or several entries of the directory claim its address."""


class GroupFull(Exception):
    """A sixth member: the document of 2015 knows groups of up to five."""


class GroupTooSmall(Exception):
    """One person is no group."""


class AlreadyMember(Exception):
    """Somebody of the group has this number, or this name."""


class NoSuchMember(Exception):
    """Nobody of the group has this name or number, or several have the name: `found` of them."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


class Members:
    """The verbs of a group. Each raises `UnknownAccount`, `NotAGroup` and `DirectoryUnavailable`.

    `directory` is the mail system's own. Where it keeps no names, members are told apart by their numbers.
    """

    def __init__(
        self, transactions: Transactions, directory: Directory, under_way: UnderWay, clock: Clock, mask: str
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._under_way = under_way
        self._clock = clock
        self._mask = mask

    def list(self, address: str) -> Account:
        """Return the group."""
        account = self._directory.find(address)
        if account is None:
            raise UnknownAccount(address)
        if account.kind is not AccountKind.GROUP or account.status is AccountStatus.AMBIGUOUS:
            raise NotAGroup
        return account

    def add(self, address: str, member: Phone, actor: str) -> Account:
        """Return the group with its new member. Raises `GroupFull`, `AlreadyMember`."""
        group = self.list(address)
        if any(one.number == member.number or _same_name(one.holder, member.holder) for one in group.phones):
            raise AlreadyMember
        if len(group.phones) >= GROUP_SIZES[-1]:
            raise GroupFull
        self._directory.set_phones(group.address, (*group.phones, member))
        with self._transactions() as tx:
            self._write_down(tx, EventKind.MEMBER_ADDED, group, member, actor, self._clock.now())
        log.info("member_added", members=len(group.phones) + 1)
        return self.list(group.address)

    def remove(self, address: str, who: str, actor: str) -> Phone:
        """Take the member of this name, number or masked number out, and end what went to the number; return them.

        Raises `NoSuchMember`, `GroupTooSmall`.
        """
        group = self.list(address)
        member = self._named(group, who)
        if len(group.phones) <= GROUP_SIZES[0]:
            raise GroupTooSmall
        self._directory.set_phones(group.address, [one for one in group.phones if one != member])
        with self._transactions() as tx:
            now = self._clock.now()
            for recovery in tx.recoveries.of_account(group.address):
                if self._went_to(recovery, member):
                    tx.recoveries.save(recovery.abandoned(now))
                    tx.messages.withdraw(recovery.id, now)
            self._write_down(tx, EventKind.MEMBER_REMOVED, group, member, actor, now)
        log.info("member_removed", members=len(group.phones) - 1)
        return member

    def _named(self, group: Account, who: str) -> Phone:
        written = "".join(letter for letter in who if letter.isalnum()).upper()
        found = [
            one
            for one in group.phones
            if _same_name(one.holder, who) or written in (one.number.local, mask_number(one.number, self._mask))
        ]
        if len(found) != 1:
            raise NoSuchMember(len(found))
        return found[0]

    def _went_to(self, recovery: Recovery, member: Phone) -> bool:
        return recovery.phone is not None and (
            self._under_way.fingerprint(recovery, member, recovery.phone) == recovery.phone
        )

    def _write_down(
        self, tx: Transaction, kind: EventKind, group: Account, member: Phone, actor: str, now: datetime
    ) -> None:
        tx.audit.add(Event(now, kind, group.address, actor, mask_number(member.number, self._mask)))


def _same_name(one: str, other: str) -> bool:
    return bool(one) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()
