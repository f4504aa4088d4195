"""The alarms: many wrong codes in a short time, wherever they come from, are somebody guessing; many addresses typed
from one client in a day are a walk through the address book.

While there is guessing every send costs a proof first (`Door`) and codes are checked slowly; who holds a code still
finishes. An alarm rings once, and is on until a period after there was half as much as raises it.
"""

import structlog

from recovery_site.flow.notices import Notices
from recovery_site.ports import Limit, Transaction
from recovery_site.ports.requester import requester

_ON = "wrong codes"
_WALKS = "walks"

log = structlog.get_logger()


class Alarm:
    """Counts the wrong codes of the site. `budget` is in codes within the limit's period."""

    def __init__(self, budget: int, notices: Notices) -> None:
        self._budget = budget
        self._notices = notices

    def is_on(self, tx: Transaction) -> bool:
        """Return whether it is: from the first wrong code too many until a period after there were half as many."""
        return tx.limits.members(Limit.ALARM) > 0

    def wrong_codes(self, tx: Transaction) -> int:
        """Return how many wrong codes count now."""
        return tx.limits.members(Limit.WRONG_CODES_OF_SITE)

    def walks(self, tx: Transaction) -> int:
        """Return about how many clients the alarm is on."""
        return tx.limits.members(Limit.ALARM_OF_WALK)

    def count(self, tx: Transaction, attempt: str) -> None:
        """Count one wrong code, named by its try. The first too many rings, once until it is calm again."""
        wrong = tx.limits.add(Limit.WRONG_CODES_OF_SITE, attempt)
        on = self.is_on(tx)
        rings = wrong > self._budget and not on
        if rings or (on and wrong > self._budget // 2):
            tx.limits.add(Limit.ALARM, _ON)
        if rings:
            self._notices.alarm(tx)
            tx.once_committed(lambda: log.error("alarm_wrong_codes", wrong=wrong, budget=self._budget))

    def watch_walk(self, tx: Transaction, addresses: int, most: int, client: str) -> None:
        """Look at how many addresses a client typed in a day; the first above `most` rings, once until it is calm."""
        if addresses <= most // 2:
            return
        on = tx.limits.members(Limit.ALARM_OF_WALK, client) > 0
        rings = addresses > most and not on
        if rings or on:
            tx.limits.add(Limit.ALARM_OF_WALK, _WALKS, client)
            tx.limits.add(Limit.ALARM_OF_WALK, client)  # how many clients there are is for the operator to see
        if rings:
            tx.once_committed(lambda: log.error("alarm_address_walk", addresses=addresses, client=requester()))

    def slow_down(self, tx: Transaction, recovery_id: str) -> None:
        """Space the checks of one recovery while the alarm is on; raises `LimitReached`."""
        if self.is_on(tx):
            tx.limits.hit(Limit.CHECKS_IN_ALARM, recovery_id)
