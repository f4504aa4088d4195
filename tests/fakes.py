"""Twins of the outside world for tests: quick, obedient, and held to the contracts by `tests/contracts/`."""

import random
import string
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recovery_site.domain.messages import Acceptance, FaultKind, Letter, MessageState, Report, Sms
from recovery_site.domain.people import (
    Account,
    AccountKind,
    AccountStatus,
    Phone,
    PhoneNumber,
    at_most_a_group,
    read_number,
)
from recovery_site.domain.secret import Secret
from recovery_site.ports import (
    CannotAdd,
    DirectoryUnavailable,
    Facts,
    GatewayFault,
    PasswordRefused,
    PolicyProblem,
    Probe,
    SmsGateway,
    UnknownAccount,
)

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""Noon of a Monday in Sóc Trăng."""

OLD_PASSWORD = "Xuoi-dong-7-nhanh"
GOOD_PASSWORD = "Ben-pha-9-vang-khach"
KEY = b"k" * 32

AN = "an.tran@soctrang.gov.vn"
BINH = "binh.le@soctrang.gov.vn"
GROUP = "phong-tiep-dan@soctrang.gov.vn"
SHARED = "van-thu@soctrang.gov.vn"
LOCKED = "khoa@soctrang.gov.vn"
PHONELESS = "khong-so@soctrang.gov.vn"
UNKNOWN = "khong-co@soctrang.gov.vn"


def _account(address: str, *numbers: str, locked: bool = False, name: str = "") -> Account:
    return Account(
        address,
        display_name=name,
        unit="Văn phòng UBND",
        kind=AccountKind.GROUP if len(numbers) > 1 else AccountKind.PERSONAL,
        status=AccountStatus.LOCKED if locked else AccountStatus.ACTIVE,
        phones=tuple(Phone(read_number(number), f"Thành viên {n}") for n, number in enumerate(numbers, 1)),
    )


ACCOUNTS: Mapping[str, Account] = {
    account.address: account
    for account in (
        _account(AN, "0393070121", name="Trần Văn An"),
        _account(BINH, "0912345678", name="Lê Thị Bình"),
        _account(GROUP, "0833111222", "0833111333"),
        _account(SHARED, "0393070121"),
        _account(LOCKED, "0701234567", locked=True),
        _account(PHONELESS),
    )
}


class FakeClock:
    """A clock that stands still until it is told otherwise; sleeping moves it and lets `others` work meanwhile."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self.slept: list[float] = []
        self.others: Callable[[], object] = _idle

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)
        self.others()

    def pass_by(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        self._now += timedelta(seconds=seconds, minutes=minutes, hours=hours)


class FakeChance:
    """Chance that repeats itself from test to test, but never within one."""

    def __init__(self, seed: int = 0) -> None:
        self._dice = random.Random(seed)  # noqa: S311 -- a test wants the same tokens every time
        self._turn = threading.Lock()

    def token(self) -> str:
        return self.letters(string.ascii_letters + string.digits, 43)

    def letters(self, alphabet: str, count: int) -> str:
        with self._turn:
            return "".join(self._dice.choices(alphabet, k=count))


class FakePuzzles:
    """Puzzles that are solved by turning them round; the harder ones are longer."""

    def __init__(self) -> None:
        self.made: dict[str, tuple[Facts, int]] = {}

    def make(self, facts: Facts, turns: int) -> str:
        puzzle = f"puzzle {len(self.made)}"
        self.made[solution(puzzle)] = ({**facts, "id": puzzle}, turns)
        return puzzle

    def solved(self, answer: str) -> Facts | None:
        return self.made[answer][0] if answer in self.made else None


def solution(puzzle: str) -> str:
    """Return the answer to a fake puzzle."""
    return puzzle[::-1]


LEAKED = "Ruc-ro-7-sao-bang"
"""A password that every rule accepts and every list has."""


class FakeLeaked:
    """A list of leaked passwords in memory."""

    def __init__(self, *passwords: str) -> None:
        self._passwords = passwords

    def has(self, password: Secret) -> bool:
        return password.reveal() in self._passwords


class FakeDirectory:
    """Accounts in memory. Every password that was ever set is remembered in `changes`, in order."""

    def __init__(self, accounts: Mapping[str, Account] = ACCOUNTS, before: Callable[[], None] | None = None) -> None:
        self.accounts = dict(accounts)
        self.passwords = dict.fromkeys(accounts, OLD_PASSWORD)
        self.changes: list[tuple[str, str]] = []
        self.down = False
        self.down_for_changes = False
        self.refuses_passwords: PolicyProblem | None = None
        self._before = before or _idle

    def find(self, address: str) -> Account | None:
        self._reach()
        return self.accounts.get(address)

    def check_password(self, address: str, password: Secret) -> bool:
        self._reach()
        account = self.accounts.get(address)
        active = account is not None and account.status is AccountStatus.ACTIVE
        return active and self.passwords.get(address) == password.reveal()

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        self._reach()
        if self.down_for_changes:
            raise DirectoryUnavailable("the directory is read-only")
        account = self.accounts.get(address)
        if account is None or account.status is not AccountStatus.ACTIVE:
            raise UnknownAccount(address)
        if self.refuses_passwords:
            raise PasswordRefused(self.refuses_passwords)
        self.accounts[address] = replace(account, password_changed_at=now)
        self.passwords[address] = password.reveal()
        self.changes.append((address, password.reveal()))

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        self._reach()
        if account.address in self.accounts:
            raise CannotAdd(account.address)
        at_most_a_group(account.phones)
        self.accounts[account.address] = replace(account, password_changed_at=now)
        self.passwords[account.address] = password.reveal()

    def all(self) -> list[Account]:
        self._reach()
        return [self.accounts[address] for address in sorted(self.accounts)]

    def check(self) -> None:
        self._reach()

    def probe(self) -> Iterator[Probe]:
        yield Probe("its accounts", "connection refused" if self.down else "")

    def lock(self, address: str) -> None:
        self._edit(address, status=AccountStatus.LOCKED)

    def unlock(self, address: str) -> None:
        self._edit(address, status=AccountStatus.ACTIVE)

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        self._edit(address, phones=tuple(at_most_a_group(phones)))

    def give_number(self, address: str, number: str) -> None:
        self.accounts[address] = replace(self.accounts[address], phones=(Phone(read_number(number)),))

    def _edit(self, address: str, **changes: Any) -> None:
        self._reach()
        if address not in self.accounts:
            raise UnknownAccount(address)
        self.accounts[address] = replace(self.accounts[address], **changes)

    def _reach(self) -> None:
        self._before()
        if self.down:
            raise DirectoryUnavailable("connection refused")


class FakeGateway(SmsGateway):
    """Accepts every message and keeps it, until `fault` says why not.

    With `keeps` it only stores messages, as Kannel does; what it would report later is put into `learnt`.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self.accepted: list[tuple[PhoneNumber, Sms]] = []
        self.asked: list[tuple[PhoneNumber, Sms]] = []
        self.withdrawn: list[str] = []
        self.learnt: list[Report] = []
        self.fault = ""
        self.kind = FaultKind.REFUSED
        self.keeps = self.reports = keeps
        self.meanwhile: Callable[[], object] = _idle

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        self.asked.append((to, sms))
        self.meanwhile()
        if self.fault:
            raise GatewayFault(self.fault, self.kind)
        self.accepted.append((to, sms))
        return Acceptance(f"carrier-{len(self.accepted)}", by_carrier=not self.keeps)

    def withdraw(self, message_id: str) -> None:
        self.withdrawn.append(message_id)

    def collect(self) -> Sequence[Report]:
        return tuple(self.learnt)

    def settle(self, reports: Sequence[Report]) -> None:
        self.learnt = [one for one in self.learnt if one not in reports]

    def read_report(self, fields: Mapping[str, str]) -> Report | None:
        if fields.get("state") not in set(MessageState):
            return None
        return Report(MessageState(fields["state"]), fields.get("message", ""), fields.get("carrier", ""))

    def check(self) -> None:
        if self.fault:
            raise GatewayFault(self.fault)

    def last_code(self) -> str:
        """Return the code in the newest message that carries one."""
        return next(sms.code.reveal() for _, sms in reversed(self.accepted) if sms.code.reveal())

    def texts(self) -> list[str]:
        return [sms.text.reveal() for _, sms in self.accepted]


class FakeMailer:
    """Takes every letter and keeps it, until `fault` says why not."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.fault = ""
        self.kind = FaultKind.UNREACHABLE

    def send(self, letter: Letter) -> None:
        if self.fault:
            raise GatewayFault(self.fault, self.kind)
        self.letters.append(letter)

    def check(self) -> None:
        if self.fault:
            raise GatewayFault(self.fault)


def _idle() -> None:
    """Do nothing."""
