"""A circuit breaker: a gateway that only fails is left alone for a while, then asked by one message at a time.

Closed, it lets everything through and counts failures that come one after the other. Open, it lets nothing through
until its rest is over; then one caller may try, and its outcome closes the breaker or doubles the rest.
"""

import threading
from datetime import datetime, timedelta

FAILURES = 5
"""So many failures in a row open it."""

RESTS = (timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=30))
"""How long it stays open; the last one repeats."""


class Breaker:
    """One gateway's breaker, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._openings = 0
        self._opens_until: datetime | None = None
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """True from the opening until a call succeeds."""
        return self._opens_until is not None

    def admits(self, now: datetime) -> bool:
        """Return whether a call may be made; one that is let through an open breaker keeps the others out."""
        with self._lock:
            if self._opens_until is None:
                return True
            if now < self._opens_until:
                return False
            self._opens_until = now + RESTS[0]
            self._is_tried = True
            return True

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._failures = self._openings = 0
            self._opens_until = None
            self._is_tried = False

    def failed(self, now: datetime, *, at_once: bool = False) -> bool:
        """Count a failure and return whether this one opened it; `at_once` does not wait for more of them."""
        with self._lock:
            self._failures += 1
            opens = self._opens_until is None and (at_once or self._failures >= FAILURES)
            # others that were under way when it opened tell nothing new: only the one that was let through to try
            if opens or self._is_tried:
                self._opens_until = now + RESTS[min(self._openings, len(RESTS) - 1)]
                self._openings += 1
                self._is_tried = False
            return opens
