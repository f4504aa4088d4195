"""First passwords: easy to read out and to type, hard to guess, and made anew out of the key."""

import hmac
import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.first_passwords import ENTROPY_BITS, LENGTH, choose_attempt, derive_first_password
from recovery_site.domain.passwords import PasswordPolicy, judge, own_words
from recovery_site.domain.people import Account, Phone, read_number
from tests.fakes import ACCOUNTS, AN, KEY

SHAPE = re.compile(r"[A-Z][a-z][a-z0-9]{3}-[a-z0-9]{5}-[a-z0-9]{4}[0-9]")
POLICY = PasswordPolicy(context_words=("Sóc Trăng", "soctrang"))
IDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=43)
SAMPLE = [derive_first_password(KEY, f"sample-{number}", 0).reveal() for number in range(3000)]


def test_the_derivation_is_the_one_that_queued_messages_rely_on() -> None:
    # a queued SMS is made out of these numbers after an upgrade, too: written out here independently
    number = int.from_bytes(hmac.new(b"k" * 32, b"activation-1|0", "sha512").digest(), "big")
    expected = ""
    middle = "bcfghjkmnpqrstvxz346789"
    for alphabet in ("CFHJKMNPQRTVX", "bcfghjkmnpqrstvxz", *[middle] * 12, "346789"):
        expected += alphabet[number % len(alphabet)]
        number //= len(alphabet)
    grouped = f"{expected[:5]}-{expected[5:10]}-{expected[10:]}"
    assert derive_first_password(b"k" * 32, "activation-1", 0).reveal() == grouped


@given(activation_id=IDS, attempt=st.integers(0, 99))
def test_every_first_password_has_the_four_classes_and_its_three_groups(activation_id: str, attempt: int) -> None:
    text = derive_first_password(KEY, activation_id, attempt).reveal()
    assert SHAPE.fullmatch(text)
    assert len(text) == LENGTH
    assert judge(derive_first_password(KEY, activation_id, attempt), PasswordPolicy(min_score=0)).missing == ()


@given(activation_id=IDS, attempt=st.integers(0, 99))
def test_no_character_looks_like_another_one(activation_id: str, attempt: int) -> None:
    text = derive_first_password(KEY, activation_id, attempt).reveal()
    for twins in ("0Oo", "1lIi", "2Z", "5S", "6G", "8B"):
        assert len(set(twins) & set("".join(SAMPLE) + text)) <= 1, twins


def test_no_typing_tool_makes_letters_with_diacritics_of_one() -> None:
    # Telex: vowels take the marks, d and w become đ and ư by themselves; VNI marks vowels and d with digits
    assert not set("".join(SAMPLE).lower()) & set("aeiouydw")


def test_there_are_at_least_sixty_bits_of_chance_in_it() -> None:
    assert ENTROPY_BITS >= 60
    # counted from what really comes: each place's own alphabet
    seen = [len({text[place] for text in SAMPLE}) for place in range(LENGTH)]
    assert sum(map(math.log2, seen)) >= 60


def test_every_character_of_a_place_is_about_as_frequent_as_the_others() -> None:
    for place in range(LENGTH):
        counts = Counter(text[place] for text in SAMPLE)
        expected = len(SAMPLE) / len(counts)
        chi_squared = sum((count - expected) ** 2 / expected for count in counts.values())
        # 22 degrees of freedom exceed 60 once in 50,000 times; the sample is always the same
        assert chi_squared < 60, place


def test_no_two_activations_share_one() -> None:
    assert len(set(SAMPLE)) == len(SAMPLE)


@given(activation_id=IDS, attempt=st.integers(0, 9))
def test_the_same_password_comes_again_and_another_id_attempt_or_key_gives_another(
    activation_id: str, attempt: int
) -> None:
    first = derive_first_password(KEY, activation_id, attempt)
    assert first == derive_first_password(KEY, activation_id, attempt)
    others = {
        derive_first_password(KEY, activation_id + "x", attempt).reveal(),
        derive_first_password(KEY, activation_id, attempt + 1).reveal(),
        derive_first_password(b"n" * 32, activation_id, attempt).reveal(),
    }
    assert first.reveal() not in others
    assert len(others) == 3


def test_an_id_and_an_attempt_do_not_run_into_each_other() -> None:
    assert derive_first_password(KEY, "a|1", 1) != derive_first_password(KEY, "a", 11)
    assert derive_first_password(KEY, "a1", 1) != derive_first_password(KEY, "a", 11)


@given(activation_id=IDS)
def test_the_chosen_attempt_is_accepted_by_the_rules_for_this_account(activation_id: str) -> None:
    account = ACCOUNTS[AN]
    attempt = choose_attempt(KEY, activation_id, account, POLICY)
    assert judge(derive_first_password(KEY, activation_id, attempt), POLICY, own_words(account)).acceptable


def test_the_first_attempt_that_the_rules_accept_is_taken() -> None:
    account = Account(AN, phones=(Phone(read_number("0393070121")),))
    refused = re.sub("[^a-z]", "", derive_first_password(KEY, "a", 0).reveal().lower())
    policy = PasswordPolicy(context_words=(refused,))
    assert not judge(derive_first_password(KEY, "a", 0), policy, own_words(account)).acceptable
    assert choose_attempt(KEY, "a", account, policy) == 1


def test_an_attempt_that_is_built_on_the_account_s_own_address_is_passed_over() -> None:
    first = re.sub("[^a-z]", "", derive_first_password(KEY, "a", 0).reveal().lower())
    account = Account(f"{first}@soctrang.gov.vn")
    assert choose_attempt(KEY, "a", account, POLICY) == 1


def test_rules_that_refuse_every_attempt_are_a_fault_that_says_so() -> None:
    with pytest.raises(AssertionError, match=r"^the rules refuse random passwords$"):
        choose_attempt(KEY, "a", ACCOUNTS[AN], PasswordPolicy(min_score=5))


@pytest.mark.parametrize("policy", [PasswordPolicy(min_length=64), PasswordPolicy(min_score=4)])
def test_strict_rules_for_people_s_own_passwords_do_not_keep_accounts_from_being_handed_out(
    policy: PasswordPolicy,
) -> None:
    for number in range(50):
        assert choose_attempt(KEY, f"a-{number}", ACCOUNTS[AN], policy) < 10


def test_a_first_password_is_not_seen_in_a_repr() -> None:
    secret = derive_first_password(KEY, "a", 0)
    assert secret.reveal() not in repr(secret) + str(secret)
