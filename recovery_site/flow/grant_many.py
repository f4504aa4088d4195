"""Handing out the accounts of a file: all rows are judged before the first one is handed out.

A directory cannot be changed all or nothing, so what stops half-way is gone on with by the same file again: a row whose
account was handed out by the same request before is left as it is.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from recovery_site.domain.account_rows import BadRow, SheetRow
from recovery_site.domain.activation import Activation, Asking
from recovery_site.domain.grant_rows import GrantReader
from recovery_site.domain.people import TooManyPeople
from recovery_site.flow.import_accounts import Progress, lines_of_repeated
from recovery_site.flow.provision import Grant, Granted, GrantProblem, GrantRefused, Provision
from recovery_site.ports import CannotAdd, Clock, Directory, DirectoryUnavailable, PasswordRefused, UnknownAccount

AGAINST = {
    GrantProblem.RUNNING: "it was handed out already, and its first password still waits to be changed",
    GrantProblem.IN_USE: "it is in use, with a password of its own",
    GrantProblem.UNDER_WAY: "somebody else is handing it out at this moment",
    GrantProblem.AMBIGUOUS: "several entries of the directory claim this address; leave it to one of them there",
    GrantProblem.UNKNOWN: "there is no such account",
    GrantProblem.NO_PHONE: "it has no telephone number to reach its receiver by",
}
"""Why an account is not handed out, for an operator."""

CANNOT_ADD = "the directory has no such account, and the site makes none there; make it there first"

OVERDUE = "it was handed out already, and is locked: its first password was not changed in time"

FAULTS = (CannotAdd, DirectoryUnavailable, GrantRefused, PasswordRefused, TooManyPeople, UnknownAccount)
"""What may stop the handing out of an account that was judged before."""


class StoppedHandingOut(Exception):
    """What stopped the work at `address`, when `done` of the `wanted` accounts had been handed out."""

    def __init__(self, address: str, done: int, wanted: int, fault: Exception) -> None:
        super().__init__()
        self.address = address
        self.done = done
        self.wanted = wanted
        self.fault = fault


@dataclass(frozen=True)
class Judged:
    """What a file asks for: the accounts to hand out, those that were handed out by it before, and its bad rows.

    `documents` are the numbers that are used more than once, each with the addresses that it asked for before.
    """

    grants: Sequence[Grant]
    before: Sequence[tuple[int, Activation]]
    bad: Sequence[BadRow]
    documents: Mapping[str, Sequence[str]]

    @property
    def read(self) -> int:
        """How many rows the file has."""
        return len(self.grants) + len(self.before) + len(self.bad)


class GrantMany:
    """The verbs for a file: judge its rows, then hand the accounts out.

    `directory` is the mail system's own; without `may_add` the site makes no accounts in it.
    """

    def __init__(
        self,
        provision: Provision,
        directory: Directory,
        clock: Clock,
        *,
        domains: Sequence[str],
        aliases: Mapping[str, str],
        may_add: bool = True,
    ) -> None:
        self._provision = provision
        self._directory = directory
        self._clock = clock
        self._domains = domains
        self._aliases = aliases
        self._may_add = may_add

    def judge(self, rows: Sequence[SheetRow], progress: Progress | None = None) -> Judged:
        """Return what the rows ask for; each address is looked up. Raises `DirectoryUnavailable`."""
        found = []
        for row in rows:
            reader = GrantReader(row, domains=self._domains, aliases=self._aliases, now=self._clock.now())
            known = self._directory.find(reader.address) if reader.address else None
            grant = Grant(reader.account(known), reader.asking())
            if known is None and reader.address and not self._may_add:
                reader.reasons.append(f"email: {CANNOT_ADD}")
            found.append((row.line, reader, grant))
            if progress:
                progress(1)
        twice = lines_of_repeated([(line, grant.account.address) for line, _, grant in found])
        grants, before, bad = [], [], []
        for line, reader, grant in found:
            reasons = [*reader.reasons, *twice.get(grant.account.address, ())]
            refused = self._refused(grant) if reader.address else None
            if refused and refused.before and not reasons and _same(refused.before.asking, grant.asking):
                before.append((line, refused.before))
            elif refused or reasons:
                against = [f"email: {self.against(refused)}"] if refused and _tells(refused, reasons) else []
                bad.append(BadRow(line, (*reasons, *against)))
            else:
                grants.append(grant)
        return Judged(grants, before, bad, self._documents([grant for *_, grant in found]))

    def against(self, refused: GrantRefused) -> str:
        """Return why an account is not handed out, for an operator."""
        overdue = refused.before is not None and refused.before.ends_at <= self._clock.now()
        return OVERDUE if overdue and refused.problem is GrantProblem.RUNNING else AGAINST[refused.problem]

    def hand_out(
        self, judged: Judged, actor: str, *, by_sms: bool, each: Callable[[Granted], None], progress: Progress
    ) -> None:
        """Hand the accounts out, one after the other, and tell `each` at once. Raises `StoppedHandingOut`."""
        for done, grant in enumerate(judged.grants):
            try:
                granted = self._provision.grant_one_of_many(grant, actor, by_sms=by_sms)
            except FAULTS as fault:
                raise StoppedHandingOut(grant.account.address, done, len(judged.grants), fault) from fault
            each(granted)
            progress(1)

    def _refused(self, grant: Grant) -> GrantRefused | None:
        try:
            self._provision.judge(grant)
        except GrantRefused as refused:
            return refused
        except TooManyPeople:  # a reason of the row's own
            return None
        return None

    def _documents(self, grants: Sequence[Grant]) -> dict[str, Sequence[str]]:
        used = Counter(grant.asking.document for grant in grants if grant.asking.document)
        here = {grant.account.address for grant in grants}
        first = {grant.asking.document: grant for grant in reversed(grants)}
        found = {number: sorted({*self._provision.same_document(first[number])} - here) for number in used}
        return {number: others for number, others in found.items() if others or used[number] > 1}


def _tells(refused: GrantRefused, reasons: Sequence[str]) -> bool:
    """Return whether the refusal says more than the reasons do: a row that cannot be read has no people either."""
    return not reasons or refused.problem is not GrantProblem.NO_PHONE


def _same(before: Asking, now: Asking) -> bool:
    """Return whether both are one request; the moment of a call may not have been written down."""
    return replace(before, called_at=None) == replace(now, called_at=None)
