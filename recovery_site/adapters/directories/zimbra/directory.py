"""The `Directory` port over Zimbra's SOAP interfaces: the administrators' for all but the check of a password."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import structlog

from recovery_site.adapters.directories.zimbra.administrator import Administrator
from recovery_site.adapters.directories.zimbra.entries import (
    ACTIVE,
    CHANGED,
    LOCKED,
    LOCKOUT,
    MUST_CHANGE,
    STATUS,
    Entry,
    account_of,
    attributes,
    new_values,
    read_entry,
)
from recovery_site.adapters.directories.zimbra.faults import (
    MULTIPLE_ACCOUNTS,
    NOT_THERE,
    NOT_TO_BE_MADE,
    UNDECIDED,
    outcome,
    understood,
)
from recovery_site.adapters.directories.zimbra.probing import Probing
from recovery_site.adapters.directories.zimbra.sign_in import SignIn
from recovery_site.adapters.directories.zimbra.soap import (
    ADMIN,
    Soap,
    SoapFault,
    add,
    child_text,
    fits_into_xml,
    request_of,
)
from recovery_site.domain.people import (
    Account,
    AccountStatus,
    AddressRefused,
    Phone,
    at_most_a_group,
    normalise_address,
)
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, Clock, DirectoryUnavailable, PasswordRefused, Probe, UnknownAccount
from recovery_site.settings.directory import Zimbra

PAGE = 500
"""Accounts in one answer of the listing."""

log = structlog.get_logger()


class ZimbraDirectory:
    """Accounts of `domains` in a Zimbra. Its own, resources and global administrators are not there for the site."""

    def __init__(self, table: Zimbra, domains: Sequence[str], clock: Clock) -> None:
        self._table = table
        self._domains = domains
        self._admin = Administrator(table, Soap(admin_url(table), table.timeout_seconds, table.ca_file), clock)
        self._sign_in = SignIn(Soap(person_url(table), table.timeout_seconds, table.ca_file), clock)

    def find(self, address: str) -> Account | None:
        try:
            entry = self._entry(address)
        except SoapFault as fault:
            if fault.code == MULTIPLE_ACCOUNTS:
                return Account(address, status=AccountStatus.AMBIGUOUS)
            raise outcome(fault) from None
        return account_of(entry, self._table) if entry else None

    def all(self) -> list[Account]:
        found: dict[str, Account] = {}
        with understood():
            for domain in self._domains:
                for entry in self._listed(domain, PAGE):
                    if self._is_ours(entry):
                        found[entry.name] = account_of(entry, self._table)
        return [found[address] for address in sorted(found)]

    def check_password(self, address: str, password: Secret) -> bool:
        return self._sign_in.opens(address if self._is_canonical(address) else "", password)

    def set_password(self, address: str, password: Secret, now: datetime) -> None:  # noqa: ARG002 -- the server's clock
        if not fits_into_xml(password.reveal()):
            raise PasswordRefused
        entry = self._known(address)
        if not entry.is_open:
            raise UnknownAccount
        request = request_of(ADMIN, "SetPasswordRequest", id=entry.id, newPassword=password.reveal())
        try:
            answer = self._admin.ask(request)
        except SoapFault as fault:
            if fault.code not in UNDECIDED:
                raise outcome(fault) from None
            self._find_out(address, entry, password, outcome(fault))
        except DirectoryUnavailable as lost:
            self._find_out(address, entry, password, lost)
        else:
            if child_text(answer, ADMIN, "message"):
                log.warning("zimbra_policy_not_enforced", advice="take setAccountPassword from the service account")
            self._finish(entry)

    def add(self, account: Account, password: Secret, now: datetime) -> None:  # noqa: ARG002 -- the server's clock
        if not fits_into_xml(password.reveal()):
            raise PasswordRefused
        request = request_of(ADMIN, "CreateAccountRequest", name=account.address, password=password.reveal())
        for name, value in new_values(account, self._table):
            add(request, "a", value, n=name)
        try:
            self._admin.ask(request)
        except SoapFault as fault:
            if fault.code in NOT_TO_BE_MADE:
                raise CannotAdd(account.address) from None
            raise outcome(fault) from None

    def lock(self, address: str) -> None:
        entry = self._known(address)
        if entry.is_open:  # a closed account gets no mail: `locked` would open it for that again
            self._set_status(entry, LOCKED)

    def unlock(self, address: str) -> None:
        entry = self._known(address)
        if entry.status in (LOCKED, LOCKOUT):
            self._set_status(entry, ACTIVE)
        elif not entry.is_open:
            raise DirectoryUnavailable(f"the account is {entry.status}: only Zimbra's administrators open it again")

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        entry = self._known(address)
        first, *others = self._table.phones
        changes = [(first, phone.number.e164) for phone in at_most_a_group(phones)] or [(first, "")]
        self._modify(entry, [*changes, *((name, "") for name in others if entry.first(name))])

    def check(self) -> None:
        with understood():
            self._admin.ask(request_of(ADMIN, "NoOpRequest"))

    def probe(self) -> Iterator[Probe]:
        return Probing(self._table, self._domains, self._admin, self._sign_in, self._listed).run()

    def _entry(self, address: str) -> Entry | None:
        """Return the account that is the site's business, by one of its addresses. Raises `SoapFault`."""
        if not self._is_canonical(address):
            return None
        request = request_of(ADMIN, "GetAccountRequest", applyCos="0", attrs=attributes(self._table))
        add(request, "account", address, by="name")
        try:
            answer = self._admin.ask(request)
        except SoapFault as fault:
            if fault.code in NOT_THERE:
                return None
            raise
        entry = next((read_entry(one) for one in answer.iterfind(f"{{{ADMIN}}}account")), None)
        return entry if entry and self._is_ours(entry) else None

    def _known(self, address: str) -> Entry:
        try:
            entry = self._entry(address)
        except SoapFault as fault:
            if fault.code == MULTIPLE_ACCOUNTS:
                raise UnknownAccount from None
            raise outcome(fault) from None
        if entry is None:
            raise UnknownAccount
        return entry

    def _listed(self, domain: str, page: int) -> Iterator[Entry]:
        """Return the accounts of a domain, `page` of them with each request. Raises `SoapFault`."""
        offset, more = 0, True
        while more:
            request = request_of(
                ADMIN, "SearchDirectoryRequest",
                query="(!(zimbraIsSystemAccount=TRUE))", domain=domain, types="accounts", applyCos="0",
                sortBy="name", sortAscending="1", offset=str(offset), limit=str(page),
                maxResults="0",  # else the listing ends as a fault after 5000 accounts
                attrs=attributes(self._table),
            )  # fmt: skip
            answer = self._admin.ask(request)
            entries = [read_entry(one) for one in answer.iterfind(f"{{{ADMIN}}}account")]
            yield from entries
            offset += len(entries)
            more = bool(entries) and answer.get("more") in ("1", "true")

    def _find_out(self, address: str, before: Entry, password: Secret, reason: Exception) -> None:
        """Raise `reason` where the password was not set, or nobody can tell; else finish what follows it."""
        try:
            now = self._known(address)
            unchanged = CHANGED not in now.hidden and now.first(CHANGED) == before.first(CHANGED)
            if unchanged:
                raise reason
            # the short lock keeps the right password out, too
            self._finish(before)
            if self._sign_in.tries(address, password):
                return
        except (DirectoryUnavailable, UnknownAccount):
            raise reason from None
        raise reason

    def _finish(self, before: Entry) -> None:
        """End the short lock, and the duty to change the password: the person just did."""
        changes = []
        if before.status == LOCKOUT:
            changes.append((STATUS, ACTIVE))
        if before.first(MUST_CHANGE) == "TRUE":
            changes.append((MUST_CHANGE, ""))
        if not changes:
            return
        try:
            self._modify(before, changes)
        except (DirectoryUnavailable, UnknownAccount) as error:
            # the password is set, and saying that it is not would be worse
            log.warning("zimbra_short_lock_stays", reason=str(error))

    def _set_status(self, entry: Entry, status: str) -> None:
        self._modify(entry, [(STATUS, status)])

    def _modify(self, entry: Entry, changes: Sequence[tuple[str, str]]) -> None:
        request = request_of(ADMIN, "ModifyAccountRequest", id=entry.id)
        for name, value in changes:
            add(request, "a", value, n=name)
        with understood():
            self._admin.ask(request)

    def _is_ours(self, entry: Entry) -> bool:
        return self._is_canonical(entry.name) and entry.is_somebodys

    def _is_canonical(self, address: str) -> bool:
        try:
            return normalise_address(address, domains=self._domains, aliases={}) == address
        except AddressRefused:
            return False


def admin_url(table: Zimbra) -> str:
    """Return the administrators' address; the settings may leave its path out."""
    parts = urlsplit(table.url)
    return table.url if parts.path.strip("/") else urlunsplit((*parts[:2], "/service/admin/soap/", "", ""))


def person_url(table: Zimbra) -> str:
    """Return the address at which people sign in: the settings', or the administrators' host on its usual port."""
    return table.soap_url or f"https://{_host(table.url)}/service/soap/"


def _host(url: str) -> str:
    name = urlsplit(url).hostname or ""
    return f"[{name}]" if ":" in name else name
