"""A mail server on this machine (PyPI `aiosmtpd`): takes letters, or answers as it is told to."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME, PASSWORD = "notices", "canary-password"


@dataclass
class MailServer:
    """What was taken, and how the next commands are answered; '' is a yes."""

    port: int
    envelopes: list[Envelope] = field(default_factory=list)
    recipient: str = ""
    data: str = ""
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


def self_signed(folder: Path, name: str = "127.0.0.1") -> Path:
    """Return a file with a key and a certificate that nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


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
