"""The outbox: what is retried, when it ends, and that nothing is called sent which no gateway accepted."""

from datetime import timedelta
from itertools import pairwise

import pytest

from recovery_site.domain.messages import RETRY_WAITS, FaultKind, MessageKind, MessageState
from recovery_site.flow.tracking import WAITERS
from tests.fake_site import make_fake_site
from tests.fakes import AN, BINH, LOCKED, NOON, FakeGateway
from tests.flow.story import (
    CLIENT,
    begin,
    begin_with_code,
    messages_of,
    queue_code,
    submit,
    the_message,
)

# --- the page waits ---------------------------------------------------------------------------------------------------


def test_the_page_waits_at_most_a_second_and_then_says_that_it_is_being_sent() -> None:
    site = make_fake_site()
    _, message = queue_code(site)
    assert 1 <= sum(site.clock.slept) < 1.1
    assert site.tracking.state_of(message.id) is MessageState.QUEUED


def test_the_page_stops_waiting_as_soon_as_the_gateway_answered() -> None:
    for fault, state in (("", MessageState.SENT), ("status 500", MessageState.QUEUED)):
        site = make_fake_site()
        site.gateway.fault = fault
        site.recover.confirm(begin(site), "", CLIENT)
        assert sum(site.clock.slept) < 0.1
        assert the_message(site).state is state


def test_when_many_wait_already_the_page_does_not_wait() -> None:
    site = make_fake_site()
    _, message = queue_code(site)
    nested: list[float] = []

    def another_page() -> None:
        if len(nested) < WAITERS:
            nested.append(0)
            site.tracking.wait_for(message.id)

    site.clock.others = another_page
    slept = len(site.clock.slept)
    site.tracking.wait_for(message.id)
    site.clock.others = lambda: None
    assert len(nested) == WAITERS
    assert len(site.clock.slept) > slept


def test_an_unknown_message_is_an_error_and_not_a_success() -> None:
    with pytest.raises(LookupError):
        make_fake_site().tracking.state_of("made up")


# --- retries ----------------------------------------------------------------------------------------------------------


def test_retries_come_within_five_seconds_and_then_in_growing_waits_until_the_deadline() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 503"
    _, message = queue_code(site)
    tried: list[float] = []
    while not the_message(site).state.is_final:
        before = len(site.gateway.asked)
        site.deliver_all()
        if len(site.gateway.asked) > before:
            tried.append((site.clock.now() - message.created_at).total_seconds())
        site.clock.pass_by(1)
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits[0] <= 5
    planned = [*RETRY_WAITS, *[RETRY_WAITS[-1]] * len(waits)]
    assert list(RETRY_WAITS) == sorted(RETRY_WAITS)
    # up to a fifth is jitter, and this dispatcher looks once in a second
    assert all(least <= wait <= least * 1.2 + 1 for wait, least in zip(waits, planned, strict=False))
    assert NOON + timedelta(seconds=tried[-1]) < message.deadline
    assert the_message(site).state is MessageState.FAILED
    assert site.gateway.accepted == []


def test_every_retry_has_the_same_id_and_the_same_text() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 503"
    queue_code(site)
    for _ in range(100):
        site.deliver_all()
        site.clock.pass_by(1)
    assert len(site.gateway.asked) > 3
    assert len({(sms.message_id, sms.text.reveal()) for _, sms in site.gateway.asked}) == 1


def test_a_message_that_is_accepted_late_is_sent_once() -> None:
    site = make_fake_site()
    site.gateway.fault = "status 503"
    queue_code(site)
    site.deliver_all()
    site.gateway.fault = ""
    site.clock.pass_by(5)
    site.deliver_all()
    site.clock.pass_by(hours=1)
    site.deliver_all()
    assert len(site.gateway.accepted) == 1
    message = the_message(site)
    assert (message.state, message.gateway, message.carrier_id, message.fault) == ("sent", "main", "carrier-1", None)


def test_a_dispatcher_that_wakes_up_after_the_deadline_sends_nothing() -> None:
    site = make_fake_site()
    queue_code(site)
    site.clock.pass_by(minutes=9, seconds=1)
    site.deliver_all()
    assert site.gateway.asked == []
    assert the_message(site).state is MessageState.EXPIRED


def test_the_directory_being_down_is_retried_as_well() -> None:
    site = make_fake_site()
    queue_code(site)
    site.directory.down = True
    site.deliver_all()
    assert the_message(site).state is MessageState.QUEUED
    site.directory.down = False
    site.clock.pass_by(5)
    site.deliver_all()
    assert the_message(site).state is MessageState.SENT


# --- the second gateway -----------------------------------------------------------------------------------------------


def test_the_second_gateway_takes_over_at_once() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    site.gateway.fault = "status 500"
    begin_and_confirm = begin(site)
    site.recover.confirm(begin_and_confirm, "", CLIENT)
    assert len(backup.accepted) == 1
    assert (the_message(site).state, the_message(site).gateway) == ("sent", "backup")


def test_when_both_gateways_refuse_the_reasons_of_both_are_kept() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    site.gateway.fault, backup.fault = "status 500", "status 403"
    site.recover.confirm(begin(site), "", CLIENT)
    assert the_message(site).fault == "main: status 500; backup: status 403"
    assert the_message(site).state is MessageState.QUEUED


def test_the_first_gateway_that_accepts_is_the_only_one_asked() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    begin_with_code(site)
    assert backup.asked == []


# --- nothing tells ----------------------------------------------------------------------------------------------------


def test_no_message_in_the_outbox_holds_a_code_or_a_number() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    for message in messages_of(site):
        assert code not in repr(message)
        assert "93070121" not in repr(message)
    assert {message.kind for message in messages_of(site)} == {MessageKind.CODE, MessageKind.PASSWORD_CHANGED}
    assert LOCKED not in {message.address for message in messages_of(site)}


def test_no_log_line_holds_a_code_a_number_or_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    site = make_fake_site()
    site.gateway.fault = "status 500"
    browser = begin(site)
    site.recover.confirm(browser, "", CLIENT)
    site.gateway.fault = ""
    site.clock.pass_by(5)
    site.deliver_all()
    code = site.gateway.last_code()
    submit(site, browser, code)
    logged = "".join(capsys.readouterr())
    assert "password_changed" in logged
    for secret in (code, "93070121", AN, browser):
        assert secret not in logged


def test_waiting_for_a_gateway_that_rests_does_not_make_the_waits_of_a_message_grow() -> None:
    # Given a gateway that five failures have put to rest
    site = make_fake_site()
    site.gateway.fault, site.gateway.kind = "no credit", FaultKind.BALANCE
    site.recover.confirm(begin(site), "", CLIENT)

    # When another message comes, and the gateway is well again
    site.gateway.fault = ""
    site.recover.confirm(begin(site, BINH), "", CLIENT)
    waiting = messages_of(site)[-1]
    assert (waiting.state, waiting.failures) == (MessageState.QUEUED, 0)
    site.clock.pass_by(5)
    site.deliver_all()

    # Then it goes as soon as the rest is over
    assert messages_of(site)[-1].state is MessageState.SENT
