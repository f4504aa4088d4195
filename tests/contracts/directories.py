"""The directories that the contract runs over, each with the sample accounts and the old password."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.adapters.directories.zimbra import ZimbraDirectory
from recovery_site.domain.people import Account, NewAccount
from recovery_site.domain.secret import Secret
from recovery_site.ports import Directory
from tests.conftest import cheap_hasher
from tests.fakes import ACCOUNTS, NOON, OLD_PASSWORD, FakeClock, FakeDirectory
from tests.peers import slapd, zimbra


@dataclass(frozen=True)
class Subject:
    """A directory with the sample accounts, and what pulls the plug on it."""

    directory: Directory
    break_it: Callable[[], object]
    keeps_holders: bool = True
    keeps_the_time: bool = True
    """Whether the time of a change is the one that it is told, and not its own server's."""

    def keeps(self, account: Account) -> Account:
        """Return the account as the directory can keep it."""
        if self.keeps_holders:
            return account
        return replace(account, phones=tuple(replace(phone, holder="") for phone in account.phones))


@contextmanager
def _fake(_request: pytest.FixtureRequest) -> Iterator[Subject]:
    fake = FakeDirectory()
    yield Subject(fake, lambda: setattr(fake, "down", True))


@contextmanager
def _embedded(kind: str, request: pytest.FixtureRequest) -> Iterator[Subject]:
    engine = open_engine(request.getfixturevalue(f"migrated_{kind}_url"))
    embedded = EmbeddedDirectory(engine, cheap_hasher())
    embedded.put([NewAccount(account, Secret(OLD_PASSWORD)) for account in ACCOUNTS.values()], NOON)

    def drop_its_tables() -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP VIEW dovecot_passdb"))
            connection.execute(text("DROP TABLE phones"))
            connection.execute(text("DROP TABLE accounts"))

    yield Subject(embedded, drop_its_tables)
    engine.dispose()


@contextmanager
def _zimbra(_request: pytest.FixtureRequest) -> Iterator[Subject]:
    with tempfile.TemporaryDirectory(prefix="zimbra-") as folder, zimbra.running(Path(folder), lambda: NOON) as double:
        directory = ZimbraDirectory(double.settings(), ["soctrang.gov.vn"], FakeClock())
        yield Subject(directory, lambda: setattr(double, "behave", zimbra.hang_up), keeps_holders=False)
        assert double.violations == []


@pytest.fixture(scope="module")
def slapd_server() -> Iterator[slapd.Slapd]:
    """One server for all: every test brings the sample accounts back."""
    with slapd.running() as server:
        yield server


@contextmanager
def _ldap(request: pytest.FixtureRequest) -> Iterator[Subject]:
    server: slapd.Slapd = request.getfixturevalue("slapd_server")
    server.fresh()
    directory = LdapDirectory(server.table(), ["soctrang.gov.vn"], FakeClock())
    yield Subject(directory, server.stop, keeps_holders=False, keeps_the_time=False)


MAKERS: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Subject]]] = {
    "fake": _fake,
    "embedded on sqlite": partial(_embedded, "sqlite"),
    "embedded on postgresql": partial(_embedded, "postgresql"),
    "ldap": _ldap,
    "zimbra": _zimbra,
}
