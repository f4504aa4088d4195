"""Rows of an import file: what each cell means, and every reason against a row, told at once.

The reasons are for the operator who corrects the file. They repeat no cell: it may hold a number or a password.
Sources: DESIGN sections 6 and 8; the document of 2015 for the size of groups.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from recovery_site.domain.passwords import normalise_password
from recovery_site.domain.people import (
    GROUP_SIZES,
    Account,
    AccountKind,
    AccountStatus,
    AddressProblem,
    AddressRefused,
    NewAccount,
    NotAMobileNumber,
    Phone,
    normalise_address,
    read_number,
)
from recovery_site.domain.secret import Secret

MAX_NAME_LENGTH = 200
"""Longest name of a person or a unit, in characters."""

MAX_PASSWORD_LENGTH = 128
"""Longest password that an import brings, in characters."""

MAX_NUMBERS = 5
"""How many numbers one account may have: as many as a group has people."""

THE_RULE = 'the document of 2015: "cấp tài khoản thư cho từng cá nhân hoặc nhóm đến 5 người"'
"""What a sixth person is refused by."""

_KINDS = {
    "personal": AccountKind.PERSONAL,
    "cá nhân": AccountKind.PERSONAL,
    "group": AccountKind.GROUP,
    "nhóm": AccountKind.GROUP,
}
_STATUSES = {
    "active": AccountStatus.ACTIVE,
    "hoạt động": AccountStatus.ACTIVE,
    "locked": AccountStatus.LOCKED,
    "khoá": AccountStatus.LOCKED,
    "khóa": AccountStatus.LOCKED,
}
_ANSWERS = {"yes": True, "có": True, "no": False, "không": False}
_ADDRESS_PROBLEMS = {
    AddressProblem.EMPTY: "is missing",
    AddressProblem.TOO_LONG: "is too long for an address",
    AddressProblem.MALFORMED: "is not an address",
    AddressProblem.FOREIGN_DOMAIN: "has a domain that is not in site.mail_domains",
}
_MEMBER = re.compile(r"([^<>]+)<([^<>]+)>")
_NO_PHONES: tuple[Phone, ...] = ()
_UNPRINTABLE = ("Cc", "Cs")

T = TypeVar("T")


@dataclass(frozen=True)
class SheetRow:
    """One row of an import file: its line, from 1, its cells by column, and what is wrong with the file there.

    A column that the file does not have is not among the cells; one that is empty is.
    """

    line: int
    cells: Mapping[str, str] = field(repr=False)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be imported: its line and all reasons, each led by its column."""

    line: int
    reasons: tuple[str, ...]


class Unfit(Exception):
    """A cell cannot be used; the message continues the name of its column."""


class RowReader:
    """Reads one row. Every cell is asked for, and what cannot be used is noted in `reasons`.

    `contacts` are the members that the row of a group names as those to call.
    """

    def __init__(self, row: SheetRow, *, domains: Sequence[str], aliases: Mapping[str, str]) -> None:
        self._cells = row.cells
        self.reasons = list(row.faults)
        self.contacts: tuple[Phone, ...] = ()
        self.address = self._ask("email", lambda text: _address(text, domains, aliases), "")

    def new_account(self, known: Account | None) -> NewAccount:
        """Return what the row asks for, to be used only where `reasons` is empty.

        A column that the file does not have leaves what is `known`; an empty kind or status does so too.
        """
        base = known or Account(self.address)
        kind = self._ask("kind", lambda text: _word(text, _KINDS, base.kind), None)
        account = Account(
            address=self.address,
            display_name=self._name("display_name", base.display_name),
            unit=self._name("unit", base.unit),
            kind=kind or base.kind,
            status=self._ask("status", lambda text: _word(text, _STATUSES, base.status), base.status),
            phones=self._phones(kind, base),
        )
        password = self._ask("password", _password, None)
        must_change = self._ask("first_password", lambda text: _word(text, _ANSWERS, False), False)
        if must_change and password is None:
            self.reasons.append("first_password: there is no password in this row")
        return NewAccount(account, password, must_change)

    def _name(self, column: str, known: str) -> str:
        return self._ask(column, read_name, "") if column in self._cells else known

    def _phones(self, kind: AccountKind | None, base: Account) -> tuple[Phone, ...]:
        match kind:
            case AccountKind.PERSONAL:
                return self._personal_phones(base)
            case AccountKind.GROUP:
                return self._group_phones(base)
            case None:  # the kind is bad: what may stand under members is unknown
                return self._ask("phone", _phones, _NO_PHONES)

    def _personal_phones(self, base: Account) -> tuple[Phone, ...]:
        self._ask("members", _no_members, None)
        if "phone" not in self._cells and base.kind is AccountKind.PERSONAL:
            return base.phones
        return self._ask("phone", _phones, _NO_PHONES)

    def _group_phones(self, base: Account) -> tuple[Phone, ...]:
        self.contacts = self._ask("phone", _phones, _NO_PHONES)
        if "members" not in self._cells and base.kind is AccountKind.GROUP and base.phones:
            members = base.phones
        else:
            members = self._ask("members", _members, _NO_PHONES)
        # a number that belongs to no member could open the mailbox for nobody knows whom
        if members and not {phone.number for phone in self.contacts} <= {phone.number for phone in members}:
            self.reasons.append("phone: is not the number of one of the members")
        return members

    def _ask(self, column: str, read: Callable[[str], T], otherwise: T) -> T:
        try:
            return read(self._cells.get(column, ""))
        except Unfit as reason:
            self.reasons.append(f"{column}: {reason}")
            return otherwise


def _address(text: str, domains: Sequence[str], aliases: Mapping[str, str]) -> str:
    try:
        return normalise_address(text, domains=domains, aliases=aliases)
    except AddressRefused as refused:
        raise Unfit(_ADDRESS_PROBLEMS[refused.problem]) from refused


def _word(text: str, words: Mapping[str, T], empty: T) -> T:
    word = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    if word and word not in words:
        raise Unfit(f"is none of: {', '.join(words)}")
    return words[word] if word else empty


def read_name(text: str) -> str:
    """Return a name as it is stored; raises `Unfit`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > MAX_NAME_LENGTH:
        raise Unfit(f"is longer than {MAX_NAME_LENGTH} characters")
    if _has_unprintable(name):
        raise Unfit("has control characters")
    return name


def _password(text: str) -> Secret | None:
    password = normalise_password(text)
    if len(password.reveal()) > MAX_PASSWORD_LENGTH:
        raise Unfit(f"is longer than {MAX_PASSWORD_LENGTH} characters")
    if _has_unprintable(password.reveal()):
        raise Unfit("has control characters")
    return password if text else None


def _phones(text: str) -> tuple[Phone, ...]:
    written = [part for part in re.split("[;,]", text) if part.strip()]
    if len(written) > MAX_NUMBERS:
        raise Unfit(f"has more than {MAX_NUMBERS} numbers")
    phones = [_phone(part, holder="", place=f"number {place}") for place, part in enumerate(written, 1)]
    return tuple(dict.fromkeys(phones))


def _no_members(text: str) -> None:
    if text.strip():
        raise Unfit("a personal account has none")


def _members(text: str) -> tuple[Phone, ...]:
    written = [part for part in text.split(";") if part.strip()]
    if len(written) not in GROUP_SIZES:
        rule = f" ({THE_RULE})" if len(written) >= GROUP_SIZES.stop else ""
        raise Unfit(f"a group has {GROUP_SIZES[0]} to {GROUP_SIZES[-1]}, here are {len(written)}{rule}")
    members = tuple(read_member(part, f"member {place}") for place, part in enumerate(written, 1))
    if len({member.number for member in members}) < len(members):
        raise Unfit("two of them have the same number")
    return members


def read_member(text: str, place: str = "the member") -> Phone:
    """Return one member of a group, written as `Name <number>`; raises `Unfit`, which names it as `place` does."""
    found = _MEMBER.fullmatch(text.strip())
    if not found:
        raise Unfit(f"{place} is not written as: Name <number>")
    return _phone(found[2], holder=read_name(found[1]), place=f"the number of {place}")


def _phone(written: str, *, holder: str, place: str) -> Phone:
    try:
        return Phone(read_number(written), holder)
    except NotAMobileNumber as refused:
        raise Unfit(f"{place} is not a Vietnamese mobile number") from refused


def _has_unprintable(letters: Iterable[str]) -> bool:
    return any(unicodedata.category(letter) in _UNPRINTABLE for letter in letters)
