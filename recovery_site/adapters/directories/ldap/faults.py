"""What can go wrong between the site and a directory, in words without names and secrets."""

import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any

from ldap3.core.exceptions import (
    LDAPSessionTerminatedByServerError,
    LDAPSocketOpenError,
    LDAPStartTLSError,
)
from ldap3.core.results import RESULT_CODES

from recovery_site.ports import DirectoryUnavailable

SUCCESS = 0
SIZE_LIMIT_EXCEEDED = 4
UNAVAILABLE_CRITICAL_EXTENSION = 12
CONSTRAINT_VIOLATION = 19
NO_SUCH_OBJECT = 32
INAPPROPRIATE_AUTHENTICATION = 48
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS_RIGHTS = 50
UNWILLING_TO_PERFORM = 53
ENTRY_ALREADY_EXISTS = 68
NO_OPERATION = 0x410E
"""OpenLDAP's answer to a change that it would have made."""

# ldap3 looks every code up here, and raises KeyError at those that no RFC has
RESULT_CODES.setdefault(NO_OPERATION, "noOperation")

_RESULTS = {
    1: "answers with operationsError",
    2: "does not understand the request (protocolError)",
    3: "took longer than its time limit",
    SIZE_LIMIT_EXCEEDED: "found more entries than its size limit allows",
    8: "demands a stronger way of signing in",
    10: "answers with a referral",
    11: "stopped at an administrative limit",
    UNAVAILABLE_CRITICAL_EXTENSION: "does not know a control that the site needs",
    13: "demands an encrypted connection",
    17: "does not know one of the attributes",
    CONSTRAINT_VIOLATION: "refuses a value (constraintViolation)",
    21: "refuses a value (invalidAttributeSyntax)",
    NO_SUCH_OBJECT: "has no such entry",
    34: "does not understand a DN",
    INVALID_CREDENTIALS: "refuses the name or the password of the service account",
    INSUFFICIENT_ACCESS_RIGHTS: "refuses for want of access rights",
    51: "is busy",
    52: "is unavailable",
    UNWILLING_TO_PERFORM: "is unwilling to do it, as a read-only directory is",
    65: "refuses the change for the entry's object class",
    71: "cannot change several of its servers at once",
    80: "failed inside (other), as one with a full disk does",
}
"""RFC 4511, section 4.1.9 and appendix A."""

_CERTIFICATE = re.compile(r"certificate verify failed: ([\w ,.'-]+)")


class Cut(DirectoryUnavailable):
    """The connection ended before an answer came; on a new one the request may be sent again."""


class OutcomeUnknown(DirectoryUnavailable):
    """The connection ended in the middle of a change."""


def demand(result: Mapping[str, Any], *accepted: int) -> None:
    """Raise `DirectoryUnavailable` where a result is neither success nor one of the `accepted` codes."""
    if result["result"] not in (SUCCESS, *accepted):
        raise DirectoryUnavailable(words_of(result["result"]))


def words_of(code: int) -> str:
    """Return what a result code means, to be read after the directory's name."""
    return _RESULTS.get(code, f"answers with result code {code}")


def fault_of(error: Exception, seconds: float) -> DirectoryUnavailable:
    """Return what an exception of ldap3 means; its own text may name entries and never gets out."""
    if isinstance(error, LDAPSocketOpenError) and len(error.args) == 2 and error.args[1]:
        return fault_of(error.args[1][-1][0], seconds)  # one exception for each address that a host's name has
    if isinstance(error, TimeoutError):
        return DirectoryUnavailable(f"does not answer within {seconds:g} seconds")
    if isinstance(error, ssl.SSLCertVerificationError | ssl.CertificateError):
        reason = _CERTIFICATE.search(str(error))
        return DirectoryUnavailable(f"has a certificate that is refused: {reason[1] if reason else 'not valid'}")
    if isinstance(error, ssl.SSLEOFError | LDAPSessionTerminatedByServerError | ConnectionResetError | BrokenPipeError):
        return Cut("ended the connection")
    if isinstance(error, ssl.SSLError | LDAPStartTLSError):
        return DirectoryUnavailable("does not speak TLS as it should")
    if isinstance(error, ConnectionRefusedError):
        return DirectoryUnavailable("refuses the connection")
    if isinstance(error, socket.gaierror) or "invalid server address" in str(error):
        return DirectoryUnavailable("has a host name that cannot be resolved")
    if isinstance(error, OSError):
        return Cut("cannot be reached")
    return Cut(f"answers what cannot be read ({type(error).__name__})")
