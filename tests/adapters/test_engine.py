"""What each connection to SQLite is told before it is used."""

from pathlib import Path

import pytest

from recovery_site.adapters.database.engine import open_engine


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1), ("busy_timeout", 10_000), ("cache_size", -512)],
)
def test_each_connection_to_sqlite_keeps_the_rules_and_little_memory(
    tmp_path: Path, pragma: str, value: str | int
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/recovery.db")
    connections = [engine.raw_connection(), engine.raw_connection()]
    try:
        told = {one.cursor().execute(f"PRAGMA {pragma}").fetchone() for one in connections}
    finally:
        for one in connections:
            one.close()
        engine.dispose()
    assert told == {(value,)}
