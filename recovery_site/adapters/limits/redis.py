"""Counters in Redis, for several nodes whose database has enough to do (`limits.storage`).

Each use is one script that Redis runs alone, so that counting is exact. A use is seen at once by everybody, and undone
when the transaction fails: until then others are refused rather than let in. Times are the site's own, as integers of
microseconds; Redis only forgets what has long ended.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import event
from sqlalchemy.orm import Session

from recovery_site.adapters.limits.counted import Counters, OpenCounters
from recovery_site.ports import LimitsUnavailable

TIMEOUT_SECONDS = 2.0
"""How long a page waits for Redis."""

_PREFIX = "recovery-site:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_RAISE = """
local ends = tonumber(redis.call('HGET', KEYS[1], 'ends'))
if not ends or ends <= tonumber(ARGV[2]) then
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'ends', ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[4])
end
return {redis.call('HINCRBY', KEYS[1], 'count', ARGV[1]), redis.call('HGET', KEYS[1], 'ends')}
"""
_LOWER = """
if redis.call('HGET', KEYS[1], 'ends') == ARGV[2] and redis.call('HINCRBY', KEYS[1], 'count', -ARGV[1]) <= 0 then
    redis.call('DEL', KEYS[1])
end
"""
_ADD = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[2], KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return {redis.call('ZCARD', KEYS[1]), before}
"""

log = structlog.get_logger()


class RedisCounters(Counters):
    """Counters in Redis beside one transaction of the database."""

    def __init__(self, redis: Redis, session: Session, now: datetime) -> None:
        super().__init__(session, now)
        self._redis = redis
        self._undo: list[Callable[[], object]] = []
        self._at_last: list[Callable[[], object]] = []
        event.listen(session, "after_commit", lambda _session: self._do(self._at_last))
        event.listen(session, "after_rollback", lambda _session: self._do(self._undo[::-1]))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        name, ends = _PREFIX + key, _integer(self._now + timedelta(seconds=expiry))
        count, window = self._run(_RAISE, [name], amount, _integer(self._now), ends, expiry)
        self._undo.append(lambda: self._run(_LOWER, [name], amount, window))
        return int(count)

    def get(self, key: str) -> int:
        count, ends = self._redis.hmget(_PREFIX + key, "count", "ends")
        return int(count or 0) if int(ends or 0) > _integer(self._now) else 0

    def get_expiry(self, key: str) -> float:
        ends = self._redis.hget(_PREFIX + key, "ends")
        return int(ends) / 1e6 if ends else self._now.timestamp()

    def clear(self, key: str) -> None:
        self._redis.delete(_PREFIX + key)

    def add(self, key: str, member: str, expiry: int) -> int:
        name, ends = _PREFIX + key, _integer(self._now + timedelta(seconds=expiry))
        count, before = self._run(_ADD, [name, _PREFIX + member], member, _integer(self._now), ends, expiry)
        if before is None:
            self._undo.append(lambda: self._redis.zrem(name, member))
        else:
            self._undo.append(lambda: self._redis.zadd(name, {member: int(before)}))
        return int(count)

    def members(self, key: str) -> int:
        return int(self._redis.zcount(_PREFIX + key, f"({_integer(self._now)}", "+inf"))

    def freed_at(self, key: str, most: int) -> datetime | None:
        found = self._redis.zrevrangebyscore(
            _PREFIX + key, "+inf", f"({_integer(self._now)}", start=most, num=1, withscores=True
        )
        return _EPOCH + int(found[0][1]) * _MICROSECOND if found else None

    def remove(self, member: str) -> None:
        # when it is certain: a recovery that fails in the end gives nothing back
        self._at_last.append(lambda: self._remove(_PREFIX + member, member))

    def _remove(self, index: str, member: str) -> None:
        for name in self._redis.smembers(index):
            self._redis.zrem(name, member)

    def _do(self, steps: list[Callable[[], object]]) -> None:
        """Do what follows the end of the transaction: its outcome stands, whatever becomes of a counter."""
        try:
            for step in steps:
                step()
        except LimitsUnavailable as fault:
            log.warning("limits_not_settled", fault=str(fault))

    def _run(self, script: str, keys: list[str], *values: Any) -> Any:
        return self._redis.eval(script, len(keys), *keys, *values)


class _Client(Redis):
    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # has no types in redis-py
        except RedisError as error:
            raise LimitsUnavailable(f"Redis: {str(error).partition(chr(10))[0]}") from None


def redis_counters(url: str) -> OpenCounters:
    """Return what opens counters in the Redis of `redis://…`, `rediss://…` (TLS) or `unix://…`."""
    redis = _open(url)
    return lambda session, now: RedisCounters(redis, session, now)


def probe_redis(url: str) -> None:
    """Ask Redis whether limits are safe there. Raises `LimitsUnavailable` with what is wrong."""
    memory: dict[str, Any] = _open(url).info("memory")
    if (policy := memory.get("maxmemory_policy", "noeviction")) != "noeviction":
        raise LimitsUnavailable(f"Redis: maxmemory-policy is {policy}: it forgets limits when it is full; noeviction")


def _open(url: str) -> Redis:
    # asks once more on a new connection: one that was at rest may have been cut
    client: Redis = _Client.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
    return client


def _integer(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
