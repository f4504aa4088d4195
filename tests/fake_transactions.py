"""A unit of work in memory, as strict as the contract: one at a time, never nested, all of it or nothing."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from limits import parse

from recovery_site.ports import Clock, Limit, LimitReached, Transaction
from recovery_site.settings.limits import Limits as LimitSettings
from tests.fake_rows import (
    Counters,
    FakeActivations,
    FakeAudit,
    FakeMessages,
    FakeRecoveries,
    FakeSessions,
    Members,
    Rows,
)


def default_rules() -> dict[Limit, str]:
    """Return the rules of DESIGN section 7."""
    settings = LimitSettings()
    fixed = {
        Limit.ALARM: settings.wrong_codes_of_site,
        Limit.ALARM_OF_WALK: settings.addresses_per_client_a_day,
        Limit.SENDS_OF_SITE: "2000/day",
        Limit.GRANTS_UNDER_WAY: "1/minute",
        Limit.USES_OF_PROOF: "1/hour",
    }
    return {limit: getattr(settings, limit.name.lower()) for limit in set(Limit) - set(fixed)} | fixed


class FakeLimits:
    def __init__(self, counters: Counters, members: Members, rules: Mapping[Limit, str], now: datetime):
        self._counters = counters
        self._members = members
        self._rules = rules
        self._now = now

    def hit(self, limit: Limit, *key: str) -> None:
        count, ends = self._live(limit, key)
        self._counters[_name(limit, key)] = (count + 1, ends)
        if count + 1 > parse(self._rules[limit]).amount:
            raise LimitReached(limit, self._wait(ends))

    def left(self, limit: Limit, *key: str) -> int:
        return max(0, int(parse(self._rules[limit]).amount) - self._live(limit, key)[0])

    def give_back(self, limit: Limit, *key: str) -> None:
        count, ends = self._live(limit, key)
        if count > 0:
            self._counters[_name(limit, key)] = (count - 1, ends)

    def test(self, limit: Limit, *key: str) -> None:
        count, ends = self._live(limit, key)
        if count >= parse(self._rules[limit]).amount:
            raise LimitReached(limit, self._wait(ends))

    def add(self, limit: Limit, member: str, *key: str) -> int:
        ends = self._now + timedelta(seconds=parse(self._rules[limit]).get_expiry())
        self._members[_name(limit, key), _name(limit, ("member", member))] = ends
        return self.members(limit, *key)

    def members(self, limit: Limit, *key: str) -> int:
        return len(self._ends(limit, key))

    def wait(self, limit: Limit, most: int, *key: str) -> int:
        above = self._ends(limit, key)[most:]
        return self._wait(above[0]) if above else 0

    def remove(self, limit: Limit, member: str) -> None:
        gone = _name(limit, ("member", member))
        for one in [one for one in self._members if one[1] == gone]:
            del self._members[one]

    def _ends(self, limit: Limit, key: tuple[str, ...]) -> list[datetime]:
        """Return until when each member counts, the last one first."""
        wanted = _name(limit, key)
        mine = [ends for (name, _), ends in self._members.items() if name == wanted and ends > self._now]
        return sorted(mine, reverse=True)

    def _live(self, limit: Limit, key: tuple[str, ...]) -> tuple[int, datetime]:
        fresh = (0, self._now + timedelta(seconds=parse(self._rules[limit]).get_expiry()))
        count, ends = self._counters.get(_name(limit, key), fresh)
        return (count, ends) if ends > self._now else fresh

    def _wait(self, ends: datetime) -> int:
        return max(1, ceil((ends - self._now).total_seconds()))


@dataclass
class FakeTransaction:
    recoveries: FakeRecoveries
    messages: FakeMessages
    sessions: FakeSessions
    limits: FakeLimits
    activations: FakeActivations
    audit: FakeAudit
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    def once_committed(self, do: Callable[[], object]) -> None:
        self.afterwards.append(do)


class FakeTransactions:
    """Opens transactions over rows in memory. `before_commit` and `after_commit` let a test pull the plug."""

    def __init__(self, clock: Clock, rules: Mapping[Limit, str] | None = None) -> None:
        self.rows = Rows()
        self.before_commit: Callable[[], None] = _nothing
        self.after_commit: Callable[[], None] = _nothing
        self._clock = clock
        self._rules = {**default_rules(), **(rules or {})}
        self._turn = threading.Lock()
        self._owner: int | None = None

    def __call__(self) -> AbstractContextManager[Transaction]:
        return self._begin()

    def none_is_open(self) -> None:
        """Complain where this thread has a transaction open: the directory may not be called inside one."""
        assert self._owner != threading.get_ident(), "a transaction is open: with SQLite this would wait for itself"

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        self.none_is_open()
        with self._turn:
            self._owner = threading.get_ident()
            rows = self.rows.copy()
            try:
                tx = FakeTransaction(
                    FakeRecoveries(rows.recoveries),
                    FakeMessages(rows.messages),
                    FakeSessions(rows.sessions),
                    FakeLimits(rows.counters, rows.members, self._rules, self._clock.now()),
                    FakeActivations(rows.activations),
                    FakeAudit(rows.audit),
                )
                yield tx
                self.before_commit()
                self.rows = rows
            finally:
                self._owner = None
        for do in tx.afterwards:
            do()
        self.after_commit()


def _name(limit: Limit, key: tuple[str, ...]) -> str:
    """Return a key that names nobody, as the database's does."""
    return sha256("|".join((limit.name, *key)).encode()).hexdigest()


def _nothing() -> None:
    """Nothing goes wrong."""
