"""Handing accounts out: with a first password that is derived and never stored, and with the clock that locks them.

The clock is written down before the directory is changed: whatever happens in between, no first password lives longer
than its time. Source: the document of 2015.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

import structlog

from recovery_site.domain.activation import SETTLING, Activation, ActivationRules, ActivationState, Asking
from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.first_passwords import choose_attempt, derive_first_password
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.people import Account, AccountStatus, NewAccount, at_most_a_group
from recovery_site.domain.recovery import REFERENCE_ALPHABET, new_reference
from recovery_site.domain.secret import Secret
from recovery_site.flow.notices import Notices
from recovery_site.flow.numbers import find_phone, fingerprint
from recovery_site.ports import (
    AccountStore,
    Chance,
    Clock,
    Directory,
    DirectoryUnavailable,
    Limit,
    LimitReached,
    Transaction,
    Transactions,
    UnknownAccount,
)

log = structlog.get_logger()


class GrantProblem(Enum):
    """Why an account is not handed out."""

    UNDER_WAY = auto()
    """Somebody else is handing it out at this moment; a process that died over it is forgotten after a minute."""
    RUNNING = auto()
    """It has a first password already, running or overdue: it gets a new one only from `grant_again`."""
    IN_USE = auto()
    """It has a password of its own: whoever asks gets a new first password only from `grant_again`."""
    AMBIGUOUS = auto()
    UNKNOWN = auto()
    """There is nothing to hand out again."""
    NO_PHONE = auto()


class GrantRefused(Exception):
    """The account is not handed out; nothing changed. `before` is the handing out that stands against it."""

    def __init__(self, problem: GrantProblem, before: Activation | None = None) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.before = before


@dataclass(frozen=True)
class Grant:
    """One request: the account with its contact phones, and how it was asked for."""

    account: Account
    asking: Asking


@dataclass(frozen=True)
class Granted:
    """An account that was handed out. The password is shown once, and derived again only for the SMS."""

    account: Account
    activation: Activation
    password: Secret = field(repr=False)
    same_document: tuple[str, ...] = ()
    """Other accounts that were asked for by the same document: allowed, and worth a look."""


class Provision:
    """The verbs of handing out. `actor` is the operator's name; `directory` is the mail system's own.

    `store` is the same directory where the site itself keeps it: names, units and members are written there too.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        directory: Directory,
        notices: Notices,
        wake: Callable[[], None],
        clock: Clock,
        chance: Chance,
        keys: KeyRing,
        rules: ActivationRules,
        policy: PasswordPolicy,
        store: AccountStore | None = None,
    ) -> None:
        self._transactions = transactions
        self._directory = directory
        self._notices = notices
        self._wake = wake
        self._clock = clock
        self._chance = chance
        self._keys = keys
        self._rules = rules
        self._policy = policy
        self._store = store

    def judge(self, grant: Grant) -> None:
        """Raise `GrantRefused` where `grant` would; changes nothing. Raises `TooManyPeople`, `DirectoryUnavailable`."""
        account = grant.account
        if not at_most_a_group(account.phones):
            raise GrantRefused(GrantProblem.NO_PHONE)
        known = self._directory.find(account.address)
        if known is None:  # or it has gone, and whatever it had with it
            return
        if known.status is AccountStatus.AMBIGUOUS:
            raise GrantRefused(GrantProblem.AMBIGUOUS)
        with self._transactions() as tx:
            before = [one for one in tx.activations.of_account(account.address) if one.replaced_at is None]
        now = self._clock.now()
        # one without `password_set_at` was never completed, and may be begun again
        complete = [one for one in before if one.password_set_at is not None]
        if complete:
            states = [one.state(now, known.password_changed_at) for one in complete]
            changed = ActivationState.CHANGED in states
            raise GrantRefused(GrantProblem.IN_USE if changed else GrantProblem.RUNNING, complete[0])
        if not before and known.password_changed_at is not None:
            raise GrantRefused(GrantProblem.IN_USE)

    def grant(self, grant: Grant, actor: str, *, by_sms: bool = False) -> Granted:
        """Hand the account out; `by_sms` sends the first password to its contact phone.

        Raises `GrantRefused`, `TooManyPeople`, and `CannotAdd`, `PasswordRefused`, `DirectoryUnavailable`: the clock
        may run already then, and the same grant may be given again.
        """
        others = self.same_document(grant)
        return replace(self.grant_one_of_many(grant, actor, by_sms=by_sms), same_document=others)

    def grant_one_of_many(self, grant: Grant, actor: str, *, by_sms: bool = False) -> Granted:
        """Do what `grant` does, without looking at what else the document asked for; raises the same."""
        self.judge(grant)
        return self._hand_out(grant, actor, EventKind.GRANTED, by_sms=by_sms)

    def same_document(self, grant: Grant) -> tuple[str, ...]:
        """Return the addresses of the other accounts that the document of this request asked for before."""
        with self._transactions() as tx:
            found = {one.address for one in tx.activations.of_document(grant.asking.document)}
        return tuple(sorted(found - {grant.account.address}))

    def grant_again(self, address: str, actor: str, asking: Asking | None = None, *, by_sms: bool = False) -> Granted:
        """Start the clock again with a new first password; without `asking` it is asked for as the last time.

        Raises as `grant` does.
        """
        known = self._directory.find(address)
        if known is None:
            raise GrantRefused(GrantProblem.UNKNOWN)
        if known.status is AccountStatus.AMBIGUOUS:
            raise GrantRefused(GrantProblem.AMBIGUOUS)
        if not known.phones:
            raise GrantRefused(GrantProblem.NO_PHONE)
        with self._transactions() as tx:
            before = tx.activations.of_account(known.address)
        asking = asking or (before[0].asking if before else None)
        if asking is None:
            raise GrantRefused(GrantProblem.UNKNOWN)
        grant = Grant(self._contact_first(known, before), asking)
        others = self.same_document(grant)
        again = self._hand_out(grant, actor, EventKind.GRANTED_AGAIN, by_sms=by_sms)
        return replace(again, same_document=others)

    def _contact_first(self, account: Account, before: Sequence[Activation]) -> Account:
        """Return the account with the number of its last contact in front, where it still has it."""
        keys = self._keys.subkeys(Label.PHONE)
        contact = find_phone(keys, before[0].id, account.phones, before[0].contact) if before else None
        return replace(account, phones=tuple(sorted(account.phones, key=lambda phone: phone != contact)))

    def _hand_out(self, grant: Grant, actor: str, kind: EventKind, *, by_sms: bool) -> Granted:
        """Hand the account out, alone: of two at one time, one's password would live on under the other's clock."""
        limit = (Limit.GRANTS_UNDER_WAY, grant.account.address)
        try:
            with self._transactions() as tx:
                tx.limits.hit(*limit)
        except LimitReached as error:
            raise GrantRefused(GrantProblem.UNDER_WAY) from error
        try:
            return self._hand_out_alone(grant, actor, kind, by_sms=by_sms)
        finally:
            with self._transactions() as tx:
                tx.limits.give_back(*limit)

    def _hand_out_alone(self, grant: Grant, actor: str, kind: EventKind, *, by_sms: bool) -> Granted:
        activation, password = self._begin(grant, actor)
        with self._transactions() as tx:
            self._replace_others(tx, activation)
            tx.activations.add(activation)
            tx.audit.add(
                Event(activation.started_at, kind, activation.address, actor, _asked(activation), activation.reference)
            )
        set_at = self._set(grant.account, password, activation.started_at)
        with self._transactions() as tx:
            # what the sweep saw of it so far was not this password
            completed = replace(
                tx.activations.lock(activation.id) or activation, password_set_at=set_at, changed_at=None
            )
            tx.activations.save(completed)
            if by_sms:
                self._notices.first_password(tx, completed, grant.account)
        self._wake()
        log.info("account_granted", reference=activation.reference, again=kind is EventKind.GRANTED_AGAIN)
        return Granted(grant.account, completed, password)

    def _begin(self, grant: Grant, actor: str) -> tuple[Activation, Secret]:
        now, key = self._clock.now(), self._keys.subkey(Label.FIRST_PASSWORD)
        activation = Activation.begin(
            grant.asking,
            self._rules,
            now,
            activation_id=self._chance.token(),
            address=grant.account.address,
            reference=new_reference(self._chance.letters(REFERENCE_ALPHABET, 8)),
            key_id=self._keys.newest_id,
            actor=actor,
        )
        attempt = choose_attempt(key, activation.id, grant.account, self._policy)
        contact = fingerprint(self._keys.subkey(Label.PHONE), activation.id, grant.account.phones[0].number)
        return replace(activation, attempt=attempt, contact=contact), derive_first_password(key, activation.id, attempt)

    def _replace_others(self, tx: Transaction, activation: Activation) -> None:
        """End what the account's older passwords opened: clocks, recoveries, sessions."""
        now = activation.started_at
        for recovery in tx.recoveries.of_account(activation.address):
            tx.recoveries.save(recovery.abandoned(now))
            tx.messages.withdraw(recovery.id, now)
        # locked one by one: the sweep may be writing into one of them
        for older in [one.id for one in tx.activations.of_account(activation.address) if one.replaced_at is None]:
            stored = tx.activations.lock(older)
            if stored is not None:
                tx.activations.save(stored.replaced(now))
        tx.sessions.remove_account(activation.address)

    def _set(self, account: Account, password: Secret, now: datetime) -> datetime:
        """Make the account where it is new, open it where it is locked, set the password; return when it was set."""
        known = self._directory.find(account.address)
        if known is None:
            self._directory.add(account, password, now)
        else:
            self._edit(known, account, now)
            self._open(known, password, now)
        stored = self._directory.find(account.address)
        told = stored.password_changed_at if stored else None
        # a replica that does not know of it yet tells when the last password was set
        is_news = told is not None and (known is None or told != known.password_changed_at)
        return told if told is not None and is_news else now + SETTLING

    def _edit(self, known: Account, account: Account, now: datetime) -> None:
        """Write down what was asked for of an account that is there; its status stays."""
        if self._store is not None:
            self._store.put([NewAccount(replace(account, status=known.status))], now)
        elif known.phones != account.phones:
            self._directory.set_phones(account.address, account.phones)

    def _open(self, known: Account, password: Secret, now: datetime) -> None:
        """Set the password of an account that may be locked; one that stays as it was stays locked."""
        locked = known.status is not AccountStatus.ACTIVE
        if locked:
            self._directory.unlock(known.address)
        try:
            self._directory.set_password(known.address, password, now)
        except Exception as error:
            if locked:
                with suppress(DirectoryUnavailable, UnknownAccount):
                    self._directory.lock(known.address)
            if isinstance(error, UnknownAccount):
                raise DirectoryUnavailable("the account was locked or went away at this moment") from error
            raise


def _asked(activation: Activation) -> str:
    return activation.document or activation.caller
