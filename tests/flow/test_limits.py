"""How often codes may be sent, for whom, and what a refusal costs."""

import pytest

from recovery_site.flow.outcomes import Changed, TooEarly, WrongCode
from recovery_site.ports import Limit, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, SHARED
from tests.flow.story import CLIENT, begin, begin_with_code, submit, wrong

MANY = "1000/day"


def refusal(site: FakeSite, typed: str = AN, client: str = CLIENT) -> LimitReached:
    browser = begin(site, typed)
    with pytest.raises(LimitReached) as reached:
        site.recover.confirm(browser, "", client)
    return reached.value


def test_three_sends_in_ten_minutes_are_enough_for_one_account() -> None:
    site = make_fake_site()
    for _ in range(3):
        begin_with_code(site)
        site.clock.pass_by(60)
    refused = refusal(site)
    assert refused.limit is Limit.SENDS_PER_ACCOUNT
    assert 415 < refused.retry_after <= 420
    site.clock.pass_by(refused.retry_after)
    assert begin_with_code(site)


def test_another_account_is_not_held_up() -> None:
    site = make_fake_site()
    for _ in range(3):
        begin_with_code(site)
    refusal(site)
    assert begin_with_code(site, BINH)


def test_every_spelling_of_one_account_shares_its_limit() -> None:
    site = make_fake_site(aliases={"old.gov.vn": "soctrang.gov.vn"})
    for typed in ("an.tran", AN.upper(), "an.tran@old.gov.vn"):
        begin_with_code(site, typed)
    assert refusal(site, "ａｎ.tran@soctrang.gov.vn.").limit is Limit.SENDS_PER_ACCOUNT


def test_one_client_gets_five_codes_a_day_for_one_account_and_another_client_still_some() -> None:
    site = make_fake_site()
    for _ in range(5):
        begin_with_code(site)
        site.clock.pass_by(minutes=10)
    refused = refusal(site)
    assert refused.limit is Limit.SENDS_PER_ACCOUNT_AND_CLIENT
    assert 23 * 3600 < refused.retry_after < 24 * 3600
    assert begin_with_code(site, client="198.51.100.1")


def test_ten_codes_a_day_are_the_most_for_one_account() -> None:
    site = make_fake_site(limits={Limit.SENDS_PER_PHONE: MANY})
    for number in range(10):
        begin_with_code(site, client=f"192.0.2.{number}")
        site.clock.pass_by(minutes=10)
    refused = refusal(site, client="192.0.2.99")
    assert refused.limit is Limit.SENDS_PER_ACCOUNT_A_DAY
    site.clock.pass_by(refused.retry_after)
    assert begin_with_code(site)


def test_one_client_s_codes_for_one_account_hold_up_no_other() -> None:
    site = make_fake_site(limits={Limit.SENDS_PER_ACCOUNT_AND_CLIENT: "1/day"})
    begin_with_code(site)
    assert refusal(site).limit is Limit.SENDS_PER_ACCOUNT_AND_CLIENT
    assert begin_with_code(site, BINH)


def test_one_telephone_s_codes_hold_up_no_other() -> None:
    site = make_fake_site(limits={Limit.SENDS_PER_PHONE: "1/day"})
    begin_with_code(site)
    assert refusal(site).limit is Limit.SENDS_PER_PHONE
    assert begin_with_code(site, BINH)


def test_two_accounts_with_one_telephone_share_its_ten_codes_a_day() -> None:
    site = make_fake_site()
    for number in range(5):
        for typed in (AN, SHARED):
            begin_with_code(site, typed, f"192.0.2.{number}")
            site.clock.pass_by(minutes=5)
    for typed in (AN, SHARED):
        assert refusal(site, typed, "192.0.2.99").limit is Limit.SENDS_PER_PHONE


def test_a_refused_send_is_not_counted_against_any_limit() -> None:
    site = make_fake_site(limits={Limit.SENDS_PER_PHONE: "1/day"})
    begin_with_code(site, SHARED)
    before = dict(site.transactions.rows.counters)
    for _ in range(20):
        assert refusal(site).limit is Limit.SENDS_PER_PHONE
    assert site.transactions.rows.counters == before


def test_a_send_too_early_is_not_counted() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    before = dict(site.transactions.rows.counters)
    for _ in range(20):
        with pytest.raises(TooEarly):
            site.recover.resend(browser, CLIENT)
    assert site.transactions.rows.counters == before


def test_after_fifteen_wrong_codes_no_new_code_is_sent_but_the_owner_s_still_works() -> None:
    site = make_fake_site(limits=dict.fromkeys((Limit.SENDS_PER_ACCOUNT, Limit.SENDS_PER_ACCOUNT_AND_CLIENT), MANY))
    owner, code = begin_with_code(site)
    for _ in range(3):
        stranger, strangers_code = begin_with_code(site)
        for _ in range(5):
            submit(site, stranger, wrong(strangers_code))
    refused = refusal(site)
    assert refused.limit is Limit.WRONG_CODES_PER_ACCOUNT
    assert refused.retry_after > 23 * 3600
    assert submit(site, owner, wrong(code)) == WrongCode(4)
    assert isinstance(submit(site, owner, code), Changed)


def test_wrong_codes_for_one_account_hold_up_no_other() -> None:
    site = make_fake_site(limits={Limit.WRONG_CODES_PER_ACCOUNT: "1/day"})
    browser, code = begin_with_code(site)
    submit(site, browser, wrong(code))
    assert refusal(site).limit is Limit.WRONG_CODES_PER_ACCOUNT
    assert begin_with_code(site, BINH)


def test_a_success_does_not_clear_the_wrong_codes_of_the_account() -> None:
    site = make_fake_site(limits={Limit.WRONG_CODES_PER_ACCOUNT: "1/day"})
    browser, code = begin_with_code(site)
    submit(site, browser, wrong(code))
    submit(site, browser, code)
    assert refusal(site).limit is Limit.WRONG_CODES_PER_ACCOUNT
