"""A mail server on this machine (PyPI `aiosmtpd`): takes letters, or answers as it is told to."""

import socket
import ssl
from asyncio import WriteTransport
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

NAME, PASSWORD = "notices", "canary-password"

HANG_UP = "hang up"
"""In place of an answer to QUIT: the connection is cut."""


@dataclass
class MailServer:
    """What was taken, and how the next commands are answered; '' is a yes."""

    port: int
    envelopes: list[Envelope] = field(default_factory=list)
    recipient: str = ""
    data: str = ""
    goodbye: str = ""
    secured: list[bool] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """The letters, read as mail programs read them."""
        return [message_from_bytes(self.raw(number), policy=policy.default) for number in range(len(self.envelopes))]

    def raw(self, number: int = -1) -> bytes:
        content = self.envelopes[number].content
        assert isinstance(content, bytes)
        return content

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self.recipient:
            envelope.rcpt_tos.append(address)
        return self.recipient or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- the same
        if not self.data:
            self.envelopes.append(envelope)
            self.secured.append(server.transport is not None and server.transport.get_extra_info("cipher") is not None)
        return self.data or "250 OK"

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 -- the same
        if self.goodbye == HANG_UP:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
        return self.goodbye or "221 Bye"


@contextmanager
def running(*, certificate: Path | None = None, tls: bool = False, login: bool = False) -> Iterator[MailServer]:
    """Run a server: with a certificate it offers STARTTLS, with `tls` it speaks nothing else, with `login` it asks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {"tls_context": context} if certificate and not tls else {}
    if login:
        options |= {"authenticator": _check, "auth_required": True, "auth_require_tls": not tls}
    server = MailServer(_free_port())
    controller = Controller(
        server, "127.0.0.1", server.port, ssl_context=context if certificate and tls else None, **options
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth_data: Any) -> AuthResult:
    right = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (
        NAME.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=right)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
