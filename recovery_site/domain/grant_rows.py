"""Rows of a file of accounts to be handed out: the columns of an import, and how each account was asked for.

Source: the document of 2015: in writing, with a telephone number to reach the receiver, or by telephone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from recovery_site.domain.account_rows import RowReader, SheetRow, Unfit, read_name
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.local_time import VIETNAM
from recovery_site.domain.people import Account, AccountKind, AccountStatus

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})")

MISSING = "is missing"


class GrantReader(RowReader):
    """Reads one row; every reason against it stands in `reasons`. `now` is the present."""

    def __init__(self, row: SheetRow, *, domains: Sequence[str], aliases: Mapping[str, str], now: datetime) -> None:
        super().__init__(row, domains=domains, aliases=aliases)
        self._now = now

    def account(self, known: Account | None) -> Account:
        """Return the account to hand out, its contact's number first: to be used only where `reasons` is empty.

        What the row does not say is as it is `known`.
        """
        asked = self.new_account(self._of_kind(known))
        if asked.password is not None:
            self.reasons.append("password: the site makes the first password; leave the cell empty")
        if self._cells.get("status", "").strip() and asked.account.status is not AccountStatus.ACTIVE:
            self.reasons.append("status: an account that is handed out is open; leave the cell empty")
        for column in ("display_name", "unit"):
            if not getattr(asked.account, column) and (known is None or column in self._cells):
                self.reasons.append(f"{column}: {MISSING}")
        if not asked.account.phones and not any(one.startswith(("phone:", "members:")) for one in self.reasons):
            self.reasons.append(f"phone: {MISSING}; there must be a number to reach the receiver by")
        contacts = {phone.number for phone in self.contacts}
        phones = sorted(asked.account.phones, key=lambda phone: phone.number not in contacts)
        address = known.address if known else self.address
        return replace(asked.account, address=address, phones=tuple(phones), status=AccountStatus.ACTIVE)

    def asking(self) -> Asking:
        """Return how the account was asked for: to be used only where `reasons` is empty."""
        document, caller = self._ask("document", read_name, ""), self._ask("caller", read_name, "")
        written = self._ask("document_date", self._date, None)
        called_at = self._ask("called_at", self._moment, None)
        if document and caller:
            self.reasons.append("caller: give a document or who asked by telephone, not both")
        if not document and not caller:
            self.reasons.append(f"document: {MISSING}; give the document's number and date, or who asked by telephone")
        if document and not self._cells.get("document_date", "").strip():
            self.reasons.append(f"document_date: {MISSING}")
        if written and not document:
            self.reasons.append("document_date: stands without a document")
        if called_at and not caller:
            self.reasons.append("called_at: stands without a caller")
        if document:
            return Asking(AskedBy.DOCUMENT, document=document, document_date=written)
        return Asking(AskedBy.TELEPHONE, caller=caller, called_at=called_at or self._now)

    def _of_kind(self, known: Account | None) -> Account | None:
        """Return the account as one of the kind that the row has: without a word for it, as its numbers say."""
        if self._cells.get("kind", "").strip():
            return known
        if self._cells.get("members", "").strip():
            return replace(known or Account(self.address), kind=AccountKind.GROUP)
        if known is not None and not any(phone.holder for phone in known.phones):
            # a directory that keeps no holders takes several numbers for those of several people
            return replace(known, kind=AccountKind.PERSONAL)
        return known

    def _date(self, text: str) -> date | None:
        found = _DATE.fullmatch(text.strip())
        if not text.strip():
            return None
        try:
            day, month, year = map(int, found.groups() if found else ())
            written = date(year, month, day)
        except ValueError:
            raise Unfit("is not a date like 02/03/2026") from None
        if written > self._now.astimezone(VIETNAM).date():
            raise Unfit("lies in the future")
        return written

    def _moment(self, text: str) -> datetime | None:
        found = _MOMENT.fullmatch(" ".join(text.split()))
        if not text.strip():
            return None
        try:
            day, month, year, hour, minute = map(int, found.groups() if found else ())
            moment = datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
        except ValueError:
            raise Unfit("is not a moment like 02/03/2026 15:04") from None
        if moment > self._now:
            raise Unfit("lies in the future")
        return moment
