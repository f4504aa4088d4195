"""The embedded directory: accounts, numbers and Argon2id hashes in the site's own database."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from recovery_site.adapters.database.accounts import read, read_all, store, with_password
from recovery_site.adapters.database.renaming import move
from recovery_site.adapters.database.tables import accounts
from recovery_site.adapters.database.transaction import joined
from recovery_site.domain.people import Account, AccountStatus, NewAccount, Phone, at_most_a_group
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, DirectoryUnavailable, Probe, UnknownAccount


def argon2id() -> PasswordHasher:
    """Return the hasher: Argon2id, 19 MiB, two passes (OWASP ASVS 5.0 11.4.2), about 20 ms on one core."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class EmbeddedDirectory:
    """The `Directory` port over the site's own tables, and the verbs that only it has: import and listing."""

    def __init__(self, engine: Engine, hasher: PasswordHasher | None = None) -> None:
        self._engine = engine
        self._sessions = sessionmaker(engine)
        self._hasher = hasher or argon2id()
        self._nobody = self._hasher.hash("the password of an account that does not exist")

    def find(self, address: str) -> Account | None:
        with self._session() as session:
            return read(session, [address]).get(address)

    def check_password(self, address: str, password: Secret) -> bool:
        with self._session() as session:
            row = session.execute(select(accounts).where(accounts.c.address == address)).mappings().one_or_none()
        opens = row is not None and row["status"] == AccountStatus.ACTIVE and row["password_hash"] is not None
        # an account that cannot be opened costs the same hash: its answer takes the same time
        stored = row["password_hash"] if row is not None and opens else self._nobody
        return self._matches(stored, password) and opens

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        stored = self._hasher.hash(password.reveal())
        with self._session() as session:
            changed = session.execute(
                update(accounts)
                .where(accounts.c.address == address, accounts.c.status == AccountStatus.ACTIVE)
                .values(password_hash=stored, password_changed_at=now)
                .returning(accounts.c.address)
            )
            if changed.one_or_none() is None:
                raise UnknownAccount(address)

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        if self.find(account.address) is not None:
            raise CannotAdd(account.address)
        self.put([NewAccount(account, password)], now)

    def lock(self, address: str) -> None:
        self._set_status(address, AccountStatus.LOCKED)

    def unlock(self, address: str) -> None:
        self._set_status(address, AccountStatus.ACTIVE)

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        with self._session() as session:
            known = read(session, [address]).get(address)
            if known is None:
                raise UnknownAccount(address)
            store(session, [replace(known, phones=tuple(at_most_a_group(phones)))], {}, now=None)

    def check(self) -> None:
        with self._session() as session:
            session.execute(select(accounts.c.address).limit(1))

    def probe(self) -> Iterator[Probe]:
        try:
            self.check()
        except DirectoryUnavailable as error:
            yield Probe("its tables", f"cannot be read ({error})")
        else:
            yield Probe("its tables")

    def put(self, batch: Iterable[NewAccount], now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Add or update accounts in one transaction and return how many of them changed.

        A password is set only where the account has none: importing an old file again must not bring back the
        passwords that people have changed since. Raises `TooManyPeople`.
        `progress` is told of rows as their passwords are hashed: all else takes a second or two.
        """
        rows = list(batch)
        for row in rows:
            at_most_a_group(row.account.phones)
        # hashing takes minutes for a province: it must not hold SQLite's only write lock
        hashed = self._hashed(rows, progress)
        with self._session() as session:
            return store(session, [row.account for row in rows], hashed, now)

    def all(self) -> list[Account]:
        """Return every account, by address."""
        with self._session() as session:
            found = read_all(session)
        return [found[address] for address in sorted(found)]

    def move_domain(self, old: str, new: str, now: datetime) -> None:
        with self._session() as session:
            move(session, old, new, now)

    def _set_status(self, address: str, status: AccountStatus) -> None:
        with self._session() as session:
            changed = session.execute(
                update(accounts)
                .where(accounts.c.address == address)
                .values(status=status)
                .returning(accounts.c.address)
            )
            if changed.one_or_none() is None:
                raise UnknownAccount(address)

    def _hashed(self, rows: list[NewAccount], progress: Callable[[int], None] | None) -> dict[str, str]:
        with self._session() as session:
            kept = with_password(session, [row.account.address for row in rows if row.password is not None])
        hashed: dict[str, str] = {}
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # the hasher lets other threads run
            for row, new in zip(rows, pool.map(lambda row: self._first_hash(row, kept), rows), strict=True):
                if new is not None:
                    hashed[row.account.address] = new
                if progress:
                    progress(1)
        return hashed

    def _first_hash(self, row: NewAccount, kept: set[str]) -> str | None:
        if row.password is None or row.account.address in kept:
            return None
        return self._hasher.hash(row.password.reveal())

    def _matches(self, stored: str, password: Secret) -> bool:
        try:
            return self._hasher.verify(stored, password.reveal())
        except VerificationError:
            return False

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with joined(self._sessions) as session:
                yield session
        except DBAPIError as error:
            raise DirectoryUnavailable(type(error.orig).__name__) from error
