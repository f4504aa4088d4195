"""Time and chance: the only reader of the clock and of the operating system's randomness."""

import secrets
import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class SystemChance:
    """The operating system's randomness (OWASP ASVS 5.0 7.2.3, 11.5.1)."""

    def token(self) -> str:
        return secrets.token_urlsafe(32)

    def letters(self, alphabet: str, count: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(count))
