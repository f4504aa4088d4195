"""First passwords that an import brings: the column starts the clock, and a password alone does not."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from recovery_site.domain.account_rows import BadRow
from recovery_site.domain.activation import ActivationState
from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import Account, NewAccount
from recovery_site.flow.import_accounts import Imported
from recovery_site.ports import DirectoryUnavailable
from tests.fake_transactions import FakeTransactions
from tests.fakes import NOON, FakeClock
from tests.flow.importing import AN, importing, rows_of

PASSWORD = "Xuoi-dong-7-nhanh"


class Store:
    """Accounts in memory: a password is set where there is none."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.before_put: Callable[[], object] | None = None

    def all(self) -> list[Account]:
        return list(self.accounts.values())

    def put(self, batch: Sequence[NewAccount], now: datetime, progress: Callable[[int], None] | None = None) -> int:
        if self.before_put:
            self.before_put()
        if progress:
            progress(len(batch))
        for row in batch:
            known = self.accounts.get(row.account.address)
            set_at = (known.password_changed_at if known else None) or (now if row.password else None)
            self.accounts[row.account.address] = Account(row.account.address, password_changed_at=set_at)
        return len(batch)

    def move_domain(self, old: str, new: str, now: datetime) -> None:
        raise NotImplementedError


@pytest.fixture
def rows() -> FakeTransactions:
    return FakeTransactions(FakeClock())


@pytest.fixture
def store() -> Store:
    return Store()


def bring(store: Store, rows: FakeTransactions, *lines: dict[str, str]) -> Imported:
    flow = importing(store, rows, seed=len(rows.rows.activations))
    return flow.store(flow.judge(rows_of(*lines)), skip_bad=False, actor="Nghị")


def clocks(rows: FakeTransactions) -> list[str]:
    return [one.address for one in rows.rows.activations.values() if one.replaced_at is None]


@pytest.mark.parametrize("answer", ["có", "yes", "CÓ"])
def test_a_first_password_starts_the_clock(store: Store, rows: FakeTransactions, answer: str) -> None:
    bring(store, rows, {"email": "an", "password": PASSWORD, "first_password": answer})
    [activation] = rows.rows.activations.values()
    assert (activation.address, activation.derived, activation.actor) == (AN, False, "Nghị")
    assert activation.password_set_at == store.accounts[AN].password_changed_at == NOON
    ends = NOON + timedelta(hours=6)
    assert activation.state(ends - timedelta(seconds=1), NOON) is ActivationState.RUNNING
    assert activation.state(ends, NOON) is ActivationState.OVERDUE
    [event] = rows.rows.audit
    assert (event.kind, event.address, event.actor) == (EventKind.GRANTED, AN, "Nghị")


@pytest.mark.parametrize("cells", [{}, {"first_password": ""}, {"first_password": "không"}, {"first_password": "no"}])
def test_a_password_alone_starts_none(store: Store, rows: FakeTransactions, cells: dict[str, str]) -> None:
    bring(store, rows, {"email": "an", "password": PASSWORD, **cells})
    assert rows.rows.activations == {}
    assert rows.rows.audit == []


def test_who_has_a_password_already_gets_no_clock_from_an_old_file(store: Store, rows: FakeTransactions) -> None:
    line = {"email": "an", "password": PASSWORD, "first_password": "có"}
    bring(store, rows, line)
    bring(store, rows, line, {"email": "binh", "password": PASSWORD, "first_password": "có"})
    assert len(rows.rows.activations) == 2
    assert clocks(rows) == [AN, "binh@soctrang.gov.vn"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"first_password": "có"}, "first_password: there is no password in this row"),
        ({"first_password": "maybe", "password": PASSWORD}, "first_password: is none of: yes, có, no, không"),
    ],
)
def test_the_column_says_yes_or_no_of_a_password(store: Store, cells: dict[str, str], reason: str) -> None:
    assert importing(store).judge(rows_of({"email": "an", **cells})).bad == [BadRow(2, (reason,))]


def test_a_dry_run_tells_of_the_clock(store: Store) -> None:
    line = {"email": "an", "password": PASSWORD, "first_password": "có"}
    [change] = importing(store).judge(rows_of(line)).changes
    assert change.columns == ("password", "first_password")


def test_the_clock_runs_before_the_password_is_stored(store: Store, rows: FakeTransactions) -> None:
    seen: list[list[str]] = []
    store.before_put = lambda: seen.append(clocks(rows))
    bring(store, rows, {"email": "an", "password": PASSWORD, "first_password": "có"})
    assert seen == [[AN]]


def test_an_import_that_fails_leaves_no_clock_behind(store: Store, rows: FakeTransactions) -> None:
    def fail() -> None:
        raise DirectoryUnavailable("disk full")

    store.before_put = fail
    line = {"email": "an", "password": PASSWORD, "first_password": "có"}
    with pytest.raises(DirectoryUnavailable):
        bring(store, rows, line)
    assert clocks(rows) == []
    assert rows.rows.audit == []
    store.before_put = None
    bring(store, rows, line)
    assert clocks(rows) == [AN]
