"""The chain of the record: whatever somebody does to its rows without the key is found."""

import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recovery_site.domain.audit import OWNER, SYSTEM, Event, EventKind
from recovery_site.domain.audit_chain import (
    Chain,
    Entry,
    Fault,
    Finding,
    Seals,
    Verdict,
    read_erasure,
    said_of_erasure,
    verify,
)
from recovery_site.domain.keys import KeyRing, Label
from tests.fakes import AN, KEY, NOON

SEALS = Seals(KeyRing((KEY,)))
STRANGER = Seals(KeyRing((b"x" * 32,)))
NEWER = Seals(KeyRing((b"n" * 32, KEY)))
NEWER_ALONE = Seals(KeyRing((b"n" * 32,)))

texts = st.text(max_size=12)
events = st.builds(
    Event,
    at=st.integers(0, 10**9).map(lambda n: NOON + timedelta(microseconds=n)),
    kind=st.sampled_from(sorted(set(EventKind) - {EventKind.DATA_ERASED})),
    address=texts,
    actor=texts,
    detail=texts,
    reference=texts,
    client=texts,
)
records = st.lists(events, min_size=2, max_size=8)


def chained(written: list[Event], seals: Seals = SEALS, chain: Chain | None = None) -> tuple[list[Entry], Chain]:
    """Return the rows of the events, behind `chain`, and both ends."""
    chain, rows = chain or Chain(), list[Entry]()
    for event in written:
        rows.append(seals.entry(chain.head_link, chain.head_position + 1, event, f"salt-{chain.head_position}"))
        chain = replace(chain, head_position=rows[-1].position, head_link=rows[-1].link)
    return rows, seals.sealed(chain)


def faults(verdict: Verdict) -> set[Fault]:
    return {one.fault for one in verdict.findings}


def blanked(row: Entry) -> Entry:
    return replace(row, event=replace(row.event, address="", detail="", client=""), salt="")


@given(records)
def test_a_record_that_nobody_touched_is_whole(written: list[Event]) -> None:
    rows, chain = chained(written)
    verdict = verify(rows, chain, SEALS, chain.head)
    assert (verdict.rows, verdict.findings) == (len(written), [])


@given(records, st.data())
def test_a_removed_row_is_found_wherever_it_stood(written: list[Event], data: st.DataObject) -> None:
    rows, chain = chained(written)
    gone = rows.pop(data.draw(st.integers(0, len(rows) - 1)))
    findings = verify(rows, chain, SEALS).findings
    assert [(one.position, one.last, one.fault) for one in findings] == [(gone.position, gone.position, Fault.REMOVED)]


@given(records, st.data())
def test_a_row_cut_off_is_found_though_the_ends_were_moved(written: list[Event], data: st.DataObject) -> None:
    rows, chain = chained(written)
    cut = data.draw(st.integers(1, len(rows) - 1))
    moved = replace(chain, head_position=rows[cut - 1].position, head_link=rows[cut - 1].link)
    assert Fault.ENDS in faults(verify(rows[:cut], moved, SEALS))
    moved = replace(chain, base_position=rows[cut - 1].position, base_link=rows[cut - 1].link)
    assert Fault.ENDS in faults(verify(rows[cut:], moved, SEALS))


@given(records, st.data(), events)
def test_a_changed_field_is_found(written: list[Event], data: st.DataObject, other: Event) -> None:
    rows, chain = chained(written)
    place = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["at", "kind", "address", "actor", "detail", "reference", "client"]))
    changed = replace(rows[place].event, **{field: getattr(other, field)})
    assume(changed != rows[place].event)
    rows[place] = replace(rows[place], event=changed)
    assert rows[place].position in {one.position for one in verify(rows, chain, SEALS).findings}


@given(records, st.data(), st.sampled_from(["salt", "personal", "link", "seal", "key_id"]))
def test_a_changed_proof_is_found(written: list[Event], data: st.DataObject, field: str) -> None:
    rows, chain = chained(written)
    place = data.draw(st.integers(0, len(rows) - 1))
    value = rows[place].key_id[::-1] if field == "key_id" else "0" * 64
    rows[place] = replace(rows[place], **{field: value})
    verdict = verify(rows, chain, SEALS)
    assert verdict.findings or verdict.unsealed


@given(records, st.data())
def test_swapped_rows_are_found(written: list[Event], data: st.DataObject) -> None:
    rows, chain = chained(written)
    one, other = sorted(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True)))
    first, second = rows[one], rows[other]
    rows[one], rows[other] = replace(second, position=first.position), replace(first, position=second.position)
    assert verify(rows, chain, SEALS).findings


@given(records, st.data(), events)
def test_a_chain_written_anew_with_another_key_is_found(
    written: list[Event], data: st.DataObject, forged: Event
) -> None:
    rows, chain = chained(written)
    place = data.draw(st.integers(0, len(rows) - 1))
    start = Chain(head_position=place, head_link=rows[place - 1].link if place else "")
    false, _ = chained([forged, *written[place + 1 :]], STRANGER, start)
    posing = [replace(row, key_id=SEALS.key_id) for row in false]
    assume(posing[-1].link != chain.head_link)
    assert Fault.NOT_OURS in faults(verify([*rows[:place], *posing], chain, SEALS))


@given(records, events)
def test_an_added_row_is_found(written: list[Event], more: Event) -> None:
    rows, chain = chained(written)
    added = STRANGER.entry(chain.head_link, chain.head_position + 1, more, "salt")
    assert faults(verify([*rows, added], chain, SEALS)) == {Fault.ADDED}


@given(records, st.data())
def test_a_record_without_its_beginning_is_whole_where_the_site_took_it_away(
    written: list[Event], data: st.DataObject
) -> None:
    rows, chain = chained(written)
    cut = data.draw(st.integers(1, len(rows) - 1))
    shorter = SEALS.sealed(replace(chain, base_position=rows[cut - 1].position, base_link=rows[cut - 1].link))
    assert verify(rows[cut:], shorter, SEALS).findings == []
    assert faults(verify(rows, shorter, SEALS)) == {Fault.ADDED}


@given(records, st.data())
def test_an_erased_row_is_in_order_where_the_record_says_so_and_nowhere_else(
    written: list[Event], data: st.DataObject
) -> None:
    places = data.draw(st.sets(st.integers(1, len(written)), min_size=1))
    said = [Event(NOON, EventKind.DATA_ERASED, "", SYSTEM, detail) for detail in said_of_erasure(places)]
    rows, chain = chained([*written, *said])
    erased = [blanked(row) if row.position in places else row for row in rows]
    verdict = verify(erased, chain, SEALS)
    assert (verdict.findings, verdict.erased) == ([], len(places))
    rows, chain = chained(written)
    erased = [blanked(row) if row.position in places else row for row in rows]
    assert faults(verify(erased, chain, SEALS)) == {Fault.ERASED}
    assert {one.position for one in verify(erased, chain, SEALS).findings} == places


def test_an_erased_row_cannot_be_filled_again() -> None:
    said = Event(NOON, EventKind.DATA_ERASED, "", SYSTEM, "1")
    rows, chain = chained([Event(NOON, EventKind.GRANTED, AN, OWNER), said])
    false = replace(blanked(rows[0]), event=replace(rows[0].event, address="other@soctrang.gov.vn"))
    assert faults(verify([false, rows[1]], chain, SEALS)) == {Fault.CHANGED}


@given(records, records)
def test_rows_stay_held_after_their_key_was_taken_away(before: list[Event], after: list[Event]) -> None:
    old, chain = chained(before)
    new, chain = chained(after, NEWER, chain)
    assert verify([*old, *new], chain, NEWER).findings == []
    verdict = verify([*old, *new], chain, NEWER_ALONE)
    assert (verdict.findings, verdict.unsealed) == ([], len(old))
    old[0] = replace(old[0], event=replace(old[0].event, actor="somebody else's"))
    assert faults(verify([*old, *new], chain, NEWER_ALONE)) == {Fault.CHANGED}


@given(records, records)
def test_a_head_that_was_noted_down_finds_an_older_copy(before: list[Event], after: list[Event]) -> None:
    rows, early = chained(before)
    more, late = chained(after, chain=early)
    assert verify([*rows, *more], late, SEALS, early.head).findings == []
    assert faults(verify(rows, early, SEALS, late.head)) == {Fault.UNSEEN}
    assert faults(verify(rows, early, SEALS, f"{early.head_position}:{'0' * 64}")) == {Fault.UNSEEN}


@given(st.sets(st.integers(1, 400)))
def test_the_rows_of_an_erasure_are_read_as_they_were_said(positions: set[int]) -> None:
    details = said_of_erasure(positions)
    assert all(len(detail) <= 400 for detail in details)
    ranges = [one for detail in details for one in read_erasure(detail)]
    assert {position for first, last in ranges for position in range(first, last + 1)} == positions


@pytest.mark.parametrize("detail", ["", "-", "x", "1-x", "3-", "--", "1--2"])
def test_an_erasure_that_makes_no_sense_names_no_row_beyond_what_it_says(detail: str) -> None:
    assert read_erasure(detail) in ([], [(3, 3)])


def test_an_erasure_says_ranges_and_single_rows_shortly() -> None:
    assert said_of_erasure({30, 9, 10, 11, 12, 4}) == ["4 9-12 30"]
    assert said_of_erasure([]) == []


def test_the_rows_of_an_erasure_go_on_in_a_second_event_where_one_is_full() -> None:
    hundreds = set(range(100, 288, 2))  # as a detail 375 characters
    assert len(said_of_erasure(hundreds | {10_000})) == 1
    full, more = said_of_erasure(hundreds | {100_000})
    assert (len(full), more) == (375, "100000")


def test_a_name_in_the_record_is_a_hash_of_what_was_typed_under_a_key_for_nothing_else() -> None:
    key = KeyRing((KEY,)).subkey(Label.AUDIT_SUBJECT)
    assert SEALS.subject_names(AN) == [f"~{hmac.new(key, AN.encode(), sha256).hexdigest()[:32]}"]


def test_an_account_is_told_apart_outside_by_its_newest_name_and_a_typed_one_stays() -> None:
    assert NEWER.subject_id(AN) == NEWER.subject_names(AN)[0]
    assert NEWER.subject_id("~5f3a") == "~5f3a"
    assert NEWER.subject_id("") == ""


def test_a_typed_name_has_a_name_under_every_key_and_nothing_has_none() -> None:
    assert SEALS.subject_names("") == []
    new, old = NEWER.subject_names(AN)
    assert [old] == SEALS.subject_names(AN)
    assert new != old
    assert AN not in new + old


THREE = [Event(NOON, EventKind.GRANTED, AN, OWNER, f"{number}") for number in range(3)]


def test_a_row_and_the_ends_are_sealed_as_stored_records_rely_on() -> None:
    # a record must verify after an upgrade, too: written out here independently
    event = Event(NOON, EventKind.GRANTED, AN, "an operator", "đ", "r", "c")
    seals = Seals(KeyRing((KEY,)))
    row, ends = seals.entry("before", 3, event, "salt"), seals.sealed(Chain(1, "a", 2, "b"))
    key = KeyRing((KEY,)).subkey(Label.AUDIT)
    personal = hmac.new(b"salt", f'["{AN}","\\u0111","c"]'.encode(), sha256).hexdigest()
    said = f'["before",3,"2026-03-02T05:00:00.000000+00:00","granted","an operator","r","{personal}"]'
    assert (row.personal, row.link) == (personal, sha256(said.encode()).hexdigest())
    assert row.seal == hmac.new(key, f'["row",3,"{row.link}"]'.encode(), sha256).hexdigest()
    assert ends.seal == hmac.new(key, b'["ends",1,"a",2,"b"]', sha256).hexdigest()
    assert row.key_id == ends.key_id == KeyRing((KEY,)).newest_id


def test_a_finding_says_from_where_to_where() -> None:
    rows, chain = chained(THREE)
    stranger = STRANGER.entry(rows[0].link, 2, THREE[1], "salt")
    assert verify(rows, replace(chain, seal="0"), SEALS).findings == [Finding(0, Fault.ENDS, 0)]
    assert verify(rows[2:], chain, SEALS).findings == [Finding(1, Fault.REMOVED, 2)]
    assert verify(rows[:1], chain, SEALS).findings == [Finding(2, Fault.REMOVED, 3)]
    assert verify(rows, chain, SEALS, "2:0").findings == [Finding(2, Fault.UNSEEN, 2)]
    added = STRANGER.entry(chain.head_link, 4, THREE[0], "salt")
    assert verify([*rows, added], chain, SEALS).findings == [Finding(4, Fault.ADDED, 4)]
    posing = replace(stranger, key_id=SEALS.key_id)
    assert Finding(2, Fault.NOT_OURS, 2) in verify([rows[0], posing, rows[2]], chain, SEALS).findings


def test_ends_under_a_key_that_is_gone_do_not_hold() -> None:
    _, chain = chained(THREE)
    assert not NEWER_ALONE.hold(chain)
