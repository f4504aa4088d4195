"""What a gateway's report makes of a message. Reports come late, twice, out of order and for messages long gone."""

from dataclasses import replace
from datetime import datetime

from recovery_site.domain.messages import Message, MessageState, Report


def after_report(message: Message, gateway: str, report: Report, now: datetime, *, others: bool) -> Message | None:
    """Return the message as the report of `gateway` leaves it; None where it tells nothing new.

    `others` says that a gateway is left which has not had the message. A message that fails there goes to one of them;
    without one it goes to the same gateway again only where no carrier had it yet and the fault may pass.
    """
    match report.state:
        case MessageState.DELIVERED:
            return _delivered(message, gateway, now)
        case MessageState.SENT:
            return _accepted(message, gateway, now)
        case MessageState.FAILED:
            return _failed(message, gateway, report, now, others=others)
        case _:
            return None


def _delivered(message: Message, gateway: str, now: datetime) -> Message | None:
    if message.state is MessageState.DELIVERED:
        return None
    return replace(
        message,
        state=MessageState.DELIVERED,
        gateway=gateway,
        accepted_at=message.accepted_at or now,
        finished_at=now,
        fault=None,
        fault_kind=None,
    )


def _accepted(message: Message, gateway: str, now: datetime) -> Message | None:
    waits = message.state in (MessageState.SENDING, MessageState.EXPIRED)
    if not waits or not _is_with(message, gateway):
        return None
    return replace(
        message,
        state=MessageState.SENT,
        gateway=gateway,
        accepted_at=now,
        finished_at=now,
        fault=None,
        fault_kind=None,
    )


def _failed(message: Message, gateway: str, report: Report, now: datetime, *, others: bool) -> Message | None:
    if message.state not in (MessageState.SENDING, MessageState.SENT) or not _is_with(message, gateway):
        return None
    if message.state is MessageState.SENDING and gateway in message.refused_by:
        return None  # it was passed over already
    again = others or (report.kind.is_passing and message.state is MessageState.SENDING)
    goes_on = again and now < message.deadline
    return replace(
        message,
        state=MessageState.QUEUED if goes_on else MessageState.FAILED,
        passed_over=passing_over(message, gateway) if others else message.passed_over,
        failures=message.failures + 1,
        due_at=now if others else message.retry_at(now),
        handed_at=None,
        accepted_at=None,
        finished_at=None if goes_on else now,
        fault=f"{gateway}: {report.reason or report.kind}"[:200],
        fault_kind=report.kind,
    )


def passing_over(message: Message, gateway: str) -> str:
    """Return `passed_over` with one more gateway."""
    return ",".join(sorted(message.refused_by | {gateway}))


def _is_with(message: Message, gateway: str) -> bool:
    """Return whether the gateway may have the message: it may report before its acceptance is written down."""
    is_handed_over = message.state is MessageState.SENDING and message.handed_at is None
    return is_handed_over or message.gateway in (None, gateway)
