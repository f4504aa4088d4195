"""Time and chance: only `adapters/system.py` reads the clock and `secrets`."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Chance(Protocol):
    def token(self) -> str:
        """Return 256 unguessable bits as URL-safe text."""
        ...

    def letters(self, alphabet: str, count: int) -> str:
        """Return `count` letters drawn evenly from `alphabet`."""
        ...
