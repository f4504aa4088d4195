"""What the double of Zimbra keeps: accounts, their sessions, the password policy, and administrators' rights."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

STATUSES = ("active", "maintenance", "locked", "closed", "lockout", "pending")
KNOWN = {
    "zimbraId", "mail", "cn", "displayName", "ou", "mobile", "telephoneNumber", "homePhone", "zimbraNotes",
    "zimbraAccountStatus", "zimbraPasswordMustChange", "zimbraPasswordModifiedTime", "zimbraPasswordLockoutLockedTime",
    "zimbraIsSystemAccount", "zimbraIsSystemResource", "zimbraIsAdminAccount", "zimbraIsExternalVirtualAccount",
    "zimbraAccountCalendarUserType", "zimbraAuthTokenValidityValue",
}  # fmt: skip
"""The attributes of the class account, as far as anybody here asks for them."""

READABLE = frozenset(KNOWN - {"zimbraNotes", "zimbraAuthTokenValidityValue"})
WRITABLE = frozenset({"zimbraAccountStatus", "zimbraPasswordMustChange", "mobile", "telephoneNumber"})
NEW = frozenset({"displayName", "ou"})
"""What besides may be set of an account that is being made."""

USER_TOKEN_LIFETIME = timedelta(days=2)


class Fault(Exception):
    """What Zimbra answers in place of a response: its code, its words, and the arguments of the policy."""

    def __init__(self, code: str, reason: str, **arguments: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.arguments = arguments


@dataclass
class Mailbox:
    """One account; single values are lists of one."""

    id: str
    name: str
    password: str
    values: dict[str, list[str]]
    aliases: tuple[str, ...] = ()
    history: list[str] = field(default_factory=list)
    failures: int = 0
    second_factor: bool = False

    def get(self, name: str) -> str:
        return next(iter(self.values.get(name, [])), "")

    def put(self, name: str, *values: str) -> None:
        self.values[name] = [value for value in values if value]

    @property
    def validity(self) -> int:
        return int(self.get("zimbraAuthTokenValidityValue") or 0)


@dataclass(frozen=True)
class Admin:
    """What an administrator may do; a global one may do everything."""

    password: str
    rights: frozenset[str] = frozenset({"listAccount", "getAccountInfo", "changeAccountPassword", "createAccount"})
    readable: frozenset[str] = READABLE
    writable: frozenset[str] = WRITABLE
    domains: frozenset[str] = frozenset({"soctrang.gov.vn"})
    is_global: bool = False

    def has(self, right: str) -> bool:
        return self.is_global or right in self.rights


@dataclass(frozen=True)
class Token:
    owner: str
    is_admin: bool
    until: datetime
    validity: int = 0


@dataclass
class Policy:
    """Of the class of service: zimbraPasswordMinLength and so on."""

    min_length: int = 6
    max_length: int = 512
    min_upper: int = 0
    history: int = 0
    min_age: timedelta = timedelta()
    max_failures: int = 10


class Accounts:
    """The directory behind the SOAP services."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.mailboxes: dict[str, Mailbox] = {}
        self.admins: dict[str, Admin] = {}
        self.tokens: dict[str, Token] = {}
        self.policy = Policy()
        self.keeps_must_change = False
        """True: a new password does not end the duty to change it."""
        self.tells_who_is_missing = True
        """False: delegated administrators are never told that an account does not exist."""

    def add(self, name: str, password: str, values: Mapping[str, list[str]], **more: object) -> Mailbox:
        number = len(self.mailboxes) + 1
        box = Mailbox(f"6f1c0a52-0001-4c7b-9d2e-{number:012d}", name, password, {"mail": [name], **values}, **more)  # type: ignore[arg-type]  # fields by name
        box.values.setdefault("zimbraAccountStatus", ["active"])
        self.mailboxes[name] = box
        return box

    def look_up(self, by: str, key: str) -> Mailbox | None:
        for box in self.mailboxes.values():
            if (by == "id" and box.id == key) or (by == "name" and key.lower() in (box.name, *box.aliases)):
                return box
        return None

    def issue(self, owner: str, *, admin: bool, lifetime: timedelta, validity: int = 0) -> str:
        token = "0_" + secrets.token_hex(32)
        self.tokens[token] = Token(owner, admin, self.now() + lifetime, validity)
        return token

    def is_open(self, token: str) -> bool:
        """Return whether a person's session is still one: a new password raises the validity value."""
        known = self.tokens.get(token)
        return known is not None and self.now() < known.until and known.validity == self.mailboxes[known.owner].validity

    def sign_in(self, name: str, password: str) -> Mailbox:
        """Raises `Fault` in the order of LdapProvisioning.authAccount: status, password, then what has to change."""
        box = self.look_up("name", name)
        failed = Fault("account.AUTH_FAILED", f"authentication failed for [{name}]")
        if box is None:
            raise failed
        status = box.get("zimbraAccountStatus")
        if status == "maintenance":
            raise Fault("account.MAINTENANCE_MODE", "account is in maintenance mode")
        if status != "active":
            raise failed
        if password != box.password:
            box.failures += 1
            if box.failures >= self.policy.max_failures:
                box.put("zimbraAccountStatus", "lockout")
                box.put("zimbraPasswordLockoutLockedTime", written(self.now()))
            raise failed
        if box.get("zimbraPasswordMustChange") == "TRUE":
            raise Fault("account.CHANGE_PASSWORD", "must change password")
        return box

    def set_password(self, box: Mailbox, password: str, *, enforced: bool) -> str:
        """Set it whatever the status is, and return what the policy has against it; raises `Fault` where enforced."""
        problem = self._problem(box, password)
        if problem and enforced:
            raise problem
        if self.policy.history:
            box.history = [box.password, *box.history][: self.policy.history]
        box.password = password
        if not self.keeps_must_change:
            box.values.pop("zimbraPasswordMustChange", None)
        box.put("zimbraAuthTokenValidityValue", str(box.validity + 1))
        box.put("zimbraPasswordModifiedTime", written(self.now()))
        return problem.reason if problem else ""

    def create(self, name: str, password: str, values: Mapping[str, list[str]]) -> Mailbox:
        """Raises `Fault`; the policy holds for the first password, too."""
        if self.look_up("name", name):
            raise Fault("account.ACCOUNT_EXISTS", f"email address already exists: {name}")
        unknown = set(values) - KNOWN
        if unknown:
            raise Fault("account.INVALID_ATTR_NAME", f"invalid attribute name: {sorted(unknown)}")
        problem = self._problem(Mailbox("", name, "", {}), password)
        if problem:
            raise problem
        return self.add(name, password, {**values, "zimbraPasswordModifiedTime": [written(self.now())]})

    def modify(self, box: Mailbox, changes: Mapping[str, list[str]]) -> None:
        """Raises `Fault`; an empty value removes the attribute."""
        for name, values in changes.items():
            if name not in KNOWN:
                raise Fault("account.INVALID_ATTR_NAME", f"invalid attribute name: {name}")
            allowed = {"zimbraAccountStatus": STATUSES, "zimbraPasswordMustChange": ("TRUE", "FALSE", "")}.get(name)
            if allowed and (len(values) > 1 or values[0] not in allowed):
                raise Fault("account.INVALID_ATTR_VALUE", f"{name} is not one of {allowed}")
        for name, values in changes.items():
            box.put(name, *values)
        if changes.get("zimbraAccountStatus") == ["active"]:
            box.failures = 0
            box.values.pop("zimbraPasswordLockoutLockedTime", None)

    def _problem(self, box: Mailbox, password: str) -> Fault | None:
        policy, changed = self.policy, box.get("zimbraPasswordModifiedTime")
        if policy.min_age and changed and self.now() < read(changed) + policy.min_age:
            return Fault("account.PASSWORD_CHANGE_TOO_SOON", "password can't be changed yet")
        if len(password) < policy.min_length:
            return _invalid("too short", "zimbraPasswordMinLength", policy.min_length)
        if len(password) > policy.max_length:
            return _invalid("too long", "zimbraPasswordMaxLength", policy.max_length)
        if sum(sign.isupper() for sign in password) < policy.min_upper:
            return _invalid("not enough upper case characters", "zimbraPasswordMinUpperCaseChars", policy.min_upper)
        if policy.history and password in [box.password, *box.history]:
            return Fault("account.PASSWORD_RECENTLY_USED", "password was recently used")
        return None


def written(time: datetime) -> str:
    """Return an LDAP time."""
    return time.strftime("%Y%m%d%H%M%S.") + f"{time.microsecond // 1000:03d}Z"


def read(text: str) -> datetime:
    """Return what `written` wrote."""
    return datetime.strptime(text.removesuffix("Z") + "+0000", "%Y%m%d%H%M%S.%f%z")


def _invalid(why: str, rule: str, limit: int) -> Fault:
    return Fault("account.INVALID_PASSWORD", f"invalid password: {why}", **{rule: str(limit)})
