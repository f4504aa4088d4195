"""The mail server's adapter against a real SMTP server: what a letter looks like, and what each refusal means."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from recovery_site.adapters.smtp import SmtpMailer
from recovery_site.domain.messages import FaultKind, Letter
from recovery_site.ports import GatewayFault
from recovery_site.settings.sections import Mail
from tests.fakes import FakeClock
from tests.peers import mail_server
from tests.peers.certificates import self_signed
from tests.peers.mail_server import HANG_UP, NAME, PASSWORD, MailServer

TEXT = "Kính gửi ông/bà,\n\nMật khẩu của hộp thư vừa được thay đổi. Mã hỗ trợ K7F3-QX2M.\n"
LETTER = Letter("message-id-1", "an.tran@soctrang.gov.vn", "Mật khẩu thư điện tử công vụ vừa được thay đổi", TEXT)
SENDER = "thong-bao@soctrang.gov.vn"
LOGIN = {"username": NAME, "password": PASSWORD}


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server on an open line that takes everything."""
    with mail_server.running() as running:
        yield running


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The server's certificate; nobody trusts it."""
    return self_signed(tmp_path)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's certificate, trusted by this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def mailer(port: int, clock: FakeClock | None = None, **changed: object) -> SmtpMailer:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": SENDER, **changed}
    return SmtpMailer(Mail.model_validate(given), clock or FakeClock())


def fault(of: SmtpMailer, letter: Letter = LETTER) -> tuple[FaultKind, str]:
    """Return kind and reason of a letter that is not taken; they must name no mailbox and no password."""
    with pytest.raises(GatewayFault) as raised:
        of.send(letter)
    told = str(raised.value)
    for secret in (letter.to, "an.tran", PASSWORD):
        assert secret not in told
    return raised.value.kind, told


# --- the letter -------------------------------------------------------------------------------------------------------


def test_a_letter_arrives_with_its_headers_and_its_text_to_the_last_mark(server: MailServer) -> None:
    mailer(server.port).send(LETTER)
    [mail] = server.mails
    assert {name: str(mail[name]) for name in ("From", "To", "Subject", "Message-ID", "Date")} == {
        "From": SENDER,
        "To": LETTER.to,
        "Subject": LETTER.subject,
        "Message-ID": "<message-id-1@soctrang.gov.vn>",
        "Date": "Mon, 02 Mar 2026 05:00:00 +0000",
    }
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "vi")
    assert mail.get_content() == TEXT
    [envelope] = server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [LETTER.to])


def test_the_letter_is_plain_ascii_on_its_way_and_says_that_it_is_utf_8(server: MailServer) -> None:
    mailer(server.port).send(LETTER)
    assert server.raw().isascii()
    [mail] = server.mails
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    assert mail["Content-Transfer-Encoding"] == "base64"
    assert max(map(len, server.raw().splitlines())) <= 78


def test_each_attempt_carries_the_same_message_id_and_the_time_of_its_own(server: MailServer) -> None:
    clock = FakeClock()
    same = mailer(server.port, clock)
    for _ in range(3):
        same.send(LETTER)
        clock.pass_by(60)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
    assert len({mail["Date"].datetime for mail in server.mails}) == 3


def test_a_line_that_begins_with_a_dot_ends_no_letter(server: MailServer) -> None:
    text = "one\n.\n..two\n. three\nRCPT TO:<other@soctrang.gov.vn>\n"
    mailer(server.port).send(Letter("id", LETTER.to, "x", text))
    assert server.mails[0].get_content() == text


@pytest.mark.parametrize("after", ["", "Bcc: other@soctrang.gov.vn\r\n\r\n."])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028"])
@pytest.mark.parametrize("field", ["to", "subject", "message_id"])
def test_no_value_can_add_a_header_a_recipient_or_a_command(
    server: MailServer, field: str, end: str, after: str
) -> None:
    values = {"message_id": "id", "to": LETTER.to, "subject": "x", "text": TEXT}
    injected = f"{values[field]}{end}{after}"
    refused = fault(mailer(server.port), Letter(**{**values, field: injected}))
    assert refused == (FaultKind.TEXT, "a header has a line break")
    assert not FaultKind.TEXT.is_passing
    assert server.envelopes == []


# --- the line ---------------------------------------------------------------------------------------------------------


# the test's server does not count a line that was encrypted from its beginning
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_trusted_server_gets_name_password_and_letter_on_an_encrypted_line(trusted: Path, security: str) -> None:
    with mail_server.running(certificate=trusted, tls=security == "tls", login=True) as server:
        mailer(server.port, security=security, **LOGIN).send(LETTER)
        mailer(server.port, security=security, **LOGIN).check()
        assert (len(server.mails), server.secured) == (1, [True])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_gets_neither_password_nor_letter(certificate: Path, security: str) -> None:
    with mail_server.running(certificate=certificate, tls=security == "tls") as server:
        assert fault(mailer(server.port, security=security)) == (FaultKind.UNREACHABLE, "SSLCertVerificationError")
        assert server.envelopes == []


def test_a_certificate_of_another_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = self_signed(tmp_path, "192.0.2.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with mail_server.running(certificate=other) as server:
        assert fault(mailer(server.port, security="starttls"))[0] is FaultKind.UNREACHABLE
        assert server.envelopes == []


def test_a_server_that_offers_no_encryption_gets_no_letter_where_the_settings_want_it(server: MailServer) -> None:
    assert fault(mailer(server.port, security="starttls"))[0] is FaultKind.UNREACHABLE
    assert fault(mailer(server.port, security="tls", timeout_seconds=2))[0] is FaultKind.UNREACHABLE
    assert server.envelopes == []


# --- what a refusal means ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [{"password": "another"}, {"username": "another"}])
def test_a_wrong_login_is_told_as_one(trusted: Path, changed: dict[str, str]) -> None:
    with mail_server.running(certificate=trusted, login=True) as server:
        told = fault(mailer(server.port, **{"security": "starttls", **LOGIN, **changed}))
        assert told == (FaultKind.ACCESS, "the name or the password is refused")
        assert server.envelopes == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 no such mailbox an.tran@soctrang.gov.vn", FaultKind.NUMBER),
        ("552 mailbox full", FaultKind.NUMBER),
        ("450 try again later", FaultKind.BUSY),
        ("451 greylisted", FaultKind.BUSY),
    ],
)
def test_a_refused_mailbox_is_final_or_passes(server: MailServer, answer: str, kind: FaultKind) -> None:
    server.recipient = answer
    assert fault(mailer(server.port)) == (kind, f"the mailbox is refused ({answer[:3]})")
    assert kind.is_passing is answer.startswith("4")


@pytest.mark.parametrize(
    ("answer", "kind"), [("554 spam: an.tran@soctrang.gov.vn", FaultKind.TEXT), ("452 no space", FaultKind.BUSY)]
)
def test_a_refused_letter_is_final_or_passes(server: MailServer, answer: str, kind: FaultKind) -> None:
    server.data = answer
    assert fault(mailer(server.port)) == (kind, f"status {answer[:3]}")
    assert kind.is_passing is answer.startswith("4")


@pytest.mark.parametrize("goodbye", [HANG_UP, "421 shutting down", "500 what?"])
def test_a_letter_that_was_taken_counts_as_sent_however_the_connection_ends(server: MailServer, goodbye: str) -> None:
    server.goodbye = goodbye
    mailer(server.port).send(LETTER)
    mailer(server.port).check()
    assert len(server.mails) == 1


@pytest.mark.parametrize("goodbye", [HANG_UP, "421 shutting down"])
def test_a_refusal_stays_what_it_is_however_the_connection_ends(server: MailServer, goodbye: str) -> None:
    server.recipient, server.goodbye = "550 no such mailbox", goodbye
    assert fault(mailer(server.port)) == (FaultKind.NUMBER, "the mailbox is refused (550)")


def test_nobody_who_listens_is_told() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        assert fault(mailer(holder.getsockname()[1])) == (FaultKind.UNREACHABLE, "ConnectionRefusedError")


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_says_nothing_is_given_up(security: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quick = mailer(silent.getsockname()[1], security=security, timeout_seconds=0.1)
        assert fault(quick)[0] is FaultKind.UNREACHABLE
        with pytest.raises(GatewayFault):
            quick.check()


def test_checking_reaches_the_server_and_sends_nothing(server: MailServer) -> None:
    mailer(server.port).check()
    assert server.envelopes == []


def test_a_letter_that_was_refused_leaves_nothing_behind_for_the_next_one(server: MailServer) -> None:
    steady = mailer(server.port)
    server.recipient = "450 later"
    fault(steady)
    server.recipient = ""
    steady.send(LETTER)
    assert len(server.mails) == 1
    assert server.mails[0]["Date"].datetime - FakeClock().now() == timedelta(0)
