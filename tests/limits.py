"""The limits of the transactions that tests open."""

from collections.abc import Mapping

from recovery_site.adapters.limits.counted import OpenCounters, OpenLimits, limits_over
from recovery_site.adapters.limits.database import DatabaseCounters
from recovery_site.ports import Limit
from tests.fake_transactions import default_rules


def limits_of(rules: Mapping[Limit, str] | None = None, counters: OpenCounters = DatabaseCounters) -> OpenLimits:
    """Return limits by `rules`, by those of DESIGN section 7 where none are given."""
    return limits_over(counters, rules or default_rules(), b"l" * 32)
