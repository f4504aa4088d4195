"""The code: derived, evenly spread, read generously and compared strictly."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.codes import CodeProblem, MalformedCode, codes_match, derive_code, read_code
from recovery_site.domain.secret import Secret

KEY = b"a key of the server, 32 bytes lo"
SAMPLE = 20_000


def code(recovery_id: str = "r", generation: int = 1, key: bytes = KEY, digits: int = 6) -> str:
    return derive_code(key, recovery_id=recovery_id, generation=generation, digits=digits).reveal()


@pytest.fixture(scope="module")
def many_codes() -> list[str]:
    return [code(f"recovery-{number}") for number in range(SAMPLE)]


def test_the_same_recovery_and_generation_always_give_the_same_code() -> None:
    assert code() == code()


def test_another_recovery_generation_or_key_gives_another_code() -> None:
    codes = {code(), code(recovery_id="s"), code(generation=2), code(key=KEY[::-1])}
    assert len(codes) == 4


def test_an_id_that_ends_in_digits_is_not_taken_for_a_generation() -> None:
    assert code(recovery_id="r1", generation=1) != code(recovery_id="r", generation=11)


@pytest.mark.parametrize("digits", [6, 7, 8])
def test_a_code_has_exactly_the_digits_asked_for(digits: int) -> None:
    for number in range(200):
        made = code(f"recovery-{number}", digits=digits)
        assert len(made) == digits
        assert made.isascii()
        assert made.isdigit()


def test_leading_zeros_survive(many_codes: list[str]) -> None:
    zeros = sum(made.startswith("0") for made in many_codes)
    assert SAMPLE * 0.09 < zeros < SAMPLE * 0.11
    assert any(made.startswith("000") for made in many_codes)


def test_the_whole_range_is_used_evenly(many_codes: list[str]) -> None:
    """Chi-square over 1,000 bins of leading digits: 999 degrees of freedom, 1,168 is the 0.01 % point."""
    expected = SAMPLE / 1000
    bins = Counter(made[:3] for made in many_codes)
    chi_square = sum((bins[f"{number:03}"] - expected) ** 2 / expected for number in range(1000))
    assert 820 < chi_square < 1168


@pytest.mark.parametrize("place", range(6))
def test_every_digit_is_as_likely_in_every_place(many_codes: list[str], place: int) -> None:
    """Chi-square with 9 degrees of freedom, 33.7 is the 0.01 % point."""
    expected = SAMPLE / 10
    digits = Counter(made[place] for made in many_codes)
    assert sum((digits[str(digit)] - expected) ** 2 / expected for digit in range(10)) < 33.7


def test_neighbouring_recoveries_do_not_repeat_codes_more_than_chance_does(many_codes: list[str]) -> None:
    """20,000 draws from a million repeat about 199 times."""
    repeats = SAMPLE - len(set(many_codes))
    assert 130 < repeats < 270


@pytest.mark.parametrize(
    "typed",
    [
        "123456", "12 34 56", "123-456", "123 456\n", "\t123456\r\n", " 1 2 3 4 5 6 ", "123.456", "123–456", "123—456",
        "１２３４５６", "１２３ ４５６", "123\u00a0456", "\ufeff123456", "123\u200b456", "123\u2009456",
    ],
)  # fmt: skip
def test_a_code_is_read_as_people_and_telephones_write_it(typed: str) -> None:
    assert read_code(typed, digits=6).reveal() == "123456"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", CodeProblem.EMPTY),
        ("  - \n", CodeProblem.EMPTY),
        ("12345", CodeProblem.TOO_SHORT),
        ("1234567", CodeProblem.TOO_LONG),
        ("1" * 100_000, CodeProblem.TOO_LONG),
        ("12345a", CodeProblem.NOT_DIGITS),
        ("O12345", CodeProblem.NOT_DIGITS),
        ("+12345", CodeProblem.NOT_DIGITS),
        ("1e5000", CodeProblem.NOT_DIGITS),
        ("0x1234", CodeProblem.NOT_DIGITS),
        ("١٢٣٤٥٦", CodeProblem.NOT_DIGITS),
        ("१२३४५६", CodeProblem.NOT_DIGITS),
        ("12345\x00", CodeProblem.NOT_DIGITS),
        ("123456' OR 1=1", CodeProblem.NOT_DIGITS),
    ],
)
def test_what_cannot_be_a_code_is_refused_with_its_reason(typed: str, problem: CodeProblem) -> None:
    with pytest.raises(MalformedCode) as refused:
        read_code(typed, digits=6)
    assert refused.value.problem is problem


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_of_plain_digits_or_refused(typed: str) -> None:
    try:
        read = read_code(typed, digits=6).reveal()
    except MalformedCode:
        return
    assert len(read) == 6
    assert set(read) <= set("0123456789")


def test_codes_are_compared_as_text() -> None:
    assert codes_match(Secret("012345"), Secret("012345"))
    assert not codes_match(Secret("012345"), Secret("12345"))
    assert not codes_match(Secret("012345"), Secret("012346"))


def test_a_code_that_nobody_caught_names_its_problem() -> None:
    assert str(MalformedCode(CodeProblem.TOO_SHORT)) == "TOO_SHORT"
