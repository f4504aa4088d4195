"""The bell: hears that a message was queued, in this process or another, without asking the outbox again and again.

PostgreSQL tells by LISTEN and NOTIFY. SQLite has nothing of the kind; its `data_version` changes with every commit of
another connection and costs no more than a look into shared memory.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from recovery_site.ports import Bell, Clock

CHANNEL = "outbox"
LOOK_SECONDS = 0.05
"""How often SQLite is looked at: no delay that a person could feel."""


class PostgresBell:
    """Listens on a connection of its own, which is opened anew when it breaks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def wait(self, seconds: float) -> bool:
        try:
            if self._connection is None:
                self._listen()
                return True  # what was queued before nobody listened
            return any(self._driver.notifies(timeout=seconds, stop_after=1))
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.invalidate()  # nobody else may find it listening
            self._connection.close()
            self._connection = None

    def _listen(self) -> None:
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.exec_driver_sql(f"LISTEN {CHANNEL}")

    @property
    def _driver(self) -> Any:
        return self._connection.connection.driver_connection if self._connection else None


class SqliteBell:
    """Watches the version of the file through a connection of its own."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._connection: Any = None
        self._version: int | None = None

    def wait(self, seconds: float) -> bool:
        ends = self._clock.now() + timedelta(seconds=seconds)
        while True:
            seen, self._version = self._version, self._read()
            if seen != self._version:
                return True
            if self._clock.now() >= ends:
                return False
            self._clock.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self) -> int:
        if self._connection is None:
            # the driver's own connection: SQLAlchemy would begin a transaction, and that waits for writers
            self._connection = self._engine.raw_connection()
        return int(self._connection.driver_connection.execute("PRAGMA data_version").fetchone()[0])


def open_bell(engine: Engine, clock: Clock) -> Bell:
    """Return the bell of a database; each belongs to one thread."""
    return PostgresBell(engine) if engine.dialect.name == "postgresql" else SqliteBell(engine, clock)
