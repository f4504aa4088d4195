"""The documented password rule, the strength behind it, and the Vietnamese habits that a strength meter misses.

Sources: the 2023 document ("ít nhất 8 ký tự (Bao gồm các ký tự hoa, thường, đặc biệt và số)"); NIST SP 800-63B-4
section 3.1.1.2 (NFC, code points, blocklist with reasons); OWASP ASVS 5.0 6.2.x; DESIGN section 7.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from string import ascii_lowercase

from zxcvbn_rs_py import Warning as Pattern
from zxcvbn_rs_py import zxcvbn

from recovery_site.domain.habits import HABIT_WORDS, NAME_SYLLABLES, PLACE_NAMES
from recovery_site.domain.people import Account
from recovery_site.domain.secret import Secret

SCORED_CHARACTERS = 40
"""zxcvbn's time grows faster than the square of the length: only this many characters are scored."""

_LEET = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})
_SHORTEST_CORE_WORD = 5  # a shorter word inside a password proves nothing: eight random letters contain "abc" too
_LONGEST_TRIMMING = 5  # "nguyenvana" + "@1Aa" is still only the name
_SHORTEST_SCATTERED_NAME = 8  # eight random characters, read as leet, spell "votul"
_PHONE_TAIL = 7
_FULL_NAME = re.compile(f"(?:{'|'.join(sorted(NAME_SYLLABLES, key=len, reverse=True))}){{2,4}}[a-z]?")


class CharacterClass(Enum):
    """What the documented rule asks for, in the order in which a refusal names them."""

    UPPER = auto()
    LOWER = auto()
    DIGIT = auto()
    SPECIAL = auto()


class Weakness(Enum):
    """Why a password that has all classes is still easy to guess."""

    HABIT = auto()
    OWN_WORDS = auto()
    PLACE = auto()
    PERSON_NAME = auto()
    KEYBOARD = auto()
    REPEAT = auto()
    SEQUENCE = auto()
    DATE = auto()
    COMMON = auto()
    LEAKED = auto()


# pairs and not a dictionary: zxcvbn's enum cannot be hashed
_PATTERNS = (
    (Pattern.StraightRowsOfKeysAreEasyToGuess, Weakness.KEYBOARD),
    (Pattern.ShortKeyboardPatternsAreEasyToGuess, Weakness.KEYBOARD),
    (Pattern.RepeatsLikeAaaAreEasyToGuess, Weakness.REPEAT),
    (Pattern.RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess, Weakness.REPEAT),
    (Pattern.SequencesLikeAbcAreEasyToGuess, Weakness.SEQUENCE),
    (Pattern.RecentYearsAreEasyToGuess, Weakness.DATE),
    (Pattern.DatesAreOftenEasyToGuess, Weakness.DATE),
)


@dataclass(frozen=True)
class PasswordPolicy:
    """The rule in numbers: lengths in code points, the least zxcvbn score (0 to 4), the province's own words."""

    min_length: int = 8
    max_length: int = 128
    min_score: int = 2
    context_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What one password has and lacks. Everything that is wrong at once, so that nobody is told twice."""

    length: int
    too_short: bool = False
    too_long: bool = False
    unprintable: bool = False
    missing: tuple[CharacterClass, ...] = ()
    weakness: Weakness | None = None
    score: int = 0
    has_diacritics: bool = False

    @property
    def acceptable(self) -> bool:
        """True where nothing refuses the password; diacritics only warn."""
        return not (self.too_short or self.too_long or self.unprintable or self.missing or self.weakness)


@dataclass(frozen=True)
class OwnWords:
    """The words that an account's password must not be made of, in plain lower-case letters."""

    words: frozenset[str] = frozenset()
    digits: frozenset[str] = field(default=frozenset(), repr=False)


def normalise_password(typed: str) -> Secret:
    """Return the password in NFC and otherwise untouched: never trimmed, cut or lower-cased (DESIGN rule 10)."""
    return Secret(unicodedata.normalize("NFC", typed))


def address_words(address: str) -> OwnWords:
    """Return the words of an address: all that may be held against a password before the code is known to be right.

    Anybody may have typed the address. A refusal because of a name or a number would tell a stranger what they are.
    """
    local_part = address.partition("@")[0]
    return OwnWords(frozenset({plain(local_part), *_runs(re.sub(r"[._+-]", " ", local_part))}))


def own_words(account: Account) -> OwnWords:
    """Return what `account` is made of: the parts of its address, of its names and its numbers."""
    holders = [phone.holder for phone in account.phones]
    words = set(address_words(account.address).words)
    for text in (account.display_name, account.unit, *holders):
        words |= _runs(text)
    numbers = {phone.number.local[-_PHONE_TAIL:] for phone in account.phones}
    return OwnWords(frozenset(words), frozenset(numbers))


def judge(password: Secret, policy: PasswordPolicy, own: OwnWords = OwnWords()) -> Verdict:
    """Return everything that the rule says of `password`; the length first, a bounded prefix of the rest."""
    text = password.reveal()
    length = len(text)
    if length > policy.max_length:
        return Verdict(length, too_long=True)
    missing = tuple(kind for kind, holds in _classes(text).items() if not holds)
    too_short = length < policy.min_length
    scored = text[:SCORED_CHARACTERS].encode("utf-8", "replace").decode()  # half a surrogate pair is refused below
    score, pattern = _score(scored, (*sorted(own.words), *policy.context_words))
    weakness = _habit(text, own, policy) or (pattern if score < policy.min_score else None)
    return Verdict(
        length,
        too_short=too_short,
        unprintable=any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text),
        missing=missing,
        # a short or incomplete password is told what it lacks first; "too easy" on top would only confuse
        weakness=None if too_short or missing else weakness,
        score=min(score, policy.min_score - 1) if weakness and score >= policy.min_score > 0 else score,
        has_diacritics=any(char.isalpha() and not char.isascii() for char in text),
    )


def plain(text: str) -> str:
    """Return `text` in lower case without diacritics: "Mật khẩu" is "mat khau", "Đ" is "d"."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _classes(text: str) -> dict[CharacterClass, bool]:
    return {
        CharacterClass.UPPER: any(char.isupper() for char in text),
        CharacterClass.LOWER: any(char.islower() for char in text),
        CharacterClass.DIGIT: any(char.isdigit() for char in text),
        CharacterClass.SPECIAL: any(not char.isalnum() and not char.isspace() for char in text),
    }


def _score(text: str, words: Sequence[str]) -> tuple[int, Weakness]:
    """Score the text and its plain form, and take the lower: diacritics and spaces would evade the word lists.

    Both in lower case: the meter thinks less of some random passwords for the capitals in them.
    """
    known = [*words, *HABIT_WORDS, *PLACE_NAMES]
    forms = {text.lower(), plain(text).replace(" ", "")} - {""}
    results = [zxcvbn(form, known) for form in forms]
    if not results:
        return 0, Weakness.COMMON
    weakest = min(results, key=lambda result: result.guesses_log10)
    warning = weakest.feedback.warning if weakest.feedback else None
    weakness = next((weakness for pattern, weakness in _PATTERNS if pattern == warning), Weakness.COMMON)
    return int(weakest.score), weakness


def _habit(text: str, own: OwnWords, policy: PasswordPolicy) -> Weakness | None:
    """Return the habit that `text` is built on: a habit word, the person's own words or a place, dressed up."""
    lowered = plain(text)
    if any(number in lowered for number in own.digits):
        return Weakness.OWN_WORDS
    vocabulary = (
        (Weakness.OWN_WORDS, own.words),
        (Weakness.PLACE, {plain(word).replace(" ", "") for word in policy.context_words} | PLACE_NAMES),
        (Weakness.HABIT, HABIT_WORDS),
    )
    cores, length = _cores(lowered), len(re.sub(r"[\s._-]", "", lowered))
    for weakness, words in vocabulary:
        if any(_is_built_on(core, word, length) for core in cores for word in words):
            return weakness
    names = (core for core in cores if core in lowered or len(core) >= _SHORTEST_SCATTERED_NAME)
    return Weakness.PERSON_NAME if any(_FULL_NAME.fullmatch(core) for core in names) else None


def _cores(lowered: str) -> set[str]:
    """Return what is left without digits and symbols at the ends, with and without leet letters read back."""
    squeezed = lowered.replace(" ", "")
    trimmed = squeezed.strip("0123456789" + "".join(char for char in squeezed if not char.isalnum()))
    if re.fullmatch(r"[a-z]+", trimmed):
        whole = {trimmed}
    else:
        letters = re.sub(r"[^a-z]", "", trimmed)
        whole = {letters, *(re.sub(r"[^a-z0-9]", "", one) for one in (trimmed, trimmed.translate(_LEET)))}
    # "@dmin": a leet letter at an end is trimmed away above
    whole.add(re.sub(r"[^a-z0-9]", "", squeezed.translate(_LEET)))
    # a short word out of scattered letters proves nothing either
    return {
        core for core in whole if core in (trimmed, trimmed.translate(_LEET)) or len(core) >= _SHORTEST_CORE_WORD
    } - {""}


def _is_built_on(core: str, word: str, length: int) -> bool:
    if core == word:
        return True
    return len(word) >= _SHORTEST_CORE_WORD and word in core and length - len(word) <= _LONGEST_TRIMMING


def _runs(text: str) -> set[str]:
    """Return every run of neighbouring words, joined: "Trần Thanh Đăng" gives tran, tranthanh, thanhdang, …"""
    words = re.findall(r"[a-z0-9]+", plain(text))[:12]
    return {"".join(run) for run in _neighbours(words)} - set(ascii_lowercase)


def _neighbours(words: Sequence[str]) -> Iterable[Sequence[str]]:
    return (words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1))
