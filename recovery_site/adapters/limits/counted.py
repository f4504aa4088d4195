"""Limits: the strategies of the `limits` library over counters of ours, which a transaction that fails takes back.

A counter is raised first and compared afterwards. Keys are keyed hashes: no storage names an account, a number or a
client.
"""

import hmac
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.orm import Session

from recovery_site.ports import Limit, LimitReached


class Counters(Storage):
    """A storage of the `limits` library, and sets beside its counters. What it counts is over when `session` fails.

    A window begins with its first use; times are those of `now`, aware UTC.
    """

    STORAGE_SCHEME = None

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self._session = session
        self._now = now

    @abstractmethod
    def add(self, key: str, member: str, expiry: int) -> int:
        """Put a member into a set for `expiry` seconds, and return how many are in it. Exact at any parallelism."""

    @abstractmethod
    def members(self, key: str) -> int:
        """Return how many are in a set."""

    @abstractmethod
    def freed_at(self, key: str, most: int) -> datetime | None:
        """Return when there will be at most `most` in a set; None where there are not more now."""

    @abstractmethod
    def remove(self, member: str) -> None:
        """Take a member out of all sets."""

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        """Refuse: the library's interface asks for it, and nobody may end every limit of a site at once."""
        raise PermissionError("limits end by themselves")


OpenCounters = Callable[[Session, datetime], Counters]


class CountedLimits:
    """The `Limits` port over one open transaction."""

    def __init__(self, counters: Counters, now: datetime, rules: Mapping[Limit, RateLimitItem], key: bytes) -> None:
        self._counters = counters
        self._strategy = FixedWindowRateLimiter(counters)
        self._now = now
        self._rules = rules
        self._key = key

    def hit(self, limit: Limit, *key: str) -> None:
        self._ask(self._strategy.hit, limit, key)

    def test(self, limit: Limit, *key: str) -> None:
        self._ask(self._strategy.test, limit, key)

    def left(self, limit: Limit, *key: str) -> int:
        rule = self._rules[limit]
        return max(0, int(rule.amount) - self._counters.get(rule.key_for(self._name(limit, key))))

    def give_back(self, limit: Limit, *key: str) -> None:
        rule, name = self._rules[limit], self._name(limit, key)
        if self._counters.get(rule.key_for(name)) > 0:  # else the window has ended, and the use with it
            self._strategy.hit(rule, name, cost=-1)

    def add(self, limit: Limit, member: str, *key: str) -> int:
        expiry = self._rules[limit].get_expiry()
        return self._counters.add(self._name(limit, key), self._member(limit, member), expiry)

    def members(self, limit: Limit, *key: str) -> int:
        return self._counters.members(self._name(limit, key))

    def wait(self, limit: Limit, most: int, *key: str) -> int:
        freed = self._counters.freed_at(self._name(limit, key), most)
        return max(1, ceil((freed - self._now).total_seconds())) if freed else 0

    def remove(self, limit: Limit, member: str) -> None:
        self._counters.remove(self._member(limit, member))

    def _member(self, limit: Limit, member: str) -> str:
        return self._name(limit, ("member", member))

    def _ask(self, question: Callable[[RateLimitItem, str], bool], limit: Limit, key: tuple[str, ...]) -> None:
        rule = self._rules[limit]
        name = self._name(limit, key)
        if question(rule, name):
            return
        ends = self._counters.get_expiry(rule.key_for(name))
        raise LimitReached(limit, max(1, ceil(ends - self._now.timestamp())))

    def _name(self, limit: Limit, key: tuple[str, ...]) -> str:
        return hmac.new(self._key, "|".join((limit.name, *key)).encode(), sha256).hexdigest()


OpenLimits = Callable[[Session, datetime], CountedLimits]


def limits_over(counters: OpenCounters, rules: Mapping[Limit, str], key: bytes) -> OpenLimits:
    """Return what opens the limits of a transaction: by these rules, with names hashed by this key."""
    parsed = {limit: parse(text) for limit, text in rules.items()}
    return lambda session, now: CountedLimits(counters(session, now), now, parsed, key)
