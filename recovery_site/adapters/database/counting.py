"""The statements that limits are counted with: built once, for they stand before nearly every request.

Their parameters: `name` and `who` (keyed hashes), `amount`, `now` and `ends` (aware UTC), `most` (members passed over).
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Executable, Integer, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from recovery_site.adapters.database.tables import limit_counters, limit_members

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


RAISE: Mapping[str, Executable] = {dialect: _raising(insert) for dialect, insert in _INSERTS.items()}
"""Raise a counter and return it; one whose window has ended begins anew. By the name of the dialect."""

PUT: Mapping[str, Executable] = {dialect: _putting(insert) for dialect, insert in _INSERTS.items()}
"""Put a member among those of a name, or let it stay longer. By the name of the dialect."""

COUNT = select(limit_counters.c.count).where(limit_counters.c.key == _name, limit_counters.c.expires_at > _now)
ENDS = select(limit_counters.c.expires_at).where(limit_counters.c.key == _name)
CLEAR = delete(limit_counters).where(limit_counters.c.key == _name)
REMOVE = delete(limit_members).where(limit_members.c.member == _who)

_mine = (limit_members.c.key == _name, limit_members.c.expires_at > _now)

MEMBERS = select(func.count()).select_from(limit_members).where(*_mine)
"""How many live members a name has."""

FREED = (
    select(limit_members.c.expires_at)
    .where(*_mine)
    .order_by(limit_members.c.expires_at.desc())
    .offset(bindparam("most", type_=Integer))
    .limit(1)
)
"""When the number of a name's members falls to `most`; no row where it has not risen above it."""
