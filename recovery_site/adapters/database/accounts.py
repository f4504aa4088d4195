"""The embedded directory's accounts in the database: read by address, stored in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, delete, select, true, update
from sqlalchemy.orm import Session

from recovery_site.adapters.database.tables import accounts, phones
from recovery_site.domain.people import Account, Phone, PhoneNumber

_FEW = 200
"""Up to so many addresses are looked for by name; for more, reading the whole table is faster and bounds nothing."""


def read(session: Session, addresses: Sequence[str]) -> dict[str, Account]:
    """Return those of the accounts that exist, by address; where many are asked for, the others too."""
    return _read(session, _among(phones.c.address, addresses), _among(accounts.c.address, addresses))


def read_all(session: Session) -> dict[str, Account]:
    """Return every account, by address."""
    return _read(session, true(), true())


def _read(session: Session, phones_where: ColumnElement[bool], where: ColumnElement[bool]) -> dict[str, Account]:
    numbers: dict[str, list[Phone]] = {}
    listed = select(phones).where(phones_where).order_by(phones.c.address, phones.c.position)
    for address, _, number, holder in session.execute(listed):
        numbers.setdefault(address, []).append(Phone(PhoneNumber(number), holder))
    return {
        row.address: Account(
            address=row.address,
            display_name=row.display_name,
            unit=row.unit,
            kind=row.kind,
            status=row.status,
            phones=tuple(numbers.get(row.address, ())),
            password_changed_at=row.password_changed_at,
        )
        for row in session.execute(select(accounts).where(where))
    }


def with_password(session: Session, addresses: Sequence[str]) -> set[str]:
    """Return which accounts have a password, as `read` does; nobody else sets one until the transaction ends."""
    rows = session.execute(
        select(accounts.c.address)
        .where(_among(accounts.c.address, addresses), accounts.c.password_hash.is_not(None))
        # always in the same order, so that two imports wait for each other instead of locking each other out
        .order_by(accounts.c.address)
        .with_for_update()
    )
    return set(rows.scalars())


def store(session: Session, wanted: Sequence[Account], new_hashes: Mapping[str, str], now: datetime | None) -> int:
    """Add or update the accounts with their numbers and passwords, and return how many changed.

    A password that an account has stays as it is; `now` is when the new ones were set, where there are any.
    """
    kept = with_password(session, list(new_hashes))
    due = {address: new for address, new in new_hashes.items() if address not in kept}
    known = read(session, [account.address for account in wanted])
    added = [account for account in wanted if account.address not in known]
    edited = [account for account in wanted if account.address in known and not _same(account, known[account.address])]
    if added:
        session.execute(accounts.insert(), [_values(account) for account in added])
    _edit(session, edited)
    _put_phones(session, [*added, *edited])
    _put_hashes(session, due, now)
    return len({account.address for account in (*added, *edited)} | due.keys())


def _same(wanted: Account, known: Account) -> bool:
    return replace(wanted, password_changed_at=known.password_changed_at) == known


def _edit(session: Session, edited: Sequence[Account]) -> None:
    if not edited:
        return
    columns = [name for name in _values(edited[0]) if name != "address"]
    statement = update(accounts).where(accounts.c.address == bindparam("at"))
    changed = statement.values({name: bindparam(f"new_{name}") for name in columns})
    session.execute(
        changed,
        [{"at": one.address, **{f"new_{name}": _values(one)[name] for name in columns}} for one in edited],
    )
    session.execute(delete(phones).where(phones.c.address == bindparam("at")), [{"at": one.address} for one in edited])


def _put_phones(session: Session, owners: Sequence[Account]) -> None:
    rows = [
        {"address": owner.address, "position": position, "number": phone.number.e164, "holder": phone.holder}
        for owner in owners
        for position, phone in enumerate(owner.phones)
    ]
    if rows:
        session.execute(phones.insert(), rows)


def _put_hashes(session: Session, due: Mapping[str, str], now: datetime | None) -> None:
    if due:
        session.execute(
            update(accounts)
            .where(accounts.c.address == bindparam("at"))
            .values(password_hash=bindparam("new"), password_changed_at=now),
            [{"at": address, "new": new} for address, new in due.items()],
        )


def _values(account: Account) -> dict[str, object]:
    return {
        "address": account.address,
        "display_name": account.display_name,
        "unit": account.unit,
        "kind": account.kind,
        "status": account.status,
    }


def _among(column: Column[Any], addresses: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(addresses) if len(addresses) <= _FEW else true()
