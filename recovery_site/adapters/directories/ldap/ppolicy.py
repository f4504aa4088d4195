"""The password policy control (draft-behera-ldap-password-policy-11, section 6), which ldap3 leaves as bytes."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from recovery_site.ports import PolicyProblem

OID = "1.3.6.1.4.1.42.2.27.8.5.1"

REQUEST = [(OID, False, None)]
"""The control as ldap3 wants it with a request; not critical, so that a server without it answers all the same."""

_ERROR_TAG = 0x81


class PolicyError(IntEnum):
    """What a server says besides its result code."""

    PASSWORD_EXPIRED = 0
    ACCOUNT_LOCKED = 1
    CHANGE_AFTER_RESET = 2
    PASSWORD_MOD_NOT_ALLOWED = 3
    MUST_SUPPLY_OLD_PASSWORD = 4
    INSUFFICIENT_PASSWORD_QUALITY = 5
    PASSWORD_TOO_SHORT = 6
    PASSWORD_TOO_YOUNG = 7
    PASSWORD_IN_HISTORY = 8
    PASSWORD_TOO_LONG = 9


PROBLEMS = {
    PolicyError.INSUFFICIENT_PASSWORD_QUALITY: PolicyProblem.TOO_WEAK,
    PolicyError.PASSWORD_TOO_SHORT: PolicyProblem.TOO_SHORT,
    PolicyError.PASSWORD_TOO_YOUNG: PolicyProblem.TOO_YOUNG,
    PolicyError.PASSWORD_IN_HISTORY: PolicyProblem.IN_HISTORY,
    PolicyError.PASSWORD_TOO_LONG: PolicyProblem.TOO_LONG,
}
"""The errors that are about the new password."""


def error_in(result: Mapping[str, Any]) -> PolicyError | None:
    """Return the error in the control of a result of ldap3, None without one."""
    control = (result.get("controls") or {}).get(OID) or {}
    return decode(bytes(control.get("value") or b""))


def decode(value: bytes) -> PolicyError | None:
    """Return the error in a control's value; bytes that are no such value hold none.

    `SEQUENCE { warning [0] CHOICE {…} OPTIONAL, error [1] ENUMERATED OPTIONAL }` in BER; lengths are always short.
    """
    if len(value) < 2 or value[0] != 0x30 or value[1] != len(value) - 2:
        return None
    rest = value[2:]
    while len(rest) >= 2:
        tag, length = rest[0], rest[1]
        content, rest = rest[2 : 2 + length], rest[2 + length :]
        if tag == _ERROR_TAG and len(content) == length == 1 and content[0] in set(PolicyError):
            return PolicyError(content[0])
    return None
