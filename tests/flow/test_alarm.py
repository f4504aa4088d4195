"""Guessing that is spread over all accounts: the site's own budget of wrong codes, and what happens above it."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import structlog
from structlog.testing import capture_logs

from recovery_site.domain.messages import MessageKind
from recovery_site.domain.people import Account, Phone, read_number
from recovery_site.domain.texts import segments
from recovery_site.flow.door import DoorRules
from recovery_site.flow.outcomes import Changed, WrongCode
from recovery_site.flow.proofs import ProofWanted, Visitor
from recovery_site.ports import Limit, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, OLD_PASSWORD, solution
from tests.flow.story import CLIENT, begin_with_code, messages_of, submit, wrong

OPERATOR = read_number("0912345678")
BUDGET = 20


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def make_site(**changed: object) -> FakeSite:
    """A site with many accounts, and a budget that a test spends soon."""
    site = make_fake_site(wrong_codes=BUDGET, alarm_phone=OPERATOR, **changed)  # type: ignore[arg-type]  # parameters by name
    for number in range(40):
        address = f"can-bo-{number}@soctrang.gov.vn"
        phone = Phone(read_number(f"09{number:08}"))
        site.directory.accounts[address] = Account(address, phones=(phone,))
        site.directory.passwords[address] = OLD_PASSWORD
    return site


def spray(site: FakeSite, codes: int, first: int = 0) -> None:
    """Try one wrong code on each of so many accounts."""
    for number in range(first, first + codes):
        browser, code = begin_with_code(site, f"can-bo-{number}", f"198.51.100.{number}")
        assert isinstance(submit(site, browser, wrong(code)), WrongCode)


def visitor(**shown: str) -> Visitor:
    return Visitor(CLIENT, "session", **shown)


def is_on(site: FakeSite) -> bool:
    with site.transactions() as tx:
        return tx.limits.members(Limit.ALARM) > 0


def alarms(site: FakeSite) -> list[str]:
    """Return the texts that the operator was sent."""
    site.deliver_all()
    return [sms.text.reveal() for to, sms in site.gateway.accepted if to == OPERATOR]


def test_as_many_wrong_codes_as_the_budget_has_raise_no_alarm() -> None:
    site = make_site()
    spray(site, BUDGET)
    site.door.send(visitor())
    assert not is_on(site)
    assert alarms(site) == []


def test_one_more_raises_it_once_in_the_log_and_on_the_operator_s_telephone() -> None:
    site = make_site()
    with capture_logs() as logs:
        spray(site, BUDGET + 10)
    [alarm] = [one for one in logs if one["event"] == "alarm_wrong_codes"]
    assert (alarm["log_level"], alarm["wrong"], alarm["budget"]) == ("error", BUDGET + 1, BUDGET)
    [text] = alarms(site)
    assert "qua nhieu ma sai" in text
    assert segments(text) == 1


def test_without_an_operator_s_number_the_log_alone_tells() -> None:
    site = make_fake_site(wrong_codes=0)
    browser, code = begin_with_code(site)
    submit(site, browser, wrong(code))
    assert is_on(site)
    assert not [one for one in messages_of(site) if one.kind is MessageKind.ALARM]


def test_the_alarm_names_nobody() -> None:
    site = make_site()
    spray(site, BUDGET + 1)
    [message] = [one for one in messages_of(site) if one.kind is MessageKind.ALARM]
    assert (message.address, message.phone, message.reference, message.recovery_id) == ("", "", "", None)
    assert OPERATOR.e164 not in repr(message)


def test_an_alarm_that_waits_goes_out_before_the_codes() -> None:
    assert MessageKind.ALARM.priority == MessageKind.CODE.priority == 0


def test_every_send_asks_for_a_proof_while_it_is_on() -> None:
    site = make_site()
    spray(site, BUDGET + 1)
    with pytest.raises(ProofWanted) as wanted:
        site.door.send(visitor())
    with pytest.raises(ProofWanted):
        site.door.send(visitor(answer="rubbish"))
    site.door.send(visitor(answer=solution(wanted.value.puzzle)))
    with pytest.raises(ProofWanted):
        site.door.send(visitor(answer=solution(wanted.value.puzzle)))
    site.clock.pass_by(30)
    site.door.send(visitor(ticket=wanted.value.ticket))


def test_a_proof_for_a_look_up_sends_nothing() -> None:
    site = make_site()
    spray(site, BUDGET + 1)
    for number in range(19):
        site.door.look_up(f"ai-do-{number}", visitor())
    with pytest.raises(ProofWanted) as wanted:
        site.door.look_up(AN, visitor())
    with pytest.raises(ProofWanted):
        site.door.send(visitor(answer=solution(wanted.value.puzzle)))


def test_an_official_who_holds_a_code_finishes_during_the_alarm() -> None:
    site = make_site()
    browser, code = begin_with_code(site)
    spray(site, BUDGET + 1)
    assert isinstance(submit(site, browser, code), Changed)


def test_codes_are_checked_slowly_during_the_alarm_and_a_check_that_waits_costs_no_try() -> None:
    site = make_site()
    browser, code = begin_with_code(site)
    spray(site, BUDGET + 1)
    assert submit(site, browser, wrong(code)) == WrongCode(4)
    for _ in range(10):
        with pytest.raises(LimitReached) as reached:
            submit(site, browser, wrong(code))
        assert (reached.value.limit, reached.value.retry_after) == (Limit.CHECKS_IN_ALARM, 10)
    site.clock.pass_by(10)
    assert submit(site, browser, wrong(code)) == WrongCode(3)
    site.clock.pass_by(10)
    assert isinstance(submit(site, browser, code), Changed)


def test_before_the_alarm_nothing_is_slow() -> None:
    site = make_site()
    browser, code = begin_with_code(site)
    assert [submit(site, browser, wrong(code)) for _ in range(3)] == [WrongCode(4), WrongCode(3), WrongCode(2)]


def test_it_is_over_ten_minutes_after_there_were_half_as_many() -> None:
    site = make_site()
    spray(site, BUDGET + 1)
    site.clock.pass_by(minutes=9)
    assert is_on(site)
    site.clock.pass_by(minutes=1)
    assert not is_on(site)
    site.door.send(visitor())


def test_one_that_goes_on_rings_once_and_the_next_one_rings_again() -> None:
    site = make_site()
    spray(site, BUDGET + 1)
    for round_ in range(3):  # between half of the budget and all of it: still somebody who is guessing
        site.clock.pass_by(minutes=7)
        spray(site, BUDGET - 5, first=round_)
        assert is_on(site)
    assert len(alarms(site)) == 1
    site.clock.pass_by(minutes=11)
    assert not is_on(site)
    site.clock.pass_by(hours=24)
    spray(site, BUDGET + 1)
    assert len(set(alarms(site))) == 2


def test_a_number_that_was_taken_out_of_the_settings_is_sent_nothing() -> None:
    site = make_site()
    site.clock.others = lambda: None
    for number in range(BUDGET + 1):
        with site.transactions() as tx:
            site.alarm.count(tx, str(number))
    silent = make_fake_site(over=site)
    silent.deliver_all()
    assert not [sms for to, sms in site.gateway.accepted if to == OPERATOR]


# --- a walk through the address book ----------------------------------------------------------------------------------

MOST = DoorRules().day


def walk(site: FakeSite, addresses: int, client: str = CLIENT, first: int = 0) -> list[dict[str, object]]:
    """Type so many different addresses, whatever comes of it; return what rang."""
    with capture_logs() as logs:
        for number in range(first, first + addresses):
            with suppress(ProofWanted, LimitReached):
                site.door.look_up(f"ai-do-{number}", Visitor(client, "session"))
    return [dict(one) for one in logs if one["event"] == "alarm_address_walk"]


def walkers(site: FakeSite) -> int:
    with site.transactions() as tx:
        return tx.limits.members(Limit.ALARM_OF_WALK)


def test_a_walk_rings_with_the_first_address_too_many_and_once() -> None:
    site = make_fake_site()
    assert walk(site, MOST) == []
    [alarm] = walk(site, 100, first=MOST)
    assert (alarm["log_level"], alarm["addresses"]) == ("error", MOST + 1)
    assert walk(site, 10) == []
    assert not is_on(site)


def test_each_client_that_walks_rings_for_itself() -> None:
    site = make_fake_site()
    assert len(walk(site, MOST + 1)) == 1
    assert len(walk(site, MOST + 1, "198.51.100.9")) == 1
    assert walk(site, MOST // 2 + 10, "198.51.100.10") == []
    assert walkers(site) == 2


@pytest.mark.parametrize(("more", "goes_on"), [(0, False), (1, True)])
def test_a_walk_rings_no_second_time_until_a_day_after_there_were_half_as_many(*, more: int, goes_on: bool) -> None:
    site = make_fake_site()
    walk(site, MOST // 2 + 1)
    site.clock.pass_by(hours=12)
    assert len(walk(site, MOST // 2, first=MOST)) == 1
    site.clock.pass_by(hours=13)  # those of the first half count no more
    assert walk(site, 1, first=MOST + more * MOST) == []
    site.clock.pass_by(hours=12)
    assert walkers(site) == goes_on
    site.clock.pass_by(hours=24)
    assert walkers(site) == 0
    assert len(walk(site, MOST + 1)) == 1
