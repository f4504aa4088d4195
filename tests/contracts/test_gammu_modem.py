"""What the AT driver tells a modem, and what the network's refusals and delivery reports become."""

from collections.abc import Iterator

import pytest

from recovery_site.domain.messages import FaultKind, MessageState, Report, Sms
from recovery_site.domain.secret import Secret
from tests.contracts.gateway_contract import CODE, NUMBER, TEXT, sms
from tests.contracts.test_gammu_gateway import IN_HEX, SENT, collected, put_sent
from tests.peers.fake_modem import FakeModem
from tests.peers.gammu import Office, make_tables, office

DELIVERED, STILL_TRYING, EXPIRED = 0x00, 0x30, 0x46
"""TP-Status (3GPP TS 23.040 section 9.2.3.15)."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that asks for no delivery reports."""
    folder = tmp_path_factory.mktemp("gammu")
    with office(make_tables(folder), folder, with_modem=True) as started:
        yield started


@pytest.fixture
def place(running: Office) -> Office:
    running.begin()
    return running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running_with_reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that waits for the telephone's word."""
    folder = tmp_path_factory.mktemp("gammu")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    with office(make_tables(folder, server), folder, with_modem=True, delivery_reports=True) as started:
        yield started


@pytest.fixture
def reporting(running_with_reports: Office) -> Office:
    running_with_reports.begin()
    return running_with_reports


def modem_of(place: Office) -> FakeModem:
    assert place.modem
    return place.modem


def status_of(place: Office) -> list[str]:
    return [status for (status,) in place.sql('SELECT "Status" FROM sentitems')]


def test_the_network_learns_how_long_a_code_lives_and_that_no_report_is_wanted(place: Office) -> None:
    place.gateway.send(NUMBER, sms())
    place.received(1)
    (message,) = modem_of(place).sent
    assert (message.validity, message.wants_report) == (1, False)


def test_a_code_overtakes_a_notice(place: Office) -> None:
    place.stop()
    place.gateway.send(NUMBER, Sms("notice", Secret("a notice")))
    place.gateway.send(NUMBER, sms("code", Secret("a code")))
    place.start()
    assert [content for _, content in place.received(2)] == ["a code", "a notice"]


@pytest.mark.parametrize(
    ("refusal", "kind", "reason"),
    [
        ("+CMS ERROR: 1", FaultKind.NUMBER, "+CMS ERROR 1"),
        ("+CMS ERROR: 8", FaultKind.ACCESS, "+CMS ERROR 8"),
        ("+CMS ERROR: 38", FaultKind.UNREACHABLE, "+CMS ERROR 38"),
        ("+CMS ERROR: 500", FaultKind.REFUSED, "+CMS ERROR 500"),
    ],
)
def test_what_the_network_refuses_has_failed(place: Office, refusal: str, kind: FaultKind, reason: str) -> None:
    modem_of(place).refusals[NUMBER.international] = refusal
    place.gateway.send(NUMBER, sms())
    (report,) = collected(place, MessageState.FAILED)
    assert (report.message_id, report.kind) == ("4zV-kE_9", kind)
    assert report.reason.endswith(reason)
    assert modem_of(place).sent == []
    place.gateway.settle([report])
    assert CODE not in place.everything()
    assert IN_HEX not in place.everything()


def test_a_modem_that_gave_no_code_was_out_of_reach(place: Office) -> None:
    put_sent(place, "recovery-site:4zV-kE_9", Status="SendingError")
    (report,) = place.gateway.collect()
    assert (report.state, report.kind, report.reason) == (MessageState.FAILED, FaultKind.UNREACHABLE, "SendingError")


class TestDeliveryReports:
    def test_while_the_telephone_is_waited_for_the_text_is_gone(self, reporting: Office) -> None:
        reporting.gateway.send(NUMBER, sms())
        reporting.gateway.settle(collected(reporting, MessageState.SENT))
        assert modem_of(reporting).sent[0].wants_report
        assert status_of(reporting) == ["SendingOK"]
        assert reporting.gateway.collect() == []
        for trace in (CODE, TEXT.reveal(), IN_HEX):
            assert trace not in reporting.everything()

    def test_the_telephone_s_word_is_reported_and_then_nothing_is_left(self, reporting: Office) -> None:
        reporting.gateway.send(NUMBER, sms())
        reporting.gateway.settle(collected(reporting, MessageState.SENT))
        modem_of(reporting).report(modem_of(reporting).sent[0], DELIVERED)
        assert collected(reporting, MessageState.DELIVERED) == [Report(MessageState.DELIVERED, "4zV-kE_9")]
        reporting.gateway.settle([Report(MessageState.DELIVERED, "4zV-kE_9")])
        assert NUMBER.international not in reporting.everything()

    def test_a_network_that_gave_up_has_failed(self, reporting: Office) -> None:
        reporting.gateway.send(NUMBER, sms())
        reporting.gateway.settle(collected(reporting, MessageState.SENT))
        modem_of(reporting).report(modem_of(reporting).sent[0], EXPIRED)
        (report,) = collected(reporting, MessageState.FAILED)
        assert (report.kind, report.reason) == (FaultKind.NUMBER, "DeliveryFailed, TP-Status 70")

    def test_a_network_that_is_still_trying_is_no_news(self, reporting: Office) -> None:
        reporting.gateway.send(NUMBER, sms())
        reporting.gateway.settle(collected(reporting, MessageState.SENT))
        modem_of(reporting).report(modem_of(reporting).sent[0], STILL_TRYING)
        reporting.eventually(lambda: status_of(reporting) == ["DeliveryPending"], "the status report")
        assert reporting.gateway.collect() == []
        modem_of(reporting).report(modem_of(reporting).sent[0], DELIVERED)
        assert collected(reporting, MessageState.DELIVERED)

    def test_settling_twice_keeps_waiting(self, reporting: Office) -> None:
        put_sent(reporting, "recovery-site:4zV-kE_9")
        reporting.gateway.settle([SENT])
        reporting.gateway.settle([SENT])
        assert status_of(reporting) == ["SendingOK"]

    @pytest.mark.parametrize("status", ["SendingOKNoReport", "DeliveryUnknown"])
    def test_what_no_report_will_follow_is_not_kept(self, reporting: Office, status: str) -> None:
        put_sent(reporting, "recovery-site:4zV-kE_9", Status=status)
        assert reporting.gateway.collect() == [SENT]
        reporting.gateway.settle([SENT])
        assert status_of(reporting) == []

    def test_nothing_is_waited_for_longer_than_a_day(self, reporting: Office) -> None:
        put_sent(reporting, "recovery-site:4zV-kE_9", TextDecoded="", Text="", UpdatedInDB="2026-03-04 05:06:07")
        assert reporting.gateway.collect() == [SENT]
        reporting.gateway.settle([SENT])
        assert status_of(reporting) == []
