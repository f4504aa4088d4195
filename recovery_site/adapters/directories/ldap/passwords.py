"""Writing a password, and what a directory's refusals mean."""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from ldap3 import MODIFY_REPLACE, Connection

from recovery_site.adapters.directories.ldap import ppolicy
from recovery_site.adapters.directories.ldap.connections import SignIn
from recovery_site.adapters.directories.ldap.faults import (
    CONSTRAINT_VIOLATION,
    INAPPROPRIATE_AUTHENTICATION,
    INVALID_CREDENTIALS,
    NO_SUCH_OBJECT,
    SUCCESS,
    UNWILLING_TO_PERFORM,
    demand,
    words_of,
)
from recovery_site.adapters.directories.ldap.flavours import Flavour
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem, UnknownAccount

log = structlog.get_logger()

_POLICY_HINTS = [("1.2.840.113556.1.4.2239", False, b"\x30\x03\x02\x01\x01")]
"""Asks Active Directory to hold its history against a reset too (MS-ADTS, LDAP_SERVER_POLICY_HINTS_OID).

Not critical: Samba does not know it.
"""

_ERROR_PASSWORD_RESTRICTION = "0000052D"
"""Too short, too simple or in the history; Active Directory does not say which (MS-ERREF, section 2.2)."""

_RIGHT_BUT_STOPPED = re.compile(r"\bdata (?:532|773)\b")
"""Active Directory's words for a right password that has expired, or must be changed at the next sign-in."""

_STOPPED = (ppolicy.PolicyError.PASSWORD_EXPIRED, ppolicy.PolicyError.CHANGE_AFTER_RESET)
_REFUSED_SIGN_INS = (
    CONSTRAINT_VIOLATION,
    NO_SUCH_OBJECT,
    INAPPROPRIATE_AUTHENTICATION,
    INVALID_CREDENTIALS,
    UNWILLING_TO_PERFORM,
)

_SENTENCES = (
    (re.compile(r"too short|at least \d+ char", re.I), PolicyProblem.TOO_SHORT),
    (re.compile(r"history|reuse", re.I), PolicyProblem.IN_HISTORY),
    (re.compile(r"too soon|too young|minimum age", re.I), PolicyProblem.TOO_YOUNG),
    (re.compile(r"too simple|syntax|character class|trivial|dictionary|palindrome", re.I), PolicyProblem.TOO_WEAK),
)
"""How 389 Directory Server and FreeIPA put it where they send no control."""


def write_password(connection: Connection, flavour: Flavour, dn: str, password: Secret) -> None:
    """Set the password of an entry, byte for byte.

    Raises `PasswordRefused`, `UnknownAccount` where the entry has gone, `DirectoryUnavailable`.
    """
    if flavour.unicode_pwd:
        quoted = f'"{password.reveal()}"'.encode("utf-16-le")
        connection.modify(dn, {"unicodePwd": [(MODIFY_REPLACE, [quoted])]}, controls=_POLICY_HINTS)
    else:
        # bytes: to text ldap3 would apply SASLprep, and ﬁ would become fi
        connection.extend.standard.modify_password(
            user=dn, new_password=password.reveal().encode(), controls=ppolicy.REQUEST
        )
    judge(connection.result)


def judge(result: Mapping[str, Any]) -> None:
    """Raise what the answer to a new password means, nothing for success."""
    code, words = result["result"], result["message"] or ""
    error = ppolicy.error_in(result)
    if code == SUCCESS:
        return
    if error in ppolicy.PROBLEMS:
        raise PasswordRefused(ppolicy.PROBLEMS[error])
    if error is not None:
        raise DirectoryUnavailable(f"lets the service account set no password ({error.name.lower()})")
    if code in (CONSTRAINT_VIOLATION, UNWILLING_TO_PERFORM) and _ERROR_PASSWORD_RESTRICTION in words:
        raise PasswordRefused(PolicyProblem.TOO_WEAK)
    if code == CONSTRAINT_VIOLATION:
        problems = (problem for pattern, problem in _SENTENCES if pattern.search(words))
        raise PasswordRefused(next(problems, PolicyProblem.OTHER))
    if code == NO_SUCH_OBJECT:
        raise UnknownAccount
    raise DirectoryUnavailable(words_of(code))


def end_short_lock(connection: Connection, flavour: Flavour, dn: str) -> None:
    """End the lock that wrong passwords cause, where a new password does not; it is too late to fail now."""
    changes = flavour.ending_short_lock()
    if not changes:
        return
    try:
        connection.modify(dn, dict(changes))
        demand(connection.result)
    except Exception as error:  # noqa: BLE001 -- ldap3's decoder raises anything, and the password is set
        fault = str(error) if isinstance(error, DirectoryUnavailable) else type(error).__name__
        log.error("directory_short_lock_stays", fault=fault)  # noqa: TRY400 -- a cause, not a fault to trace


def is_right(answer: SignIn) -> bool:
    """Return whether a bind's answer means that the password was right; raises `DirectoryUnavailable`."""
    if answer.code == SUCCESS or answer.policy in _STOPPED or _RIGHT_BUT_STOPPED.search(answer.message):
        return True
    if answer.code in _REFUSED_SIGN_INS:
        return False
    raise DirectoryUnavailable(words_of(answer.code))
