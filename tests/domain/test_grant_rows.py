"""Rows of accounts to be handed out: who, to whose telephone, and how it was asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from recovery_site.domain.account_rows import THE_RULE, SheetRow
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.grant_rows import GrantReader
from recovery_site.domain.local_time import VIETNAM
from recovery_site.domain.people import Account, AccountKind, AccountStatus, Phone, read_number
from tests.fakes import NOON

AN = {
    "email": "an.tran",
    "display_name": "Trần Văn An",
    "unit": "Văn phòng UBND",
    "phone": "0393 070 121",
    "document": "125/CV-VP",
    "document_date": "01/03/2026",
}
TEAM = {
    **AN,
    "email": "tiep-dan",
    "phone": "0912345678",
    "members": "Lê An <0393070121>; Lý Bình <0912345678>; Hà Chi <0833111222>",
}


def reader(cells: dict[str, str]) -> GrantReader:
    return GrantReader(
        SheetRow(7, cells), domains=["soctrang.gov.vn"], aliases={"old.gov.vn": "soctrang.gov.vn"}, now=NOON
    )


def read(cells: dict[str, str], known: Account | None = None) -> tuple[Account, Asking]:
    found = reader(cells)
    account, asking = found.account(known), found.asking()
    assert found.reasons == []
    return account, asking


def reasons(cells: dict[str, str], known: Account | None = None) -> list[str]:
    found = reader(cells)
    found.account(known)
    found.asking()
    return found.reasons


def numbers(account: Account) -> list[str]:
    return [phone.number.local for phone in account.phones]


# --- the account ------------------------------------------------------------------------------------------------------


def test_a_person_is_asked_for_in_writing() -> None:
    account, asking = read(AN)
    assert account == Account(
        "an.tran@soctrang.gov.vn", "Trần Văn An", "Văn phòng UBND", phones=(Phone(read_number("0393070121")),)
    )
    assert asking == Asking(AskedBy.DOCUMENT, "125/CV-VP", date(2026, 3, 1))


def test_a_group_s_contact_stands_first_and_its_kind_follows_from_its_members() -> None:
    account, _ = read(TEAM)
    assert account.kind is AccountKind.GROUP
    assert [phone.holder for phone in account.phones] == ["Lý Bình", "Lê An", "Hà Chi"]


def test_a_group_without_a_contact_phone_is_reached_by_its_first_member() -> None:
    account, _ = read({**TEAM, "phone": ""})
    assert numbers(account)[0] == "0393070121"


def test_a_contact_of_a_group_must_be_one_of_its_members() -> None:
    assert reasons({**TEAM, "phone": "0833111333"}) == ["phone: is not the number of one of the members"]


@pytest.mark.parametrize("size", [1, 6])
def test_a_group_has_two_to_five_members_and_a_sixth_is_refused_by_the_document_s_rule(size: int) -> None:
    crowd = "; ".join(f"Người {n} <083311122{n}>" for n in range(size))
    [reason] = reasons({**TEAM, "phone": "", "members": crowd})
    assert reason.startswith(f"members: a group has 2 to 5, here are {size}")
    assert (THE_RULE in reason) is (size == 6)
    assert "nhóm đến 5 người" in THE_RULE


@pytest.mark.parametrize("phone", ["0299 3821 999", "+1 202 555 0100", "0393", "không có"])
def test_a_contact_phone_is_a_vietnamese_mobile_number(phone: str) -> None:
    assert reasons({**AN, "phone": phone}) == ["phone: number 1 is not a Vietnamese mobile number"]


def test_nobody_is_handed_an_account_without_a_number_a_name_and_a_unit() -> None:
    assert reasons({**AN, "phone": "", "display_name": " ", "unit": ""}) == [
        "display_name: is missing",
        "unit: is missing",
        "phone: is missing; there must be a number to reach the receiver by",
    ]


def test_an_old_domain_leads_to_the_new_address() -> None:
    assert read({**AN, "email": "An.Tran@OLD.gov.vn"})[0].address == "an.tran@soctrang.gov.vn"


def test_a_password_or_a_lock_of_the_file_s_own_is_refused() -> None:
    assert reasons({**AN, "password": "canary-9-X", "status": "khoá"}) == [
        "password: the site makes the first password; leave the cell empty",
        "status: an account that is handed out is open; leave the cell empty",
    ]


def test_what_the_row_leaves_out_is_as_it_is_known_and_the_account_is_open() -> None:
    known = Account("an@soctrang.gov.vn", "An", "Sở", status=AccountStatus.LOCKED)
    cells = {column: text for column, text in AN.items() if column not in ("display_name", "unit")}
    account, _ = read(cells, known)
    assert (account.address, account.display_name, account.unit) == ("an@soctrang.gov.vn", "An", "Sở")
    assert account.status is AccountStatus.ACTIVE


def test_several_numbers_of_a_directory_without_names_make_no_group_of_a_person() -> None:
    nameless = tuple(Phone(read_number(f"083311122{n}")) for n in range(2))
    known = Account("an.tran@soctrang.gov.vn", "An", "Sở", kind=AccountKind.GROUP, phones=nameless)
    account, _ = read(AN, known)
    assert (account.kind, numbers(account)) == (AccountKind.PERSONAL, ["0393070121"])


@pytest.mark.parametrize("column", ["display_name", "unit"])
def test_a_new_account_needs_a_name_and_a_unit_and_so_does_a_cell_that_erases_them(column: str) -> None:
    without = {name: text for name, text in AN.items() if name != column}
    known = Account("an.tran@soctrang.gov.vn", "An", "Sở")
    assert reasons(without) == [f"{column}: is missing"]
    assert reasons({**AN, column: ""}, known) == [f"{column}: is missing"]
    assert reasons(without, replace(known, **{column: ""})) == []


def test_a_kind_that_the_row_names_is_not_overruled_by_its_members() -> None:
    assert reasons({**TEAM, "kind": "cá nhân"}) == ["members: a personal account has none"]


# --- how it was asked for ---------------------------------------------------------------------------------------------


def called(**cells: str) -> dict[str, str]:
    return {**{column: text for column, text in AN.items() if not column.startswith("document")}, **cells}


def test_a_call_is_written_down_with_who_and_when_in_the_province_s_time() -> None:
    _, asking = read(called(caller="Lê Thị  Bình", called_at="02/03/2026 08:05"))
    assert asking == Asking(
        AskedBy.TELEPHONE, caller="Lê Thị Bình", called_at=datetime(2026, 3, 2, 8, 5, tzinfo=VIETNAM)
    )


def test_a_call_without_a_time_was_now() -> None:
    assert read(called(caller="Bình"))[1].called_at == NOON


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"document_date": ""}, "document_date: is missing"),
        ({"document_date": "31/02/2026"}, "document_date: is not a date like 02/03/2026"),
        ({"document_date": "2026-03-01"}, "document_date: is not a date like 02/03/2026"),
        ({"document_date": "03/03/2026"}, "document_date: lies in the future"),
        ({"caller": "Bình"}, "caller: give a document or who asked by telephone, not both"),
        ({"called_at": "02/03/2026 08:05"}, "called_at: stands without a caller"),
    ],
)
def test_a_request_in_writing_has_a_number_and_a_date_and_nothing_else(changed: dict[str, str], reason: str) -> None:
    assert reason in reasons({**AN, **changed})


NOBODY_ASKED = "document: is missing; give the document's number and date, or who asked by telephone"


def test_a_document_s_date_alone_is_no_request() -> None:
    assert reasons({**AN, "document": ""}) == [NOBODY_ASKED, "document_date: stands without a document"]


def test_a_document_without_the_column_of_its_date_lacks_the_date() -> None:
    without = {column: text for column, text in AN.items() if column != "document_date"}
    assert reasons(without) == ["document_date: is missing"]


def test_a_document_or_a_caller_that_cannot_be_used_asked_for_nothing() -> None:
    assert reasons(called(document="x" * 201)) == ["document: is longer than 200 characters", NOBODY_ASKED]
    assert reasons(called(caller="x" * 201)) == ["caller: is longer than 200 characters", NOBODY_ASKED]


def test_a_call_of_this_minute_has_been() -> None:
    now = NOON.astimezone(VIETNAM)
    assert read(called(caller="Bình", called_at=f"{now:%d/%m/%Y %H:%M}"))[1].called_at == NOON


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("02/03/2026", "called_at: is not a moment like 02/03/2026 15:04"),
        ("02/03/2026 24:00", "called_at: is not a moment like 02/03/2026 15:04"),
        (f"{NOON.astimezone(VIETNAM) + timedelta(minutes=1):%d/%m/%Y %H:%M}", "called_at: lies in the future"),
    ],
)
def test_a_call_was_at_a_moment_that_has_been(moment: str, reason: str) -> None:
    assert reasons(called(caller="Bình", called_at=moment)) == [reason]


def test_a_document_of_today_in_the_province_is_not_in_the_future() -> None:
    an_hour_after_midnight = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    found = GrantReader(
        SheetRow(2, {**AN, "document_date": "02/03/2026"}),
        domains=["soctrang.gov.vn"],
        aliases={},
        now=an_hour_after_midnight,
    )
    found.asking()
    assert found.reasons == []
