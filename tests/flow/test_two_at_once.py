"""Two requests at one time, told step by step: what the second one does while the first one is at the directory."""

import pytest

from recovery_site.flow.outcomes import BeingChanged, Changed, NoRecovery, Outcome, TooEarly
from recovery_site.ports import DirectoryUnavailable
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN
from tests.flow.story import CLIENT, begin_with_code, recovery_of, submit


def meanwhile(site: FakeSite, act: object) -> None:
    """Let `act` happen while the directory is setting a password."""
    original = site.directory.set_password

    def set_password(*args: object) -> None:
        site.directory.set_password = original
        act()
        original(*args)

    site.directory.set_password = set_password


def test_a_second_right_code_waits_and_then_says_that_the_change_is_under_way() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    second: list[Outcome] = []
    meanwhile(site, lambda: second.append(submit(site, browser, code)))
    assert isinstance(submit(site, browser, code), Changed)
    assert isinstance(second[0], BeingChanged)
    assert 1 <= sum(site.clock.slept[-8:]) <= 1.9
    assert len(site.directory.changes) == 1


def test_a_wrong_code_while_the_right_one_changes_costs_no_try() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    meanwhile(site, lambda: submit(site, browser, "000000"))
    submit(site, browser, code)
    assert len(site.directory.changes) == 1


def test_nothing_is_sent_while_the_password_is_being_changed() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.clock.pass_by(60)
    waits: list[int] = []

    def resend() -> None:
        with pytest.raises(TooEarly) as early:
            site.recover.resend(browser, CLIENT)
        waits.append(early.value.wait)

    meanwhile(site, resend)
    submit(site, browser, code)
    assert waits == [30]


def test_another_recovery_of_the_account_waits_for_the_change_and_never_calls_it_failed() -> None:
    site = make_fake_site()
    mine, my_code = begin_with_code(site)
    other, other_code = begin_with_code(site)
    seen: list[Outcome] = []
    meanwhile(site, lambda: seen.append(submit(site, other, other_code)))
    assert isinstance(submit(site, mine, my_code), Changed)
    assert isinstance(seen[0], BeingChanged)
    with pytest.raises(NoRecovery):
        submit(site, other, other_code)
    assert len(site.directory.changes) == 1


def test_the_second_one_hears_that_the_change_of_the_first_one_failed() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site.directory.down_for_changes = True

    def first_fails_while_the_second_sleeps() -> None:
        site.clock.others = lambda: None
        site.reset._give_back(recovery_of(site, browser))  # noqa: SLF001 -- the first request's own last act

    def second() -> None:
        site.clock.others = first_fails_while_the_second_sleeps
        with pytest.raises(DirectoryUnavailable):
            submit(site, browser, code)

    meanwhile(site, second)
    with pytest.raises(DirectoryUnavailable):
        submit(site, browser, code)


def test_a_directory_slower_than_the_claim_still_ends_in_one_finished_recovery() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    second: list[Outcome] = []

    def half_a_minute_later() -> None:
        site.clock.pass_by(31)
        second.append(submit(site, browser, code))

    meanwhile(site, half_a_minute_later)
    assert isinstance(submit(site, browser, code), Changed)
    assert isinstance(second[0], Changed)
    assert recovery_of(site, browser).finished_at is not None


def test_a_recovery_is_not_swept_away_while_its_password_is_being_changed() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    site.clock.pass_by(minutes=24)
    site.recover.resend(browser, CLIENT)
    code = site.gateway.last_code()
    site.clock.pass_by(minutes=5, seconds=58)

    def sweep() -> None:
        site.clock.pass_by(5)
        with site.transactions() as tx:
            tx.recoveries.expire(site.clock.now())

    meanwhile(site, sweep)
    assert isinstance(submit(site, browser, code), Changed)
    assert [address for address, _ in site.directory.changes] == [AN]
