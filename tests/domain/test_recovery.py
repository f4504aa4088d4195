"""One recovery: its moves, its clocks, and the diagram that promises them."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from recovery_site.domain import recovery as module
from recovery_site.domain.recovery import (
    CLAIM_LIFETIME,
    MOVES,
    REFERENCE_ALPHABET,
    CodeState,
    IllegalMove,
    Move,
    Recovery,
    RecoveryRules,
    Step,
    new_reference,
    read_reference,
)
from tests.fakes import NOON

RULES = RecoveryRules()
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def fresh(**changed: object) -> Recovery:
    begun = Recovery(
        id="r", browser="b", reference="K7F3-QX2M", address="an@soctrang.gov.vn", attempts_left=5,
        created_at=NOON, expires_at=NOON + RULES.lifetime, resumed_at=NOON,
    )  # fmt: skip
    return replace(begun, **changed)


def sent(recovery: Recovery, after: timedelta = timedelta(), phone: str = "p", key_id: str = "k") -> Recovery:
    return recovery.with_code_sent(NOON + after, RULES, key_id=key_id, phone=phone, masked_phone="0393XXX121")


# --- moves ------------------------------------------------------------------------------------------------------------


def make(move: Move, recovery: Recovery) -> Recovery:
    match move:
        case Move.CONFIRM | Move.RESEND:
            return sent(recovery)
        case Move.SUBMIT:
            return recovery.done(NOON, browser="new")
        case Move.ABANDON:
            return recovery.abandoned(NOON)


@pytest.mark.parametrize(("step", "move"), list(product(Step, Move)))
def test_a_step_has_exactly_the_moves_of_the_table(step: Step, move: Move) -> None:
    # confirm and resend are one act: which of them it is, the step says
    legal = {Move.CONFIRM, Move.RESEND} if move in (Move.CONFIRM, Move.RESEND) else {move}
    target = next((MOVES[step, one] for one in legal if (step, one) in MOVES), None)
    if target is None:
        with pytest.raises(IllegalMove):
            make(move, fresh(step=step))
    else:
        assert make(move, fresh(step=step)).step is target


def test_the_diagram_beside_the_code_shows_the_same_moves() -> None:
    diagram = Path(module.__file__).with_suffix(".mermaid").read_text("utf-8")
    arrows = re.findall(r"^\s+(\w+|\[\*\]) --> (\w+|\[\*\])(?: : (\w+))?$", diagram, re.MULTILINE)
    assert len(arrows) == diagram.count("-->")
    inner = {(Step[a], Move[move.upper()]): Step[b] for a, b, move in arrows if "[*]" not in (a, b)}
    assert inner == MOVES
    assert [b for a, b, _ in arrows if a == "[*]"] == [Step.AWAITING_CONFIRMATION.name]
    ends = {step.name for step in Step} - {step.name for step, _ in MOVES}
    assert {a for a, b, _ in arrows if b == "[*]"} == ends


def test_what_is_over_moves_no_more() -> None:
    for step, move in product((Step.DONE, Step.ABANDONED), Move):
        assert (step, move) not in MOVES


# --- the code's life --------------------------------------------------------------------------------------------------


def test_the_first_send_starts_the_code() -> None:
    first = sent(fresh())
    assert (first.step, first.generation, first.sends) == (Step.AWAITING_CODE, 1, 1)
    assert first.code_expires_at == NOON + timedelta(minutes=10)
    assert first.last_sent_at == NOON


@pytest.mark.parametrize("after", [MINUTE, 3 * MINUTE, 7 * MINUTE])
def test_a_resend_keeps_the_code_while_three_minutes_are_left(after: timedelta) -> None:
    first = sent(fresh())
    again = sent(first, after)
    assert (again.generation, again.key_id, again.code_expires_at) == (1, "k", first.code_expires_at)
    assert (again.sends, again.last_sent_at) == (2, NOON + after)


@pytest.mark.parametrize("after", [7 * MINUTE + SECOND, 9 * MINUTE, 20 * MINUTE])
def test_a_later_resend_makes_a_new_code_with_the_newest_key(after: timedelta) -> None:
    again = sent(sent(fresh()), after, key_id="newer")
    assert (again.generation, again.key_id) == (2, "newer")
    assert again.code_expires_at == NOON + after + timedelta(minutes=10)


def test_a_resend_with_the_same_code_keeps_the_key_that_made_it() -> None:
    assert sent(sent(fresh()), MINUTE, key_id="newer").key_id == "k"


def test_another_number_gets_another_code() -> None:
    assert sent(sent(fresh()), MINUTE, phone="q").generation == 2


def test_no_code_outlives_its_recovery() -> None:
    late = sent(fresh(), 25 * MINUTE)
    assert late.code_expires_at == fresh().expires_at


def test_a_resend_gives_no_try_back() -> None:
    assert sent(sent(fresh(attempts_left=2)), 8 * MINUTE).attempts_left == 2


# --- waits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "wait"), [(0.0, 60), (0.001, 60), (1.0, 59), (59.0, 1), (59.999, 1), (60.0, 0), (600.0, 0)]
)
def test_the_wait_before_the_next_send_is_in_whole_seconds_and_never_too_short(after: float, wait: int) -> None:
    assert sent(fresh()).wait_before_send(NOON + timedelta(seconds=after), RULES) == wait


def test_the_first_send_waits_for_nothing() -> None:
    assert fresh().wait_before_send(NOON, RULES) == 0


def test_nothing_is_sent_while_the_password_is_being_changed() -> None:
    claimed = sent(fresh()).claimed(NOON + 2 * MINUTE)
    assert claimed.wait_before_send(NOON + 2 * MINUTE, RULES) == CLAIM_LIFETIME.total_seconds()
    assert claimed.wait_before_send(NOON + 2 * MINUTE + CLAIM_LIFETIME, RULES) == 0


# --- whether a code may be compared -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recovery", "after", "state"),
    [
        (fresh(), timedelta(), CodeState.NEVER_SENT),
        (sent(fresh()), timedelta(), CodeState.LIVE),
        (sent(fresh()), 10 * MINUTE - SECOND, CodeState.LIVE),
        (sent(fresh()), 10 * MINUTE, CodeState.EXPIRED),
        (sent(fresh(), 25 * MINUTE), 30 * MINUTE, CodeState.EXPIRED),
        (sent(fresh(attempts_left=0)), MINUTE, CodeState.SPENT),
        (sent(fresh(attempts_left=0)), 10 * MINUTE, CodeState.SPENT),
        (sent(fresh()).claimed(NOON), CLAIM_LIFETIME - SECOND, CodeState.CLAIMED),
        (sent(fresh()).claimed(NOON), CLAIM_LIFETIME, CodeState.LIVE),
    ],
)
def test_the_state_of_the_code(recovery: Recovery, after: timedelta, state: CodeState) -> None:
    assert recovery.code_state(NOON + after) is state


def test_a_try_that_is_given_back_frees_the_recovery() -> None:
    claimed = sent(fresh(attempts_left=3)).claimed(NOON)
    freed = claimed.with_try_given_back()
    assert (freed.attempts_left, freed.code_state(NOON)) == (4, CodeState.LIVE)


def test_a_recovery_lives_half_an_hour() -> None:
    assert fresh().is_live(NOON + 30 * MINUTE - SECOND)
    assert not fresh().is_live(NOON + 30 * MINUTE)
    assert not fresh(step=Step.DONE).is_live(NOON)
    assert not fresh(step=Step.ABANDONED).is_live(NOON)


def test_after_the_change_the_old_browser_id_is_only_remembered() -> None:
    done = sent(fresh()).claimed(NOON).done(NOON, browser="new")
    assert (done.browser, done.previous_browser, done.claimed_until) == ("new", "b", None)


# --- the reference ----------------------------------------------------------------------------------------------------


def test_the_reference_can_be_read_out_over_the_telephone() -> None:
    assert new_reference("K7F3QX2M") == "K7F3-QX2M"
    assert not set("01OIL") & set(REFERENCE_ALPHABET)
    assert len(set(REFERENCE_ALPHABET)) == len(REFERENCE_ALPHABET)


@pytest.mark.parametrize("typed", ["K7F3-QX2M", "k7f3 qx2m", "k7f3qx2m", " K7-F3 QX-2M. "])
def test_a_reference_is_found_however_it_was_typed(typed: str) -> None:
    assert read_reference(typed) == "K7F3-QX2M"


def test_an_ended_recovery_knows_when_it_ended() -> None:
    assert fresh().abandoned(NOON + MINUTE).finished_at == NOON + MINUTE
