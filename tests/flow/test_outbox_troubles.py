"""Messages that a dispatcher dropped, and messages that must not be sent any more."""

from datetime import timedelta

import pytest

from recovery_site.domain.messages import Acceptance, MessageState, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.flow.deliver import LEASE
from recovery_site.ports import GatewayFault
from tests.fake_site import make_fake_site
from tests.fakes import AN
from tests.flow.story import (
    CLIENT,
    begin_with_code,
    messages_of,
    queue_code,
    recovery_of,
    submit,
    the_message,
)


class Crash(BaseException):
    """The process dies: nothing of ours catches this."""


# --- a dispatcher dies ------------------------------------------------------------------------------------------------


def test_a_message_that_a_dead_dispatcher_held_goes_out_again_within_90_seconds() -> None:
    site = make_fake_site()
    queue_code(site)
    site.transactions.after_commit = _crash
    with pytest.raises(Crash):
        site.deliver.send_next()
    site.transactions.after_commit = lambda: None
    assert the_message(site).state is MessageState.SENDING
    site.deliver_all()
    assert site.gateway.accepted == []
    site.clock.pass_by(LEASE.total_seconds())
    site.deliver_all()
    assert len(site.gateway.accepted) == 1
    assert LEASE.total_seconds() <= 90


def test_a_dispatcher_that_was_thought_dead_does_not_undo_what_another_one_did() -> None:
    site = make_fake_site()
    queue_code(site)
    slow = site.gateway.send

    def others_finish_first(to: PhoneNumber, sms: Sms) -> Acceptance:
        site.gateway.send = slow
        site.clock.pass_by(LEASE.total_seconds())
        assert site.deliver.send_next()
        return slow(to, sms)

    site.gateway.send = others_finish_first
    site.deliver.send_next()
    message = the_message(site)
    assert (message.state, message.attempts, message.carrier_id) == (MessageState.SENT, 2, "carrier-1")
    assert len({sms.message_id for _, sms in site.gateway.accepted}) == 1


def test_a_dispatcher_that_was_thought_dead_does_not_queue_again_what_another_one_is_sending() -> None:
    site = make_fake_site()
    _, message = queue_code(site)
    first = site.gateway.send

    def another_one_takes_over(*_: object) -> Acceptance:
        site.gateway.send = first
        site.clock.pass_by(LEASE.total_seconds())
        now = site.clock.now()
        with site.transactions() as tx:
            tx.messages.claim(now, now + LEASE)
        raise GatewayFault("time-out")

    site.gateway.send = another_one_takes_over
    site.deliver.send_next()
    assert site.tracking.state_of(message.id) is MessageState.SENDING
    site.clock.pass_by(10)
    site.deliver_all()
    assert site.gateway.asked == []


def test_a_dispatcher_that_lost_its_lease_does_not_say_that_its_gateway_keeps_the_message() -> None:
    site = make_fake_site()
    site.gateway.keeps = True
    queue_code(site)

    def another_one_takes_over() -> None:
        site.gateway.meanwhile = lambda: None
        site.clock.pass_by(LEASE.total_seconds())
        now = site.clock.now()
        with site.transactions() as tx:
            tx.messages.claim(now, now + LEASE)

    site.gateway.meanwhile = another_one_takes_over
    site.deliver.send_next()
    message = the_message(site)
    assert (message.state, message.attempts, message.handed_at) == (MessageState.SENDING, 2, None)


def test_a_carriers_acceptance_counts_although_its_dispatcher_lost_the_lease() -> None:
    site = make_fake_site()
    queue_code(site)

    def the_lease_runs_out() -> None:
        site.clock.pass_by(LEASE.total_seconds())
        now = site.clock.now()
        with site.transactions() as tx:
            tx.messages.claim(now, now + LEASE)

    site.gateway.meanwhile = the_lease_runs_out
    site.deliver.send_next()
    assert the_message(site).state is MessageState.SENT


def test_a_message_that_vanished_while_it_was_sent_is_no_fault() -> None:
    site = make_fake_site()
    queue_code(site)
    site.gateway.meanwhile = lambda: site.transactions.rows.messages.clear()
    site.deliver_all()
    assert messages_of(site) == []


def test_a_lease_is_longer_than_all_gateways_together_may_take() -> None:
    assert timedelta(seconds=45) < LEASE <= timedelta(seconds=90)


# --- what must not be sent any more -----------------------------------------------------------------------------------


def test_a_number_changed_before_the_delivery_gets_nothing_neither_the_old_nor_the_new() -> None:
    site = make_fake_site()
    queue_code(site)
    site.directory.give_number(AN, "0912999888")
    site.deliver_all()
    assert site.gateway.asked == []
    message = the_message(site)
    assert message.state is MessageState.FAILED
    assert message.fault == "the number is no longer the account's"


def test_an_account_that_is_gone_gets_nothing() -> None:
    site = make_fake_site()
    queue_code(site)
    del site.directory.accounts[AN]
    site.deliver_all()
    assert site.gateway.asked == []
    assert the_message(site).state is MessageState.FAILED


def test_a_newer_message_takes_back_the_one_that_still_waits() -> None:
    site = make_fake_site()
    browser, first = queue_code(site)
    site.clock.pass_by(60)
    site.recover.resend(browser, CLIENT)
    assert site.tracking.state_of(first.id) is MessageState.EXPIRED
    site.deliver_all()
    [(_, sms)] = site.gateway.accepted
    assert "(lan 2)" in sms.text.reveal()


def test_a_newer_message_also_replaces_one_whose_dispatcher_died() -> None:
    site = make_fake_site()
    browser, first = queue_code(site)
    site.transactions.after_commit = _crash
    with pytest.raises(Crash):
        site.deliver.send_next()
    site.transactions.after_commit = lambda: None
    site.clock.pass_by(LEASE.total_seconds())
    site.recover.resend(browser, CLIENT)
    site.deliver_all()
    assert ["(lan 2)" in text for text in site.gateway.texts()] == [True]
    assert site.tracking.state_of(first.id) is MessageState.EXPIRED


def test_a_code_of_an_abandoned_recovery_is_not_sent() -> None:
    site = make_fake_site()
    browser, message = queue_code(site)
    site.under_way.abandon(recovery_of(site, browser))
    site.deliver_all()
    assert site.gateway.asked == []
    assert site.tracking.state_of(message.id) is MessageState.EXPIRED


def test_the_notice_of_a_change_goes_to_a_number_even_when_the_account_is_locked_meanwhile() -> None:
    site = make_fake_site()
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    site.directory.lock(AN)
    site.deliver_all()
    assert "vua doi mat khau" in site.gateway.texts()[-1]


def _crash() -> None:
    raise Crash


def test_a_code_queued_before_its_account_was_locked_is_not_sent() -> None:
    site = make_fake_site()
    queue_code(site)
    site.directory.lock(AN)
    site.deliver_all()
    assert site.gateway.asked == []
    assert the_message(site).state is MessageState.FAILED
