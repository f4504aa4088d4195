"""The rank test against figures that others have published or that can be counted by hand."""

import random
from itertools import combinations

import pytest

from scripts.attack.ranks import p_value

DICE = random.Random(7)  # noqa: S311 -- the same figures in every run


def test_two_lists_from_one_source_are_told_apart_about_as_often_as_p_says() -> None:
    told = sum(p_value(DICE.choices(range(50), k=40), DICE.choices(range(50), k=40)) < 0.05 for _ in range(1000))
    assert 25 <= told <= 75


def test_a_small_shift_is_found_in_400_figures() -> None:
    one = [DICE.gauss(10, 1) for _ in range(400)]
    assert p_value(one, [DICE.gauss(10.4, 1) for _ in range(400)]) < 0.001
    assert p_value(one, one) == 1.0


def test_p_is_the_share_of_all_divisions_that_are_as_uneven() -> None:
    values = list(range(14))
    one = [0, 1, 2, 4, 5, 7, 9]
    mean = sum(values) / 2
    uneven = abs(sum(one) - mean)
    sums = [sum(part) for part in combinations(values, 7)]
    exact = sum(abs(total - mean) >= uneven for total in sums) / len(sums)
    assert p_value(one, [value for value in values if value not in one]) == pytest.approx(exact, abs=0.01)


def test_equal_figures_share_their_ranks_and_prove_nothing() -> None:
    assert p_value([1, 1, 1], [1, 1]) == 1.0
    assert p_value([1, 2, 2, 3], [1, 2, 2, 3]) == 1.0
    assert p_value([1] * 30, [2] * 30) < 1e-6
