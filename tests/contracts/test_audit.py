"""The contract of `Audit`: what was written stays, in the order in which it was written."""

from datetime import timedelta

import pytest

from recovery_site.domain.audit import OWNER, SYSTEM, Event, EventKind
from recovery_site.ports import Transactions
from tests.fakes import AN, BINH, NOON

MINUTE = timedelta(minutes=1)


def event(kind: EventKind = EventKind.GRANTED, address: str = AN, *, after: timedelta = timedelta(0)) -> Event:
    return Event(NOON + after, kind, address, "quản trị", "412/STTTT", "ABCD-2345")


def put(begin: Transactions, *events: Event) -> None:
    with begin() as tx:
        for one in events:
            tx.audit.add(one)


def test_an_event_is_there_to_the_last_field(begin: Transactions) -> None:
    full = Event(
        NOON + timedelta(microseconds=123456), EventKind.PASSWORD_RECOVERED, AN, OWNER, "0393XXX121", "ABCD-2345"
    )
    bare = Event(NOON, EventKind.LOCKED_OVERDUE, AN, SYSTEM)
    put(begin, full, bare)
    with begin() as tx:
        assert tx.audit.of_account(AN, 10) == [bare, full]


@pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.MOVED_AWAY}))
def test_every_kind_of_event_fits(begin: Transactions, kind: EventKind) -> None:
    put(begin, event(kind))
    with begin() as tx:
        assert tx.audit.of_account(AN, 1) == [event(kind)]


def test_the_newest_come_first_and_no_more_than_were_asked_for(begin: Transactions) -> None:
    kinds = [EventKind.GRANTED, EventKind.REMINDED, EventKind.LOCKED_OVERDUE, EventKind.GRANTED_AGAIN]
    put(begin, *[event(kind, after=number * MINUTE) for number, kind in enumerate(kinds)])
    with begin() as tx:
        assert [one.kind for one in tx.audit.of_account(AN, 3)] == kinds[:0:-1]
        assert [one.kind for one in tx.audit.of_account(AN, 100)] == kinds[::-1]
        assert tx.audit.of_account(AN, 0) == []


def test_what_was_written_later_comes_first_though_a_clock_was_set_back(begin: Transactions) -> None:
    put(begin, event(EventKind.GRANTED))
    put(begin, event(EventKind.REMINDED, after=-60 * MINUTE))
    with begin() as tx:
        assert [one.kind for one in tx.audit.of_account(AN, 10)] == [EventKind.REMINDED, EventKind.GRANTED]


def test_the_newest_of_one_kind_is_found_behind_many_others(begin: Transactions) -> None:
    put(begin, event(EventKind.PASSWORD_RECOVERED), event(EventKind.PASSWORD_RECOVERED, after=MINUTE))
    put(begin, event(EventKind.PASSWORD_RECOVERED, BINH, after=2 * MINUTE))
    put(begin, *[event(EventKind.SIGNED_IN, after=(n + 2) * MINUTE) for n in range(20)])
    with begin() as tx:
        assert tx.audit.latest(AN, EventKind.PASSWORD_RECOVERED) == event(EventKind.PASSWORD_RECOVERED, after=MINUTE)
        assert tx.audit.latest(AN, EventKind.RENAMED) is None


def test_accounts_have_events_of_their_own(begin: Transactions) -> None:
    put(begin, event(), event(EventKind.SIGNED_IN, BINH))
    with begin() as tx:
        assert tx.audit.of_account(BINH, 10) == [event(EventKind.SIGNED_IN, BINH)]
        assert tx.audit.of_account("nobody@soctrang.gov.vn", 10) == []


def test_the_same_may_happen_twice(begin: Transactions) -> None:
    put(begin, event(), event())
    with begin() as tx:
        assert tx.audit.of_account(AN, 10) == [event(), event()]


def test_an_exception_takes_an_event_back(begin: Transactions) -> None:
    def write_and_fail() -> None:
        with begin() as tx:
            tx.audit.add(event())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with begin() as tx:
        assert tx.audit.of_account(AN, 10) == []


def test_an_account_is_followed_through_its_addresses_and_what_came_after_is_another_s(begin: Transactions) -> None:
    old, new = "an@old.soctrang.gov.vn", "an@new.soctrang.gov.vn"
    put(begin, event(EventKind.GRANTED, old))
    put(
        begin,
        Event(NOON, EventKind.MOVED_AWAY, old, "quản trị", new),
        Event(NOON, EventKind.RENAMED, new, "quản trị", old),
    )
    put(begin, event(EventKind.SIGNED_IN, new), event(EventKind.LOCKED, old))
    with begin() as tx:
        kinds = [one.kind for one in tx.audit.of_account(new, 9)]
        assert kinds == [EventKind.SIGNED_IN, EventKind.RENAMED, EventKind.GRANTED]
        assert [one.kind for one in tx.audit.of_account(old, 9)] == [EventKind.LOCKED]
        assert tx.audit.latest(new, EventKind.GRANTED) == event(EventKind.GRANTED, old)
        assert tx.audit.latest(new, EventKind.LOCKED) is None


def test_kinds_that_nobody_asked_for_are_left_out(begin: Transactions) -> None:
    put(begin, event(EventKind.GRANTED), event(EventKind.CODE_REFUSED), event(EventKind.LOCKED))
    with begin() as tx:
        kinds = [one.kind for one in tx.audit.of_account(AN, 2, {EventKind.CODE_REFUSED})]
    assert kinds == [EventKind.LOCKED, EventKind.GRANTED]


def test_what_anybody_can_cause_is_written_down_twenty_times_an_hour(begin: Transactions) -> None:
    for minute in range(25):
        put(begin, event(EventKind.CODE_REFUSED, after=minute * MINUTE))
        put(begin, event(EventKind.SIGNED_IN, after=minute * MINUTE))
    put(begin, event(EventKind.CODE_REFUSED, BINH))
    put(begin, event(EventKind.CODE_REFUSED, after=61 * MINUTE))
    with begin() as tx:
        assert len(tx.audit.of_account(AN, 99, {EventKind.SIGNED_IN})) == 21
        assert len(tx.audit.of_account(AN, 99, {EventKind.CODE_REFUSED})) == 25
        assert len(tx.audit.of_account(BINH, 99)) == 1
