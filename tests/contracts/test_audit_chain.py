"""The chain of the record in a real database: what an administrator of the database does to it is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import ChainRows, Sealing
from recovery_site.adapters.database.audit_reading import entries, verify
from recovery_site.adapters.database.tables import audit, audit_chain
from recovery_site.adapters.database.transaction import transactions
from recovery_site.domain.audit import OWNER, SYSTEM, VISITOR, Event, EventKind
from recovery_site.domain.audit_chain import Fault
from recovery_site.ports import Transactions
from tests.fakes import AN, BINH, KEY, NOON, FakeClock
from tests.limits import limits_of
from tests.sealing import sealing

DAY = timedelta(days=1)
NEW = b"n" * 32


def event(day: int = 0, address: str = AN, kind: EventKind = EventKind.SIGNED_IN) -> Event:
    return Event(NOON + day * DAY, kind, address, OWNER, "0393XXX121", "ABCD-2345", "203.0.113.0/24")


def opened(engine: Engine, seals: Sealing | None = None) -> Transactions:
    return transactions(engine, FakeClock(), limits_of(), seals or sealing())


def write(engine: Engine, *events: Event, seals: Sealing | None = None) -> None:
    for one in events:
        with opened(engine, seals)() as tx:
            tx.audit.add(one)


def found(engine: Engine, seals: Sealing | None = None, noted: str = "") -> list[tuple[int, Fault]]:
    return [(one.position, one.fault) for one in verify(engine, seals or sealing(), noted)[0].findings]


def by_hand(engine: Engine, *statements: object) -> None:
    with engine.begin() as connection:
        for one in statements:
            connection.execute(one)  # type: ignore[call-overload]  # statements of several kinds


def on_the_chain(engine: Engine, do: Callable[[ChainRows], object], seals: Sealing | None = None) -> None:
    with Session(engine) as session, session.begin():
        do(ChainRows(session, seals or sealing()))


def shorten(engine: Engine, before: datetime) -> None:
    on_the_chain(engine, lambda chain: chain.shorten(before, NOON + 99 * DAY))


def erase(engine: Engine, address: str) -> None:
    on_the_chain(engine, lambda chain: chain.erase(lambda: audit.c.address == address, "Nghị", NOON + 99 * DAY))


def test_a_record_is_whole_whatever_its_transactions_wrote(engine: Engine) -> None:
    assert found(engine) == []
    with opened(engine)() as tx:
        for day in range(3):
            tx.audit.add(event(day))
    write(engine, event(3), event(4, BINH))
    assert found(engine) == []
    assert [one.position for one in entries(engine)] == [1, 2, 3, 4, 5]


def test_what_was_rolled_back_leaves_no_gap(engine: Engine) -> None:
    write(engine, event())

    def write_and_fail() -> None:
        with opened(engine)() as tx:
            tx.audit.add(event(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    write(engine, event(2))
    assert found(engine) == []
    assert [one.position for one in entries(engine)] == [1, 2]


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_a_removed_row_is_found(engine: Engine, gone: int) -> None:
    write(engine, *[event(day) for day in range(5)])
    by_hand(engine, delete(audit).where(audit.c.position == gone))
    assert found(engine) == [(gone, Fault.REMOVED)]


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOON - DAY}, {"kind": EventKind.LOCKED}, {"address": BINH}, {"actor": "x"}, {"detail": ""},
        {"reference": "x"}, {"client": ""}, {"detail": "", "address": "", "client": "", "salt": ""},
    ],
    ids=lambda one: "+".join(one),
)  # fmt: skip
def test_a_changed_row_is_found(engine: Engine, changed: dict[str, object]) -> None:
    write(engine, *[event(day) for day in range(5)])
    by_hand(engine, update(audit).where(audit.c.position == 3).values(**changed))
    assert [position for position, _ in found(engine)] == [3]


def test_swapped_rows_are_found(engine: Engine) -> None:
    write(engine, *[event(day) for day in range(5)])
    for old, new in ((2, 99), (4, 2), (99, 4)):
        by_hand(engine, update(audit).where(audit.c.position == old).values(position=new))
    assert {position for position, _ in found(engine)} >= {2, 4}


def test_an_added_row_is_found(engine: Engine) -> None:
    write(engine, event())
    with engine.begin() as connection:
        row = dict(connection.execute(select(audit)).mappings().one())
    by_hand(engine, insert(audit).values(**{**row, "position": 2}))
    assert found(engine) == [(2, Fault.ADDED)]


def test_a_record_cut_off_with_its_ends_moved_is_found_also_after_the_site_has_written_on(engine: Engine) -> None:
    write(engine, *[event(day) for day in range(5)])
    with engine.begin() as connection:
        link = connection.execute(select(audit.c.link).where(audit.c.position == 3)).scalar_one()
    by_hand(
        engine,
        delete(audit).where(audit.c.position > 3),
        update(audit_chain).values(head_position=3, head_link=link),
    )
    assert found(engine) == [(0, Fault.ENDS)]
    write(engine, event(6), event(7))
    assert (0, Fault.ENDS) in found(engine)


def test_a_record_whose_ends_were_thrown_away_is_not_taken_for_whole(engine: Engine) -> None:
    write(engine, *[event(day) for day in range(3)])
    by_hand(engine, delete(audit_chain))
    assert {fault for _, fault in found(engine)} == {Fault.ADDED}
    write(engine, event(3))
    assert {position for position, fault in found(engine) if fault is Fault.ADDED} == {1, 2, 3}


def test_an_older_copy_of_the_whole_database_is_found_by_a_head_that_was_noted(engine: Engine) -> None:
    write(engine, event())
    with engine.begin() as connection:
        rows = connection.execute(select(audit)).mappings().all()
        ends = dict(connection.execute(select(audit_chain)).mappings().one())
    write(engine, event(1))
    _, chain = verify(engine, sealing())
    by_hand(engine, delete(audit), delete(audit_chain))
    by_hand(engine, *[insert(audit).values(**row) for row in rows], insert(audit_chain).values(**ends))
    assert found(engine) == []
    assert found(engine, noted=chain.head) == [(2, Fault.UNSEEN)]


def test_an_operator_who_knows_why_can_seal_it_anew_and_the_record_says_so(engine: Engine) -> None:
    write(engine, event(), event(1))
    by_hand(engine, update(audit_chain).values(seal="x"))
    write(engine, event(2))
    assert found(engine) == [(0, Fault.ENDS)]
    on_the_chain(engine, lambda chain: chain.seal_anew("Nghị", NOON))
    assert found(engine) == []
    last = [one.event for one in entries(engine)][-1]
    assert (last.kind, last.actor) == (EventKind.RECORD_SEALED_ANEW, "Nghị")


def test_shortening_keeps_the_rest_whole_and_is_written_down(engine: Engine) -> None:
    write(engine, *[event(day) for day in range(5)])
    shorten(engine, NOON + 3 * DAY)
    assert found(engine) == []
    kept = list(entries(engine))
    assert [one.position for one in kept] == [4, 5, 6]
    assert (kept[-1].event.kind, kept[-1].event.detail) == (EventKind.RECORD_SHORTENED, "3 rows, up to 3")
    write(engine, event(7))
    by_hand(engine, delete(audit).where(audit.c.position == 4))
    assert found(engine) == [(4, Fault.REMOVED)]


def test_a_record_that_is_old_from_end_to_end_is_shortened_to_nothing_and_goes_on(engine: Engine) -> None:
    write(engine, event(), event(1))
    shorten(engine, NOON + 50 * DAY)
    write(engine, event(60))
    assert found(engine) == []
    assert [one.position for one in entries(engine)] == [3, 4]


def test_an_old_row_behind_a_young_one_loses_what_is_personal_on_time(engine: Engine) -> None:
    write(engine, event(90), event(1, BINH))
    shorten(engine, NOON + 50 * DAY)
    first, second, *_ = entries(engine)
    assert (first.event.address, second.event.address, second.event.client) == (AN, "", "")
    assert found(engine) == []


def test_a_clock_that_was_wrong_once_does_not_take_the_record_away(engine: Engine) -> None:
    write(engine, event(90), event(-9999), event(91))
    shorten(engine, NOON + 50 * DAY)
    assert [one.event.address for one in entries(engine)][:3] == [AN, "", AN]


def test_an_erasure_leaves_the_chain_whole_and_nothing_of_the_person(engine: Engine) -> None:
    write(engine, event(), event(1, BINH), event(2), event(3))
    erase(engine, AN)
    assert found(engine) == []
    with engine.begin() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.position)).mappings().all()
    assert AN not in str(rows)
    assert [row["address"] for row in rows] == ["", BINH, "", "", ""]
    assert (rows[-1]["kind"], rows[-1]["detail"], rows[-1]["actor"]) == (EventKind.DATA_ERASED, "1 3-4", "Nghị")
    by_hand(engine, update(audit).where(audit.c.position == 2).values(address="", detail="", client="", salt=""))
    assert found(engine) == [(2, Fault.ERASED)]


def test_rows_under_a_key_that_is_gone_are_still_held(engine: Engine) -> None:
    old, both, new = sealing(KEY), sealing(NEW, KEY), sealing(NEW)
    write(engine, event(), event(1), seals=old)
    write(engine, event(2), seals=both)
    verdict, _ = verify(engine, new)
    assert (verdict.findings, verdict.unsealed) == ([], 2)
    by_hand(engine, update(audit).where(audit.c.position == 1).values(actor="x"))
    assert found(engine, new) == [(1, Fault.CHANGED)]


def test_a_refused_sign_in_is_its_account_s_under_an_older_key_too(engine: Engine) -> None:
    refused = event(kind=EventKind.SIGN_IN_REFUSED)
    write(engine, refused, seals=sealing(KEY))
    with engine.begin() as connection:
        assert AN not in str(connection.execute(select(audit)).mappings().all())
    with opened(engine, sealing(NEW, KEY))() as tx:
        assert tx.audit.of_account(AN, 9) == [refused]
        assert tx.audit.of_account(BINH, 9) == []


def test_rows_from_before_there_was_a_chain_are_put_into_it(engine: Engine) -> None:
    unchained = {"client": "", "salt": "", "personal": "", "link": "", "key_id": "", "seal": ""}
    old = {"at": NOON, "kind": EventKind.GRANTED, "address": AN, "actor": SYSTEM, "detail": "x", "reference": ""}
    by_hand(engine, *[insert(audit).values(position=position, **old, **unchained) for position in (3, 7)])
    on_the_chain(engine, lambda chain: chain.adopt())
    write(engine, event())
    assert found(engine) == []
    assert [(one.position, one.event.kind) for one in entries(engine)][:2] == [
        (1, EventKind.GRANTED), (2, EventKind.GRANTED),
    ]  # fmt: skip


def test_the_record_is_verified_while_it_is_written_and_shortened(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recovery_site.adapters.database.audit_reading.BATCH", 2)
    write(engine, *[event(day) for day in range(6)])
    reading = entries(engine)
    next(reading)
    write(engine, event(7))
    shorten(engine, NOON + 3 * DAY)
    assert [one.position for one in reading][-1] == 8
    assert found(engine) == []


def test_an_event_that_no_text_of_a_database_can_be_is_written_down(engine: Engine) -> None:
    evil = replace(event(), actor="a\x00b\ud800\n" + "c" * 999, detail="\x1b[2J" * 200)
    write(engine, evil)
    [kept] = entries(engine)
    assert kept.event.actor.startswith("a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}")
    assert found(engine) == []


def test_what_strangers_do_is_written_down_so_often(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("domain.audit", "adapters.database.audit_chain"):
        monkeypatch.setattr(f"recovery_site.{module}.MOST_OF_SUBJECT", 2)
        monkeypatch.setattr(f"recovery_site.{module}.MOST_OF_KIND", 5)
    names = [f"nguoi-{number}@soctrang.gov.vn" for number in range(9)]
    for name in names:
        refused = Event(NOON, EventKind.SIGN_IN_REFUSED, name, VISITOR)
        write(engine, refused, refused, refused)
    kinds = [one.event.kind for one in entries(engine)]
    assert kinds == [EventKind.SIGN_IN_REFUSED] * 5 + [EventKind.NOT_ALL_WRITTEN]
    write(engine, Event(NOON + timedelta(hours=1), EventKind.SIGN_IN_REFUSED, names[0], VISITOR))
    assert len(list(entries(engine))) == 7
    assert found(engine) == []
