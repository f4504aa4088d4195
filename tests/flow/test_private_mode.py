"""What stands behind the pages of private mode (ADR 0023): stand-ins, and accounts that change in between."""

import pytest

from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.messages import FaultKind, Message, MessageState
from recovery_site.domain.people import Phone, read_number
from recovery_site.domain.recovery import Step
from recovery_site.flow.outcomes import Changed, WrongCode
from recovery_site.ports import Limit
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GROUP, KEY, LOCKED, PHONELESS, SHARED, UNKNOWN
from tests.flow.story import CLIENT, begin, messages_of, recovery_of, submit, the_message

REFUSED = pytest.mark.parametrize("address", [UNKNOWN, LOCKED, PHONELESS])


@pytest.fixture
def site() -> FakeSite:
    return make_fake_site(private=True)


@REFUSED
def test_a_code_for_nobody_ends_in_the_outbox_and_no_gateway_is_asked(site: FakeSite, address: str) -> None:
    _ask(site, address)
    message = the_message(site)
    assert (message.state, message.fault_kind, message.gateway) == (MessageState.FAILED, FaultKind.GONE, None)
    assert site.gateway.asked == []


@REFUSED
def test_not_even_the_code_that_fits_the_row_of_nobody_changes_anything(site: FakeSite, address: str) -> None:
    browser = _ask(site, address)
    assert submit(site, browser, _code_of(site, browser)) == WrongCode(4)
    assert site.directory.changes == []
    assert recovery_of(site, browser).step is Step.AWAITING_CODE


def test_nothing_is_sent_and_nothing_waits_while_the_page_is_made(site: FakeSite) -> None:
    browser = begin(site, AN)
    site.recover.confirm(browser, "", CLIENT)
    assert site.clock.slept == []
    site.deliver_all()
    assert site.gateway.asked == []
    site.clock.pass_by(3)
    site.deliver_all()
    assert len(site.gateway.accepted) == 1


def test_an_account_that_is_locked_in_between_goes_on_as_nobodys(site: FakeSite) -> None:
    browser = _ask(site, AN)
    code = site.gateway.last_code()
    site.directory.lock(AN)
    assert submit(site, browser, code) == WrongCode(4)
    assert recovery_of(site, browser).step is Step.AWAITING_CODE
    _again(site, browser)
    assert [one.state for one in messages_of(site)] == [MessageState.SENT, MessageState.FAILED]
    assert site.directory.changes == []


def test_a_message_that_waits_while_its_account_is_locked_is_not_sent(site: FakeSite) -> None:
    site.recover.confirm(begin(site, AN), "", CLIENT)
    site.directory.lock(AN)
    _deliver(site)
    assert site.gateway.asked == []


def test_an_account_that_is_opened_in_between_gets_its_next_code(site: FakeSite) -> None:
    browser = _ask(site, LOCKED)
    shown = site.recover.choices(recovery_of(site, browser))
    unsent = _code_of(site, browser)
    site.directory.unlock(LOCKED)
    assert submit(site, browser, unsent) == WrongCode(4)
    _again(site, browser)
    assert site.gateway.accepted[-1][0].local == "0701234567"
    assert site.recover.choices(recovery_of(site, browser)) != shown
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


def test_the_code_of_a_number_that_is_the_accounts_no_more_is_wrong_and_the_next_goes_to_the_new_one(
    site: FakeSite,
) -> None:
    browser = _ask(site, AN)
    code = site.gateway.last_code()
    site.directory.give_number(AN, "0912000111")
    assert submit(site, browser, code) == WrongCode(4)
    _again(site, browser)
    assert site.gateway.accepted[-1][0].local == "0912000111"
    assert site.gateway.last_code() != code
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


def test_a_group_is_told_of_its_new_password_on_all_its_numbers(site: FakeSite) -> None:
    browser = _ask(site, GROUP)
    assert len(site.recover.choices(recovery_of(site, browser))) == 1
    submit(site, browser, site.gateway.last_code())
    site.deliver_all()
    assert [number.local for number, _ in site.gateway.accepted] == ["0833111222", "0833111222", "0833111333"]


def test_a_code_stays_right_when_the_group_is_put_into_another_order(site: FakeSite) -> None:
    browser = _ask(site, GROUP)
    site.directory.set_phones(GROUP, [Phone(read_number(number)) for number in ("0833111333", "0833111222")])
    assert isinstance(submit(site, browser, site.gateway.last_code()), Changed)


def test_a_number_that_had_its_sms_of_a_day_gets_none_and_the_outbox_says_why() -> None:
    site = make_fake_site(private=True, limits={Limit.SENDS_PER_PHONE: "1/day"}, daily_budget=2)
    _ask(site, AN)
    _ask(site, SHARED)
    held = messages_of(site)[-1]
    assert (held.state, held.gateway, held.address) == (MessageState.FAILED, None, SHARED)
    assert "sends_per_phone" in (held.fault or "")
    assert len(site.gateway.asked) == 1
    _ask(site, GROUP)
    assert len(site.gateway.asked) == 2, "what was held back was not paid for"


@pytest.mark.parametrize("address", [UNKNOWN, AN])
def test_the_number_stays_when_a_newer_key_comes(site: FakeSite, address: str) -> None:
    masks = {_mask(site, address)}
    rotated = make_fake_site(private=True, over=site, keys=KeyRing((b"n" * 32, KEY)))
    assert masks == {_mask(rotated, address)}


def test_another_key_gives_other_numbers(site: FakeSite) -> None:
    assert _mask(site, UNKNOWN) != _mask(make_fake_site(private=True, keys=KeyRing((b"n" * 32,))), UNKNOWN)


def test_who_reads_a_reference_out_can_be_told_that_nobody_got_it(site: FakeSite) -> None:
    assert site.under_way.went_to_nobody(recovery_of(site, _ask(site, UNKNOWN)))
    assert not site.under_way.went_to_nobody(recovery_of(site, _ask(site, AN)))
    assert not site.under_way.went_to_nobody(recovery_of(site, begin(site, PHONELESS)))


def _ask(site: FakeSite, address: str) -> str:
    browser = begin(site, address)
    _again(site, browser, wait=0)
    return browser


def _again(site: FakeSite, browser: str, wait: int = 60) -> Message:
    site.clock.pass_by(wait)
    site.recover.confirm(browser, "", CLIENT)
    _deliver(site)
    return messages_of(site)[-1]


def _deliver(site: FakeSite) -> None:
    site.clock.pass_by(3)
    site.deliver_all()


def _code_of(site: FakeSite, browser: str) -> str:
    """Return the code that only the key's holder could know."""
    recovery = recovery_of(site, browser)
    key = site.keys.subkey(Label.CODE, recovery.key_id)
    return derive_code(key, recovery_id=recovery.id, generation=recovery.generation, digits=6).reveal()


def _mask(site: FakeSite, address: str) -> str:
    [choice] = site.recover.choices(recovery_of(site, begin(site, address)))
    return choice.mask
