"""What the site may spend on SMS in a day. Codes stop when it is spent; notices of a changed password never do."""

import structlog

from recovery_site.ports import Limit, LimitReached, LimitsUnavailable, Transaction

ALARM_AT = 0.8

log = structlog.get_logger()


class Budget:
    """Counts every SMS of the site. `daily` is in messages."""

    def __init__(self, daily: int) -> None:
        self._daily = daily

    def spend(self, tx: Transaction, *, nobody: str = "") -> None:
        """Pay for one code; raises `LimitReached`, and the alarm at once, where nothing is left today.

        One that goes to nobody costs nothing, or a stranger could use the day up with addresses that do not exist. It
        is refused where the others are, and counted under the name `nobody`, which takes as long.
        """
        try:
            if nobody:
                tx.limits.hit(Limit.SENDS_OF_SITE, nobody)
                tx.limits.test(Limit.SENDS_OF_SITE)
            else:
                tx.limits.hit(Limit.SENDS_OF_SITE)
        except LimitReached:
            log.error("alarm_sms_budget_spent", budget=self._daily)  # noqa: TRY400 -- an alarm, not a fault to trace
            raise
        if not nobody:
            self._watch(tx)

    def count(self, tx: Transaction) -> None:
        """Count one notice, which goes out whatever is left, and whether it can be counted or not."""
        try:
            tx.limits.hit(Limit.SENDS_OF_SITE)
            self._watch(tx)
        except LimitReached:
            pass
        except LimitsUnavailable as fault:
            log.warning("sms_not_counted", fault=str(fault))

    def used(self, tx: Transaction) -> int:
        """Return how many of today's messages are used."""
        return self._daily - tx.limits.left(Limit.SENDS_OF_SITE)

    def is_low(self, tx: Transaction) -> bool:
        """Return whether so much of today's budget is used that the alarm went out."""
        return self.used(tx) >= self._mark

    @property
    def _mark(self) -> int:
        return max(1, round(self._daily * ALARM_AT))

    def _watch(self, tx: Transaction) -> None:
        """Raise the alarm with the one message that reaches the mark, once it is certain that it counts."""
        used = self.used(tx)
        if used == self._mark:
            tx.once_committed(lambda: log.error("alarm_sms_budget", used=used, budget=self._daily))
