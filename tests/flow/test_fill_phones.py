"""Filling numbers into a directory that is another system's: only numbers, only where they differ."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from recovery_site.domain.account_rows import BadRow
from recovery_site.domain.people import Account, AccountStatus, Phone
from recovery_site.flow.fill_phones import AMBIGUOUS, PASSWORD, STATUS, UNKNOWN, FillPhones, StoppedHalfWay
from recovery_site.flow.import_accounts import Imported, Judged, RowsRefused
from recovery_site.ports import DirectoryUnavailable, UnknownAccount
from tests import fakes
from tests.fakes import ACCOUNTS, AN, BINH, GROUP, LOCKED, PHONELESS, FakeDirectory
from tests.flow.importing import MEMBERS, NUMBER, numbers, rows_of

ALIAS = "tran.an@soctrang.gov.vn"


class ItsOwnDirectory(FakeDirectory):
    """Another system's directory: it knows aliases, and can fail after some numbers were written."""

    def __init__(self, *accounts: Account) -> None:
        super().__init__({**ACCOUNTS, **{account.address: account for account in accounts}})
        self.written: list[str] = []
        self.fails_after: int | None = None

    def find(self, address: str) -> Account | None:
        return super().find(AN if address == ALIAS else address)

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        if len(self.written) == self.fails_after:
            raise DirectoryUnavailable("the connection broke")
        super().set_phones(address, phones)
        self.written.append(address)


def filling(directory: FakeDirectory) -> FillPhones:
    return FillPhones(directory=directory, domains=["soctrang.gov.vn"], aliases={"old.gov.vn": "soctrang.gov.vn"})


def judge(directory: FakeDirectory, *rows: dict[str, str]) -> Judged:
    return filling(directory).judge(rows_of(*rows))


def fill(directory: FakeDirectory, *rows: dict[str, str], skip_bad: bool = False) -> Imported:
    flow = filling(directory)
    return flow.store(flow.judge(rows_of(*rows)), skip_bad=skip_bad)


def reasons(**cells: str) -> tuple[str, ...]:
    """Return the reasons against one bad row."""
    (bad,) = judge(ItsOwnDirectory(), cells).bad
    return bad.reasons


# --- what is written --------------------------------------------------------------------------------------------------


def test_numbers_are_written_where_they_differ_and_nowhere_else() -> None:
    directory = ItsOwnDirectory()
    done = fill(directory, {"email": PHONELESS, "phone": "0912 345 679"}, {"email": BINH, "phone": "0912345678"})
    assert (done.read, done.changed, done.unchanged) == (2, 1, 1)
    assert directory.written == [PHONELESS]
    assert numbers(directory.accounts[PHONELESS]) == ["0912345679"]


def test_filling_twice_writes_nothing_the_second_time() -> None:
    directory = ItsOwnDirectory()
    rows = ({"email": PHONELESS, "phone": NUMBER}, {"email": BINH, "kind": "group", "members": MEMBERS})
    fill(directory, *rows)
    done = fill(directory, *rows)
    assert (done.changed, done.unchanged) == (0, 2)
    assert directory.written == [PHONELESS, BINH]


def test_the_numbers_of_members_are_written_too() -> None:
    directory = ItsOwnDirectory()
    fill(directory, {"email": BINH, "kind": "nhóm", "members": MEMBERS})
    assert numbers(directory.accounts[BINH]) == ["0393070121", "0912345678"]


def test_the_same_numbers_in_another_order_or_without_their_holders_are_no_difference() -> None:
    directory = ItsOwnDirectory()
    fill(directory, {"email": GROUP, "members": "Lý Bình <0833111333>; Lê An <0833111222>"})
    assert directory.written == []


def test_an_account_that_the_directory_takes_for_a_group_by_its_two_numbers_gets_the_one_of_the_file() -> None:
    directory = ItsOwnDirectory()
    (change,) = judge(directory, {"email": GROUP, "phone": NUMBER}).changes
    fill(directory, {"email": GROUP, "phone": NUMBER, "kind": "", "members": ""})
    assert numbers(directory.accounts[GROUP]) == [NUMBER]
    assert change.columns == ("phone",)


def test_an_account_that_the_directory_takes_for_a_person_gets_the_numbers_of_its_members() -> None:
    directory = ItsOwnDirectory()
    (change,) = judge(directory, {"email": BINH, "members": MEMBERS}).changes
    assert change.columns == ("members",)
    fill(directory, {"email": BINH, "members": MEMBERS, "phone": "0912345678"})
    assert numbers(directory.accounts[BINH]) == ["0393070121", "0912345678"]


def test_a_change_is_told_by_the_column_that_the_file_has_its_numbers_in() -> None:
    changes = judge(
        ItsOwnDirectory(),
        {"email": GROUP, "kind": "cá nhân", "phone": NUMBER},
        {"email": BINH, "kind": "nhóm", "members": MEMBERS},
    ).changes
    assert [change.columns for change in changes] == [("phone",), ("members",)]


@pytest.mark.parametrize("kind", ["", "nhóm", "cá nhân"])
def test_a_file_without_numbers_leaves_those_of_every_kind_of_account(kind: str) -> None:
    directory = ItsOwnDirectory()
    assert fill(directory, {"email": GROUP, "kind": kind}).changed == 0


def test_a_number_that_is_not_mobile_is_replaced_with_the_others_and_the_change_says_so() -> None:
    directory = ItsOwnDirectory(replace(ACCOUNTS[PHONELESS], unread_numbers=1))
    (change,) = judge(directory, {"email": PHONELESS, "phone": NUMBER}).changes
    assert change.before is not None
    assert (change.before.unread_numbers, change.after.unread_numbers) == (1, 0)


def test_an_empty_cell_takes_no_number_away() -> None:
    directory = ItsOwnDirectory()
    done = fill(directory, {"email": BINH, "phone": ""}, {"email": PHONELESS, "phone": ""})
    assert (done.changed, done.unchanged) == (0, 2)
    assert numbers(directory.accounts[BINH]) == ["0912345678"]


def test_a_file_without_numbers_writes_nothing() -> None:
    directory = ItsOwnDirectory()
    assert fill(directory, {"email": BINH}, {"email": GROUP}).changed == 0
    assert directory.written == []


def test_a_number_goes_to_the_account_that_an_alias_belongs_to() -> None:
    directory = ItsOwnDirectory()
    fill(directory, {"email": "tran.an@old.gov.vn", "phone": "0912345679"})
    assert directory.written == [AN]


def test_a_locked_account_gets_its_number_and_stays_locked() -> None:
    directory = ItsOwnDirectory()
    fill(directory, {"email": LOCKED, "phone": NUMBER, "status": "khoá"})
    assert numbers(directory.accounts[LOCKED]) == [NUMBER]
    assert directory.accounts[LOCKED].status is AccountStatus.LOCKED


def test_names_units_and_kinds_are_named_as_not_written_and_stay_the_directory_s() -> None:
    directory = ItsOwnDirectory()
    row = {"email": BINH, "display_name": "Another", "unit": "Another", "kind": "", "phone": NUMBER}
    judged = judge(directory, row, {"email": AN})
    filling(directory).store(judged, skip_bad=False)
    assert judged.left == ["display_name", "unit", "kind"]
    assert directory.accounts[BINH] == replace(ACCOUNTS[BINH], phones=directory.accounts[BINH].phones)
    assert judge(directory, {"email": BINH, "phone": NUMBER}).left == []


def test_what_would_change_is_told_before_anything_is_written() -> None:
    directory = ItsOwnDirectory()
    (change,) = judge(directory, {"email": PHONELESS, "phone": NUMBER}, {"email": BINH, "unit": "Another"}).changes
    assert (change.before, change.after.address, change.columns) == (ACCOUNTS[PHONELESS], PHONELESS, ("phone",))
    assert directory.written == []


def test_progress_is_told_of_every_row_and_then_of_every_account_that_is_written() -> None:
    told: list[int] = []
    flow = filling(ItsOwnDirectory())
    judged = flow.judge(rows_of({"email": PHONELESS, "phone": NUMBER}, {"email": BINH}), progress=told.append)
    assert sum(told) == 2
    flow.store(judged, skip_bad=False, progress=told.append)
    assert sum(told) == 3


# --- why a row is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"email": fakes.UNKNOWN}, UNKNOWN),
        ({"email": LOCKED, "status": "active"}, STATUS),
        ({"email": BINH, "status": "khoá"}, STATUS),
        ({"email": BINH, "password": "the old one"}, PASSWORD),
        ({"email": ""}, "email: is missing"),
        ({"email": BINH, "phone": "0299 3821 999"}, "phone: number 1 is not a Vietnamese mobile number"),
        ({"email": BINH, "unit": "x" * 201}, "unit: is longer than 200 characters"),
    ],
)
def test_a_row_that_cannot_be_written_there_is_refused_with_the_reason(cells: dict[str, str], reason: str) -> None:
    assert reasons(**cells) == (reason,)


@pytest.mark.parametrize("status", ["", "khoá"])
def test_a_status_that_is_the_directory_s_or_empty_is_no_reason(status: str) -> None:
    assert judge(ItsOwnDirectory(), {"email": LOCKED, "status": status, "password": ""}).bad == []


def test_an_address_that_several_entries_claim_is_refused() -> None:
    directory = ItsOwnDirectory(replace(ACCOUNTS[BINH], status=AccountStatus.AMBIGUOUS, phones=()))
    assert judge(directory, {"email": BINH, "phone": NUMBER}).bad == [BadRow(2, (AMBIGUOUS,))]


def test_all_reasons_of_a_row_are_told_at_once_and_repeat_no_cell() -> None:
    told = reasons(email=BINH, phone="0299 3821 999", status="locked", password="canary-9-X")
    assert [reason.partition(":")[0] for reason in told] == ["phone", "status", "password"]
    assert "canary" not in str(told)
    assert "3821" not in str(told)


def test_an_account_that_stands_twice_under_two_of_its_names_is_refused_in_both_lines() -> None:
    judged = judge(ItsOwnDirectory(), {"email": AN}, {"email": BINH}, {"email": ALIAS})
    reason = "email: the same address stands in lines 2, 4"
    assert judged.bad == [BadRow(2, (reason,)), BadRow(4, (reason,))]
    assert [row.account.address for row in judged.accounts] == [BINH]


def test_one_bad_row_keeps_all_numbers_out() -> None:
    directory = ItsOwnDirectory()
    with pytest.raises(RowsRefused) as refused:
        fill(directory, {"email": PHONELESS, "phone": NUMBER}, {"email": fakes.UNKNOWN})
    assert (refused.value.read, [row.line for row in refused.value.bad]) == (2, [3])
    assert directory.written == []


def test_bad_rows_are_left_out_where_that_was_asked_for() -> None:
    directory = ItsOwnDirectory()
    done = fill(directory, {"email": PHONELESS, "phone": NUMBER}, {"email": fakes.UNKNOWN}, skip_bad=True)
    assert (done.read, done.changed, len(done.skipped)) == (2, 1, 1)
    assert directory.written == [PHONELESS]


# --- a directory that fails -------------------------------------------------------------------------------------------

THREE = tuple({"email": address, "phone": "0912345600"} for address in (AN, BINH, PHONELESS))


def test_a_directory_that_fails_while_rows_are_judged_has_not_been_changed() -> None:
    directory = ItsOwnDirectory()
    directory.down = True
    with pytest.raises(DirectoryUnavailable):
        fill(directory, *THREE)
    assert directory.written == []


def test_a_directory_that_fails_half_way_is_told_with_how_far_it_came_and_importing_again_goes_on() -> None:
    directory = ItsOwnDirectory()
    directory.fails_after = 2
    with pytest.raises(StoppedHalfWay) as stopped:
        fill(directory, *THREE)
    assert (stopped.value.done, stopped.value.wanted, stopped.value.address) == (2, 3, PHONELESS)
    assert isinstance(stopped.value.fault, DirectoryUnavailable)
    directory.fails_after = None
    done = fill(directory, *THREE)
    assert (done.changed, done.unchanged) == (1, 2)
    assert directory.written == [AN, BINH, PHONELESS]


def test_an_account_that_is_removed_meanwhile_stops_the_import_too() -> None:
    directory = ItsOwnDirectory()
    flow = filling(directory)
    judged = flow.judge(rows_of(*THREE))
    del directory.accounts[BINH]
    with pytest.raises(StoppedHalfWay) as stopped:
        flow.store(judged, skip_bad=False)
    assert (stopped.value.done, stopped.value.address) == (1, BINH)
    assert isinstance(stopped.value.fault, UnknownAccount)
