"""Handed-out accounts in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import activations
from recovery_site.domain.activation import Activation

_UNCHANGED = activations.c.changed_at.is_(None) & activations.c.replaced_at.is_(None)


class DatabaseActivations:
    """The `Activations` port over one open transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, activation: Activation) -> None:
        self._session.execute(activations.insert(), asdict(activation))

    def save(self, activation: Activation) -> None:
        self._session.execute(update(activations).where(activations.c.id == activation.id).values(asdict(activation)))

    def get(self, activation_id: str) -> Activation | None:
        return next(iter(self._found(activations.c.id == activation_id)), None)

    def of_account(self, address: str) -> list[Activation]:
        return self._found(activations.c.address == address)

    def of_document(self, document: str) -> list[Activation]:
        return self._found(activations.c.document == document) if document else []

    def lock(self, activation_id: str) -> Activation | None:
        query = select(activations).where(activations.c.id == activation_id).with_for_update()
        row = self._session.execute(query).mappings().one_or_none()
        return Activation(**row) if row else None

    def unchanged(self) -> list[Activation]:
        return self._found(_UNCHANGED)

    def due(self, now: datetime) -> list[Activation]:
        remind = activations.c.reminded_at.is_(None) & (activations.c.reminds_at <= now)
        return self._found(_UNCHANGED, activations.c.locked_at.is_(None), (activations.c.ends_at <= now) | remind)

    def _found(self, *conditions: ColumnElement[bool]) -> list[Activation]:
        query = select(activations).where(*conditions).order_by(activations.c.started_at.desc())
        rows: Sequence[Activation] = [Activation(**row) for row in self._session.execute(query).mappings()]
        return list(rows)
