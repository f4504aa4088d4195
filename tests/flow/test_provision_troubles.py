"""Handing accounts out while something fails in between, or somebody else does the same: no clock is ever lost."""

from datetime import timedelta

import pytest

from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.recovery import Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import GrantProblem, GrantRefused
from recovery_site.ports import CannotAdd, DirectoryUnavailable, PasswordRefused, PolicyProblem
from tests.fake_site import FakeSite
from tests.fakes import AN, BINH, LOCKED, NOON, OLD_PASSWORD, UNKNOWN
from tests.flow.handing_out import (
    DOCUMENT,
    LIFETIME,
    NEW,
    OPERATOR,
    TELEPHONE,
    grant,
    kinds,
    make_stumbling_site,
    refusal,
    sign_in,
    status,
    stumbling,
    the_clock,
    unavailable,
    with_password_since,
)
from tests.flow.story import begin_with_code, recovery_of


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


# --- whatever happens in between --------------------------------------------------------------------------------------


def test_a_directory_that_fails_leaves_no_account_without_a_clock_and_the_same_grant_may_be_given_again(
    site: FakeSite,
) -> None:
    stumbling(site).before_password = unavailable
    with pytest.raises(DirectoryUnavailable):
        grant(site)
    assert (the_clock(site).started_at, NEW in site.directory.accounts) == (NOON, False)
    site.clock.pass_by(1)
    granted = grant(site)
    assert site.directory.check_password(NEW, granted.password)
    assert the_clock(site) == granted.activation


def test_a_first_password_that_was_set_although_the_directory_never_answered_does_not_live_longer(
    site: FakeSite,
) -> None:
    stumbling(site).after_password = unavailable
    with pytest.raises(DirectoryUnavailable):
        grant(site)
    assert status(site) is AccountStatus.ACTIVE
    site.clock.pass_by(LIFETIME.total_seconds())
    assert status(site) is AccountStatus.OVERDUE
    site.upkeep.sweep()
    assert site.directory.accounts[NEW].status is AccountStatus.LOCKED


def test_an_answer_that_was_lost_is_made_good_by_the_same_grant(site: FakeSite) -> None:
    stumbling(site).after_password = unavailable
    with pytest.raises(DirectoryUnavailable):
        grant(site)
    site.clock.pass_by(minutes=5)
    granted = grant(site)
    assert site.directory.check_password(NEW, granted.password)
    assert the_clock(site).ends_at == site.clock.now() + LIFETIME


@pytest.mark.parametrize("trouble", [CannotAdd(NEW), PasswordRefused(PolicyProblem.TOO_SHORT)])
def test_what_the_directory_refuses_is_said_and_may_be_granted_when_it_is_mended(
    site: FakeSite, trouble: Exception
) -> None:
    def refuse() -> None:
        raise trouble

    stumbling(site).before_password = refuse
    with pytest.raises(type(trouble)):
        grant(site)
    assert grant(site).account.address == NEW


def test_a_locked_account_whose_new_first_password_could_not_be_set_is_locked_again(site: FakeSite) -> None:
    stumbling(site).before_password = unavailable
    with pytest.raises(DirectoryUnavailable):
        site.provision.grant_again(LOCKED, OPERATOR, DOCUMENT)
    assert site.directory.accounts[LOCKED].status is AccountStatus.LOCKED
    assert not site.directory.check_password(LOCKED, Secret(OLD_PASSWORD))


def test_of_two_operators_at_one_time_the_second_is_told_of_the_first(site: FakeSite) -> None:
    problems = []

    def another_operator() -> None:
        with pytest.raises(GrantRefused) as refused:
            site.provision.grant_again(AN, "another", TELEPHONE)
        problems.append(refused.value.problem)

    stumbling(site).before_password = another_operator
    granted = site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert problems == [GrantProblem.UNDER_WAY]
    assert site.directory.check_password(AN, granted.password)
    assert site.provision.grant_again(AN, "another", TELEPHONE).activation.actor == "another"


def test_a_process_that_died_while_handing_out_blocks_nobody_for_longer_than_a_minute(site: FakeSite) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        site.transactions.before_commit = kill  # not even what comes last is done
        raise Killed

    def kill() -> None:
        raise Killed

    stumbling(site).before_password = die
    with pytest.raises(Killed):
        grant(site)
    site.transactions.before_commit = lambda: None
    assert refusal(site) is GrantProblem.UNDER_WAY
    site.clock.pass_by(60)
    assert site.directory.check_password(NEW, grant(site).password)


def test_a_sweep_in_the_middle_of_handing_out_is_not_taken_for_a_change(site: FakeSite) -> None:
    def slow_directory() -> None:
        site.clock.pass_by(hours=5, minutes=30)
        with_password_since(site, AN, site.clock.now())
        site.upkeep.sweep()

    stumbling(site).after_password = slow_directory
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert status(site, AN) is AccountStatus.ACTIVE
    site.clock.pass_by(minutes=30)
    assert status(site, AN) is AccountStatus.OVERDUE


def test_what_a_sweep_did_in_the_middle_of_handing_out_is_not_done_again(site: FakeSite) -> None:
    def slow_directory() -> None:
        site.clock.pass_by(hours=5)
        assert site.upkeep.sweep().reminded == 1

    stumbling(site).before_password = slow_directory
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert site.upkeep.sweep().reminded == 0


def test_a_replica_that_does_not_know_of_the_new_password_yet_does_not_stop_the_clock(site: FakeSite) -> None:
    with_password_since(site, AN, NOON - timedelta(days=300))
    stale = site.directory.accounts[AN]
    stumbling(site).after_password = lambda: site.directory.accounts.update({AN: stale})
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    # now it has heard
    with_password_since(site, AN, NOON + timedelta(seconds=2))
    site.clock.pass_by(LIFETIME.total_seconds())
    assert status(site, AN) is AccountStatus.OVERDUE


# --- granted again ----------------------------------------------------------------------------------------------------


def test_granting_again_starts_the_clock_again_with_another_password(site: FakeSite) -> None:
    first = grant(site)
    site.clock.pass_by(hours=5)
    again = site.provision.grant_again(NEW, OPERATOR)
    assert not site.directory.check_password(NEW, first.password)
    assert site.directory.check_password(NEW, again.password)
    assert again.activation.asking == DOCUMENT
    site.clock.pass_by(hours=2)
    assert status(site) is AccountStatus.ACTIVE
    site.clock.pass_by(hours=4)
    assert status(site) is AccountStatus.OVERDUE
    assert kinds(site) == [EventKind.GRANTED, EventKind.GRANTED_AGAIN]


def test_granting_again_opens_an_account_that_the_clock_has_locked(site: FakeSite) -> None:
    grant(site)
    site.clock.pass_by(hours=6)
    site.upkeep.sweep()
    again = site.provision.grant_again(NEW, OPERATOR, TELEPHONE)
    assert status(site) is AccountStatus.ACTIVE
    assert site.activated.check_password(NEW, again.password)
    assert again.activation.asking == TELEPHONE
    assert site.upkeep.sweep().locked == 0


def test_granting_again_ends_what_the_old_password_opened_and_recoveries_with_their_codes(site: FakeSite) -> None:
    browser = sign_in(site, AN, OLD_PASSWORD)
    recovering, _ = begin_with_code(site)
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert site.sign_in.who(browser) is None
    assert recovery_of(site, recovering).step is Step.ABANDONED


def test_granting_again_leaves_other_accounts_alone(site: FakeSite) -> None:
    browser = sign_in(site, BINH, OLD_PASSWORD)
    other = grant(site)
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert site.sign_in.who(browser) is not None
    assert the_clock(site) == other.activation


def test_nobody_is_granted_again_who_is_unknown_or_of_whom_nobody_says_why(site: FakeSite) -> None:
    for address in (UNKNOWN, AN):
        with pytest.raises(GrantRefused) as refused:
            site.provision.grant_again(address, OPERATOR)
        assert refused.value.problem is GrantProblem.UNKNOWN
