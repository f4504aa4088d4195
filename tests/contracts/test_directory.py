"""The contract of `Directory`, over every adapter and the fake."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import Account, AccountStatus, NewAccount, Phone, TooManyPeople, read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, DirectoryUnavailable, UnknownAccount
from tests.conftest import cheap_hasher
from tests.contracts.directories import MAKERS, Subject, slapd_server
from tests.fakes import ACCOUNTS, AN, BINH, GROUP, LOCKED, NOON, OLD_PASSWORD, PHONELESS, UNKNOWN

__all__ = ["slapd_server"]  # a fixture of the makers

NEW_PASSWORD = Secret("  Mới-9 'quote' \"$(id)\" \\ % khách  ")


@pytest.fixture(params=list(MAKERS))
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with MAKERS[request.param](request) as made:
        yield made


@pytest.mark.parametrize("address", list(ACCOUNTS))
def test_an_account_is_found_as_it_was_put_locked_or_not(subject: Subject, address: str) -> None:
    found = subject.directory.find(address)
    assert found is not None
    assert replace(found, password_changed_at=None) == subject.keeps(ACCOUNTS[address])


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


def test_the_time_of_a_change_is_known_at_once(subject: Subject) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    subject.directory.set_password(AN, NEW_PASSWORD, NOON)
    found = subject.directory.find(AN)
    assert found is not None
    assert found.password_changed_at is not None
    if subject.keeps_the_time:
        assert found.password_changed_at == NOON
    else:
        assert before <= found.password_changed_at <= datetime.now(UTC)
    untouched = subject.directory.find(BINH)
    assert untouched is not None
    assert untouched.password_changed_at in (None, NOON)


@pytest.mark.parametrize(
    "password", ["Ben-ﬁ-9-vàng", "Ben-Ｗ-9-vàng", "Ben-\u00a0-9-vàng", "Ben-9-Ⅸ-vàng", "Bến-9-²-vàng"]
)
def test_letters_that_look_alike_stay_apart(subject: Subject, password: str) -> None:
    subject.directory.set_password(AN, Secret(password), NOON)
    assert subject.directory.check_password(AN, Secret(password))
    assert not subject.directory.check_password(AN, Secret(unicodedata.normalize("NFKC", password)))


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


def test_an_account_is_locked_and_opened_again(subject: Subject) -> None:
    for act in (subject.directory.lock, subject.directory.lock, subject.directory.unlock, subject.directory.unlock):
        act(AN)
        found = subject.directory.find(AN)
        assert found is not None
        assert (found.status is AccountStatus.LOCKED) == (act == subject.directory.lock)
        assert subject.directory.check_password(AN, Secret(OLD_PASSWORD)) is (found.status is AccountStatus.ACTIVE)
    subject.directory.unlock(LOCKED)
    opened = subject.directory.find(LOCKED)
    assert opened is not None
    assert opened.status is AccountStatus.ACTIVE


NEW = Account(
    "moi.pham@soctrang.gov.vn",
    display_name="Phạm Thị Mới",
    unit="Sở Tài chính",
    phones=(Phone(read_number("0912345680")),),
)


def test_an_account_that_is_not_there_is_made_with_its_first_password(subject: Subject) -> None:
    subject.directory.add(NEW, Secret("Kfm7t-qx9vz-hp2n4"), NOON)
    found = subject.directory.find(NEW.address)
    assert found is not None
    assert replace(found, password_changed_at=None) == NEW
    assert found.password_changed_at is not None
    assert subject.directory.check_password(NEW.address, Secret("Kfm7t-qx9vz-hp2n4"))
    assert NEW.address in [account.address for account in subject.directory.all()]


@pytest.mark.parametrize("address", [AN, LOCKED])
def test_an_account_that_is_there_is_not_made_again(subject: Subject, address: str) -> None:
    before = subject.directory.find(address)
    with pytest.raises(CannotAdd):
        subject.directory.add(replace(NEW, address=address), NEW_PASSWORD, NOON)
    assert subject.directory.find(address) == before
    assert not subject.directory.check_password(address, NEW_PASSWORD)


@pytest.mark.parametrize("numbers", [["0912345679", "0833111222"], ["0701234567"], []])
def test_numbers_are_replaced_all_at_once(subject: Subject, numbers: list[str]) -> None:
    phones = [Phone(read_number(number)) for number in sorted(numbers)]
    subject.directory.set_phones(GROUP, phones)
    found = subject.directory.find(GROUP)
    assert found is not None
    assert list(found.phones) == phones


def test_a_sixth_number_is_refused_and_the_others_stay(subject: Subject) -> None:
    before = subject.directory.find(GROUP)
    six = [Phone(read_number(f"083311122{n}")) for n in range(6)]
    with pytest.raises(TooManyPeople):
        subject.directory.set_phones(GROUP, six)
    assert subject.directory.find(GROUP) == before
    subject.directory.set_phones(GROUP, six[:5])
    found = subject.directory.find(GROUP)
    assert found is not None
    assert len(found.phones) == 5


def test_what_is_not_there_cannot_be_changed(subject: Subject) -> None:
    acts: tuple[Callable[[], None], ...] = (
        lambda: subject.directory.lock(UNKNOWN),
        lambda: subject.directory.unlock(UNKNOWN),
        lambda: subject.directory.set_phones(UNKNOWN, []),
    )
    for act in acts:
        with pytest.raises(UnknownAccount):
            act()


def test_a_probe_of_a_directory_that_works_finds_nothing_wrong_and_changes_nothing(subject: Subject) -> None:
    before = subject.directory.all()
    assert [probe for probe in subject.directory.probe() if probe.problem] == []
    assert subject.directory.all() == before
    assert subject.directory.check_password(AN, Secret(OLD_PASSWORD))


def test_a_probe_of_a_directory_that_fails_says_so_and_raises_nothing(subject: Subject) -> None:
    subject.break_it()
    assert [probe for probe in subject.directory.probe() if probe.problem]


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
