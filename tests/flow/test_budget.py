"""The site's daily budget: an alarm at 80 %, a clear refusal at 100 %, and notices that always go."""

from itertools import count

import pytest

from recovery_site.domain.messages import MessageKind
from recovery_site.ports import Limit, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GROUP
from tests.flow.story import CLIENT, begin, begin_with_code, messages_of, recovery_of, submit

THE_SENDS_COMMIT = 3
"""The first ones of a press only read: the recovery, and the clock of the account's first password."""

MANY = {limit: "1000/day" for limit in Limit if limit is not Limit.SENDS_OF_SITE}


def site_with(budget: int) -> FakeSite:
    return make_fake_site(daily_budget=budget, limits=MANY)


def used(site: FakeSite, budget: int) -> int:
    with site.transactions() as tx:
        return budget - tx.limits.left(Limit.SENDS_OF_SITE)


def confirm_and_break_at(site: FakeSite, browser: str, commit: int) -> None:
    """Press "Lấy mã xác nhận" and lose the database at the given commit, counted from 1."""
    commits = count(1)

    def fail() -> None:
        if next(commits) == commit:
            raise OSError("the database is gone")

    site.transactions.before_commit = fail
    with pytest.raises(OSError, match="gone"):
        site.recover.confirm(browser, "", CLIENT)
    site.transactions.before_commit = lambda: None


def refused(site: FakeSite) -> LimitReached:
    with pytest.raises(LimitReached) as reached:
        site.recover.confirm(begin(site), "", CLIENT)
    return reached.value


def alarms(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    return [word for line in lines for word in line.split() if word.startswith("alarm_")]


@pytest.mark.parametrize(("budget", "mark"), [(10, 8), (5, 4), (1, 1), (3, 2), (100, 80)])
def test_the_alarm_comes_with_the_message_that_reaches_80_percent_and_only_with_it(
    budget: int, mark: int, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_with(budget)
    heard = []
    for number in range(1, budget + 1):
        begin_with_code(site)
        heard += [number] * alarms(capsys).count("alarm_sms_budget")
    assert heard == [mark]


def test_at_100_percent_no_code_is_sent_and_the_refusal_says_when_there_is_one_again() -> None:
    site = site_with(2)
    for _ in range(2):
        begin_with_code(site)
    site.clock.pass_by(hours=1)
    reached = refused(site)
    assert reached.limit is Limit.SENDS_OF_SITE
    assert 22 * 3600 < reached.retry_after <= 23 * 3600
    assert len(site.gateway.asked) == 2
    site.clock.pass_by(reached.retry_after)
    assert begin_with_code(site)


def test_a_spent_budget_is_an_alarm_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    site = site_with(1)
    begin_with_code(site)
    alarms(capsys)
    refused(site)
    assert alarms(capsys) == ["alarm_sms_budget_spent"]


def test_a_refusal_costs_neither_the_budget_nor_the_account_anything() -> None:
    site = make_fake_site(daily_budget=1)
    begin_with_code(site)
    site.clock.pass_by(60)
    with site.transactions() as tx:
        before = tx.limits.left(Limit.SENDS_PER_ACCOUNT, AN)
    for _ in range(5):
        refused(site)
    with site.transactions() as tx:
        assert tx.limits.left(Limit.SENDS_PER_ACCOUNT, AN) == before == 2
    assert used(site, 1) == 1
    assert len(messages_of(site)) == 1


def test_a_send_that_is_rolled_back_costs_nothing() -> None:
    site = site_with(10)
    browser = begin(site)
    for commit in range(1, THE_SENDS_COMMIT + 1):
        confirm_and_break_at(site, browser, commit)
        assert used(site, 10) == 0
    confirm_and_break_at(site, browser, THE_SENDS_COMMIT + 1)
    assert used(site, 10) == 1


def test_a_send_that_another_limit_refuses_costs_nothing() -> None:
    site = make_fake_site(daily_budget=10)
    for _ in range(3):
        begin_with_code(site)
    assert refused(site).limit is Limit.SENDS_PER_ACCOUNT
    assert used(site, 10) == 3


def test_every_notice_by_sms_is_counted() -> None:
    site = site_with(10)
    browser = begin(site, GROUP)
    choice = site.recover.choices(recovery_of(site, browser))[0]
    site.recover.confirm(browser, choice.phone, CLIENT)
    submit(site, browser, site.gateway.last_code())
    assert used(site, 10) == 3


def test_a_letter_costs_nothing() -> None:
    with_mail = make_fake_site(daily_budget=10)
    browser, code = begin_with_code(with_mail)
    submit(with_mail, browser, code)
    assert used(with_mail, 10) == 2


def test_a_notice_goes_even_when_nothing_is_left() -> None:
    site = site_with(1)
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    site.deliver_all()
    assert [one.kind for one in messages_of(site)] == [MessageKind.CODE, MessageKind.PASSWORD_CHANGED]
    assert len(site.gateway.accepted) == 2


def test_a_notice_can_be_the_message_that_raises_the_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    site = site_with(5)
    for _ in range(2):
        begin_with_code(site)
    browser, code = begin_with_code(site)
    assert alarms(capsys) == []
    submit(site, browser, code)
    assert alarms(capsys) == ["alarm_sms_budget"]


def test_a_send_that_is_rolled_back_raises_no_alarm_and_the_one_that_goes_instead_raises_it_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    site = site_with(5)
    for _ in range(3):
        begin_with_code(site)
    browser = begin(site)
    alarms(capsys)
    for commit in range(1, THE_SENDS_COMMIT + 1):
        confirm_and_break_at(site, browser, commit)
        assert alarms(capsys) == []
    confirm_and_break_at(site, browser, THE_SENDS_COMMIT + 1)
    assert alarms(capsys) == ["alarm_sms_budget"]


def test_two_accounts_with_one_phone_share_what_the_phone_may_get() -> None:
    site = make_fake_site(limits={**MANY, Limit.SENDS_PER_PHONE: "3/day"})
    for typed in (AN, "van-thu", AN):
        begin_with_code(site, typed)
    with pytest.raises(LimitReached) as reached:
        site.recover.confirm(begin(site, "van-thu"), "", CLIENT)
    assert reached.value.limit is Limit.SENDS_PER_PHONE
