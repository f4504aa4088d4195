"""Other systems that learn of a change: through the same outbox, with the same guarantees, and without the password."""

import pytest

from recovery_site.domain.messages import Channel, FaultKind, Message, MessageState, PasswordChange
from recovery_site.flow.notices import LIFETIME
from recovery_site.ports import GatewayFault
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, GOOD_PASSWORD, FakeMailer
from tests.flow.story import begin_with_code, messages_of, submit


class FakeHook:
    """Remembers what it was told, until `fault` says why not."""

    def __init__(self) -> None:
        self.told: list[PasswordChange] = []
        self.asked: list[PasswordChange] = []
        self.fault: GatewayFault | None = None

    def tell(self, change: PasswordChange) -> None:
        self.asked.append(change)
        if self.fault:
            raise self.fault
        self.told.append(change)

    def check(self) -> None:
        pass


def changed_site(**hooks: FakeHook) -> FakeSite:
    """Return a site whose account has just got a new password, its dispatcher not having looked yet."""
    site = make_fake_site(mailer=FakeMailer(), hooks={Channel(name): hook for name, hook in hooks.items()})
    change(site, AN)
    return site


def change(site: FakeSite, address: str) -> None:
    browser, code = begin_with_code(site, address)
    submit(site, browser, code)


def the_row(site: FakeSite, channel: Channel) -> Message:
    [row] = [one for one in messages_of(site) if one.channel is channel]
    return row


def test_each_hook_is_told_once_whose_password_changed_and_when() -> None:
    dovecot, webhook = FakeHook(), FakeHook()
    site = changed_site(dovecot=dovecot, webhook=webhook)
    changed_at = site.clock.now()
    site.clock.pass_by(30)
    site.deliver_all()
    for hook, channel in ((dovecot, Channel.DOVECOT), (webhook, Channel.WEBHOOK)):
        [told] = hook.told
        row = the_row(site, channel)
        assert told == PasswordChange(row.id, AN, changed_at, row.reference)
        assert (row.state, row.gateway) == (MessageState.SENT, str(channel))
        assert GOOD_PASSWORD not in repr(told)


def test_dovecot_learns_of_it_before_anybody_is_notified() -> None:
    dovecot = FakeHook()
    site = changed_site(dovecot=dovecot)
    codes = len(site.gateway.accepted)
    site.deliver.send_next()
    assert len(dovecot.told) == 1
    assert len(site.gateway.accepted) == codes


@pytest.mark.parametrize("kind", [FaultKind.UNREACHABLE, FaultKind.ACCESS, FaultKind.REFUSED, FaultKind.TEXT])
def test_whatever_a_hook_says_it_is_told_again_under_the_same_id_until_it_understands(kind: FaultKind) -> None:
    hook = FakeHook()
    hook.fault = GatewayFault("doveadm refuses the api_key", kind)
    site = changed_site(dovecot=hook)
    for _ in range(5):
        site.deliver_all()
        site.clock.pass_by(90)
    row = the_row(site, Channel.DOVECOT)
    assert (row.state, row.fault) == (MessageState.QUEUED, "dovecot: doveadm refuses the api_key")
    hook.fault = None
    site.deliver_all()
    assert the_row(site, Channel.DOVECOT).state is MessageState.SENT
    assert len({one.message_id for one in hook.asked}) == 1
    assert len(hook.asked) > 2


def test_after_a_day_a_hook_that_never_answered_is_given_up() -> None:
    hook = FakeHook()
    hook.fault = GatewayFault("ConnectError", FaultKind.UNREACHABLE)
    site = changed_site(webhook=hook)
    site.deliver_all()
    site.clock.pass_by(LIFETIME.total_seconds())
    site.deliver_all()
    row = the_row(site, Channel.WEBHOOK)
    assert (row.state, row.fault_kind) == (MessageState.FAILED, FaultKind.UNREACHABLE)


def test_a_hook_that_is_down_holds_up_no_code_and_no_notice() -> None:
    hook = FakeHook()
    hook.fault = GatewayFault("ConnectError", FaultKind.UNREACHABLE)
    site = changed_site(dovecot=hook, webhook=hook)
    site.deliver_all()
    for channel in (Channel.SMS, Channel.MAIL):
        assert {one.state for one in messages_of(site) if one.channel is channel} == {MessageState.SENT}
    assert begin_with_code(site, BINH)


def test_a_hook_that_was_taken_out_of_the_settings_is_not_waited_for() -> None:
    site = make_fake_site(over=changed_site(webhook=FakeHook()))
    site.deliver_all()
    row = the_row(site, Channel.WEBHOOK)
    assert (row.state, row.fault_kind) == (MessageState.FAILED, FaultKind.GONE)


def test_while_the_webhook_is_slow_the_next_one_waits_and_a_code_does_not() -> None:
    class SlowHook(FakeHook):
        def tell(self, change: PasswordChange) -> None:
            while site.deliver.send_next():  # another dispatcher works meanwhile
                pass
            super().tell(change)

    hook = SlowHook()
    site = changed_site(webhook=hook)
    change(site, BINH)
    site.clock.others = lambda: None
    site.deliver_all()
    assert len(hook.told) == 1
    assert {one.state for one in messages_of(site) if one.channel is Channel.SMS} == {MessageState.SENT}
    site.clock.pass_by(1)
    site.deliver_all()
    assert len(hook.told) == 2
