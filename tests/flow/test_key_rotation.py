"""A new server key in the middle of recoveries."""

import pytest

from recovery_site.domain.keys import KeyRing
from recovery_site.flow.outcomes import Changed, WrongCode
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import GROUP, KEY
from tests.flow.story import CLIENT, begin, begin_with_code, messages_of, recovery_of, submit

NEW_KEY = b"n" * 32


def restarted(site: FakeSite, *keys: bytes) -> FakeSite:
    return make_fake_site(over=site, keys=KeyRing(keys))


def test_a_live_code_survives_a_new_key() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site = restarted(site, NEW_KEY, KEY)
    assert isinstance(submit(site, browser, code), Changed)


def test_a_resend_after_a_new_key_brings_the_same_code() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    site = restarted(site, NEW_KEY, KEY)
    site.clock.pass_by(60)
    site.recover.resend(browser, CLIENT)
    assert site.gateway.last_code() == code


def test_a_group_s_resend_after_a_new_key_goes_to_the_number_that_was_chosen() -> None:
    site = make_fake_site()
    browser = begin(site, GROUP)
    site.recover.confirm(browser, site.recover.choices(recovery_of(site, browser))[1].phone, CLIENT)
    site = restarted(site, NEW_KEY, KEY)
    site.clock.pass_by(60)
    site.recover.resend(browser, CLIENT)
    assert [number.local for number, _ in site.gateway.accepted] == ["0833111333"] * 2


def test_a_message_that_waits_is_sent_after_a_new_key_with_its_own_code() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 500"
    browser = begin(site)
    site.recover.confirm(browser, "", CLIENT)
    site.gateway.fault = ""
    site = restarted(site, NEW_KEY, KEY)
    site.clock.pass_by(5)
    site.deliver_all()
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


def test_a_new_code_comes_from_the_new_key() -> None:
    site = make_fake_site()
    old_id = site.keys.newest_id
    browser, _ = begin_with_code(site)
    site = restarted(site, NEW_KEY, KEY)
    site.clock.pass_by(minutes=8)
    site.recover.resend(browser, CLIENT)
    assert recovery_of(site, browser).key_id != old_id
    site = restarted(site, NEW_KEY)
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


def test_a_key_that_was_taken_out_makes_its_codes_wrong_and_its_messages_fail() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 500"
    browser = begin(site)
    site.recover.confirm(browser, "", CLIENT)
    site.gateway.fault = ""
    site = restarted(site, NEW_KEY)
    site.clock.pass_by(5)
    site.deliver_all()
    assert site.gateway.accepted == []
    assert [message.state for message in messages_of(site)] == ["failed"]
    assert submit(site, browser, "123456") == WrongCode(4)


def test_an_empty_ring_is_no_ring() -> None:
    with pytest.raises(ValueError, match="at least"):
        KeyRing(())
