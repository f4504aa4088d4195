"""One server key, many labelled subkeys; a list of keys, newest first, rotates it."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MINIMUM_KEY_BYTES = 32


class Label(StrEnum):
    """What a subkey is for. Two labels never share a key (RFC 5869 section 3.2)."""

    CODE = "code"
    PHONE = "phone"
    FIRST_PASSWORD = "first_password"
    COOKIE = "cookie"
    LIMIT = "limit"
    LOG = "log"
    REPORT = "report"
    DECOY = "decoy"
    AUDIT = "audit"
    AUDIT_SUBJECT = "audit_subject"
    PROOF = "proof"


class UnknownKey(Exception):
    """The key that made a code has been taken out of the list: the code cannot be derived any more."""


@dataclass(frozen=True)
class KeyRing:
    """The server's keys, newest first. New work uses the newest; live codes keep the key that made them."""

    _keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self._keys or any(len(key) < MINIMUM_KEY_BYTES for key in self._keys):
            raise ValueError(f"a key ring needs keys of at least {MINIMUM_KEY_BYTES} bytes")

    @property
    def newest_id(self) -> str:
        """The name of the newest key: tells keys apart and nothing about them."""
        return _key_id(self._keys[0])

    def subkey(self, label: Label, key_id: str | None = None) -> bytes:
        """Return the 32-byte subkey for `label` of the newest key, or of the key named `key_id`.

        Raises `UnknownKey` where no key of that name is in the ring.
        """
        if key_id is None:
            return _derive(self._keys[0], label)
        for key in self._keys:
            if _key_id(key) == key_id:
                return _derive(key, label)
        raise UnknownKey(key_id)

    def has(self, key_id: str | None) -> bool:
        """Return whether a key of that name is in the ring."""
        return any(_key_id(key) == key_id for key in self._keys)

    def subkeys(self, label: Label) -> list[bytes]:
        """Return the subkeys for `label` of every key, newest first."""
        return [_derive(key, label) for key in self._keys]


def _derive(key: bytes, label: Label) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"recovery-site/{label}".encode()).derive(key)


def _key_id(key: bytes) -> str:
    return sha256(b"recovery-site/key-id" + key).hexdigest()[:12]
