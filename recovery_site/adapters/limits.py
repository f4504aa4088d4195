"""Limits: the strategies of the `limits` library over counters that live in the caller's transaction.

A counter is raised first and compared afterwards; a transaction that is rolled back takes its uses back with it, so a
send that never happened costs nothing. Keys are keyed hashes: the table names no account, no number and no client.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import delete
from sqlalchemy.orm import Session

from recovery_site.adapters.database import counting
from recovery_site.adapters.database.tables import limit_counters
from recovery_site.ports import Limit, LimitReached

Rules = Mapping[Limit, RateLimitItem]


class CounterStorage(Storage):
    """A storage of the `limits` library over one open transaction; a window begins with its first use."""

    STORAGE_SCHEME = None

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self._session = session
        self._dialect = session.get_bind().dialect.name
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        values = {"name": key, "amount": amount, "now": self._now, "ends": self._now + timedelta(seconds=expiry)}
        return int(self._session.execute(counting.RAISE[self._dialect], values).scalar_one())

    def get(self, key: str) -> int:
        return self._session.execute(counting.COUNT, {"name": key, "now": self._now}).scalar_one_or_none() or 0

    def get_expiry(self, key: str) -> float:
        ends: datetime | None = self._session.execute(counting.ENDS, {"name": key}).scalar_one_or_none()
        return (ends or self._now).timestamp()

    def put(self, key: str, member: str, expiry: int) -> None:
        """Put a member among those of `key`, for `expiry` seconds from now."""
        values = {"name": key, "who": member, "ends": self._now + timedelta(seconds=expiry)}
        self._session.execute(counting.PUT[self._dialect], values)

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._session.execute(delete(limit_counters))
        return None

    def clear(self, key: str) -> None:
        self._session.execute(counting.CLEAR, {"name": key})


class DatabaseLimits:
    """The `Limits` port over one open transaction."""

    def __init__(self, session: Session, now: datetime, rules: Rules, key: bytes) -> None:
        self._session = session
        self._storage = CounterStorage(session, now)
        self._strategy = FixedWindowRateLimiter(self._storage)
        self._now = now
        self._rules = rules
        self._key = key

    def hit(self, limit: Limit, *key: str) -> None:
        self._ask(self._strategy.hit, limit, key)

    def test(self, limit: Limit, *key: str) -> None:
        self._ask(self._strategy.test, limit, key)

    def left(self, limit: Limit, *key: str) -> int:
        rule = self._rules[limit]
        return max(0, int(rule.amount) - self._storage.get(rule.key_for(self._name(limit, key))))

    def give_back(self, limit: Limit, *key: str) -> None:
        rule, name = self._rules[limit], self._name(limit, key)
        if self._storage.get(rule.key_for(name)) > 0:  # else the window has ended, and the use with it
            self._strategy.hit(rule, name, cost=-1)

    def add(self, limit: Limit, member: str, *key: str) -> int:
        name, expiry = self._name(limit, key), self._rules[limit].get_expiry()
        # the counter is only a lock: with PostgreSQL the next one waits here, and then sees what this one wrote
        self._storage.incr(name, expiry)
        self._storage.put(name, self._member(limit, member), expiry)
        return self.members(limit, *key)

    def members(self, limit: Limit, *key: str) -> int:
        mine = {"name": self._name(limit, key), "now": self._now}
        return int(self._session.execute(counting.MEMBERS, mine).scalar_one())

    def wait(self, limit: Limit, most: int, *key: str) -> int:
        mine = {"name": self._name(limit, key), "now": self._now, "most": most}
        freed: datetime | None = self._session.execute(counting.FREED, mine).scalar_one_or_none()
        return max(1, ceil((freed - self._now).total_seconds())) if freed else 0

    def remove(self, limit: Limit, member: str) -> None:
        self._session.execute(counting.REMOVE, {"who": self._member(limit, member)})

    def _member(self, limit: Limit, member: str) -> str:
        return self._name(limit, ("member", member))

    def _ask(self, question: Callable[[RateLimitItem, str], bool], limit: Limit, key: tuple[str, ...]) -> None:
        rule = self._rules[limit]
        name = self._name(limit, key)
        if question(rule, name):
            return
        ends = self._storage.get_expiry(rule.key_for(name))
        raise LimitReached(limit, max(1, ceil(ends - self._now.timestamp())))

    def _name(self, limit: Limit, key: tuple[str, ...]) -> str:
        return hmac.new(self._key, "|".join((limit.name, *key)).encode(), sha256).hexdigest()


def read_rules(rules: Mapping[Limit, str]) -> Rules:
    """Return the rules of the settings, parsed."""
    return {limit: parse(text) for limit, text in rules.items()}
