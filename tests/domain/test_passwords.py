"""Passwords: the documented rule, the habits behind it, and what must stay allowed."""

import random
import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.passwords import (
    CharacterClass,
    OwnWords,
    PasswordPolicy,
    Verdict,
    Weakness,
    judge,
    normalise_password,
    own_words,
)
from recovery_site.domain.people import Account, Phone, read_number

POLICY = PasswordPolicy(context_words=("Tỉnh Sóc Trăng", "Sóc Trăng", "soctrang"))
OFFICIAL = Account(
    "dang.tt@soctrang.gov.vn",
    display_name="Trần Thanh Đăng",
    unit="Sở Nội vụ",
    phones=(Phone(read_number("0393070121"), "Lê Thị Bình"),),
)
GOOD = "Ben-pha-9-vang-khach"


def verdict(password: str, account: Account | None = None, policy: PasswordPolicy = POLICY) -> Verdict:
    return judge(normalise_password(password), policy, own_words(account) if account else OwnWords())


def random_password(dice: random.Random) -> str:
    classes = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "!@#$%^&*()-_=+[]{};:,.?")
    chars = [dice.choice(one) for one in classes] + dice.choices("".join(classes), k=4)
    dice.shuffle(chars)
    return "".join(chars)


# --- the documented rule ----------------------------------------------------------------------------------------------


def test_a_good_password_is_acceptable() -> None:
    assert verdict(GOOD, OFFICIAL).acceptable


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("ben-pha-9-vang", ["UPPER"]),
        ("BEN-PHA-9-VANG", ["LOWER"]),
        ("Ben-pha-x-vang", ["DIGIT"]),
        ("Benpha9vangkhach", ["SPECIAL"]),
        ("Ben pha 9 vang", ["SPECIAL"]),  # a space is welcome, but the documented rule asks for more
        ("12345678", ["UPPER", "LOWER", "SPECIAL"]),
        ("abcdefgh", ["UPPER", "DIGIT", "SPECIAL"]),
        ("", ["UPPER", "LOWER", "DIGIT", "SPECIAL"]),
    ],
)
def test_every_missing_class_is_named_at_once_in_the_documented_order(password: str, missing: list[str]) -> None:
    judged = verdict(password)
    assert judged.missing == tuple(CharacterClass[name] for name in missing)
    assert not judged.acceptable


def test_seven_characters_are_too_short_and_eight_are_enough() -> None:
    assert verdict("xK7#mQ2").too_short
    assert verdict("xK7#mQ2v").acceptable


def test_short_and_incomplete_are_told_together_and_nothing_else_on_top() -> None:
    judged = verdict("abc")
    assert judged.too_short
    assert len(judged.missing) == 3
    assert judged.weakness is None


def test_64_and_128_characters_pass_and_129_do_not() -> None:
    long = GOOD + "-mot-hai-ba-bon-" * 8
    for length in (64, 128):
        judged = verdict(long[:length])
        assert judged.acceptable
        assert judged.length == length
    assert verdict(long[:129]).too_long


def test_one_megabyte_is_refused_for_its_length_at_once() -> None:
    started = time.process_time()
    judged = verdict("aA1!" * 250_000)
    assert judged.too_long
    assert judged.weakness is None
    assert time.process_time() - started < 0.3


@pytest.mark.parametrize("filling", ["aA1!" * 32, "qwerty" * 20 + "A1!", "1" * 120 + "aA!", "@" * 60 + "aA1" * 20])
def test_the_longest_allowed_password_is_judged_quickly(filling: str) -> None:
    started = time.process_time()
    verdict(filling[:128], OFFICIAL)
    assert time.process_time() - started < 0.5


def test_length_is_counted_in_characters_not_in_bytes() -> None:
    assert verdict("Ẩ" * 127 + "a").length == 128
    assert not verdict("Ẩ" * 127 + "a").too_long


def test_the_least_length_of_the_settings_holds() -> None:
    policy = PasswordPolicy(min_length=12)
    assert verdict("xK7#mQ2v", policy=policy).too_short


# --- habits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "Abc@1234", "Abc@12345", "Soctrang@123", "Matkhau@123", "Vnpt@123", "Caobang@2024", "Admin@123", "Anhyeuem@1",
        "P@ssw0rd1", "Thanhdang@1980", "Nguyenvana@123", "Mật khẩu@123", "M@tkh4u2024!", "SÓC TRĂNg@2025", "@Matkhau1@",
        "@Dmin@2024", "P@ss@1234",
        "123@Matkhau", "Quantri@2024", "Xinchao@123", "Congvu@2023", "Qwerty@123", "Aa@12345678",
    ],
)  # fmt: skip
def test_what_officials_really_use_is_refused_with_a_reason(password: str) -> None:
    judged = verdict(password, OFFICIAL)
    assert judged.missing == ()
    assert judged.weakness is not None
    assert not judged.acceptable


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("Matkhau@123", Weakness.HABIT),
        ("Soctrang@123", Weakness.PLACE),
        ("Caobang@2024", Weakness.PLACE),
        ("Thanhdang@1980", Weakness.OWN_WORDS),
        ("Nguyenvana@123", Weakness.PERSON_NAME),
        ("Dang.tt@1Aa", Weakness.OWN_WORDS),
        ("Lethibinh@1", Weakness.OWN_WORDS),
        ("Sonoivu@2024", Weakness.OWN_WORDS),
        ("xK-0393070121", Weakness.OWN_WORDS),
        ("Xk-3070121-q", Weakness.OWN_WORDS),
    ],
)
def test_the_reason_is_the_right_one(password: str, weakness: Weakness) -> None:
    assert verdict(password, OFFICIAL).weakness is weakness


@pytest.mark.parametrize(
    ("password", "pattern"),
    [
        ("Aaaaaaaa1!", Weakness.REPEAT),
        ("Ab1!Ab1!Ab1!", Weakness.REPEAT),
        ("Ng!2003-12-11", Weakness.DATE),
        ("Matkhau@Kx93!q", Weakness.COMMON),
    ],
)
def test_a_password_that_only_the_meter_finds_weak_is_told_why(password: str, pattern: Weakness) -> None:
    strict = judge(normalise_password(password), PasswordPolicy(min_score=4))
    assert (strict.weakness, strict.acceptable) == (pattern, False)
    assert judge(normalise_password(password), PasswordPolicy(min_score=strict.score)).weakness is None


@pytest.mark.parametrize(("password", "raw"), [("Soctrang@123", 2), ("Matkhau-kyq9!", 3), ("Anh-yeu-em!9k", 4)])
@pytest.mark.parametrize("least", [0, 1, 2, 3, 4])
def test_a_habit_is_never_called_strong_whatever_the_meter_says(password: str, raw: int, least: int) -> None:
    verdict = judge(normalise_password(password), PasswordPolicy(min_score=least))
    assert not verdict.acceptable
    assert verdict.score == (min(raw, least - 1) if least else raw)


def test_a_good_password_keeps_its_score_and_a_long_one_its_length() -> None:
    assert judge(normalise_password("Ben-pha-9-vang-khach"), PasswordPolicy()).score == 4
    assert judge(normalise_password("Aa1!" * 50), PasswordPolicy()) == Verdict(200, too_long=True)


@pytest.mark.parametrize("password", ["Mkhau1!", "matkhau123456"])
def test_what_is_short_or_incomplete_is_not_called_easy_as_well(password: str) -> None:
    assert judge(normalise_password(password), PasswordPolicy()).weakness is None


def test_twelve_words_of_a_name_are_held_against_a_password_and_no_thirteenth() -> None:
    names = own_words(Account("a@x.vn", display_name=" ".join(f"tu{letter}" for letter in "abcdefghijklm"))).words
    assert "".join(f"tu{letter}" for letter in "abcdefghijkl") in names
    assert "tum" not in names


def test_a_telephone_s_last_digits_alone_are_held_against_a_password() -> None:
    assert own_words(OFFICIAL).digits == {"3070121"}


@pytest.mark.parametrize("local_part", ["dang.tt", "vnpt_testvpdt3", "nguyenvana", "phong-tiep-dan", "an"])
def test_the_local_part_with_a_tail_is_refused(local_part: str) -> None:
    account = Account(f"{local_part}@soctrang.gov.vn")
    assert not verdict(f"{local_part}@1Aa", account).acceptable
    assert not verdict(f"{local_part.capitalize()}@1", account).acceptable


def test_the_words_of_one_account_do_not_burden_another() -> None:
    account = Account("zuvokireq@soctrang.gov.vn")
    assert verdict("Zuvokireq@17", account).weakness is Weakness.OWN_WORDS
    assert verdict("Zuvokireq@17", OFFICIAL).acceptable


def test_the_words_of_the_settings_count_as_places() -> None:
    policy = PasswordPolicy(context_words=("Cung Xa Lo",))
    assert verdict("Cungxalo@12", policy=policy).weakness is Weakness.PLACE


def test_a_thousand_times_eight_random_characters_pass() -> None:
    dice = random.Random(20260302)  # noqa: S311 -- the same thousand every time
    refused = [
        password for password in (random_password(dice) for _ in range(1000)) if not verdict(password).acceptable
    ]
    assert refused == []


@pytest.mark.parametrize(
    "password",
    [
        "Ben-pha-9-vang-khach",
        "Con mèo trèo cây cau 7!",
        "xK7#mQ2v",
        "Tr0i-mua-to-qua",
        "9 con Vit ra song!",
        "🌊Song-lon-7x",
    ],
)
def test_a_password_that_nobody_guesses_passes(password: str) -> None:
    assert verdict(password, OFFICIAL).acceptable


# --- characters -------------------------------------------------------------------------------------------------------


def test_spaces_are_kept_where_they_were_typed() -> None:
    assert normalise_password("  Ben pha 9!  ").reveal() == "  Ben pha 9!  "


def test_both_ways_to_type_a_vietnamese_letter_are_one_password() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "Mẩu-9-Đường"), unicodedata.normalize("NFD", "Mẩu-9-Đường")
    assert composed != decomposed
    assert normalise_password(composed) == normalise_password(decomposed)


def test_case_and_full_width_letters_are_not_touched() -> None:
    assert normalise_password("Ａbc").reveal() == "Ａbc"


def test_letters_with_diacritics_are_warned_of_but_accepted() -> None:
    judged = verdict("Bến-phà-9-vắng-khách")
    assert judged.has_diacritics
    assert judged.acceptable
    assert not verdict(GOOD).has_diacritics


@pytest.mark.parametrize("char", ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"])
def test_what_cannot_be_typed_at_a_sign_in_is_refused(char: str) -> None:
    judged = verdict(f"Ben-pha{char}-9-vang")
    assert judged.unprintable
    assert not judged.acceptable


@given(st.text(max_size=140))
def test_whatever_is_typed_gets_a_verdict(typed: str) -> None:
    judged = verdict(typed, OFFICIAL)
    assert 0 <= judged.score <= 4
    assert judged.too_long == (judged.length > 128)
    assert judged.too_short == (judged.length < 8)


@given(st.text(alphabet=string.printable, min_size=8, max_size=60), st.integers(0, 3))
def test_a_password_never_becomes_worse_by_a_policy_that_asks_for_less(typed: str, score: int) -> None:
    if verdict(typed, policy=PasswordPolicy(min_score=score + 1)).acceptable:
        assert verdict(typed, policy=PasswordPolicy(min_score=score)).acceptable


def test_the_password_and_the_numbers_of_the_account_hide_in_every_repr() -> None:
    assert GOOD not in repr(normalise_password(GOOD))
    assert "3070121" not in repr(own_words(OFFICIAL))
