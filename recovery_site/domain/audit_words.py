"""The record in the words of others: the vocabulary of OWASP, lines of JSON, and syslog.

Sources: OWASP Logging Vocabulary Cheat Sheet; RFC 5424, RFC 6587. Every line is printable ASCII, whatever stands in the
record: nothing in it can end a line, begin one, or move a terminal's cursor.
"""

import json
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from recovery_site.domain.audit import OF_STRANGERS, Event, EventKind

APP = "recovery-site"
_LOG_AUDIT = 13
"""The facility of audits (RFC 5424 section 6.2.1)."""


class Result(StrEnum):
    SUCCESS = "success"
    REFUSED = "refused"


class Severity(StrEnum):
    """OWASP's level, of which syslog has a number."""

    INFO = "INFO"
    WARN = "WARN"
    CRITICAL = "CRITICAL"


_NUMBERS = {Severity.INFO: 6, Severity.WARN: 4, Severity.CRITICAL: 2}


@dataclass(frozen=True)
class Word:
    """What an event is called outside."""

    name: str
    result: Result = Result.SUCCESS
    severity: Severity = Severity.INFO


WORDS = {
    EventKind.GRANTED: Word("user_created", severity=Severity.WARN),
    EventKind.GRANTED_AGAIN: Word("authn_token_created", severity=Severity.WARN),
    EventKind.REMINDED: Word("user_updated"),
    EventKind.LOCKED_OVERDUE: Word("authn_login_lock", severity=Severity.WARN),
    EventKind.FIRST_PASSWORD_CHANGED: Word("authn_password_change"),
    EventKind.PASSWORD_CHANGED: Word("authn_password_change"),
    EventKind.PASSWORD_RECOVERED: Word("authn_password_change"),
    EventKind.SIGNED_IN: Word("authn_login_success"),
    EventKind.SIGNED_OUT_EVERYWHERE: Word("session_expired"),
    EventKind.MEMBER_ADDED: Word("privilege_permissions_changed", severity=Severity.WARN),
    EventKind.MEMBER_REMOVED: Word("privilege_permissions_changed", severity=Severity.WARN),
    EventKind.LOCKED: Word("authn_login_lock", severity=Severity.WARN),
    EventKind.UNLOCKED: Word("user_updated", severity=Severity.WARN),
    EventKind.RENAMED: Word("user_updated", severity=Severity.WARN),
    EventKind.MOVED_AWAY: Word("user_archived", severity=Severity.WARN),
    EventKind.RECOVERY_BEGUN: Word("session_created"),
    EventKind.CODE_REQUESTED: Word("authn_token_created"),
    EventKind.CODE_REFUSED: Word("authn_login_fail", Result.REFUSED, Severity.WARN),
    EventKind.CODE_SPENT: Word("authn_login_fail_max", Result.REFUSED, Severity.WARN),
    EventKind.LIMIT_REACHED: Word("excess_rate_limit_exceeded", Result.REFUSED, Severity.WARN),
    EventKind.SIGN_IN_REFUSED: Word("authn_login_fail", Result.REFUSED, Severity.WARN),
    EventKind.PRESENT_PASSWORD_WRONG: Word("authn_password_change_fail", Result.REFUSED, Severity.WARN),
    EventKind.DATA_EXPORTED: Word("sensitive_read", severity=Severity.WARN),
    EventKind.DATA_ERASED: Word("sensitive_delete", severity=Severity.WARN),
    EventKind.RECORD_SHORTENED: Word("sensitive_delete"),
    EventKind.RECORD_SEALED_ANEW: Word("authz_admin", severity=Severity.CRITICAL),
    EventKind.NOT_ALL_WRITTEN: Word("sys_monitor_disabled", severity=Severity.CRITICAL),
}


def mask_address(address: str) -> str:
    """Return the address with the middle of its name hidden, n***a@soctrang.gov.vn; a keyed name stays as it is."""
    name, at, domain = address.rpartition("@")
    if not at:
        return address if address.startswith("~") else "***" * bool(address)
    return f"{name[:1]}***{name[-1:] if len(name) > 2 else ''}@{domain}"


def as_json(position: int, event: Event, subject_id: str, *, whole: bool = False) -> str:
    """Return an event as one line of JSON, its subject masked unless `whole`.

    `subject_id` tells accounts apart: the same for the same account, and nothing about it.
    """
    word = WORDS[event.kind]
    shown = {
        "datetime": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "appid": APP,
        "event": word.name,
        "level": word.severity,
        "kind": event.kind,
        "position": position,
        "result": word.result,
        "actor": event.actor,
        "subject": event.address if whole else mask_address(event.address),
        "subject_id": subject_id,
        "client": event.client,
        "reference": event.reference,
        "detail": event.detail if whole or event.kind not in _NAMES_PEOPLE else "",
        "stranger": event.kind in OF_STRANGERS,
    }
    return json.dumps(shown)  # in ASCII, as it comes


_NAMES_PEOPLE = frozenset({EventKind.GRANTED, EventKind.GRANTED_AGAIN, EventKind.RENAMED, EventKind.MOVED_AWAY})
"""Whose detail is a caller's name or an old address."""


def as_syslog(position: int, event: Event, subject_id: str, *, host: str, whole: bool = False) -> str:
    """Return an event as a message of RFC 5424, without an ending; `host` sent it. The text is the line of JSON."""
    priority = _LOG_AUDIT * 8 + _NUMBERS[WORDS[event.kind].severity]
    at = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = "".join(letter for letter in host if "!" <= letter <= "~")[:255] or "-"
    text = as_json(position, event, subject_id, whole=whole)
    return f"<{priority}>1 {at} {name} {APP} - {event.kind} - {text}"
