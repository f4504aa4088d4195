"""The unit of work: one transaction with everything that a flow may change in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from recovery_site.adapters.database.activations import DatabaseActivations
from recovery_site.adapters.database.audit import DatabaseAudit
from recovery_site.adapters.database.audit_chain import Sealing
from recovery_site.adapters.database.messages import DatabaseMessages
from recovery_site.adapters.database.recoveries import DatabaseRecoveries
from recovery_site.adapters.database.sessions import DatabaseSessions
from recovery_site.adapters.limits.counted import CountedLimits, OpenLimits
from recovery_site.ports import Clock, Transaction

_open_session: ContextVar[Session | None] = ContextVar("open_session", default=None)


class DatabaseTransaction:
    """The `Transaction` port over one SQLAlchemy session."""

    def __init__(self, session: Session, limits: CountedLimits, sealing: Sealing) -> None:
        self.recoveries = DatabaseRecoveries(session)
        self.messages = DatabaseMessages(session)
        self.sessions = DatabaseSessions(session)
        self.activations = DatabaseActivations(session)
        self.audit = DatabaseAudit(session, sealing)
        self.limits = limits
        self.afterwards: list[Callable[[], object]] = []

    def once_committed(self, do: Callable[[], object]) -> None:
        self.afterwards.append(do)


def transactions(
    engine: Engine, clock: Clock, limits: OpenLimits, sealing: Sealing
) -> Callable[[], AbstractContextManager[Transaction]]:
    """Return what opens a transaction: it commits at the end of its block and rolls back on an exception."""
    sessions = sessionmaker(engine)

    @contextmanager
    def begin() -> Iterator[Transaction]:
        with sessions.begin() as session:
            token = _open_session.set(session)
            tx = DatabaseTransaction(session, limits(session, clock.now()), sealing)
            try:
                yield tx
                tx.audit.write()
            finally:
                _open_session.reset(token)
        for do in tx.afterwards:
            do()

    return begin


@contextmanager
def joined(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Join the transaction that is open here, or open one: what the site's own database holds changes as one."""
    session = _open_session.get()
    if session is not None and session.get_bind() is sessions.kw["bind"]:
        yield session
    else:
        with sessions.begin() as own:
            yield own
