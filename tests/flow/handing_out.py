"""The acts that the stories of accounts that are handed out are told with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from recovery_site.domain.activation import Activation, AskedBy, Asking
from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.people import Account, AccountKind, AccountStatus, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.change import NewPassword, NotChanged, PasswordIsNew
from recovery_site.flow.provision import Grant, Granted, GrantProblem, GrantRefused
from recovery_site.ports import DirectoryUnavailable
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import GOOD_PASSWORD, NOON, FakeDirectory
from tests.flow.story import CLIENT

NEW = "chi.pham@soctrang.gov.vn"
TEAM = "doan-kiem-tra@soctrang.gov.vn"
NUMBER = "0981234567"
DOCUMENT = Asking(AskedBy.DOCUMENT, "412/STTTT-CNTT", date(2026, 2, 27))
TELEPHONE = Asking(AskedBy.TELEPHONE, caller="Lê Thị Bình, Văn phòng UBND", called_at=NOON - timedelta(minutes=3))
OPERATOR = "quan.tri"
LIFETIME = timedelta(hours=6)


class StumblingDirectory(FakeDirectory):
    """A directory in which something happens, once, before or after its next change of a kind."""

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        super().__init__(before=before)
        self.before_password: Callable[[], object] | None = None
        self.after_password: Callable[[], object] | None = None
        self.before_lock: Callable[[], object] | None = None
        self.unlockable: set[str] = set()
        """What cannot be locked."""

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        happens, self.before_password = self.before_password, None
        if happens:
            happens()
        super().set_password(address, password, now)
        happens, self.after_password = self.after_password, None
        if happens:
            happens()

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        happens, self.before_password = self.before_password, None
        if happens:
            happens()
        super().add(account, password, now)
        happens, self.after_password = self.after_password, None
        if happens:
            happens()

    def lock(self, address: str) -> None:
        happens, self.before_lock = self.before_lock, None
        if happens:
            happens()
        if address in self.unlockable:
            raise DirectoryUnavailable("no write access to this entry")
        super().lock(address)


def stumbling(site: FakeSite) -> StumblingDirectory:
    assert isinstance(site.directory, StumblingDirectory)
    return site.directory


def make_stumbling_site() -> FakeSite:
    return make_fake_site(directory_kind=StumblingDirectory)


def unavailable() -> None:
    raise DirectoryUnavailable("connection reset")


def person(address: str = NEW, number: str = NUMBER) -> Account:
    return Account(address, "Phạm Thị Chi", "Sở Tài chính", phones=(Phone(read_number(number), "Phạm Thị Chi"),))


def team(size: int) -> Account:
    phones = tuple(Phone(read_number(f"098123450{n}"), f"Thành viên {n}") for n in range(size))
    return Account(TEAM, "Đoàn kiểm tra", "Thanh tra", kind=AccountKind.GROUP, phones=phones)


def grant(
    site: FakeSite, account: Account | None = None, asking: Asking = DOCUMENT, *, by_sms: bool = False
) -> Granted:
    return site.provision.grant(Grant(account or person(), asking), OPERATOR, by_sms=by_sms)


def sign_in(site: FakeSite, address: str, password: str, *, remember: bool = False) -> str:
    """Sign in and return the browser; one that is to `remember` stays signed in while nobody uses it for hours."""
    return site.sign_in.sign_in(address, password, client=CLIENT, browser=None, remember=remember).browser


def change(
    site: FakeSite, browser: str | None, current: str, password: str = GOOD_PASSWORD, client: str = CLIENT
) -> NotChanged | PasswordIsNew:
    return site.change.submit(browser, NewPassword(current, password, password), client)


def changed_in_the_mail_system(site: FakeSite, address: str, password: str = "Webmail-7-Cua-toi") -> None:  # noqa: S107 -- no real password
    """Set a password as the mail system's own pages do: nothing tells the site."""
    site.directory.set_password(address, Secret(password), site.clock.now())


def the_clock(site: FakeSite, address: str = NEW) -> Activation:
    """Return the newest clock of the account."""
    with site.transactions() as tx:
        return tx.activations.of_account(address)[0]


def events(site: FakeSite, address: str = NEW) -> list[Event]:
    """Return what was written down of the account, oldest first."""
    with site.transactions() as tx:
        return list(reversed(tx.audit.of_account(address, 100)))


def kinds(site: FakeSite, address: str = NEW) -> list[EventKind]:
    return [one.kind for one in events(site, address)]


def with_password_since(site: FakeSite, address: str, since: datetime) -> None:
    """Let the account have a password of its own since then."""
    site.directory.accounts[address] = replace(site.directory.accounts[address], password_changed_at=since)


def opens(site: FakeSite, address: str, password: str) -> bool:
    return site.directory.check_password(address, Secret(password))


def is_new(outcome: NotChanged | PasswordIsNew) -> str:
    """Return the browser's new id."""
    assert isinstance(outcome, PasswordIsNew)
    return outcome.browser


def status(site: FakeSite, address: str = NEW) -> AccountStatus:
    found = site.activated.find(address)
    assert found is not None
    return found.status


def refusal(site: FakeSite, address: str = NEW) -> GrantProblem:
    with pytest.raises(GrantRefused) as refused:
        grant(site, replace(person(), address=address))
    return refused.value.problem
