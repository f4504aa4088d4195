"""First passwords: derived like codes and never stored, easy to read out, to write down and to type.

No look-alikes (0 O, 1 l I, 2 Z, 5 S, 6 G, 8 B), and no vowels and no d and w, out of which a Vietnamese typing tool
(Telex, VNI) would make letters with diacritics; nothing of it can spell a word either.
"""

import hmac
import math
from dataclasses import replace

from recovery_site.domain.passwords import PasswordPolicy, judge, own_words
from recovery_site.domain.people import Account
from recovery_site.domain.secret import Secret

CAPITALS = "CFHJKMNPQRTVX"
CONSONANTS = "bcfghjkmnpqrstvxz"
DIGITS = "346789"
GROUPS = 3
GROUP_LENGTH = 5
LENGTH = GROUPS * GROUP_LENGTH + GROUPS - 1

# with the hyphens all four classes, whatever comes in the middle
_ALPHABETS = (
    CAPITALS,
    CONSONANTS,
    *[CONSONANTS + DIGITS] * (GROUPS * GROUP_LENGTH - 3),
    DIGITS,
)
ENTROPY_BITS = math.log2(math.prod(len(alphabet) for alphabet in _ALPHABETS))
"""How much chance is in a first password: 64.7 bits."""

_MOST_ATTEMPTS = 100


def derive_first_password(key: bytes, activation_id: str, attempt: int) -> Secret:
    """Return a first password like `Kfm7t-qx9vz-hp3n4`: HMAC-SHA-512 over (activation, attempt), in mixed radix.

    The bias of a remainder of 512 bits is below 2^-440.
    """
    number = int.from_bytes(hmac.digest(key, f"{activation_id}|{attempt}".encode(), "sha512"))
    letters = []
    for alphabet in _ALPHABETS:
        number, place = divmod(number, len(alphabet))
        letters.append(alphabet[place])
    groups = ("".join(letters[begin : begin + GROUP_LENGTH]) for begin in range(0, len(letters), GROUP_LENGTH))
    return Secret("-".join(groups))


def choose_attempt(key: bytes, activation_id: str, account: Account, policy: PasswordPolicy) -> int:
    """Return the first attempt whose password the rules accept for this account.

    A longer `min_length` is for passwords that people think of: these are all chance, and end within hours.
    """
    policy = replace(policy, min_length=min(policy.min_length, LENGTH))
    for attempt in range(_MOST_ATTEMPTS):
        if judge(derive_first_password(key, activation_id, attempt), policy, own_words(account)).acceptable:
            return attempt
    raise AssertionError("the rules refuse random passwords")
