"""How directories differ: the names of the attributes, what locks an account, how times are written."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ldap3 import MODIFY_REPLACE

from recovery_site.settings.ldap import Ldap

Values = Sequence[str]
Changes = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
"""What ldap3's `modify` takes."""

DISABLED = "000001010000Z"
"""`pwdAccountLockedTime` of an account that only an administrator opens again (draft-behera, section 5.3.3)."""

ACCOUNTDISABLE = 0x0002
"""The bit in `userAccountControl` (MS-ADTS, section 2.2.16)."""

_NORMAL_ACCOUNT = 0x0200
_GENERALIZED_TIME = re.compile(r"(\d{14})(?:[.,]\d+)?Z")
_FILETIME_START = datetime(1601, 1, 1, tzinfo=UTC)
_YES = ("true", "1", "yes", "on", "y")


@dataclass(frozen=True)
class Flavour:
    """One kind of directory; `lock` and `unlock` give the change from the present values of the lock's attribute."""

    lock_attribute: str
    changed_attribute: str
    is_locked: Callable[[Values], bool]
    lock: Callable[[Values], Values]
    unlock: Callable[[Values], Values]
    changed_at: Callable[[str], datetime | None]
    unicode_pwd: bool = False
    """Whether the password is written as Active Directory wants it, in place of RFC 3062."""
    short_lock: Mapping[str, Values] | None = None
    """What ends the lock that wrong passwords cause, where a new password does not."""
    one_number_each: bool = False
    """Whether the attributes of phones hold one value each, but for the last."""

    def locking(self, present: Values) -> Changes:
        return {self.lock_attribute: [(MODIFY_REPLACE, list(self.lock(present)))]}

    def unlocking(self, present: Values) -> Changes:
        return {self.lock_attribute: [(MODIFY_REPLACE, list(self.unlock(present)))], **self.ending_short_lock()}

    def ending_short_lock(self) -> Changes:
        return {name: [(MODIFY_REPLACE, list(values))] for name, values in (self.short_lock or {}).items()}

    def numbering(self, attributes: Sequence[str], numbers: Sequence[str]) -> Changes:
        """Return the change that puts all numbers into the first attribute, or where each holds one, one into each."""
        names, left = list(dict.fromkeys(attributes)), list(dict.fromkeys(numbers))
        changes: dict[str, Sequence[tuple[str, Sequence[str]]]] = {}
        for name in names:
            share = 1 if self.one_number_each and name != names[-1] else len(left)
            changes[name] = [(MODIFY_REPLACE, left[:share])]
            left = left[share:]
        return changes


def flavour_of(table: Ldap) -> Flavour:
    """Return the flavour that the settings name, with their own names of attributes."""
    flavour = _FLAVOURS[table.flavour]
    if table.attributes.lock and table.attributes.lock.lower() != flavour.lock_attribute.lower():
        flavour = replace(
            flavour, lock_attribute=table.attributes.lock, is_locked=_says_yes, lock=_yes, unlock=_nothing
        )
    if table.attributes.changed and table.attributes.changed.lower() != flavour.changed_attribute.lower():
        flavour = replace(flavour, changed_attribute=table.attributes.changed, changed_at=_any_time)
    return flavour


def _generalized(text: str) -> datetime | None:
    """Read a GeneralizedTime (RFC 4517, section 3.3.13) in UTC; fractions of a second are dropped."""
    found = _GENERALIZED_TIME.fullmatch(text)
    if not found:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _filetime(text: str) -> datetime | None:
    """Read a FILETIME: tenths of microseconds since 1601. 0 is no time: the person must change the password."""
    try:
        return _FILETIME_START + timedelta(microseconds=int(text) // 10) if int(text) > 0 else None
    except (ValueError, OverflowError):
        return None


def _any_time(text: str) -> datetime | None:
    return _generalized(text) or _filetime(text)


def _says_yes(values: Values) -> bool:
    return any(value.strip().lower() in _YES for value in values)


def _yes(_present: Values) -> Values:
    return ["TRUE"]


def _nothing(_present: Values) -> Values:
    return []


def _control(values: Values) -> int:
    return int(values[0]) if values and values[0].isdecimal() else _NORMAL_ACCOUNT


_BY_BOOLEAN = Flavour("nsAccountLock", "pwdUpdateTime", _says_yes, _yes, _nothing, _generalized)

_FLAVOURS = {
    "openldap": Flavour(
        "pwdAccountLockedTime",
        "pwdChangedTime",
        is_locked=lambda values: DISABLED in values,
        lock=lambda _: [DISABLED],
        unlock=_nothing,
        changed_at=_generalized,
    ),
    "389ds": _BY_BOOLEAN,
    "freeipa": replace(_BY_BOOLEAN, changed_attribute="krbLastPwdChange"),
    "ad": Flavour(
        "userAccountControl",
        "pwdLastSet",
        is_locked=lambda values: bool(_control(values) & ACCOUNTDISABLE),
        lock=lambda values: [str(_control(values) | ACCOUNTDISABLE)],
        unlock=lambda values: [str(_control(values) & ~ACCOUNTDISABLE)],
        changed_at=_filetime,
        unicode_pwd=True,
        short_lock={"lockoutTime": ["0"]},
        one_number_each=True,
    ),
}
