"""The sweep beside clocks that are set, directories that fail, and others who change the account at the same moment."""

import itertools
from dataclasses import replace
from functools import partial

import pytest

from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.recovery import Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.upkeep import Swept
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, GROUP, OLD_PASSWORD
from tests.flow.handing_out import (
    DOCUMENT,
    NEW,
    OPERATOR,
    StumblingDirectory,
    change,
    grant,
    kinds,
    make_stumbling_site,
    person,
    sign_in,
    stumbling,
)
from tests.flow.story import begin, messages_of, recovery_of


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


def directory_status(site: FakeSite, address: str = NEW) -> AccountStatus:
    """Return what the mail system itself says."""
    return site.directory.accounts[address].status


# --- a clock that is set ----------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_before_the_end_gives_the_time_again_and_locks_at_the_same_moment(
    site: FakeSite,
) -> None:
    grant(site)
    site.clock.pass_by(hours=5, minutes=59)
    site.upkeep.sweep()
    site.clock.pass_by(hours=-3)
    assert site.upkeep.sweep() == Swept()
    site.clock.pass_by(hours=3)
    assert site.upkeep.sweep() == Swept()
    site.clock.pass_by(minutes=1)
    assert site.upkeep.sweep() == Swept(locked=1)


def test_a_clock_that_is_set_back_after_the_lock_opens_nothing_and_reminds_nobody(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    site.upkeep.sweep()
    site.clock.pass_by(minutes=-30)
    assert site.upkeep.sweep() == Swept()
    site.directory.unlock(NEW)  # not even so
    found = site.activated.find(NEW)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE
    assert messages_of(site) == []


# --- troubles ---------------------------------------------------------------------------------------------------------


def test_a_directory_that_does_not_lock_one_account_keeps_no_other_from_its_turn_and_is_asked_again(
    site: FakeSite,
) -> None:
    addresses = [NEW, AN, BINH]
    for address in addresses:
        grant(site, replace(person(), address=address))
        site.clock.pass_by(1)
    stumbling(site).unlockable.add(AN)
    site.clock.pass_by(hours=6)
    assert site.upkeep.sweep() == Swept(locked=2, failed=1)
    assert kinds(site, AN) == [EventKind.GRANTED]
    assert site.upkeep.sweep() == Swept(failed=1)
    stumbling(site).unlockable.clear()
    assert site.upkeep.sweep() == Swept(locked=1)
    assert [directory_status(site, one) for one in addresses] == [AccountStatus.LOCKED] * 3


def test_a_directory_that_is_down_is_waited_for(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    site.directory.down = True
    assert site.upkeep.sweep() == Swept(failed=1)
    site.directory.down = False
    assert site.upkeep.sweep() == Swept(locked=1)


def test_a_directory_that_does_not_answer_is_asked_once_in_a_sweep_and_not_for_each_account(site: FakeSite) -> None:
    for address in (AN, BINH):
        grant(site, replace(person(), address=address))
    site.clock.pass_by(hours=6)
    site.directory.down = True
    asked: list[str] = []
    find = site.directory.find
    site.directory.find = lambda address: asked.append(address) or find(address)  # type: ignore[method-assign,func-returns-value]  # watched by the test
    assert site.upkeep.sweep() == Swept(failed=2)
    assert len(asked) == 1


def test_an_account_that_has_gone_does_not_get_its_first_password_back_with_a_backup(site: FakeSite) -> None:
    grant(site)
    gone = site.directory.accounts.pop(NEW)
    site.clock.pass_by(hours=5)
    assert site.upkeep.sweep() == Swept()
    site.clock.pass_by(hours=1)
    assert [site.upkeep.sweep() for _ in range(2)] == [Swept(locked=1), Swept()]
    site.directory.accounts[NEW] = gone
    found = site.activated.find(NEW)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE


def test_an_account_that_goes_away_while_it_is_locked_stops_nobody(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    stumbling(site).before_lock = lambda: site.directory.accounts.pop(NEW)
    assert site.upkeep.sweep() == Swept()


def test_recoveries_that_ran_out_are_ended_as_before(site: FakeSite) -> None:
    browser = begin(site)
    site.clock.pass_by(hours=1)
    assert site.upkeep.sweep() == Swept(abandoned=1)
    assert recovery_of(site, browser).step is Step.ABANDONED


# --- at the same moment -----------------------------------------------------------------------------------------------


def test_a_password_that_is_changed_while_the_account_is_being_locked_wins(site: FakeSite) -> None:
    granted = grant(site)
    browser = sign_in(site, NEW, granted.password.reveal(), remember=True)

    def in_the_last_moment() -> None:
        site.clock.pass_by(seconds=-2)
        change(site, browser, granted.password.reveal())
        site.clock.pass_by(seconds=2)

    site.clock.pass_by(hours=6)
    stumbling(site).before_lock = in_the_last_moment
    assert site.upkeep.sweep() == Swept()
    assert directory_status(site) is AccountStatus.ACTIVE
    assert EventKind.LOCKED_OVERDUE not in kinds(site)


def test_an_account_that_is_granted_again_while_it_is_being_locked_stays_open(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    stumbling(site).before_lock = lambda: site.provision.grant_again(NEW, OPERATOR)
    assert site.upkeep.sweep() == Swept()
    assert directory_status(site) is AccountStatus.ACTIVE
    assert EventKind.LOCKED_OVERDUE not in kinds(site)


class LookingDirectory(StumblingDirectory):
    """A directory in which something happens while it is asked for an account: before it looks, or after."""

    def find(self, address: str):  # type: ignore[no-untyped-def]  # the port's
        happens, self.before_password = self.before_password, None
        if happens:
            happens()
        found = super().find(address)
        happens, self.after_password = self.after_password, None
        if happens:
            happens()
        return found


def test_what_a_grant_replaced_meanwhile_is_neither_reminded_nor_counted_as_changed() -> None:
    for hours, hook in itertools.product((5, 6), ("before_password", "after_password")):
        site = make_fake_site(directory_kind=LookingDirectory)
        grant(site)
        site.clock.pass_by(hours=hours)
        setattr(site.directory, hook, partial(site.provision.grant_again, NEW, OPERATOR))
        assert site.upkeep.sweep() == Swept()
        assert kinds(site) == [EventKind.GRANTED, EventKind.GRANTED_AGAIN]


def test_nobody_s_own_password_is_ever_overdue(site: FakeSite) -> None:
    site.clock.pass_by(hours=1000)
    assert site.upkeep.sweep() == Swept()
    assert site.activated.check_password(AN, Secret(OLD_PASSWORD))


def test_a_group_is_locked_as_a_person_is(site: FakeSite) -> None:
    site.provision.grant_again(GROUP, OPERATOR, DOCUMENT)
    site.clock.pass_by(hours=6)
    assert site.upkeep.sweep() == Swept(locked=1)
    assert directory_status(site, GROUP) is AccountStatus.LOCKED
