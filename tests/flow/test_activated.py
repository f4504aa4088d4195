"""The directory as the clock sees it: overdue from the last second on, whether anything has run since or not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_site.domain.activation import Activation
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.secret import Secret
from recovery_site.flow.change import NotSignedIn
from recovery_site.flow.outcomes import Changed, NoUsableAccount
from recovery_site.flow.sign_in import SignInRefused
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, LOCKED, OLD_PASSWORD
from tests.flow.handing_out import (
    DOCUMENT,
    NEW,
    OPERATOR,
    change,
    changed_in_the_mail_system,
    grant,
    sign_in,
    the_clock,
)
from tests.flow.story import begin, begin_with_code, queue_code, submit

TICK = timedelta(microseconds=1)


@pytest.fixture
def site() -> FakeSite:
    return make_fake_site()


def status(site: FakeSite, address: str = NEW) -> AccountStatus:
    found = site.activated.find(address)
    assert found is not None
    return found.status


def listed(site: FakeSite) -> dict[str, AccountStatus]:
    return {one.address: one.status for one in site.activated.all()}


def handed_out(site: FakeSite) -> str:
    """Return the first password of a new account."""
    return grant(site).password.reveal()


def to_the_end(site: FakeSite) -> None:
    site.clock.pass_by(hours=6)


def test_an_account_is_open_until_its_last_second_and_overdue_from_then_on(site: FakeSite) -> None:
    first = Secret(handed_out(site))
    site.clock.pass_by(hours=6, seconds=-0.000001)
    assert (status(site), listed(site)[NEW]) == (AccountStatus.ACTIVE, AccountStatus.ACTIVE)
    assert site.activated.check_password(NEW, first)
    site.clock.pass_by(seconds=0.000001)
    assert (status(site), listed(site)[NEW]) == (AccountStatus.OVERDUE, AccountStatus.OVERDUE)
    assert not site.activated.check_password(NEW, first)
    # nothing has run since: the mail system itself knows nothing of it yet
    assert site.directory.check_password(NEW, first)


def test_only_the_account_whose_time_is_over_is_overdue(site: FakeSite) -> None:
    handed_out(site)
    to_the_end(site)
    others = {address: one for address, one in listed(site).items() if address != NEW}
    assert set(others.values()) == {AccountStatus.ACTIVE, AccountStatus.LOCKED}
    assert others[LOCKED] is AccountStatus.LOCKED
    assert site.activated.check_password(AN, Secret(OLD_PASSWORD))


def test_an_account_that_nobody_has_heard_of_is_unknown_still(site: FakeSite) -> None:
    assert site.activated.find(NEW) is None


def test_the_true_reason_is_told_also_after_the_mail_system_was_locked(site: FakeSite) -> None:
    handed_out(site)
    to_the_end(site)
    site.upkeep.sweep()
    assert (status(site), listed(site)[NEW]) == (AccountStatus.OVERDUE, AccountStatus.OVERDUE)


def test_a_first_password_that_was_changed_in_time_leaves_the_account_open(site: FakeSite) -> None:
    first = handed_out(site)
    change(site, sign_in(site, NEW, first), first, "Ben-pha-9-vang-khach")
    to_the_end(site)
    assert (status(site), listed(site)[NEW]) == (AccountStatus.ACTIVE, AccountStatus.ACTIVE)
    assert site.activated.check_password(NEW, Secret("Ben-pha-9-vang-khach"))


def test_one_that_was_changed_in_the_mail_system_leaves_it_open_too_without_any_sweep(site: FakeSite) -> None:
    handed_out(site)
    site.clock.pass_by(hours=6, seconds=-1)
    changed_in_the_mail_system(site, NEW, "Webmail-7-Cua-toi")
    to_the_end(site)
    assert (status(site), listed(site)[NEW]) == (AccountStatus.ACTIVE, AccountStatus.ACTIVE)


def test_one_that_was_changed_by_a_recovery_leaves_it_open(site: FakeSite) -> None:
    handed_out(site)
    site.clock.pass_by(hours=1)
    browser, code = begin_with_code(site, NEW)
    assert isinstance(submit(site, browser, code), Changed)
    to_the_end(site)
    assert status(site) is AccountStatus.ACTIVE


# --- what an overdue account can do -----------------------------------------------------------------------------------


def test_nobody_signs_in_to_an_overdue_account(site: FakeSite) -> None:
    first = handed_out(site)
    to_the_end(site)
    with pytest.raises(SignInRefused):
        sign_in(site, NEW, first)


def test_a_session_that_was_open_before_is_over(site: FakeSite) -> None:
    browser = sign_in(site, NEW, handed_out(site), remember=True)
    site.clock.pass_by(hours=6, seconds=-1)
    assert site.sign_in.who(browser) is not None
    site.clock.pass_by(1)
    assert site.sign_in.who(browser) is None


def test_a_recovery_is_answered_as_for_any_locked_account(site: FakeSite) -> None:
    handed_out(site)
    to_the_end(site)
    for address in (NEW, LOCKED):
        with pytest.raises(NoUsableAccount):
            begin(site, address)


def test_a_recovery_that_is_under_way_at_the_end_goes_no_further(site: FakeSite) -> None:
    handed_out(site)
    site.clock.pass_by(hours=5, minutes=55)
    browser, code = begin_with_code(site, NEW)
    site.clock.pass_by(minutes=5)
    with pytest.raises(NoUsableAccount):
        submit(site, browser, code)
    assert len(site.directory.changes) == 0


def test_a_code_that_waits_for_a_gateway_at_the_end_is_not_sent(site: FakeSite) -> None:
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    site.clock.pass_by(hours=5, minutes=55)
    queue_code(site)
    site.clock.pass_by(minutes=5)
    site.deliver_all()
    assert site.gateway.accepted == []


def test_somebody_who_begins_to_change_it_after_the_end_is_signed_in_no_more(site: FakeSite) -> None:
    first = handed_out(site)
    browser = sign_in(site, NEW, first)
    assert site.change.first_password(site.change.account(browser)) == the_clock(site)
    to_the_end(site)
    with pytest.raises(NotSignedIn):
        change(site, browser, first)
    assert site.directory.changes == []


# --- several clocks of one account ------------------------------------------------------------------------------------


def added(site: FakeSite, activation: Activation) -> None:
    with site.transactions() as tx:
        tx.activations.add(activation)


@pytest.mark.parametrize(("started", "ends"), [(-3, -3), (-3, 3), (3, 3), (3, -3)])
def test_of_two_clocks_one_that_is_over_is_enough(site: FakeSite, started: int, ends: int) -> None:
    handed_out(site)
    running = the_clock(site)
    other = replace(
        running,
        id="other",
        reference="OTHR",
        started_at=running.started_at + timedelta(hours=started),
        ends_at=running.ends_at + timedelta(hours=ends),
    )
    added(site, other)
    site.clock.pass_by(hours=min(6, 6 + ends))
    assert (status(site), listed(site)[NEW]) == (AccountStatus.OVERDUE, AccountStatus.OVERDUE)
