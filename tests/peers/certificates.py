"""Certificates for servers on this machine: from an authority of the test's own, or from nobody."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A certificate authority; `file` is what a site that trusts it names in its settings."""

    file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, name: str = "127.0.0.1", *more: str) -> Path:
        """Return a file with a key and a certificate for these host names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(name, key).issuer_name(self.certificate.subject)
        made = made.add_extension(_names(name, *more), critical=False)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return _written(self.file.parent / f"{name}.pem", key, made.sign(self.key, hashes.SHA256()))


def make_authority(folder: Path, name: str = "authority") -> Authority:
    """Return a new authority that keeps its files in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _builder(name, key).issuer_name(_subject(name))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = made.sign(key, hashes.SHA256())
    path = folder / f"{name}.ca.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(path, key, certificate)


def self_signed(folder: Path, name: str = "127.0.0.1") -> Path:
    """Return a file with a key and a certificate that nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _builder(name, key).issuer_name(_subject(name)).add_extension(_names(name), critical=False)
    return _written(folder / f"{name}.self-signed.pem", key, made.sign(key, hashes.SHA256()))


def server_context(file: Path) -> ssl.SSLContext:
    """Return the context of a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _builder(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _names(*names: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general(name) for name in names])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _written(path: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)
    return path
