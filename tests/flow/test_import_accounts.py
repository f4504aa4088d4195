"""Importing accounts: what rows mean, and why they are refused."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.account_rows import THE_RULE, BadRow, SheetRow, Unfit, read_member
from recovery_site.domain.people import Account, AccountKind, AccountStatus, NewAccount, Phone, PhoneNumber
from recovery_site.domain.secret import Secret
from tests.flow.importing import AN, MEMBERS, NUMBER, importing, numbers, rows_of


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


def test_a_password_has_up_to_128_characters() -> None:
    assert read(password="a" * 128).password == Secret("a" * 128)


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


def test_every_member_of_a_group_may_be_one_to_call() -> None:
    account = read(kind="group", members=MEMBERS, phone="0912345678; 0393070121").account
    assert numbers(account) == ["0393070121", "0912345678"]


def test_a_name_has_up_to_200_letters_and_an_account_up_to_five_numbers() -> None:
    row = {"display_name": "ă" * 200, "phone": ";".join(f"039307012{n}" for n in range(5))}
    account = read(**row).account
    assert (account.display_name, len(account.phones)) == ("ă" * 200, 5)


@pytest.mark.parametrize("text", ["Lê An", "<0393070121>", " <0393070121>", "Lê An 0393070121"])
def test_a_member_named_in_a_command_is_refused_as_the_member(text: str) -> None:
    with pytest.raises(Unfit) as unfit:
        read_member(text)
    assert str(unfit.value) == "the member is not written as: Name <number>"


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
        ("; ".join(f"A <039307012{n}>" for n in range(6)), f"a group has 2 to 5, here are 6 ({THE_RULE})"),
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


def test_a_group_s_bad_number_is_one_reason_and_its_good_members_bring_no_other() -> None:
    assert reasons(kind="group", members=MEMBERS, phone="113") == ("phone: number 1 is not a Vietnamese mobile number",)


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
