"""A real Kannel, configured as its page of the manual says, bound to a carrier's SMPP server; the gateway in front."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recovery_site.domain.messages import FaultKind, MessageState, Report
from recovery_site.domain.people import PhoneNumber, read_number
from recovery_site.domain.secret import Secret
from recovery_site.settings.sms import Sms as SmsSettings
from tests.contracts.gateway_contract import CODE, TEXT, sms
from tests.contracts.kannel_peer import TOKEN, gateway
from tests.peers import kannel as peers
from tests.peers import smpp

MANUAL = Path(__file__).parents[2] / "docs/administration/kannel.md"

DELIVERED, THROTTLED, BAD, DROPPED, SILENT = (read_number(f"039307012{digit}") for digit in (0, 1, 2, 3, 4))
UNDELIVERED, THROTTLED_ONCE, UNREPORTED, FULL, NAMELESS = (
    read_number(f"039307012{digit}") for digit in (5, 6, 7, 8, 9)
)


class Bound:
    """The gateway, a Kannel and the carrier's server behind it."""

    def __init__(self, kannel: peers.Kannel, carrier: smpp.SmppServer, reports: peers.ReportReceiver) -> None:
        self.kannel = kannel
        self.carrier = carrier
        self.reports = reports
        self.gateway = gateway(kannel.url, f"{reports.url}/{TOKEN}")

    def send(self, to: PhoneNumber, text: Secret = TEXT) -> None:
        """Send a message; its number is its id."""
        self.gateway.send(to, sms(to.international, text))

    def report(self, to: PhoneNumber, *types: str) -> Report | None:
        return self.gateway.read_report(self.reports.wait(to.international, *types))

    def submitted(self, to: PhoneNumber, times: int) -> None:
        peers.until(f"it is submitted {times} times", lambda: len(self.carrier.submitted(to.international)) >= times)


def block(language: str) -> str:
    """Return the manual's one block in this language."""
    found = re.findall(rf"(?s)```{language}\n(.*?)```", MANUAL.read_text())
    assert len(found) == 1
    return str(found[0])


@pytest.fixture(scope="module")
def carrier() -> Iterator[smpp.SmppServer]:
    try:
        with smpp.running() as server:
            yield server
    except smpp.NoSmpp as missing:
        pytest.fail(str(missing), pytrace=False)


@contextmanager
def bound(carrier: smpp.SmppServer, **changed: object) -> Iterator[Bound]:
    """Start Kannel with the manual's configuration; only places, credentials and waits are others."""
    values = {
        "host": "127.0.0.1", "port": carrier.port, "smsc_username": smpp.SYSTEM_ID, "smsc_password": smpp.PASSWORD,
        "admin_password": peers.ADMIN_PASSWORD, "username": peers.USERNAME, "password": peers.PASSWORD,
        "sms_resend_freq": 1, "sms_resend_retry": 2, "wait_ack": 1, "enquire_link_interval": 1, "reconnect_delay": 1,
        **changed,
    }  # fmt: skip
    with peers.report_receiver() as reports, peers.running(block("ini"), **values) as kannel:
        yield Bound(kannel, carrier, reports)
        told = kannel.written()
        for secret in (CODE, TEXT.reveal(), "39307012", TOKEN, peers.PASSWORD, smpp.PASSWORD):
            assert secret not in told


@pytest.fixture
def kannel(carrier: smpp.SmppServer) -> Iterator[Bound]:
    """A Kannel whose bind stands; its logs are looked through at the end."""
    with bound(carrier) as running:
        running.kannel.wait_for_carrier()
        yield running


def test_a_message_is_taken_and_delivered(kannel: Bound) -> None:
    kannel.send(DELIVERED)
    assert kannel.report(DELIVERED, "8") == Report(MessageState.SENT, "84393070120")
    assert kannel.report(DELIVERED, "1", "2", "16") == Report(MessageState.DELIVERED, "84393070120")
    submission = kannel.carrier.submitted("84393070120")[-1]
    assert (submission["from"], submission["text"]) == ("GOVMAIL", TEXT.reveal())
    assert submission["validity"]


def test_every_character_of_the_alphabet_reaches_the_carrier(kannel: Bound) -> None:
    text = "Ma: 000000 @£$¥ èéùìò !\"#%&'()*+,-./ 0189:;<=>? AZaz {[~]}|^€\\\n@host #000000"
    kannel.send(UNREPORTED, Secret(text))
    assert kannel.report(UNREPORTED, "8", "16") == Report(MessageState.SENT, "84393070127")
    assert kannel.carrier.submitted("84393070127")[-1]["text"] == text


def test_a_throttled_message_is_delivered_in_the_end(kannel: Bound) -> None:
    kannel.send(THROTTLED_ONCE)
    assert kannel.report(THROTTLED_ONCE, "1", "2", "16") == Report(MessageState.DELIVERED, "84393070126")
    assert len(kannel.carrier.submitted("84393070126")) == 2


@pytest.mark.parametrize("to", [THROTTLED, FULL], ids=["throttled", "queue full"])
def test_a_message_that_is_always_put_off_fails_as_busy(kannel: Bound, to: PhoneNumber) -> None:
    kannel.send(to)
    report = kannel.report(to, "1", "2", "16")
    assert report == Report(MessageState.FAILED, to.international, kind=FaultKind.BUSY, reason="retries exceeded")


@pytest.mark.parametrize(
    ("to", "kind"),
    [(BAD, FaultKind.NUMBER), (NAMELESS, FaultKind.TEMPLATE)],
    ids=["a bad number", "an unknown sender"],
)
def test_a_refusal_of_the_carrier_keeps_its_meaning(kannel: Bound, to: PhoneNumber, kind: FaultKind) -> None:
    kannel.send(to)
    report = kannel.report(to, "1", "2", "16")
    assert report is not None
    assert (report.state, report.kind) == (MessageState.FAILED, kind)


def test_a_failure_receipt_fails_the_message_with_the_carrier_s_code(kannel: Bound) -> None:
    kannel.send(UNDELIVERED)
    assert kannel.report(UNDELIVERED, "8") == Report(MessageState.SENT, "84393070125")
    report = kannel.report(UNDELIVERED, "1", "2", "16")
    assert report == Report(MessageState.FAILED, "84393070125", reason="UNDELIV 0A1")


def test_silence_of_the_carrier_brings_no_report_and_the_message_again(kannel: Bound) -> None:
    kannel.send(SILENT)
    kannel.submitted(SILENT, times=2)
    assert kannel.reports.of("84393070124") == []


def test_a_carrier_that_hangs_up_brings_no_report_and_the_message_again(kannel: Bound) -> None:
    kannel.send(DROPPED)
    kannel.submitted(DROPPED, times=3)
    assert kannel.reports.of("84393070123") == []


def test_a_report_that_the_site_does_not_take_tells_kannel_s_log_nothing(kannel: Bound) -> None:
    gateway(kannel.kannel.url, f"http://127.0.0.1:{peers.free_ports(1)[0]}/{TOKEN}").send(DELIVERED, sms("lost"))
    peers.until("both reports were made", lambda: kannel.kannel.written().count("DLR") >= 2)


def test_a_refused_bind_keeps_the_message_without_a_report(carrier: smpp.SmppServer) -> None:
    number = read_number("0383070120")
    with bound(carrier, smsc_password="wrong") as refused:
        refused.send(number)
        peers.until("the bind is refused", lambda: carrier.refused_binds > 1)
        assert carrier.submitted(number.international) == []
        assert refused.reports.of(number.international) == []


def test_the_manual_s_settings_are_settings(tmp_path: Path) -> None:
    password = tmp_path / "kannel_password"
    password.write_text(f"{peers.PASSWORD}\n")
    written = tomllib.loads(block("toml").replace("/etc/recovery-site/kannel_password", str(password)))
    table = SmsSettings.model_validate(written["sms"]).gateway["kannel"]
    assert table.kind == "kannel"
    assert f":{re.search(r'(?m)^sendsms-port = (.*)$', block('ini'))[1]}/" in table.url  # type: ignore[index]  # no match fails the test, too
