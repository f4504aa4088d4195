"""The gateway over gammu-smsd's database (Gammu 1.42, gammu-smsd-sql(7)): a USB modem at a small office.

A row in `outbox` waits for gammu-smsd; what became of it stands in `sentitems`, text included, until somebody deletes
it. That is `settle`. Rows of other programs are never touched.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from recovery_site.adapters.sms.gammu_tables import (
    OUTBOX,
    OUTBOX_MULTIPART,
    PHONES,
    SENTITEMS,
    Status,
    a_day_ago,
    open_engine,
    utc,
)
from recovery_site.domain.messages import Acceptance, FaultKind, MessageState, Report, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault, SmsGateway
from recovery_site.settings.gateways import GammuGateway as GammuSettings

CREATOR = "recovery-site:"
"""How `CreatorID` begins in our rows, before the message's id."""

SEEN_WITHIN = timedelta(seconds=60)
"""gammu-smsd signs `phones` every second or two, but not while a modem keeps it waiting (`sendtimeout`, 30 seconds)."""

_STATES = {
    Status.SENDING_OK: MessageState.SENT,
    Status.SENDING_OK_NO_REPORT: MessageState.SENT,
    Status.DELIVERY_PENDING: MessageState.SENT,
    Status.DELIVERY_UNKNOWN: MessageState.SENT,
    Status.DELIVERY_OK: MessageState.DELIVERED,
    Status.DELIVERY_FAILED: MessageState.FAILED,
    Status.SENDING_ERROR: MessageState.FAILED,
    Status.ERROR: MessageState.FAILED,
}
_FAILURES = [status for status, state in _STATES.items() if state is MessageState.FAILED]
_AWAIT_THE_PHONE = (Status.SENDING_OK, Status.DELIVERY_PENDING)

_KINDS = {
    -1: FaultKind.UNREACHABLE,  # gammu's own: the modem gave no code, or no answer
    1: FaultKind.NUMBER,
    28: FaultKind.NUMBER,
    30: FaultKind.NUMBER,
    8: FaultKind.ACCESS,
    10: FaultKind.ACCESS,
    310: FaultKind.ACCESS,
    311: FaultKind.ACCESS,
    313: FaultKind.ACCESS,
    42: FaultKind.BUSY,
    38: FaultKind.UNREACHABLE,
    41: FaultKind.UNREACHABLE,
    47: FaultKind.UNREACHABLE,
    331: FaultKind.UNREACHABLE,
    332: FaultKind.UNREACHABLE,
}
"""What a modem's `+CMS ERROR` means (3GPP TS 27.005 section 3.2.5, TS 24.011 annex E-2): unassigned, unidentified and
unknown subscriber; barring, no SIM; congestion; network out of order, temporary failure, no service, time-out.
"""


class GammuGateway(SmsGateway):
    """Queues messages for gammu-smsd; only its word (`SendingOK`) means that the network took one."""

    def __init__(self, settings: GammuSettings) -> None:
        self._settings = settings
        self._engine = open_engine(settings.database_url, settings.timeout_seconds)

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        """Queue the message, unless it waits already or has gone: what failed may be tried again."""
        creator = CREATOR + sms.message_id
        row: dict[str, str | int] = {
            "CreatorID": creator,
            "DestinationNumber": to.e164,
            "TextDecoded": sms.text.reveal(),
            "Coding": "Default_No_Compression",
            "DeliveryReport": "yes" if self._settings.delivery_reports else "no",
            "RelativeValidity": relative_validity(sms.life),
            "Priority": 1 if sms.code.reveal() else 0,  # nobody waits for a notice
        }
        waits = exists().where(OUTBOX.c.CreatorID == creator)
        went = exists().where(SENTITEMS.c.CreatorID == creator, SENTITEMS.c.Status.not_in(_FAILURES))
        values = select(*(literal(value) for value in row.values())).where(not_(or_(waits, went)))
        with self._transaction() as connection:
            if connection.dialect.name == "postgresql":
                # two statements that run at the same time do not see each other's rows; SQLite has one writer
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(creator))))
            connection.execute(insert(OUTBOX).from_select(list(row), values))
        return Acceptance(by_carrier=False)

    def check(self) -> None:
        """Prove that the tables may be written and that gammu-smsd has a modem; raises `GatewayFault`."""
        with self._transaction() as connection:
            for table in (OUTBOX, OUTBOX_MULTIPART, SENTITEMS):
                connection.execute(delete(table).where(false()))
            latest = utc(func.max(PHONES.c.UpdatedInDB), self._engine)
            seen, now = (_aware(time) for time in connection.execute(select(latest, func.current_timestamp())).one())
        if seen is None or now is None:
            raise GatewayFault("gammu-smsd has not found a modem yet", FaultKind.UNREACHABLE)
        if now - seen > SEEN_WITHIN:
            raise GatewayFault(f"gammu-smsd has not been seen since {seen:%Y-%m-%d %H:%M} UTC", FaultKind.UNREACHABLE)

    def withdraw(self, message_id: str) -> None:
        ours = OUTBOX.c.CreatorID == CREATOR + message_id
        with self._transaction() as connection:
            parts = select(OUTBOX.c.ID).where(ours)
            connection.execute(delete(OUTBOX_MULTIPART).where(OUTBOX_MULTIPART.c.ID.in_(parts)))
            connection.execute(delete(OUTBOX).where(ours))

    def collect(self) -> Sequence[Report]:
        ours = func.substr(SENTITEMS.c.CreatorID, 1, len(CREATOR)) == CREATOR
        known = and_(self._waits(), SENTITEMS.c.TextDecoded == "")
        columns = (SENTITEMS.c.CreatorID, SENTITEMS.c.Status, SENTITEMS.c.StatusCode, SENTITEMS.c.StatusError)
        with self._transaction() as connection:
            rows = connection.execute(select(*columns).where(ours, not_(known))).all()
        return [_report(*row) for row in rows]

    def settle(self, reports: Sequence[Report]) -> None:
        """Delete the messages of these reports, but keep one without its text that the phone may still confirm.

        A row whose status has changed since it was collected stays as it is: it is news.
        """
        blank = update(SENTITEMS).values(Text="", TextDecoded="", UDH="")
        with self._transaction() as connection:
            for state in {report.state for report in reports}:
                creators = [CREATOR + report.message_id for report in reports if report.state is state]
                statuses = [status for status in Status if _STATES[status] is state]
                rows = and_(SENTITEMS.c.CreatorID.in_(creators), SENTITEMS.c.Status.in_(statuses))
                connection.execute(delete(SENTITEMS).where(rows, not_(self._waits())))
                connection.execute(blank.where(rows, SENTITEMS.c.TextDecoded != ""))

    def _waits(self) -> ColumnElement[bool]:
        """Whether a row of `sentitems` is kept for the phone's word, which nobody waits for longer than a day."""
        if not self._settings.delivery_reports:
            return false()
        return and_(SENTITEMS.c.Status.in_(_AWAIT_THE_PHONE), SENTITEMS.c.UpdatedInDB >= a_day_ago(self._engine))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise GatewayFault(f"gammu-smsd's database: {_reason(error)}", FaultKind.UNREACHABLE) from error


def relative_validity(life: timedelta) -> int:
    """Return how long the network may keep trying, rounded up to a TP-VP (3GPP TS 23.040 section 9.2.3.12.1)."""
    minutes = math.ceil(life / timedelta(minutes=1))
    if minutes <= 12 * 60:
        return max(1, math.ceil(minutes / 5)) - 1
    if minutes <= 24 * 60:
        return 143 + math.ceil((minutes - 12 * 60) / 30)
    return 166 + min(30, math.ceil(minutes / (24 * 60)))


def _report(creator: str, status: str, code: int, delivery: int) -> Report:
    state = _STATES[Status(status)]
    message_id = creator.removeprefix(CREATOR)
    if state is not MessageState.FAILED:
        return Report(state, message_id)
    if status == Status.DELIVERY_FAILED:
        return Report(state, message_id, kind=FaultKind.NUMBER, reason=f"{status}, TP-Status {delivery}")
    kind = _KINDS.get(code, FaultKind.REFUSED)
    return Report(state, message_id, kind=kind, reason=f"{status}, +CMS ERROR {code}" if code >= 0 else status)


def _aware(time: datetime | None) -> datetime | None:
    if time is None or time.tzinfo is None:
        return time and time.replace(tzinfo=UTC)
    return time.astimezone(UTC)


def _reason(error: SQLAlchemyError) -> str:
    # PostgreSQL's own sentences may name the user, or quote a row: the fault's class has to do
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause) if type(cause).__module__ == "sqlite3" else type(cause).__name__
