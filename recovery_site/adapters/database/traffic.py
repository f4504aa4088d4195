"""Counting what was sent and what came of it, for those who watch the bill."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from recovery_site.adapters.database.tables import messages, recoveries
from recovery_site.domain.messages import MessageKind, MessageState
from recovery_site.domain.recovery import Step


@dataclass(frozen=True)
class Hour:
    """One hour, named by its beginning. Codes that are sent and never verified are what SMS pumping looks like."""

    begins: datetime
    sent: int
    verified: int

    @property
    def conversion(self) -> float | None:
        """The share of codes that led to a new password; None where none was sent."""
        return self.verified / self.sent if self.sent else None


def hours(engine: Engine, since: datetime) -> list[Hour]:
    """Return the hours since `since` in which a code was sent or verified, oldest first."""
    code = messages.c.kind == MessageKind.CODE
    accepted = select(messages.c.accepted_at).where(code, messages.c.accepted_at >= since)
    finished = select(recoveries.c.finished_at).where(recoveries.c.step == Step.DONE, recoveries.c.finished_at >= since)
    with engine.begin() as connection:
        sent = Counter(_hour(moment) for moment in connection.execute(accepted).scalars())
        verified = Counter(_hour(moment) for moment in connection.execute(finished).scalars())
    return [Hour(hour, sent[hour], verified[hour]) for hour in sorted(set(sent) | set(verified))]


def waiting(engine: Engine) -> dict[MessageState, int]:
    """Return how many messages wait or are being sent."""
    open_states = [MessageState.QUEUED, MessageState.SENDING]
    count = select(messages.c.state, func.count()).where(messages.c.state.in_(open_states)).group_by(messages.c.state)
    with engine.begin() as connection:
        found = {MessageState(state): number for state, number in connection.execute(count).tuples()}
    return {state: found.get(state, 0) for state in open_states}


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
