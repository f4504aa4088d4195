"""Checking all accounts before a campaign."""

from dataclasses import replace

import pytest

from recovery_site.domain.hindrances import Hindrance
from recovery_site.domain.people import AccountStatus
from recovery_site.flow.check_accounts import CheckAccounts, stopped
from recovery_site.ports import DirectoryUnavailable
from tests.fakes import ACCOUNTS, AN, BINH, GROUP, LOCKED, PHONELESS, SHARED, FakeDirectory


def test_accounts_that_cannot_recover_stand_before_those_with_a_warning_and_sound_ones_are_left_out() -> None:
    checked = CheckAccounts(FakeDirectory()).check()
    assert [(one.account.address, one.hindrances, stopped(one)) for one in checked.findings] == [
        (LOCKED, (Hindrance.LOCKED,), True),
        (PHONELESS, (Hindrance.NO_PHONE,), True),
        (AN, (Hindrance.SHARED_NUMBER,), False),
        (SHARED, (Hindrance.SHARED_NUMBER,), False),
    ]


def test_every_account_and_every_hindrance_is_counted() -> None:
    checked = CheckAccounts(FakeDirectory()).check()
    assert (checked.accounts, checked.can_recover, checked.cannot_recover) == (6, 4, 2)
    assert checked.count() == {Hindrance.LOCKED: 1, Hindrance.NO_PHONE: 1, Hindrance.SHARED_NUMBER: 2}


def test_what_another_directory_holds_is_told_too() -> None:
    odd = {
        BINH: replace(ACCOUNTS[BINH], status=AccountStatus.AMBIGUOUS),
        GROUP: replace(ACCOUNTS[GROUP], unread_numbers=1),
        PHONELESS: replace(ACCOUNTS[PHONELESS], unread_numbers=1),
    }
    told = {one.account.address: one.hindrances for one in CheckAccounts(FakeDirectory(odd)).check().findings}
    assert told == {
        BINH: (Hindrance.AMBIGUOUS,),
        PHONELESS: (Hindrance.NO_MOBILE,),
        GROUP: (Hindrance.SOME_NOT_MOBILE,),
    }


def test_an_empty_directory_has_no_findings() -> None:
    checked = CheckAccounts(FakeDirectory({})).check()
    assert (checked.accounts, checked.can_recover, checked.findings) == (0, 0, [])


def test_a_directory_that_does_not_answer_is_said_to_be_so() -> None:
    directory = FakeDirectory()
    directory.down = True
    with pytest.raises(DirectoryUnavailable):
        CheckAccounts(directory).check()
