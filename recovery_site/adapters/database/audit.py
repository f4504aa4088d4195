"""The record of what happened, in the database: rows are only added, and go with their account to another domain."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import audit
from recovery_site.domain.audit import Event, EventKind


class DatabaseAudit:
    """The `Audit` port over one open transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: Event) -> None:
        self._session.execute(audit.insert(), asdict(event))

    def of_account(self, address: str, most: int) -> list[Event]:
        return self._newest(most, audit.c.address == address)

    def latest(self, address: str, kind: EventKind) -> Event | None:
        return next(iter(self._newest(1, audit.c.address == address, audit.c.kind == kind)), None)

    def _newest(self, most: int, *conditions: ColumnElement[bool]) -> list[Event]:
        query = select(audit).where(*conditions).order_by(audit.c.position.desc()).limit(most)
        columns = [column.name for column in audit.c if column.name != "position"]
        return [Event(**{name: row[name] for name in columns}) for row in self._session.execute(query).mappings()]
