"""The alarm of the whole site: many wrong codes in a short time, wherever they come from, are somebody guessing.

While it is on every send costs a proof first (`Door`) and codes are checked slowly; who holds a code still finishes.
"""

import structlog

from recovery_site.flow.notices import Notices
from recovery_site.ports import Limit, Transaction

_ON = "wrong codes"

log = structlog.get_logger()


class Alarm:
    """Counts the wrong codes of the site. `budget` is in codes within the limit's period."""

    def __init__(self, budget: int, notices: Notices) -> None:
        self._budget = budget
        self._notices = notices

    def is_on(self, tx: Transaction) -> bool:
        """Return whether it is: from the first wrong code too many until a period after there were half as many."""
        return tx.limits.members(Limit.ALARM) > 0

    def count(self, tx: Transaction, attempt: str) -> None:
        """Count one wrong code, named by its try. The first too many rings, once until it is calm again."""
        wrong = tx.limits.add(Limit.WRONG_CODES_OF_SITE, attempt)
        rings = wrong > self._budget and not self.is_on(tx)
        if rings or (wrong > self._budget // 2 and self.is_on(tx)):
            tx.limits.add(Limit.ALARM, _ON)
        if rings:
            self._notices.alarm(tx)
            tx.once_committed(lambda: log.error("alarm_wrong_codes", wrong=wrong, budget=self._budget))

    def slow_down(self, tx: Transaction, recovery_id: str) -> None:
        """Space the checks of one recovery while the alarm is on; raises `LimitReached`."""
        if self.is_on(tx):
            tx.limits.hit(Limit.CHECKS_IN_ALARM, recovery_id)
