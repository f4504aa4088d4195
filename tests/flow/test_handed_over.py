"""A gateway that only keeps a message until a carrier takes it: nothing is called sent before the report."""

from dataclasses import replace

import pytest

from recovery_site.domain.messages import FaultKind, Message, MessageState, Report
from recovery_site.flow.deliver import PATIENCE
from recovery_site.ports import GatewayFault
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import FakeGateway
from tests.flow.story import CLIENT, messages_of, queue_code, recovery_of, submit, the_message

PATIENCE_SECONDS = PATIENCE.total_seconds()


def keeping_site(backup: FakeGateway | None = None) -> tuple[FakeSite, str]:
    """Return a site whose first gateway keeps a code, and the browser that waits for it."""
    site = make_fake_site(backup=backup)
    site.gateway.keeps = site.gateway.reports = True
    browser, _ = queue_code(site)
    site.deliver_all()
    return site, browser


def report(
    site: FakeSite, state: MessageState, kind: FaultKind = FaultKind.REFUSED, of: FakeGateway | None = None
) -> None:
    (of or site.gateway).learnt.append(Report(state, message_id=messages_of(site)[0].id, kind=kind))
    site.reports.collect()


def run_out(site: FakeSite) -> Message:
    site.clock.pass_by((the_message(site).deadline - site.clock.now()).total_seconds())
    site.deliver_all()
    return the_message(site)


# --- the report comes -------------------------------------------------------------------------------------------------


def test_what_is_only_kept_is_not_sent_and_is_not_given_to_anybody_else_meanwhile() -> None:
    backup = FakeGateway()
    site, _ = keeping_site(backup)
    site.clock.pass_by(PATIENCE_SECONDS - 1)
    site.deliver_all()
    message = the_message(site)
    assert (message.state, message.gateway, message.accepted_at) == (MessageState.SENDING, "main", None)
    assert message.handed_at is not None
    assert (len(site.gateway.asked), backup.asked, site.gateway.withdrawn) == (1, [], [])


def test_the_carriers_acceptance_makes_it_sent_and_the_phones_report_makes_it_delivered() -> None:
    site, _ = keeping_site()
    site.clock.pass_by(4)
    report(site, MessageState.SENT)
    assert (the_message(site).state, the_message(site).accepted_at) == (MessageState.SENT, site.clock.now())
    report(site, MessageState.DELIVERED)
    assert the_message(site).state is MessageState.DELIVERED
    run_out(site)
    assert len(site.gateway.asked) == 1
    assert site.gateway.withdrawn == []


@pytest.mark.parametrize("reported", [MessageState.SENT, MessageState.DELIVERED])
@pytest.mark.parametrize("keeps", [True, False])
def test_a_report_that_overtakes_its_own_acceptance_counts(reported: MessageState, keeps: bool) -> None:
    site = make_fake_site()
    site.gateway.keeps = keeps
    queue_code(site)
    site.gateway.meanwhile = lambda: report(site, reported)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (reported, "main")
    run_out(site)
    assert (the_message(site).state, len(site.gateway.asked)) == (reported, 1)


def test_an_acceptance_after_its_report_still_tells_the_carriers_id() -> None:
    site = make_fake_site()
    queue_code(site)
    site.gateway.meanwhile = lambda: report(site, MessageState.SENT)
    site.deliver_all()
    assert the_message(site).carrier_id == "carrier-1"


@pytest.mark.parametrize("keeps", [True, False])
def test_a_failure_that_overtakes_its_own_acceptance_is_not_forgotten(keeps: bool) -> None:
    site = make_fake_site()
    site.gateway.keeps = keeps
    queue_code(site)
    site.gateway.meanwhile = lambda: report(site, MessageState.FAILED, FaultKind.NUMBER)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).fault_kind) == (MessageState.FAILED, FaultKind.NUMBER)


def test_a_failure_that_overtakes_its_own_acceptance_leads_to_the_next_gateway() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    queue_code(site)
    site.gateway.meanwhile = lambda: report(site, MessageState.FAILED, FaultKind.NUMBER)
    site.deliver_all()
    assert (len(site.gateway.asked), len(backup.asked)) == (1, 1)
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENT, "backup")


def test_a_failure_leads_to_the_next_gateway_at_once() -> None:
    backup = FakeGateway()
    site, _ = keeping_site(backup)
    report(site, MessageState.FAILED, FaultKind.NUMBER)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENT, "backup")
    assert len({sms.message_id for _, sms in (*site.gateway.asked, *backup.asked)}) == 1


def test_a_passing_failure_is_tried_again_where_there_is_no_other_gateway() -> None:
    site, _ = keeping_site()
    report(site, MessageState.FAILED, FaultKind.BUSY)
    site.deliver_all()
    assert (the_message(site).state, len(site.gateway.asked)) == (MessageState.QUEUED, 1)
    site.clock.pass_by(10)
    site.deliver_all()
    assert (the_message(site).state, len(site.gateway.asked)) == (MessageState.SENDING, 2)


# --- no report comes --------------------------------------------------------------------------------------------------


def test_without_a_report_the_next_gateway_gets_it_and_the_first_one_has_to_give_it_back() -> None:
    backup = FakeGateway()
    site, _ = keeping_site(backup)
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    message = the_message(site)
    assert (message.state, message.gateway, message.refused_by) == (MessageState.SENT, "backup", {"main"})
    assert site.gateway.withdrawn == [message.id]
    assert (len(site.gateway.asked), len(backup.asked)) == (1, 1)


def test_a_gateway_that_cannot_give_it_back_holds_up_nothing() -> None:
    backup = FakeGateway()
    site, _ = keeping_site(backup)

    def refuse(_: str) -> None:
        raise GatewayFault("cannot", FaultKind.UNREACHABLE)

    site.gateway.withdraw = refuse
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENT, "backup")


def test_a_report_that_comes_while_it_is_taken_back_stops_the_next_gateway() -> None:
    backup = FakeGateway()
    site, _ = keeping_site(backup)
    site.gateway.withdraw = lambda _id: report(site, MessageState.SENT)
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENT, "main")
    assert backup.asked == []


def test_a_late_report_of_the_first_gateway_while_the_second_keeps_it_sends_nothing_a_third_time() -> None:
    backup = FakeGateway(keeps=True)
    site, _ = keeping_site(backup)
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    report(site, MessageState.FAILED, FaultKind.BUSY)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENDING, "backup")
    report(site, MessageState.SENT, of=backup)
    assert the_message(site).state is MessageState.SENT
    assert (len(site.gateway.asked), len(backup.asked)) == (1, 1)


def test_a_report_of_the_second_gateway_that_overtakes_its_acceptance_counts() -> None:
    backup = FakeGateway(keeps=True)
    site, _ = keeping_site(backup)
    backup.meanwhile = lambda: report(site, MessageState.SENT, of=backup)
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert (the_message(site).state, the_message(site).gateway) == (MessageState.SENT, "backup")


def test_the_only_gateway_may_keep_it_until_the_deadline() -> None:
    site, _ = keeping_site()
    site.clock.pass_by(PATIENCE_SECONDS * 2)
    site.deliver_all()
    assert (the_message(site).state, site.gateway.withdrawn) == (MessageState.SENDING, [])


def test_at_the_deadline_it_is_taken_back_and_called_what_it_is() -> None:
    site, _ = keeping_site()
    message = run_out(site)
    assert (message.state, message.fault_kind) == (MessageState.EXPIRED, FaultKind.NO_REPORT)
    assert site.gateway.withdrawn == [message.id]
    assert len(site.gateway.asked) == 1


def test_a_report_after_the_deadline_is_still_the_truth() -> None:
    site, _ = keeping_site()
    run_out(site)
    report(site, MessageState.SENT)
    assert (the_message(site).state, the_message(site).fault_kind) == (MessageState.SENT, None)
    report(site, MessageState.DELIVERED)
    assert the_message(site).state is MessageState.DELIVERED


def test_a_second_gateway_that_keeps_it_too_has_until_the_deadline() -> None:
    backup = FakeGateway(keeps=True)
    site, _ = keeping_site(backup)
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert the_message(site).due_at == the_message(site).deadline
    assert run_out(site).state is MessageState.EXPIRED
    assert (len(site.gateway.withdrawn), len(backup.withdrawn)) == (1, 1)


def test_a_message_that_a_gateway_keeps_whose_settings_have_gone_is_handed_on() -> None:
    site, _ = keeping_site()
    [message] = messages_of(site)
    due_at = site.clock.now() + PATIENCE
    site.transactions.rows.messages[message.id] = replace(message, gateway="gone", due_at=due_at)
    site.gateway.keeps = False
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert the_message(site).state is MessageState.SENT
    assert the_message(site).refused_by == {"gone"}


# --- nobody needs it any more -----------------------------------------------------------------------------------------


def test_a_resend_takes_the_first_message_from_the_gateway() -> None:
    site, browser = keeping_site()
    first = the_message(site).id
    site.clock.pass_by(60)
    site.recover.resend(browser, CLIENT)
    site.deliver_all()
    assert site.gateway.withdrawn == [first]
    states = {message.id: message.state for message in messages_of(site)}
    assert states.pop(first) is MessageState.EXPIRED
    assert list(states.values()) == [MessageState.SENDING]


def test_a_finished_recovery_takes_its_code_from_the_gateway() -> None:
    site, browser = keeping_site()
    first = the_message(site).id
    submit(site, browser, site.gateway.last_code())
    site.deliver_all()
    assert site.gateway.withdrawn == [first]
    assert site.tracking.state_of(first) is MessageState.EXPIRED


def test_a_recovery_that_was_abandoned_leaves_no_code_with_the_gateway_for_longer_than_its_deadline() -> None:
    backup = FakeGateway()
    site, browser = keeping_site(backup)
    site.under_way.abandon(recovery_of(site, browser))
    site.clock.pass_by(PATIENCE_SECONDS)
    site.deliver_all()
    assert site.gateway.withdrawn == [the_message(site).id]
    assert (the_message(site).state, backup.asked) == (MessageState.EXPIRED, [])
