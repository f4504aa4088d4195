"""The gateway over Kannel, with a real Kannel and the tests as the operator behind its fake SMSC."""

from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import quote

import pytest

from recovery_site.domain.messages import Acceptance, FaultKind, MessageState, Report
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault
from tests.contracts.gateway_contract import NUMBER, TEXT, GatewayContract, sms
from tests.contracts.kannel_peer import KannelPeer, fault_of, gateway
from tests.peers import kannel as peers


@pytest.fixture
def reports() -> Iterator[peers.ReportReceiver]:
    with peers.report_receiver() as receiver:
        yield receiver


@pytest.fixture
def kannel() -> Iterator[peers.Kannel]:
    """A Kannel that no operator has reached."""
    with peers.running() as running:
        yield running


@pytest.fixture
def peer(kannel: peers.Kannel, reports: peers.ReportReceiver) -> Iterator[KannelPeer]:
    with closing(peers.Operator(kannel.ports.carrier)) as operator:
        kannel.wait_for_carrier()
        yield KannelPeer(kannel, operator, reports)


class TestTheContract(GatewayContract):
    pass


# --- reports ----------------------------------------------------------------------------------------------------------


def test_acceptance_and_delivery_are_reported_under_our_own_id(peer: KannelPeer) -> None:
    assert peer.gateway.send(NUMBER, sms("k7F-3_q")) == Acceptance(by_carrier=False)
    assert peer.report("k7F-3_q", "8") == Report(MessageState.SENT, "k7F-3_q")
    assert peer.report("k7F-3_q", "1") == Report(MessageState.DELIVERED, "k7F-3_q")


@pytest.mark.parametrize("message_id", ["a%20b", "%d%A", "x&type=1#y", "k7F/3+q?"])
def test_whatever_stands_in_an_id_comes_back(peer: KannelPeer, message_id: str) -> None:
    peer.gateway.send(NUMBER, sms(message_id))
    assert peer.report(message_id, "8") == Report(MessageState.SENT, message_id)


def test_a_percent_sign_in_the_report_address_is_not_kannel_s_to_fill_in(peer: KannelPeer) -> None:
    asking = gateway(peer.kannel.url, f"{peer.reports.url}/{quote('Sóc Trăng')}/%d")
    asking.send(NUMBER, sms())
    peer.reports.wait(sms().message_id, "8")
    assert peer.reports.paths[0] == "/report/S%C3%B3c%20Tr%C4%83ng/%d"


def test_without_reports_kannel_s_word_is_the_last_one(peer: KannelPeer) -> None:
    silent = gateway(peer.kannel.url, peer.reports.url, reports=False)
    assert silent.send(NUMBER, sms("without")) == Acceptance()
    assert not silent.reports
    peer.gateway.send(NUMBER, sms("with"))
    peer.reports.wait("with", "1")
    assert peer.reports.of("without") == []


# --- what Kannel does with a message ----------------------------------------------------------------------------------


def test_without_a_carrier_kannel_keeps_the_message_and_hands_it_over_later(
    kannel: peers.Kannel, reports: peers.ReportReceiver
) -> None:
    asking = gateway(kannel.url, reports.url)
    assert asking.send(NUMBER, sms()) == Acceptance(by_carrier=False)
    with closing(peers.Operator(kannel.ports.carrier)) as operator:
        assert [text for _, _, text in operator.received(1)] == [TEXT.reveal()]
        report = asking.read_report(reports.wait(sms().message_id, "8"))
    assert report == Report(MessageState.SENT, sms().message_id)


def test_the_sender_is_that_of_the_settings_or_kannel_s_own(peer: KannelPeer) -> None:
    gateway(peer.kannel.url, sender="GOV.VN").send(NUMBER, sms())
    peer.operator.received(1)
    peer.gateway.send(NUMBER, sms("another"))
    assert [sender for sender, _, _ in peer.operator.received(2)] == ["GOV.VN", "1900"]


def test_the_bind_is_that_of_the_settings() -> None:
    reserved = peers.WITH_THE_FAKE_OPERATOR.replace("smsc-id = FAKE", "smsc-id = FAKE\nallowed-smsc-id = FAKE")
    with peers.running(reserved) as kannel:
        gateway(kannel.url, smsc="FAKE").send(NUMBER, sms())
        for another in ("ELSEWHERE", ""):
            assert str(fault_of(gateway(kannel.url, smsc=another))) == "Not routable"


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_found_by_a_send_and_by_the_check(kannel: peers.Kannel) -> None:
    for wrong in (gateway(kannel.url, password="guess"), gateway(kannel.url, username="nobody")):
        assert fault_of(wrong).kind is FaultKind.ACCESS
        with pytest.raises(GatewayFault) as fault:
            wrong.check()
        assert fault.value.kind is FaultKind.ACCESS


def test_an_address_that_is_not_sendsms_does_not_pass_the_check(kannel: peers.Kannel) -> None:
    elsewhere = gateway(kannel.url.replace("sendsms", "elsewhere"))
    with pytest.raises(GatewayFault) as fault:
        elsewhere.check()
    assert fault.value.kind is FaultKind.ANSWER
    assert fault_of(elsewhere).kind is FaultKind.ANSWER


def test_a_number_that_kannel_refuses_is_the_number_s_fault(kannel: peers.Kannel) -> None:
    assert fault_of(gateway(kannel.url), PhoneNumber("+84abc")).kind is FaultKind.NUMBER


def test_a_stopped_bind_is_a_passing_fault_of_the_gateway(peer: KannelPeer) -> None:
    peer.kannel.command("stop-smsc", smsc="FAKE")
    peers.until("the bind is stopped", lambda: "(dead" in peer.kannel.status())
    fault = fault_of(peer.gateway)
    assert fault.kind is FaultKind.UNREACHABLE
    assert str(fault) == "Not routable"


def test_a_suspended_kannel_is_left_after_the_time_that_is_set(peer: KannelPeer) -> None:
    peer.kannel.command("suspend")
    impatient = gateway(peer.kannel.url, timeout_seconds=0.5)
    # what bearerbox had begun to wait for it still passes on
    with suppress(GatewayFault):
        impatient.send(NUMBER, sms("first"))
    assert fault_of(impatient).kind is FaultKind.UNREACHABLE
    peer.kannel.command("resume")
    peer.gateway.check()
