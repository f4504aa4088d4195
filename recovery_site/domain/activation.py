"""Accounts that are handed out: how they were asked for, and the clock that locks them.

Source: the document of 2015: an account is asked for in writing or by telephone, its receiver changes the password at
once, and six hours after the activation an account whose password was not changed is locked.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

SETTLING = timedelta(minutes=1)
"""How much later than the site's own clock a directory may say that the first password was set."""


class AskedBy(StrEnum):
    """How an account was asked for ("bằng văn bản … hoặc qua điện thoại")."""

    DOCUMENT = "document"
    TELEPHONE = "telephone"


@dataclass(frozen=True)
class Asking:
    """Who asked for an account: a document with its number and date, or somebody on the telephone and when."""

    by: AskedBy
    document: str = ""
    document_date: date | None = None
    caller: str = ""
    called_at: datetime | None = None


@dataclass(frozen=True)
class ActivationRules:
    """The clock in numbers: how long a first password lives, and how long before its end the receiver is reminded."""

    lifetime: timedelta = timedelta(hours=6)
    reminder: timedelta = timedelta(hours=1)

    def ends_at(self, started_at: datetime) -> datetime:
        """Return when a clock that starts then is over."""
        return started_at + self.lifetime

    def reminds_at(self, started_at: datetime) -> datetime:
        """Return when the receiver of such an account is reminded."""
        return started_at + self.lifetime - min(self.reminder, self.lifetime)


class ActivationState(StrEnum):
    RUNNING = "running"
    CHANGED = "changed"
    """The receiver changed the first password in time, here or in the mail system itself."""
    OVERDUE = "overdue"
    """The time is over: the account counts as locked, whether anything has run since or not."""
    REPLACED = "replaced"
    """A newer first password started the clock again."""


@dataclass(frozen=True)
class Activation:
    """One handing out of an account with a first password, which is derived from `id` and never stored.

    `password_set_at` is what the directory said of the password when it was handed out.
    """

    id: str
    address: str
    reference: str
    asked_by: AskedBy
    key_id: str
    started_at: datetime
    ends_at: datetime
    reminds_at: datetime
    actor: str
    contact: str = ""
    """The keyed fingerprint of the contact phone: a directory may give the numbers back in another order."""
    document: str = ""
    document_date: date | None = None
    caller: str = ""
    called_at: datetime | None = None
    derived: bool = True
    """False where the first password came with an import: the site cannot derive it."""
    attempt: int = 0
    """Which of the passwords that can be derived it is: the first that the rules accept."""
    password_set_at: datetime | None = None
    reminded_at: datetime | None = None
    changed_at: datetime | None = None
    locked_at: datetime | None = None
    replaced_at: datetime | None = None

    @classmethod
    def begin(
        cls,
        asking: Asking,
        rules: ActivationRules,
        now: datetime,
        *,
        activation_id: str,
        address: str,
        reference: str,
        key_id: str,
        actor: str,
    ) -> Self:
        """Return an activation whose clock starts now."""
        return cls(
            id=activation_id,
            address=address,
            reference=reference,
            asked_by=asking.by,
            key_id=key_id,
            started_at=now,
            ends_at=rules.ends_at(now),
            reminds_at=rules.reminds_at(now),
            actor=actor,
            document=asking.document,
            document_date=asking.document_date,
            caller=asking.caller,
            called_at=asking.called_at,
        )

    @property
    def asking(self) -> Asking:
        """Return how the account was asked for."""
        return Asking(self.asked_by, self.document, self.document_date, self.caller, self.called_at)

    def state(self, now: datetime, password_changed_at: datetime | None) -> ActivationState:
        """Return where the clock stands; `password_changed_at` is what the directory says now.

        A change after the end came too late, also where nothing had locked the account yet. One that was locked stays
        overdue though the site's own clock be set back.
        """
        if self.replaced_at is not None:
            return ActivationState.REPLACED
        if self.changed_at is not None or self._was_changed(password_changed_at):
            return ActivationState.CHANGED
        is_over = self.locked_at is not None or now >= self.ends_at
        return ActivationState.OVERDUE if is_over else ActivationState.RUNNING

    def left(self, now: datetime) -> timedelta:
        """Return how much time is left, never below zero."""
        return max(self.ends_at - now, timedelta(0))

    def wants_reminder(self, now: datetime) -> bool:
        """Return whether the receiver is to be reminded now, supposing that the directory tells of no change."""
        return self.is_unchanged and self.reminded_at is None and self.reminds_at <= now < self.ends_at

    @property
    def is_unchanged(self) -> bool:
        """True where nobody has changed the first password on this site and no newer one has replaced it."""
        return self.changed_at is None and self.replaced_at is None

    def changed(self, now: datetime) -> Self:
        return replace(self, changed_at=now)

    def replaced(self, now: datetime) -> Self:
        return replace(self, replaced_at=now)

    def _was_changed(self, password_changed_at: datetime | None) -> bool:
        if password_changed_at is None:
            return False
        handed_out = self.password_set_at or self.started_at + SETTLING
        return handed_out < password_changed_at < self.ends_at
