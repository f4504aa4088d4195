"""The contract of `Directory`, over every adapter and the fake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import AccountStatus, NewAccount
from recovery_site.domain.secret import Secret
from recovery_site.ports import Directory, DirectoryUnavailable, UnknownAccount
from tests.conftest import cheap_hasher
from tests.fakes import ACCOUNTS, AN, BINH, GROUP, LOCKED, NOON, OLD_PASSWORD, PHONELESS, UNKNOWN, FakeDirectory

NEW_PASSWORD = Secret("  Mới-9 'quote' \"$(id)\" \\ % khách  ")


@dataclass(frozen=True)
class Subject:
    """A directory with the sample accounts, and what pulls the plug on it."""

    directory: Directory
    break_it: Callable[[], object]


@pytest.fixture(params=["fake", "embedded on sqlite", "embedded on postgresql"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "fake":
        fake = FakeDirectory()
        yield Subject(fake, lambda: setattr(fake, "down", True))
        return
    kind = "sqlite" if request.param.endswith("sqlite") else "postgresql"
    engine = open_engine(request.getfixturevalue(f"migrated_{kind}_url"))
    embedded = EmbeddedDirectory(engine, cheap_hasher())
    embedded.put([NewAccount(account, Secret(OLD_PASSWORD)) for account in ACCOUNTS.values()], NOON)

    def drop_its_tables() -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP VIEW dovecot_passdb"))
            connection.execute(text("DROP TABLE phones"))
            connection.execute(text("DROP TABLE accounts"))

    yield Subject(embedded, drop_its_tables)
    engine.dispose()


@pytest.mark.parametrize("address", list(ACCOUNTS))
def test_an_account_is_found_as_it_was_put_locked_or_not(subject: Subject, address: str) -> None:
    found = subject.directory.find(address)
    assert found is not None
    assert replace(found, password_changed_at=None) == ACCOUNTS[address]


def test_the_numbers_of_a_group_keep_their_order(subject: Subject) -> None:
    found = subject.directory.find(GROUP)
    assert found is not None
    assert [phone.number.local for phone in found.phones] == ["0833111222", "0833111333"]


@pytest.mark.parametrize("address", [UNKNOWN, "", AN.upper(), AN + " ", "%", "an.tra_@soctrang.gov.vn", "' OR 1=1 --"])
def test_what_is_not_there_is_none(subject: Subject, address: str) -> None:
    assert subject.directory.find(address) is None


def test_only_active_accounts_with_a_number_can_be_recovered(subject: Subject) -> None:
    can = {address: account.can_recover for address in ACCOUNTS if (account := subject.directory.find(address))}
    assert [address for address, usable in can.items() if not usable] == [LOCKED, PHONELESS]


@pytest.mark.parametrize(
    ("address", "password", "opens"),
    [
        (AN, OLD_PASSWORD, True),
        (AN, OLD_PASSWORD + " ", False),
        (AN, OLD_PASSWORD.upper(), False),
        (AN, "", False),
        (LOCKED, OLD_PASSWORD, False),
        (UNKNOWN, OLD_PASSWORD, False),
        ("", "", False),
    ],
)
def test_a_password_opens_only_its_own_active_account(
    subject: Subject, address: str, password: str, opens: bool
) -> None:
    assert subject.directory.check_password(address, Secret(password)) is opens


def test_a_new_password_is_taken_byte_for_byte_and_the_old_one_is_over(subject: Subject) -> None:
    subject.directory.set_password(AN, NEW_PASSWORD, NOON)
    assert subject.directory.check_password(AN, NEW_PASSWORD)
    assert not subject.directory.check_password(AN, Secret(OLD_PASSWORD))
    assert not subject.directory.check_password(AN, Secret(NEW_PASSWORD.reveal().strip()))
    assert subject.directory.check_password(BINH, Secret(OLD_PASSWORD))
    found = subject.directory.find(AN)
    assert found is not None
    assert found.password_changed_at == NOON


def test_passwords_that_differ_only_at_their_end_differ(subject: Subject) -> None:
    long = "Ben-pha-9-" * 12
    subject.directory.set_password(AN, Secret(long + "x"), NOON)
    assert not subject.directory.check_password(AN, Secret(long + "y"))
    assert not subject.directory.check_password(AN, Secret(long))


@pytest.mark.parametrize("address", [UNKNOWN, LOCKED])
def test_an_account_that_is_gone_or_locked_gets_no_password(subject: Subject, address: str) -> None:
    with pytest.raises(UnknownAccount):
        subject.directory.set_password(address, NEW_PASSWORD, NOON)
    assert not subject.directory.check_password(address, NEW_PASSWORD)


def test_a_directory_that_is_there_passes_its_check(subject: Subject) -> None:
    subject.directory.check()


def test_a_directory_that_fails_says_so_in_one_way(subject: Subject) -> None:
    subject.break_it()
    for act in (
        lambda: subject.directory.find(AN),
        lambda: subject.directory.check_password(AN, Secret("x")),
        lambda: subject.directory.set_password(AN, Secret("canary"), NOON),
        subject.directory.check,
    ):
        with pytest.raises(DirectoryUnavailable) as failed:
            act()
        assert "canary" not in str(failed.value)
        assert AN not in str(failed.value)


def test_a_password_that_was_never_set_opens_nothing(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    directory = EmbeddedDirectory(engine, cheap_hasher())
    directory.put([NewAccount(ACCOUNTS[AN])], NOON)
    assert not directory.check_password(AN, Secret(""))
    assert not directory.check_password(AN, Secret("None"))
    engine.dispose()


def test_importing_twice_changes_nothing_and_a_changed_row_is_changed(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    directory = EmbeddedDirectory(engine, cheap_hasher())
    rows = [NewAccount(account, Secret(OLD_PASSWORD)) for account in ACCOUNTS.values()]
    assert directory.put(rows, NOON) == len(rows)
    assert directory.put(rows, NOON) == 0
    locked = NewAccount(replace(ACCOUNTS[AN], status=AccountStatus.LOCKED, phones=()))
    assert directory.put([locked], NOON) == 1
    assert [account.address for account in directory.all()] == sorted(ACCOUNTS)
    found = directory.find(AN)
    assert found is not None
    assert (found.status, found.phones) == (AccountStatus.LOCKED, ())
    engine.dispose()


def test_neither_a_password_nor_its_trace_is_in_the_database(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    EmbeddedDirectory(engine, cheap_hasher()).put([NewAccount(ACCOUNTS[AN], Secret("canary-9-X"))], NOON)
    with engine.begin() as connection:
        stored = repr(connection.execute(text("SELECT * FROM accounts")).all())
    assert "$argon2id$" in stored
    assert "canary" not in stored
    engine.dispose()
