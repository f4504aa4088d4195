"""What `doctor` asks of a Zimbra: whether the service account can do what it must, and cannot do what it must not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from recovery_site.adapters.directories.zimbra.administrator import Administrator
from recovery_site.adapters.directories.zimbra.entries import CHANGED, STATUS, Entry
from recovery_site.adapters.directories.zimbra.faults import LoginRefused, understood
from recovery_site.adapters.directories.zimbra.sign_in import SignIn
from recovery_site.adapters.directories.zimbra.soap import ADMIN, add, request_of
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable, Probe
from recovery_site.settings.directory import Zimbra

READ = "getAccountInfo"
ENFORCED = "changeAccountPassword"
NOT_ENFORCED = "setAccountPassword"
"""The rights to look at an account at all, to set passwords within the policy, and to set them whatever it says."""

_NOBODY = "recovery-site-asks-for-nobody"
"""The name of no account, whose password is tried."""


@dataclass(frozen=True)
class Probing:
    """The questions, one after the other; each answer that is missing ends them."""

    table: Zimbra
    domains: Sequence[str]
    admin: Administrator
    sign_in: SignIn
    listed: Callable[[str, int], Iterator[Entry]]

    def run(self) -> Iterator[Probe]:
        """Yield what was found. Changes nothing, and raises nothing."""
        try:
            with understood():
                self.admin.ask(request_of(ADMIN, "NoOpRequest"))
        except LoginRefused as refused:
            yield Probe("its connection and certificate")
            yield Probe("the service account's login", f"{refused}; look at directory.zimbra.admin and admin_password")
            return
        except DirectoryUnavailable as error:
            yield Probe("its connection and certificate", f"{error}; look at directory.zimbra.url and ca_file")
            return
        yield Probe("its connection and certificate")
        yield Probe("the service account's login")
        yield self._people()
        for domain in self.domains:
            yield from self._domain(domain)

    def _people(self) -> Probe:
        what = "the address where people sign in"
        try:
            self.sign_in.tries(f"{_NOBODY}@{self.domains[0]}", Secret(_NOBODY))
        except DirectoryUnavailable as error:
            return Probe(what, f"{error}; look at directory.zimbra.soap_url")
        return Probe(what)

    def _domain(self, domain: str) -> Iterator[Probe]:
        what = f"the accounts of {domain}"
        try:
            with understood():
                entry = next((one for one in self.listed(domain, 20) if one.is_somebodys), None)
                if entry is None:
                    yield Probe(what, "the service account sees none; grant it listAccount and the get rights")
                    return
                yield Probe(what)
                yield from self._rights(domain, self._effective(entry))
        except DirectoryUnavailable as error:
            yield Probe(what, str(error))

    def _effective(self, entry: Entry) -> Element:
        request = request_of(ADMIN, "GetEffectiveRightsRequest")
        add(request, "target", entry.id, type="account", by="id")
        target = self.admin.ask(request).find(f"{{{ADMIN}}}target")
        if target is None:
            raise DirectoryUnavailable("the answer does not say which rights there are")
        return target

    def _rights(self, domain: str, target: Element) -> Iterator[Probe]:
        of_domain = f"in {domain}"
        rights = {one.get("n") for one in target.iterfind(f"{{{ADMIN}}}right")}
        hidden = _missing(target, "getAttrs", [STATUS, CHANGED, *self.table.phones])
        missing = [*([] if READ in rights else [READ]), *(f"get.account.{name}" for name in hidden)]
        yield Probe(f"the right to read accounts {of_domain}", _grant(missing))
        missing = [] if rights & {ENFORCED, NOT_ENFORCED} else [ENFORCED]
        yield Probe(f"the right to set passwords {of_domain}", _grant(missing))
        missing = [f"set.account.{name}" for name in _missing(target, "setAttrs", [STATUS, *self.table.phones])]
        yield Probe(f"the right to unlock and to set numbers {of_domain}", _grant(missing))
        yield Probe(f"no right too many {of_domain}", self._too_many(target, rights))

    def _too_many(self, target: Element, rights: set[str | None]) -> str:
        if _may_all(target, "setAttrs"):
            return "the service account may change everything, as a global administrator does; use a delegated one"
        if NOT_ENFORCED in rights:
            return f"it has {NOT_ENFORCED}, for which Zimbra's password policy does not count; grant {ENFORCED} alone"
        return ""


def _missing(target: Element, kind: str, names: Sequence[str]) -> list[str]:
    if _may_all(target, kind):
        return []
    allowed = {one.get("n") for one in target.iterfind(f"{{{ADMIN}}}{kind}/{{{ADMIN}}}a")}
    return [name for name in names if name not in allowed]


def _may_all(target: Element, kind: str) -> bool:
    attributes = target.find(f"{{{ADMIN}}}{kind}")
    return attributes is not None and attributes.get("all") in ("1", "true")


def _grant(missing: Sequence[str]) -> str:
    return f"missing; grant {', '.join(missing)}" if missing else ""
