"""Where the limits are counted."""

from recovery_site.adapters.limits.counted import OpenCounters
from recovery_site.adapters.limits.database import DatabaseCounters
from recovery_site.adapters.limits.redis import probe_redis, redis_counters
from recovery_site.settings.limits import Limits


def make_counters(limits: Limits) -> OpenCounters:
    """Return what opens the counters of `limits.storage`."""
    return DatabaseCounters if limits.storage == "database" else redis_counters(limits.storage)


def probe_counters(limits: Limits) -> None:
    """Ask the server that counts, where it is another one than the database. Raises `LimitsUnavailable`."""
    if limits.storage != "database":
        probe_redis(limits.storage)
