import pytest

from scripts.rank import mann_whitney


def test_the_rank_test_gives_the_p_of_the_textbook() -> None:
    assert mann_whitney([1, 2, 3, 4, 5], [3, 4, 5, 6, 7]) == pytest.approx(0.0917, abs=0.0001)


def test_samples_of_one_kind_are_not_told_apart_and_shifted_ones_are() -> None:
    times = [0.010 + (number * 37 % 100) / 10_000 for number in range(400)]
    assert mann_whitney(times, times) == 1.0
    assert mann_whitney([1.0] * 9, [1.0] * 9) == 1.0
    assert mann_whitney(times, [one + 0.002 for one in times]) < 0.0001
