"""Naming a number without writing it down: a keyed fingerprint stands for it in rows, forms and limits."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from recovery_site.domain.people import Phone, PhoneNumber


def fingerprint(key: bytes, recovery_id: str, number: PhoneNumber) -> str:
    """Return 32 hexadecimal digits that name `number` within one recovery, to the holder of `key` alone.

    Two recoveries name the same number differently: a form must not tell that two accounts share a telephone.
    """
    return hmac.new(key, f"{recovery_id}|{number.e164}".encode(), sha256).hexdigest()[:32]


def find_phone(keys: Sequence[bytes], subject: str, phones: Sequence[Phone], name: str) -> Phone | None:
    """Return the phone that `name` stands for within `subject`, whichever key made it; None where it is gone."""
    return next((one for one in phones if any(fingerprint(key, subject, one.number) == name for key in keys)), None)
