"""People: their official addresses, their telephone numbers, and what of a number may be shown.

Sources: DESIGN sections 3, 6 and 7; the number plan of 2018 (eleven digits became ten, the last seven unchanged).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto

import phonenumbers

from recovery_site.domain.secret import Secret

MAX_ADDRESS_LENGTH = 254
"""Longest address, in characters (RFC 5321 section 4.5.3.1.3, less the angle brackets)."""

GROUP_SIZES = range(2, 6)
"""How many people may share a group mailbox (document of 2015: "nhóm đến 5 người")."""

# Eleven-digit prefixes before 15 September 2018 and what they became, without the leading 0.
_PREFIXES_OF_2018 = {
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",  # Viettel
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # VinaPhone
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip

_ATOM = r"[a-z0-9](?:[a-z0-9_+'-]*[a-z0-9_])?"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_MOBILE = re.compile(r"[35789]\d{8}")
_WRITTEN_NUMBER = re.compile(r"\(?\+?[\d\s.()\-]{8,24}")
_MASK = re.compile(r"(\d)\+(\d)")


class AccountKind(StrEnum):
    PERSONAL = "personal"
    GROUP = "group"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    """Locked by an operator, or disabled in the directory; not the short lock that wrong passwords cause."""
    OVERDUE = "overdue"
    """Its first password was not changed in time; no directory says this, the site's clock does."""
    AMBIGUOUS = "ambiguous"
    """Several entries of the directory claim the address; which of them is meant is unknown."""


class AddressProblem(Enum):
    EMPTY = auto()
    TOO_LONG = auto()
    MALFORMED = auto()
    FOREIGN_DOMAIN = auto()


class AddressRefused(Exception):
    """What was typed is not an address of this mail system. Says nothing about any account."""

    def __init__(self, problem: AddressProblem) -> None:
        super().__init__(problem.name)
        self.problem = problem


class TooManyPeople(Exception):
    """More numbers than a group may have people; nothing changed."""


class NotAMobileNumber(Exception):
    """What was written is not a Vietnamese mobile number."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A Vietnamese mobile number. Its `repr` hides it: a number belongs in the directory and nowhere else."""

    e164: str = field(repr=False)

    @property
    def local(self) -> str:
        """The ten digits as people write them, 0393070121."""
        return "0" + self.e164.removeprefix("+84")

    @property
    def international(self) -> str:
        """The digits as gateways want them, 84393070121."""
        return self.e164.removeprefix("+")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number of an account and, in a group, whose it is."""

    number: PhoneNumber
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox as the directory knows it."""

    address: str
    display_name: str = ""
    unit: str = ""
    kind: AccountKind = AccountKind.PERSONAL
    status: AccountStatus = AccountStatus.ACTIVE
    phones: tuple[Phone, ...] = ()
    password_changed_at: datetime | None = None
    unread_numbers: int = 0
    """How many numbers the directory has besides that are no Vietnamese mobile numbers."""

    @property
    def can_recover(self) -> bool:
        """True where the account is open and has somewhere to send a code to."""
        return self.status is AccountStatus.ACTIVE and bool(self.phones)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as an import brings it; `password` is None where the file has none.

    `must_change` says that the password is a first one: its receiver has to change it in time.
    """

    account: Account
    password: Secret | None = None
    must_change: bool = False


def at_most_a_group(phones: Sequence[Phone]) -> Sequence[Phone]:
    """Return the numbers as they are; raises `TooManyPeople` above those of the largest group."""
    if len(phones) > GROUP_SIZES[-1]:
        raise TooManyPeople
    return phones


def normalise_address(typed: str, *, domains: Sequence[str], aliases: Mapping[str, str]) -> str:
    """Return the canonical address for what a person typed: trimmed, lower case, full-width letters narrowed.

    A name without a domain gets the first of `domains`; an old domain in `aliases` becomes its successor.
    Raises `AddressRefused` for everything else.
    """
    text = unicodedata.normalize("NFKC", typed).strip().lower()
    if not text:
        raise AddressRefused(AddressProblem.EMPTY)
    if len(text) > MAX_ADDRESS_LENGTH:
        raise AddressRefused(AddressProblem.TOO_LONG)
    local_part, at, domain = text.partition("@")
    domain = domain.rstrip(".") if at else domains[0]
    if len(local_part) > 64 or not _LOCAL_PART.fullmatch(local_part) or not _DOMAIN.fullmatch(domain):
        raise AddressRefused(AddressProblem.MALFORMED)
    domain = aliases.get(domain, domain)
    if domain not in domains:
        raise AddressRefused(AddressProblem.FOREIGN_DOMAIN)
    return f"{local_part}@{domain}"


def read_number(written: str) -> PhoneNumber:
    """Return the mobile number written as `0…`, `84…` or `+84…`, with spaces, dots, or eleven digits from before 2018.

    Raises `NotAMobileNumber` for a landline, a foreign number and everything else.
    """
    text = unicodedata.normalize("NFKC", written).strip()
    if not _WRITTEN_NUMBER.fullmatch(text):
        raise NotAMobileNumber
    try:
        parsed = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException as problem:
        raise NotAMobileNumber from problem
    national = str(parsed.national_number)
    if len(national) == 10 and national[:3] in _PREFIXES_OF_2018:
        national = _PREFIXES_OF_2018[national[:3]] + national[3:]
    # libphonenumber's own list of mobile ranges lags behind the new ones, so the pattern is DESIGN's
    if parsed.country_code != 84 or not _MOBILE.fullmatch(national):
        raise NotAMobileNumber
    return PhoneNumber(f"+84{national}")


def mask_number(number: PhoneNumber, shape: str = "4+3") -> str:
    """Return the number with its middle hidden: 0393070121 in shape `4+3` is 0393XXX121."""
    leading, trailing = mask_shape(shape)
    local = number.local
    return local[:leading] + "X" * (len(local) - leading - trailing) + local[len(local) - trailing :]


def mask_shape(shape: str) -> tuple[int, int]:
    """Return how many leading and trailing digits a mask shows; raises `ValueError` where it hides fewer than 3."""
    found = _MASK.fullmatch(shape)
    if not found or int(found[1]) + int(found[2]) > 7:
        raise ValueError("a mask is LEADING+TRAILING and hides at least 3 of the 10 digits")
    return int(found[1]), int(found[2])
