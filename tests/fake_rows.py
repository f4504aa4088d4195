"""What the unit of work in memory stores: one repository for each port, over rows of frozen values."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from recovery_site.domain.activation import Activation
from recovery_site.domain.audit import BOUND_WINDOW, Event, EventKind, as_kept, overflow, said_of_overflow
from recovery_site.domain.messages import Backlog, Channel, Message, MessageKind, MessageState
from recovery_site.domain.recovery import Recovery, Step
from recovery_site.ports import Session
from recovery_site.ports.requester import with_requester

Counters = dict[str, tuple[int, datetime]]
"""What a key has used, and when its window ends."""

Members = dict[tuple[str, str], datetime]
"""The members that a key counts, and until when."""


@dataclass
class Rows:
    """Everything that is stored. The values are frozen, so a copy of the dictionaries is a snapshot."""

    recoveries: dict[str, Recovery] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    counters: Counters = field(default_factory=dict)
    members: Members = field(default_factory=dict)
    activations: dict[str, Activation] = field(default_factory=dict)
    audit: list[Event] = field(default_factory=list)

    def copy(self) -> "Rows":
        return Rows(
            dict(self.recoveries),
            dict(self.messages),
            dict(self.sessions),
            dict(self.counters),
            dict(self.members),
            dict(self.activations),
            list(self.audit),
        )


class FakeRecoveries:
    def __init__(self, rows: dict[str, Recovery]) -> None:
        self._rows = rows

    def add(self, recovery: Recovery) -> None:
        if recovery.id in self._rows or any(one.reference == recovery.reference for one in self._rows.values()):
            raise KeyError(recovery.id)
        self._rows[recovery.id] = recovery

    def save(self, recovery: Recovery) -> None:
        if recovery.id in self._rows:
            self._rows[recovery.id] = recovery

    def get(self, recovery_id: str) -> Recovery | None:
        return self._rows.get(recovery_id)

    def of_reference(self, reference: str) -> Recovery | None:
        return next((one for one in self._rows.values() if one.reference == reference), None)

    def of_browser(self, browser: str) -> list[Recovery]:
        mine = [
            one
            for one in self._rows.values()
            if one.browser == browser or (one.previous_browser == browser and one.step is Step.DONE)
        ]
        return sorted(mine, key=lambda one: one.resumed_at, reverse=True)

    def lock(self, recovery_id: str) -> Recovery | None:
        return self._rows.get(recovery_id)

    def spend_try(self, recovery_id: str, now: datetime) -> Recovery | None:
        found = self._rows.get(recovery_id)
        if found is None or found.step is not Step.AWAITING_CODE or found.is_spent:
            return None
        if found.code_expires_at is None or now >= min(found.code_expires_at, found.expires_at):
            return None
        if found.claimed_until is not None and now < found.claimed_until:
            return None
        cost = 1 if found.claimed_until is None else 0
        paid = replace(found, attempts_left=found.attempts_left - cost, claimed_until=None)
        self._rows[recovery_id] = paid
        return paid

    def of_account(self, address: str) -> list[Recovery]:
        return [one for one in self._rows.values() if one.address == address and _unfinished(one)]

    def move_browser(self, old: str, new: str) -> None:
        for one in list(self._rows.values()):
            if one.browser == old and _unfinished(one):
                self._rows[one.id] = replace(one, browser=new)

    def expire(self, now: datetime) -> int:
        ended = [one for one in self._rows.values() if _unfinished(one) and one.expires_at <= now]
        ended = [one for one in ended if one.claimed_until is None or one.claimed_until <= now]
        for one in ended:
            self._rows[one.id] = replace(one, step=Step.ABANDONED, finished_at=now)
        return len(ended)


class FakeMessages:
    def __init__(self, rows: dict[str, Message]) -> None:
        self._rows = rows

    def add(self, message: Message) -> None:
        if message.id in self._rows:
            raise KeyError(message.id)
        self._rows[message.id] = message

    def save(self, message: Message) -> None:
        if message.id in self._rows:
            self._rows[message.id] = message

    def get(self, message_id: str) -> Message | None:
        return self._rows.get(message_id)

    def lock(self, message_id: str) -> Message | None:
        return self._rows.get(message_id)

    def lock_carried(self, gateway: str, carrier_id: str) -> Message | None:
        carried = [one for one in self._rows.values() if carrier_id and one.carrier_id == carrier_id]
        return max((one for one in carried if one.gateway == gateway), key=lambda one: one.created_at, default=None)

    def of_recovery(self, recovery_id: str) -> list[Message]:
        mine = [one for one in self._rows.values() if one.recovery_id == recovery_id]
        return sorted(mine, key=lambda one: (one.created_at, one.ordinal, one.channel))

    def latest(self, recovery_id: str, kind: MessageKind) -> Message | None:
        mine = [one for one in self._rows.values() if one.recovery_id == recovery_id and one.kind is kind]
        return max(mine, key=lambda one: one.ordinal, default=None)

    def claim(self, now: datetime, leased_until: datetime) -> Message | None:
        due = [one for one in self._rows.values() if not one.state.is_final and one.due_at <= now]
        if not due:
            return None
        first = min(due, key=lambda one: (one.priority, one.due_at))
        leased = replace(first, state=MessageState.SENDING, due_at=leased_until, attempts=first.attempts + 1)
        self._rows[leased.id] = leased
        return leased

    def withdraw(self, recovery_id: str, now: datetime) -> None:
        for one in list(self._rows.values()):
            if one.recovery_id != recovery_id or one.kind is not MessageKind.CODE:
                continue
            if one.state is MessageState.QUEUED:
                self._rows[one.id] = replace(one, state=MessageState.EXPIRED, finished_at=now)
            elif one.state is MessageState.SENDING and one.handed_at:
                self._rows[one.id] = replace(one, due_at=now)

    def backlog(self, message: Message, now: datetime) -> Backlog:
        sms = [one for one in self._rows.values() if one.channel is Channel.SMS]
        waiting = [one for one in sms if not one.state.is_final and one.priority <= message.priority]
        ahead = sum(one.created_at < message.created_at for one in waiting)
        lately = now - timedelta(minutes=2)
        times = sorted((one.accepted_at for one in sms if one.accepted_at and one.accepted_at > lately), reverse=True)
        seconds = (now - times[:20][-1]).total_seconds() if times else 0
        return Backlog(ahead, len(times[:20]) / seconds if seconds > 0 else 0)


class FakeSessions:
    def __init__(self, rows: dict[str, Session]) -> None:
        self._rows = rows

    def add(self, session: Session) -> None:
        if session.browser in self._rows:
            raise KeyError(session.browser)
        self._rows[session.browser] = session

    def get(self, browser: str) -> Session | None:
        return self._rows.get(browser)

    def see(self, browser: str, now: datetime) -> None:
        if browser in self._rows:
            self._rows[browser] = replace(self._rows[browser], seen_at=now)

    def remove(self, browser: str) -> None:
        self._rows.pop(browser, None)

    def remove_account(self, address: str) -> None:
        for one in [one for one in self._rows.values() if one.address == address]:
            del self._rows[one.browser]


class FakeActivations:
    def __init__(self, rows: dict[str, Activation]) -> None:
        self._rows = rows

    def add(self, activation: Activation) -> None:
        if activation.id in self._rows or any(one.reference == activation.reference for one in self._rows.values()):
            raise KeyError(activation.id)
        self._rows[activation.id] = activation

    def save(self, activation: Activation) -> None:
        if activation.id in self._rows:
            self._rows[activation.id] = activation

    def get(self, activation_id: str) -> Activation | None:
        return self._rows.get(activation_id)

    def lock(self, activation_id: str) -> Activation | None:
        return self._rows.get(activation_id)

    def of_account(self, address: str) -> list[Activation]:
        return self._found(lambda one: one.address == address)

    def of_document(self, document: str) -> list[Activation]:
        return self._found(lambda one: bool(document) and one.document == document)

    def unchanged(self) -> list[Activation]:
        return self._found(lambda one: one.is_unchanged)

    def due(self, now: datetime) -> list[Activation]:
        return [
            one
            for one in self.unchanged()
            if one.locked_at is None and (one.ends_at <= now or (one.reminded_at is None and one.reminds_at <= now))
        ]

    def _found(self, fits: Callable[[Activation], bool]) -> list[Activation]:
        return sorted(filter(fits, self._rows.values()), key=lambda one: one.started_at, reverse=True)


class FakeAudit:
    def __init__(self, rows: list[Event]) -> None:
        self._rows = rows

    def add(self, event: Event) -> None:
        event = as_kept(with_requester(event))
        lately = [one for one in self._rows if one.kind is event.kind and one.at > event.at - BOUND_WINDOW]
        if overflow(event, sum(one.address == event.address for one in lately), len(lately)):
            return
        last = said_of_overflow(event, len(lately))
        self._rows += [event, last] if last else [event]

    def of_account(self, address: str, most: int, without: Collection[EventKind] = ()) -> list[Event]:
        return [one for one in self._about(address, len(self._rows)) if one.kind not in without][:most]

    def latest(self, address: str, kind: EventKind) -> Event | None:
        return next((one for one in self._about(address, len(self._rows)) if one.kind is kind), None)

    def _about(self, address: str, until: int) -> Iterator[Event]:
        """Yield what is about the account that had the address before row `until`, newest first."""
        for row in range(until - 1, -1, -1):
            one = self._rows[row]
            if one.address != address:
                continue
            if one.kind is EventKind.MOVED_AWAY:
                return
            yield one
            if one.kind is EventKind.RENAMED:
                # the row between says that the old address is another's from there on
                yield from self._about(one.detail, row - 1)


def _unfinished(recovery: Recovery) -> bool:
    return recovery.step in (Step.AWAITING_CONFIRMATION, Step.AWAITING_CODE)
