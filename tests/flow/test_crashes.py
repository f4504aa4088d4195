"""The process dies at any point, a new one starts over the same database, and the official goes on."""

from collections.abc import Callable

import pytest

from recovery_site.domain.messages import MessageState
from recovery_site.domain.recovery import Step
from recovery_site.flow.deliver import LEASE
from recovery_site.flow.outcomes import Changed, CodeGone
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.flow.story import CLIENT, begin, begin_with_code, messages_of, recovery_of, submit, wrong

COMMITS = range(1, 12)
"""More than any verb makes; a crash after the last commit is no crash."""


class Crash(BaseException):
    """The process dies: nothing of ours catches this."""


def crash_at(site: FakeSite, commit: int, *, after: bool) -> None:
    """Die just before, or just after, the given commit takes effect."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == commit:
            raise Crash

    if after:
        site.transactions.after_commit = count
    else:
        site.transactions.before_commit = count


def run_until_crash(act: Callable[[], object]) -> None:
    try:
        act()
    except Crash:
        return


def restarted(site: FakeSite) -> FakeSite:
    site.transactions.before_commit = site.transactions.after_commit = lambda: None
    return make_fake_site(over=site)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", COMMITS)
def test_a_crash_while_beginning_leaves_a_browser_that_can_begin_again(commit: int, after: bool) -> None:
    site = make_fake_site()
    crash_at(site, commit, after=after)
    run_until_crash(lambda: begin(site))
    site = restarted(site)
    browser, code = begin_with_code(site)
    assert isinstance(submit(site, browser, code), Changed)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", COMMITS)
def test_a_crash_while_sending_loses_no_message_and_sends_no_second_one(commit: int, after: bool) -> None:
    site = make_fake_site()
    browser = begin(site)
    crash_at(site, commit, after=after)
    run_until_crash(lambda: site.recover.confirm(browser, "", CLIENT))
    site = restarted(site)
    if recovery_of(site, browser).step is Step.AWAITING_CONFIRMATION:
        assert messages_of(site) == []
        site.recover.confirm(browser, "", CLIENT)
    site.clock.pass_by(LEASE.total_seconds())
    site.deliver_all()
    assert [message.state for message in messages_of(site)] == [MessageState.SENT]
    assert len({sms.message_id for _, sms in site.gateway.accepted}) == 1
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


@pytest.mark.parametrize("tries_left", [1, 5])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", COMMITS)
def test_a_crash_during_the_change_leaves_a_code_that_still_works(commit: int, after: bool, tries_left: int) -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    for _ in range(5 - tries_left):
        submit(site, browser, wrong(code))
    crash_at(site, commit, after=after)
    run_until_crash(lambda: submit(site, browser, code))
    site = restarted(site)
    site.clock.pass_by(31)
    again = submit(site, browser, code)
    assert isinstance(again, Changed)
    assert site.directory.passwords[AN] == GOOD_PASSWORD
    assert recovery_of(site, again.browser or browser).step is Step.DONE


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", COMMITS)
def test_a_crash_at_a_wrong_code_gives_no_more_than_five_tries(commit: int, after: bool) -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    crash_at(site, commit, after=after)
    run_until_crash(lambda: submit(site, browser, wrong(code)))
    site = restarted(site)
    while not isinstance(submit(site, browser, wrong(code)), CodeGone):
        assert recovery_of(site, browser).attempts_left < 5
    assert isinstance(submit(site, browser, code), CodeGone)
    assert site.directory.passwords[AN] == OLD_PASSWORD


def test_wrong_codes_after_a_crash_at_the_directory_use_up_the_tries_all_the_same() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    for _ in range(4):
        submit(site, browser, wrong(code))
    site.directory.set_password = lambda *_: _raise()
    run_until_crash(lambda: submit(site, browser, code))
    site = restarted(site)
    site.clock.pass_by(31)
    assert not isinstance(submit(site, browser, wrong(code)), CodeGone)
    assert isinstance(submit(site, browser, code), CodeGone)


def _raise() -> None:
    raise Crash
