"""Counters in the caller's transaction: what is rolled back never was, and every node counts the same.

The statements are built once, for they stand before nearly every request. Their parameters: `name` and `who` (keyed
hashes), `amount`, `now` and `ends` (aware UTC), `most` (members passed over).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Executable, Integer, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import limit_counters, limit_members
from recovery_site.adapters.limits.counted import Counters

Insert = Callable[..., postgresql.Insert | sqlite.Insert]

_INSERTS: Mapping[str, Insert] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

_name = bindparam("name", type_=limit_counters.c.key.type)
_who = bindparam("who", type_=limit_members.c.member.type)
_amount = bindparam("amount", type_=Integer)
_now = bindparam("now", type_=limit_counters.c.expires_at.type)
_ends = bindparam("ends", type_=limit_counters.c.expires_at.type)


def _raising(insert: Insert) -> Executable:
    over = limit_counters.c.expires_at <= _now
    return (
        insert(limit_counters)
        .values(key=_name, count=_amount, expires_at=_ends)
        .on_conflict_do_update(
            index_elements=[limit_counters.c.key],
            set_={
                "count": case((over, _amount), else_=limit_counters.c.count + _amount),
                "expires_at": case((over, _ends), else_=limit_counters.c.expires_at),
            },
        )
        .returning(limit_counters.c.count)
    )


def _putting(insert: Insert) -> Executable:
    put = insert(limit_members).values(key=_name, member=_who, expires_at=_ends)
    return put.on_conflict_do_update(index_elements=["key", "member"], set_={"expires_at": put.excluded.expires_at})


# by the name of the dialect
_RAISE = {dialect: _raising(insert) for dialect, insert in _INSERTS.items()}
_PUT = {dialect: _putting(insert) for dialect, insert in _INSERTS.items()}

_COUNT = select(limit_counters.c.count).where(limit_counters.c.key == _name, limit_counters.c.expires_at > _now)
_WINDOW_ENDS = select(limit_counters.c.expires_at).where(limit_counters.c.key == _name)
_CLEAR = delete(limit_counters).where(limit_counters.c.key == _name)

_mine = (limit_members.c.key == _name, limit_members.c.expires_at > _now)
_MEMBERS = select(func.count()).select_from(limit_members).where(*_mine)
_FREED = (
    select(limit_members.c.expires_at)
    .where(*_mine)
    .order_by(limit_members.c.expires_at.desc())
    .offset(bindparam("most", type_=Integer))
    .limit(1)
)
_REMOVE = delete(limit_members).where(limit_members.c.member == _who)


class DatabaseCounters(Counters):
    """Counters in the site's own database."""

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self._dialect = session.get_bind().dialect.name

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        values = {"name": key, "amount": amount, "now": self._now, "ends": self._now + timedelta(seconds=expiry)}
        return int(self._session.execute(_RAISE[self._dialect], values).scalar_one())

    def get(self, key: str) -> int:
        return self._session.execute(_COUNT, {"name": key, "now": self._now}).scalar_one_or_none() or 0

    def get_expiry(self, key: str) -> float:
        ends: datetime | None = self._session.execute(_WINDOW_ENDS, {"name": key}).scalar_one_or_none()
        return (ends or self._now).timestamp()

    def clear(self, key: str) -> None:
        self._session.execute(_CLEAR, {"name": key})

    def add(self, key: str, member: str, expiry: int) -> int:
        # the counter is only a lock: with PostgreSQL the next one waits here, and then sees what this one wrote
        self.incr(key, expiry)
        values = {"name": key, "who": member, "ends": self._now + timedelta(seconds=expiry)}
        self._session.execute(_PUT[self._dialect], values)
        return self.members(key)

    def members(self, key: str) -> int:
        return int(self._session.execute(_MEMBERS, {"name": key, "now": self._now}).scalar_one())

    def freed_at(self, key: str, most: int) -> datetime | None:
        values = {"name": key, "now": self._now, "most": most}
        freed: datetime | None = self._session.execute(_FREED, values).scalar_one_or_none()
        return freed

    def remove(self, member: str) -> None:
        self._session.execute(_REMOVE, {"who": member})
