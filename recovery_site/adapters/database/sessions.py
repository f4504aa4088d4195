"""Signed-in browsers in the database: ending a session is deleting its row."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as DatabaseSession

from recovery_site.adapters.database.tables import sessions
from recovery_site.ports import Session


class DatabaseSessions:
    """The `Sessions` port over one open transaction."""

    def __init__(self, session: DatabaseSession) -> None:
        self._session = session

    def add(self, session: Session) -> None:
        self._session.execute(sessions.insert().values(asdict(session)))

    def get(self, browser: str) -> Session | None:
        row = self._session.execute(select(sessions).where(sessions.c.browser == browser)).mappings().one_or_none()
        return Session(**row) if row else None

    def see(self, browser: str, now: datetime) -> None:
        self._session.execute(update(sessions).where(sessions.c.browser == browser).values(seen_at=now))

    def remove(self, browser: str) -> None:
        self._session.execute(delete(sessions).where(sessions.c.browser == browser))

    def remove_account(self, address: str) -> None:
        self._session.execute(delete(sessions).where(sessions.c.address == address))
