"""Recoveries in the database: the row that every page trusts."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, case, or_, select, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import recoveries
from recovery_site.domain.recovery import Recovery, Step

_UNFINISHED = recoveries.c.step.in_([Step.AWAITING_CONFIRMATION, Step.AWAITING_CODE])


class DatabaseRecoveries:
    """The `Recoveries` port over one open transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, recovery: Recovery) -> None:
        self._session.execute(recoveries.insert().values(asdict(recovery)))

    def save(self, recovery: Recovery) -> None:
        self._session.execute(update(recoveries).where(recoveries.c.id == recovery.id).values(asdict(recovery)))

    def get(self, recovery_id: str) -> Recovery | None:
        return self._one(recoveries.c.id == recovery_id)

    def of_reference(self, reference: str) -> Recovery | None:
        return self._one(recoveries.c.reference == reference)

    def of_browser(self, browser: str) -> list[Recovery]:
        mine = or_(
            recoveries.c.browser == browser,
            (recoveries.c.previous_browser == browser) & (recoveries.c.step == Step.DONE),
        )
        rows = self._session.execute(select(recoveries).where(mine).order_by(recoveries.c.resumed_at.desc()))
        return [_recovery(row) for row in rows.mappings()]

    def lock(self, recovery_id: str) -> Recovery | None:
        # all of the account's open rows, always in the same order: two recoveries of one account take turns.
        # SQLite knows no row locks and needs none: the transaction already holds the only write lock
        address = select(recoveries.c.address).where(recoveries.c.id == recovery_id).scalar_subquery()
        siblings = select(recoveries.c.id).where(recoveries.c.address == address, _UNFINISHED)
        self._session.execute(siblings.order_by(recoveries.c.id).with_for_update()).all()
        return self.get(recovery_id)

    def spend_try(self, recovery_id: str, now: datetime) -> Recovery | None:
        lapsed = recoveries.c.claimed_until <= now
        spent = (
            update(recoveries)
            .where(
                recoveries.c.id == recovery_id,
                recoveries.c.step == Step.AWAITING_CODE,
                or_(recoveries.c.attempts_left > 0, lapsed),
                recoveries.c.code_expires_at > now,
                recoveries.c.expires_at > now,
                or_(recoveries.c.claimed_until.is_(None), lapsed),
            )
            .values(attempts_left=recoveries.c.attempts_left - case((lapsed, 0), else_=1), claimed_until=None)
            .returning(recoveries)
        )
        row = self._session.execute(spent).mappings().one_or_none()
        return _recovery(row) if row else None

    def of_account(self, address: str) -> list[Recovery]:
        rows = self._session.execute(select(recoveries).where(recoveries.c.address == address, _UNFINISHED))
        return [_recovery(row) for row in rows.mappings()]

    def move_browser(self, old: str, new: str) -> None:
        self._session.execute(update(recoveries).where(recoveries.c.browser == old, _UNFINISHED).values(browser=new))

    def expire(self, now: datetime) -> int:
        ended = (
            update(recoveries)
            .where(
                _UNFINISHED,
                recoveries.c.expires_at <= now,
                or_(recoveries.c.claimed_until.is_(None), recoveries.c.claimed_until <= now),
            )
            .values(step=Step.ABANDONED, finished_at=now)
            .returning(recoveries.c.id)
        )
        return len(self._session.execute(ended).all())

    def _one(self, *where: Any) -> Recovery | None:
        row = self._session.execute(select(recoveries).where(*where)).mappings().one_or_none()
        return _recovery(row) if row else None


def _recovery(row: RowMapping) -> Recovery:
    return Recovery(**row)
