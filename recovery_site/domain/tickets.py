"""Waiting tickets: a signed moment before which, and one after which, they are worth nothing."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256


class NotATicket(Exception):
    """What was shown was not made here, or for somebody else."""


@dataclass(frozen=True)
class Ticket:
    """`id` is used once; the moments are in whole seconds UTC; `bearer` is who may use it, as a digest."""

    id: str
    opens_at: datetime
    ends_at: datetime
    bearer: str

    def signed(self, key: bytes) -> str:
        """Return the ticket as text for a form; raises nothing."""
        body = f"{self.id}.{_seconds(self.opens_at)}.{_seconds(self.ends_at)}"
        return f"{body}.{_signature(key, body, self.bearer)}"


def read_ticket(text: str, bearer: str, key: bytes) -> Ticket:
    """Return the ticket that `text` is, in the hands of `bearer`; raises `NotATicket`."""
    body, _, signature = text.rpartition(".")
    if not hmac.compare_digest(_signature(key, body, bearer).encode(), signature.encode()):
        raise NotATicket
    name, opens_at, ends_at = body.split(".")
    return Ticket(name, _moment(opens_at), _moment(ends_at), bearer)


def new_ticket(name: str, now: datetime, wait: timedelta, life: timedelta, bearer: str) -> Ticket:
    """Return a ticket that opens after `wait`, and ends `life` later."""
    opens_at = now + wait
    return Ticket(name, opens_at, opens_at + life, bearer)


def _signature(key: bytes, body: str, bearer: str) -> str:
    digest = hmac.new(key, f"ticket|{body}|{bearer}".encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
