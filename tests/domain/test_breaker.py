"""The circuit breaker: five failures in a row open it, rests grow, one at a time may try, one success closes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.breaker import FAILURES, RESTS, Breaker
from tests.fakes import NOON

MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


def opened(at: datetime = NOON) -> Breaker:
    breaker = Breaker()
    breaker.failed(at, at_once=True)
    return breaker


def test_it_opens_with_the_fifth_failure_in_a_row_and_says_so_once() -> None:
    breaker = Breaker()
    told = []
    for _ in range(FAILURES + 1):
        assert breaker.admits(NOON) is not breaker.is_open
        told.append(breaker.failed(NOON))
    assert told == [False] * (FAILURES - 1) + [True, False]
    assert breaker.is_open


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed(NOON)
        breaker.succeeded()
    assert not breaker.is_open
    assert breaker.admits(NOON)


def test_a_fault_that_every_message_would_meet_opens_it_at_once() -> None:
    breaker = Breaker()
    assert breaker.failed(NOON, at_once=True)
    assert not breaker.admits(NOON)


def test_nothing_passes_until_the_rest_is_over() -> None:
    breaker = opened()
    assert not breaker.admits(NOON + RESTS[0] - INSTANT)
    assert breaker.admits(NOON + RESTS[0])


def test_after_the_rest_one_may_try_and_keeps_the_others_out() -> None:
    breaker = opened()
    now = NOON + RESTS[0]
    assert [breaker.admits(now) for _ in range(4)] == [True, False, False, False]


def test_of_many_threads_at_one_moment_one_may_try() -> None:
    breaker, gate = opened(), Barrier(8)

    def ask(_: int) -> bool:
        gate.wait()
        return breaker.admits(NOON + RESTS[0])

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_one_that_tried_and_never_came_back_does_not_shut_it_for_ever() -> None:
    breaker = opened()
    assert breaker.admits(NOON + RESTS[0])
    assert breaker.admits(NOON + 2 * RESTS[0])


def test_a_try_that_succeeds_lets_everybody_through() -> None:
    breaker = opened()
    now = NOON + RESTS[0]
    assert breaker.admits(now)
    breaker.succeeded()
    assert not breaker.is_open
    assert all(breaker.admits(now) for _ in range(4))


def test_each_try_that_fails_makes_the_rest_longer_up_to_the_last() -> None:
    breaker, now, rests = opened(), NOON, []
    for _ in range(len(RESTS) + 2):
        ends = now
        while not breaker.admits(ends):
            ends += timedelta(seconds=1)
        rests.append(ends - now)
        now = ends
        assert not breaker.failed(now), "it was open already: no second alarm"
    assert rests == [*RESTS, RESTS[-1], RESTS[-1]]
    assert list(RESTS) == sorted(RESTS)


def test_what_was_under_way_when_it_opened_does_not_make_the_rest_longer() -> None:
    breaker = opened()
    for _ in range(8):
        assert not breaker.failed(NOON)
    assert breaker.admits(NOON + RESTS[0])


def test_after_a_success_the_rests_begin_with_the_shortest_again() -> None:
    breaker = opened()
    for n in range(3):
        assert breaker.admits(NOON + (n + 1) * MINUTE)
        breaker.failed(NOON + (n + 1) * MINUTE)
    breaker.succeeded()
    assert breaker.failed(NOON, at_once=True), "a new opening is a new alarm"
    assert breaker.admits(NOON + RESTS[0])


@given(st.lists(st.sampled_from(["fails", "fails at once", "succeeds", "waits"]), max_size=40))
def test_it_always_lets_somebody_through_again_within_the_longest_rest(story: list[str]) -> None:
    breaker, now = Breaker(), NOON
    for act in story:
        now += timedelta(seconds=1)
        if act == "succeeds":
            breaker.succeeded()
        elif act != "waits" and breaker.admits(now):
            breaker.failed(now, at_once=act == "fails at once")
    assert breaker.admits(now + RESTS[-1])


def test_after_a_try_that_succeeded_one_failure_opens_nothing() -> None:
    breaker = Breaker()
    breaker.failed(NOON, at_once=True)
    later = NOON + timedelta(minutes=1)
    assert breaker.admits(later)
    breaker.succeeded()
    assert breaker.failed(later) is False
    assert not breaker.is_open
    assert breaker.admits(later)
