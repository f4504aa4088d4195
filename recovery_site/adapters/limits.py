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
from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import limit_counters, limit_members
from recovery_site.ports import Limit, LimitReached

Rules = Mapping[Limit, RateLimitItem]


class CounterStorage(Storage):
    """A storage of the `limits` library over one open transaction; a window begins with its first use."""

    STORAGE_SCHEME = None

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self._session = session
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        insert = self.insert()
        over = limit_counters.c.expires_at <= self._now
        ends = self._now + timedelta(seconds=expiry)
        raised = (
            insert(limit_counters)
            .values(key=key, count=amount, expires_at=ends)
            .on_conflict_do_update(
                index_elements=[limit_counters.c.key],
                set_={
                    "count": case((over, amount), else_=limit_counters.c.count + amount),
                    "expires_at": case((over, ends), else_=limit_counters.c.expires_at),
                },
            )
            .returning(limit_counters.c.count)
        )
        return int(self._session.execute(raised).scalar_one())

    def insert(self) -> Callable[..., postgresql.Insert | sqlite.Insert]:
        """Return the engine's own insert, which can also update."""
        return postgresql.insert if self._session.get_bind().dialect.name == "postgresql" else sqlite.insert

    def get(self, key: str) -> int:
        live = select(limit_counters.c.count).where(
            limit_counters.c.key == key, limit_counters.c.expires_at > self._now
        )
        return self._session.execute(live).scalar_one_or_none() or 0

    def get_expiry(self, key: str) -> float:
        ends = self._session.execute(
            select(limit_counters.c.expires_at).where(limit_counters.c.key == key)
        ).scalar_one_or_none()
        return (ends or self._now).timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._session.execute(delete(limit_counters))
        return None

    def clear(self, key: str) -> None:
        self._session.execute(delete(limit_counters).where(limit_counters.c.key == key))


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
        name, ends = self._name(limit, key), self._now + timedelta(seconds=self._rules[limit].get_expiry())
        # the counter is only a lock: with PostgreSQL the next one waits here, and then sees what this one wrote
        self._storage.incr(name, self._rules[limit].get_expiry())
        insert = self._storage.insert()
        put = insert(limit_members).values(key=name, member=self._member(limit, member), expires_at=ends)
        self._session.execute(
            put.on_conflict_do_update(index_elements=["key", "member"], set_={"expires_at": put.excluded.expires_at})
        )
        return self.members(limit, *key)

    def members(self, limit: Limit, *key: str) -> int:
        mine = self._mine(limit, key)
        return self._session.execute(select(func.count()).select_from(limit_members).where(*mine)).scalar_one()

    def wait(self, limit: Limit, most: int, *key: str) -> int:
        ends = limit_members.c.expires_at
        above = select(ends).where(*self._mine(limit, key)).order_by(ends.desc()).offset(most).limit(1)
        freed: datetime | None = self._session.execute(above).scalar_one_or_none()
        return max(1, ceil((freed - self._now).total_seconds())) if freed else 0

    def remove(self, limit: Limit, member: str) -> None:
        gone = limit_members.c.member == self._member(limit, member)
        self._session.execute(delete(limit_members).where(gone))

    def _mine(self, limit: Limit, key: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
        return limit_members.c.key == self._name(limit, key), limit_members.c.expires_at > self._now

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
