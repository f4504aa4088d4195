"""Importing accounts: what rows mean, why they are refused, and that all are stored or none."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.account_rows import BadRow, SheetRow
from recovery_site.domain.people import Account, AccountKind, AccountStatus, NewAccount, Phone, PhoneNumber
from recovery_site.domain.secret import Secret
from recovery_site.flow.import_accounts import ImportAccounts, RowsRefused
from recovery_site.ports import AccountStore, DirectoryUnavailable
from tests.conftest import cheap_hasher
from tests.fakes import NOON, FakeClock

AN = "an@soctrang.gov.vn"
NUMBER = "0393070121"
MEMBERS = "Lê An <0393070121>; Lý Bình <0912345678>"
BROKEN = "the connection broke"


class MemoryStore:
    """The `AccountStore` port in memory."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts = {account.address: account for account in accounts}

    def all(self) -> list[Account]:
        return [self.accounts[address] for address in sorted(self.accounts)]

    def put(
        self,
        batch: Sequence[NewAccount],
        now: datetime,  # noqa: ARG002 -- the port's signature
        progress: Callable[[int], None] | None = None,  # noqa: ARG002 -- the port's signature
    ) -> int:
        before = dict(self.accounts)
        self.accounts.update({row.account.address: row.account for row in batch})
        return sum(before.get(row.account.address) != row.account for row in batch)


def importing(store: AccountStore) -> ImportAccounts:
    return ImportAccounts(
        store=store, clock=FakeClock(), domains=["soctrang.gov.vn"], aliases={"old.gov.vn": "soctrang.gov.vn"}
    )


def rows_of(*rows: dict[str, str]) -> list[SheetRow]:
    return [SheetRow(line, cells) for line, cells in enumerate(rows, 2)]


def read(known: Account | None = None, **cells: str) -> NewAccount:
    """Return what one good row asks for."""
    flow = importing(MemoryStore(*([known] if known else [])))
    judged = flow.judge(rows_of({"email": AN, **cells}))
    assert judged.bad == []
    return judged.accounts[0]


def reasons(**cells: str) -> tuple[str, ...]:
    """Return the reasons against one bad row."""
    judged = importing(MemoryStore()).judge(rows_of({"email": AN, **cells}))
    assert judged.accounts == []
    return judged.bad[0].reasons


def numbers(account: Account) -> list[str]:
    return [phone.number.local for phone in account.phones]


@pytest.fixture
def directory(engine: Engine) -> EmbeddedDirectory:
    return EmbeddedDirectory(engine, cheap_hasher())


# --- what a good row means --------------------------------------------------------------------------------------------


def test_a_row_with_an_address_alone_is_an_active_personal_account() -> None:
    assert read() == NewAccount(Account(AN))


@pytest.mark.parametrize("typed", ["an", " AN@SocTrang.gov.vn ", "an@old.gov.vn"])
def test_an_address_becomes_the_canonical_one(typed: str) -> None:
    assert read(email=typed).account.address == AN


@pytest.mark.parametrize(
    ("kind", "members", "wanted"),
    [("Cá nhân", "", AccountKind.PERSONAL), (" nhóm ", MEMBERS, AccountKind.GROUP), ("GROUP", MEMBERS, "group")],
)
def test_the_kind_is_english_or_vietnamese(kind: str, members: str, wanted: AccountKind) -> None:
    assert read(kind=kind, members=members).account.kind is AccountKind(wanted)


@pytest.mark.parametrize("status", ["locked", "khoá", "Khóa", "KHOÁ"])
def test_a_locked_account_is_locked_in_either_language_and_either_spelling(status: str) -> None:
    assert read(status=status).account.status is AccountStatus.LOCKED


@pytest.mark.parametrize("status", ["", "active", "Hoạt  động"])
def test_an_active_account_is_active_in_either_language(status: str) -> None:
    assert read(status=status).account.status is AccountStatus.ACTIVE


def test_several_numbers_are_separated_by_semicolons_or_commas_and_each_is_kept_once() -> None:
    account = read(phone="0393 070 121; 01623070121, +84 393.070.121;").account
    assert numbers(account) == ["0393070121", "0323070121"]


def test_a_group_has_its_members_with_their_numbers_in_their_order() -> None:
    account = read(kind="group", members=f"{MEMBERS};", phone="0912 345 678").account
    assert account.phones == (
        Phone(PhoneNumber("+84393070121"), "Lê An"),
        Phone(PhoneNumber("+84912345678"), "Lý Bình"),
    )


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_group_has_two_to_five_members(count: int) -> None:
    members = "; ".join(f"Người {n} <039307012{n}>" for n in range(count))
    assert len(read(kind="group", members=members).account.phones) == count


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40))
def test_a_password_is_kept_byte_for_byte_after_nfc(typed: str) -> None:
    assert read(password=typed).password == Secret(unicodedata.normalize("NFC", typed))


def test_an_existing_password_is_not_judged_by_the_rule() -> None:
    assert read(password=" 1 ").password == Secret(" 1 ")


def test_columns_that_the_file_does_not_have_leave_what_is_known() -> None:
    known = Account(AN, "An", "Sở", status=AccountStatus.LOCKED, phones=(Phone(PhoneNumber("+84393070121")),))
    assert read(known).account == known


def test_empty_cells_erase_names_and_numbers_but_unlock_nobody() -> None:
    known = Account(AN, "An", "Sở", status=AccountStatus.LOCKED, phones=(Phone(PhoneNumber("+84393070121")),))
    erased = read(known, display_name="", unit="", phone="", status="", kind="", password="").account
    assert erased == Account(AN, status=AccountStatus.LOCKED)


def test_a_group_keeps_its_members_where_the_file_has_no_such_column() -> None:
    known = read(kind="group", members=MEMBERS).account
    assert read(known, kind="group", unit="Sở").account.phones == known.phones


# --- why a row is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"email": " "}, "email: is missing"),
        ({"email": "an@"}, "email: is not an address"),
        ({"email": "an@gmail.com"}, "email: has a domain that is not in site.mail_domains"),
        ({"email": "a" * 255}, "email: is too long for an address"),
        ({"display_name": "ă" * 201}, "display_name: is longer than 200 characters"),
        ({"unit": "Sở\x00"}, "unit: has control characters"),
        ({"phone": f"{NUMBER}; 0299 3821 999"}, "phone: number 2 is not a Vietnamese mobile number"),
        ({"phone": ";".join(f"039307012{n}" for n in range(6))}, "phone: has more than 5 numbers"),
        ({"kind": "team"}, "kind: is none of: personal, cá nhân, group, nhóm"),
        ({"status": "open"}, "status: is none of: active, hoạt động, locked, khoá, khóa"),
        ({"members": MEMBERS}, "members: a personal account has none"),
        ({"password": "a" * 129}, "password: is longer than 128 characters"),
        ({"password": "a\tb"}, "password: has control characters"),
    ],
)
def test_a_bad_cell_is_named_by_its_column_with_the_reason(cells: dict[str, str], reason: str) -> None:
    assert reasons(**cells) == (reason,)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ("", "a group has 2 to 5, here are 0"),
        ("A <0393070121>", "a group has 2 to 5, here are 1"),
        ("; ".join(f"A <039307012{n}>" for n in range(6)), "a group has 2 to 5, here are 6"),
        (f"A; {MEMBERS}", "member 1 is not written as: Name <number>"),
        (f"{MEMBERS}; <0393070122>", "member 3 is not written as: Name <number>"),
        (f"A <113>; {MEMBERS}", "the number of member 1 is not a Vietnamese mobile number"),
        (f"A <+84 393070121>; {MEMBERS}", "two of them have the same number"),
    ],
)
def test_a_bad_group_is_refused_with_the_reason(members: str, reason: str) -> None:
    assert reasons(kind="nhóm", members=members) == (f"members: {reason}",)


def test_a_group_has_no_number_but_those_of_its_members() -> None:
    told = reasons(kind="group", members=MEMBERS, phone="0393070122")
    assert told == ("phone: is not the number of one of the members",)


def test_all_reasons_of_a_row_are_told_at_once() -> None:
    cells = {"email": "", "phone": "113", "kind": "team", "status": "open", "unit": "x" * 201, "password": "\n"}
    row = SheetRow(7, cells, ("members: is longer than 2000 characters",))
    (bad,) = importing(MemoryStore()).judge([row]).bad
    assert bad.line == 7
    columns = [reason.partition(":")[0] for reason in bad.reasons]
    assert sorted(columns) == ["email", "kind", "members", "password", "phone", "status", "unit"]


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=4, max_size=40))
def test_a_reason_repeats_neither_a_number_nor_a_password(typed: str) -> None:
    secret = f"{typed}\x07 0299382199"
    told = " ".join(reasons(phone=secret, password=secret, members=secret))
    assert "0299382199" not in told
    assert secret not in told


def test_an_address_that_stands_twice_is_refused_in_both_lines_however_it_is_written() -> None:
    rows = rows_of({"email": "an"}, {"email": "binh"}, {"email": "AN@old.gov.vn"})
    judged = importing(MemoryStore()).judge(rows)
    reason = "email: the same address stands in lines 2, 4"
    assert judged.bad == [BadRow(2, (reason,)), BadRow(4, (reason,))]
    assert [row.account.address for row in judged.accounts] == ["binh@soctrang.gov.vn"]


# --- storing, on both databases ---------------------------------------------------------------------------------------

GOOD = {"email": "an", "display_name": "An", "phone": NUMBER, "password": "the old one"}
BAD = {"email": "binh", "phone": "113"}
GROUP = {"email": "nhom", "kind": "group", "members": MEMBERS}


def test_one_bad_row_keeps_all_rows_out(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    with pytest.raises(RowsRefused) as refused:
        flow.store(flow.judge(rows_of(GOOD, BAD)), skip_bad=False)
    assert [row.line for row in refused.value.bad] == [3]
    assert refused.value.read == 2
    assert directory.all() == []


def test_bad_rows_are_left_out_where_that_was_asked_for(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    done = flow.store(flow.judge(rows_of(GOOD, BAD)), skip_bad=True)
    assert (done.read, done.changed, done.unchanged, len(done.skipped)) == (2, 1, 0, 1)
    assert [account.address for account in directory.all()] == [AN]


def test_importing_the_same_rows_twice_changes_nothing(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    first = flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    before = directory.all()
    second = flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    assert (first.changed, second.changed, second.unchanged) == (2, 0, 2)
    assert directory.all() == before
    assert directory.check_password(AN, Secret("the old one"))


def test_a_second_file_changes_what_differs_and_only_that(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    done = flow.store(flow.judge(rows_of({"email": "an", "phone": "0912345678"}, GROUP)), skip_bad=False)
    account = directory.find(AN)
    assert (done.changed, done.unchanged) == (1, 1)
    assert account == Account(
        AN, "An", phones=(Phone(PhoneNumber("+84912345678")),), password_changed_at=account and NOON
    )
    assert directory.check_password(AN, Secret("the old one"))


def test_an_old_file_does_not_bring_back_a_password_that_was_changed_since(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD)), skip_bad=False)
    directory.set_password(AN, Secret("the new one"), NOON)
    done = flow.store(flow.judge(rows_of(GOOD)), skip_bad=False)
    assert done.changed == 0
    assert directory.check_password(AN, Secret("the new one"))


def test_a_password_is_set_where_the_account_has_none_yet(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({"email": "an"})), skip_bad=False)
    done = flow.store(flow.judge(rows_of({"email": "an", "password": "the first one"})), skip_bad=False)
    assert done.changed == 1
    assert directory.check_password(AN, Secret("the first one"))


def test_a_failure_half_way_leaves_nothing(directory: EmbeddedDirectory, engine: Engine) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({"email": "an", "display_name": "An"})), skip_bad=False)
    before = directory.all()

    def break_down(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT INTO phones"):
            raise RuntimeError(BROKEN)

    event.listen(engine, "before_cursor_execute", break_down)
    with pytest.raises(RuntimeError, match=BROKEN):
        flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    assert directory.all() == before


def test_a_password_that_its_owner_sets_while_the_file_is_hashed_stays(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({**GOOD, "password": ""})), skip_bad=False)

    def owner_changes_it(_rows: int) -> None:
        directory.set_password(AN, Secret("the owner's own"), NOON)

    judged = flow.judge(rows_of(GOOD | {"password": "from the file"}))
    done = flow.store(judged, skip_bad=False, progress=owner_changes_it)
    assert done.changed == 0
    assert directory.check_password(AN, Secret("the owner's own"))


def test_progress_is_told_of_every_row(directory: EmbeddedDirectory) -> None:
    told: list[int] = []
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD, GROUP, {"email": "binh"})), skip_bad=False, progress=told.append)
    assert sum(told) == 3


def test_hundreds_of_accounts_are_stored_and_found_unchanged(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    rows = rows_of(*({"email": f"nguoi{n}", "phone": f"0{393_000_000 + n}"} for n in range(1203)))
    assert flow.store(flow.judge(rows), skip_bad=False).changed == 1203
    assert flow.store(flow.judge(rows), skip_bad=False).unchanged == 1203
    last = directory.find("nguoi1202@soctrang.gov.vn")
    assert last is not None
    assert numbers(last) == ["0393001202"]


def test_a_database_without_tables_is_a_directory_that_does_not_answer(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(DirectoryUnavailable):
        importing(EmbeddedDirectory(engine, cheap_hasher())).judge(rows_of(GOOD))
    engine.dispose()
