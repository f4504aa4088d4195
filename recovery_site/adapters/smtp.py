"""The mail server, by SMTP (RFC 5321): notices to the mailboxes themselves."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime

from recovery_site.domain.messages import FaultKind, Letter
from recovery_site.ports import Clock, GatewayFault
from recovery_site.settings.sections import Mail


class SmtpMailer:
    """Sends one letter per connection; certificates are verified."""

    def __init__(self, settings: Mail, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, letter: Letter) -> None:
        mail = self._written(letter)
        try:
            with self._connected() as server:
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise _fault(error) from error

    def check(self) -> None:
        try:
            with self._connected() as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise _fault(error) from error

    def _written(self, letter: Letter) -> EmailMessage:
        # the library lets a break at the very end through, and the headers behind it become text
        if any(len(f"{value}.".splitlines()) > 1 for value in (letter.to, letter.subject, letter.message_id)):
            raise GatewayFault("a header has a line break", FaultKind.TEXT)
        mail = EmailMessage()
        mail["From"] = self._settings.sender
        mail["To"] = letter.to
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(self._clock.now())
        # the same at every attempt: a mail server that has had it drops the second one
        mail["Message-ID"] = f"<{letter.message_id}@{self._settings.sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answer, please
        mail.set_content(letter.text, cte="base64")
        mail["Content-Language"] = "vi"  # setting the content takes away every Content-* header
        return mail

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a connection, and end it; what goes wrong with QUIT changes nothing of what the server said before."""
        server = self._open()
        try:
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _open(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.username:
                server.login(settings.username, settings.password)
        except BaseException:
            server.close()
            raise
        return server


def _fault(error: OSError | smtplib.SMTPException) -> GatewayFault:
    """Return the fault, without the server's words: they may quote the address."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return GatewayFault("the name or the password is refused", FaultKind.ACCESS)
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            codes = [code for code, _ in refused.values()]
            kind = FaultKind.NUMBER if all(code >= 500 for code in codes) else FaultKind.BUSY
            return GatewayFault(f"the mailbox is refused ({codes[0] if codes else 0})", kind)
        case smtplib.SMTPResponseException(smtp_code=code):
            return GatewayFault(f"status {code}", FaultKind.TEXT if code >= 500 else FaultKind.BUSY)
        case smtplib.SMTPException() | OSError():
            return GatewayFault(type(error).__name__, FaultKind.UNREACHABLE)
