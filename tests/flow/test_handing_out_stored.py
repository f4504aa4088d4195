"""Handing out, changing and locking over real databases: the site's own directory changes with its rows, or not."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, text

from recovery_site.adapters.database.activations import DatabaseActivations
from recovery_site.adapters.database.audit import DatabaseAudit
from recovery_site.bootstrap import Services
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import Account, AccountStatus, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.change import NewPassword, PasswordIsNew
from recovery_site.flow.provision import Grant, Granted, GrantProblem, GrantRefused
from recovery_site.flow.sign_in import SignInRefused
from recovery_site.ports import DirectoryUnavailable
from tests.conftest import MakeSite
from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD, FakeClock

CLIENT = "192.0.2.7"
NEW = "chi.pham@soctrang.gov.vn"
ASKING = Asking(AskedBy.TELEPHONE, caller="Văn phòng")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def site(make_site: MakeSite, clock: FakeClock) -> Services:
    return make_site(clock=clock)


def grant(site: Services) -> Granted:
    account = Account(NEW, "Phạm Thị Chi", phones=(Phone(read_number("0981234567")),))
    return site.provision.grant(Grant(account, ASKING), "operator")


def sign_in(site: Services, address: str, password: str) -> str:
    return site.sign_in.sign_in(address, password, client=CLIENT, browser=None, remember=False).browser


def change(site: Services, browser: str, current: str) -> object:
    return site.change.submit(browser, NewPassword(current, GOOD_PASSWORD, GOOD_PASSWORD), CLIENT)


def kinds(site: Services, address: str) -> list[EventKind]:
    with site.transactions() as tx:
        return [one.kind for one in reversed(tx.audit.of_account(address, 100))]


def count(site: Services, table: str) -> int:
    with site.engine.begin() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 -- a table's name


def broken(*_: object) -> None:
    raise RuntimeError("the plug was pulled")


def at_once(count: int, site: Services, act: str) -> list[object]:
    """Do the same in threads that begin together; return what each returned or raised."""
    gate = threading.Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            if act == "sweep":
                return site.upkeep.sweep()
            return site.provision.grant_again(AN, f"operator {number}", ASKING)
        except Exception as error:  # noqa: BLE001 -- the test looks at what each one raised
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# --- the life of an account -------------------------------------------------------------------------------------------


def test_an_account_is_granted_changed_and_stays(site: Services, clock: FakeClock) -> None:
    granted = grant(site)
    clock.pass_by(hours=1)
    browser = sign_in(site, NEW, granted.password.reveal())
    renewed = change(site, browser, granted.password.reveal())
    assert isinstance(renewed, PasswordIsNew)
    clock.pass_by(hours=5)
    assert site.upkeep.sweep().locked == 0
    assert sign_in(site, NEW, GOOD_PASSWORD)
    wanted = [EventKind.GRANTED, EventKind.SIGNED_IN, EventKind.FIRST_PASSWORD_CHANGED, EventKind.SIGNED_IN]
    assert kinds(site, NEW) == wanted


def test_an_account_that_nobody_changed_is_closed_by_the_second_and_locked_by_the_sweep(
    site: Services, clock: FakeClock
) -> None:
    first = grant(site).password.reveal()
    clock.pass_by(hours=6, seconds=-1)
    assert sign_in(site, NEW, first)
    clock.pass_by(1)
    with pytest.raises(SignInRefused):
        sign_in(site, NEW, first)
    assert site.adapters.directory.check_password(NEW, Secret(first))
    assert site.upkeep.sweep().locked == 1
    assert not site.adapters.directory.check_password(NEW, Secret(first))
    found = site.directory.find(NEW)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE


def test_no_table_holds_the_first_password(site: Services) -> None:
    granted = grant(site)
    with site.engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        assert "activations" in tables
        for table in tables:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 -- a table's name
                assert granted.password.reveal() not in str(row)


# --- all or nothing ---------------------------------------------------------------------------------------------------


def test_a_change_that_cannot_be_written_down_has_not_happened(site: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    first = grant(site).password.reveal()
    browser = sign_in(site, NEW, first)
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseAudit, "add", broken)
        with pytest.raises(DirectoryUnavailable):
            change(site, browser, first)
    assert site.adapters.directory.check_password(NEW, Secret(first))
    assert site.sign_in.who(browser) is not None
    assert count(site, "messages") == 0
    with site.transactions() as tx:
        assert tx.activations.of_account(NEW)[0].changed_at is None
    assert isinstance(change(site, browser, first), PasswordIsNew)


def test_a_clock_that_cannot_be_written_down_leaves_no_account(site: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseActivations, "add", broken)
        with pytest.raises(RuntimeError):
            grant(site)
    assert site.adapters.directory.find(NEW) is None
    assert grant(site).account.address == NEW


# --- at the same time -------------------------------------------------------------------------------------------------


def test_sweepers_on_several_nodes_remind_and_lock_once(site: Services, clock: FakeClock) -> None:
    grant(site)
    clock.pass_by(hours=5)
    at_once(4, site, "sweep")
    assert count(site, "messages") == 1
    clock.pass_by(hours=1)
    at_once(4, site, "sweep")
    assert kinds(site, NEW) == [EventKind.GRANTED, EventKind.REMINDED, EventKind.LOCKED_OVERDUE]


def test_of_several_operators_at_one_time_the_last_one_s_password_opens_the_account_and_has_the_clock(
    site: Services, clock: FakeClock
) -> None:
    outcomes = at_once(4, site, "grant")
    granted = [one for one in outcomes if isinstance(one, Granted)]
    others = [one for one in outcomes if not isinstance(one, Granted)]
    assert granted
    assert all(isinstance(one, GrantRefused) and one.problem is GrantProblem.UNDER_WAY for one in others)
    opening = [one for one in granted if site.adapters.directory.check_password(AN, one.password)]
    with site.transactions() as tx:
        [running] = [one for one in tx.activations.of_account(AN) if one.replaced_at is None]
    assert [one.activation.id for one in opening] == [running.id]
    clock.pass_by(hours=6)
    found = site.directory.find(AN)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE


# --- granted again ----------------------------------------------------------------------------------------------------


def test_the_old_password_and_its_sessions_are_gone_when_the_account_is_granted_again(site: Services) -> None:
    browser = sign_in(site, AN, OLD_PASSWORD)
    site.provision.grant_again(AN, "operator", ASKING)
    assert site.sign_in.who(browser) is None
    assert not site.adapters.directory.check_password(AN, Secret(OLD_PASSWORD))
    assert count(site, "sessions") == 0
