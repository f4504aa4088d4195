"""Databases, settings and whole sites for the tests. Every database test runs on SQLite and on PostgreSQL."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import metadata
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.domain.people import NewAccount
from recovery_site.domain.secret import Secret
from recovery_site.ports import Clock, Directory, SmsGateway
from recovery_site.settings import PREFIX, Settings, load
from tests import postgres
from tests.fakes import ACCOUNTS, OLD_PASSWORD, FakeClock, FakeGateway
from tests.peers import redis

hypothesis_settings.register_profile(
    "fast", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "long", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# for `make mutants`: the same examples each time, and no search for a smaller one once a break is noticed
hypothesis_settings.register_profile(
    "mutants", hypothesis_settings.get_profile("fast"), derandomize=True, phases=[Phase.explicit, Phase.generate]
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


# --- databases --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One server for each worker of pytest-xdist, started by the first test that needs it."""
    try:
        postgres.binaries()
    except postgres.NoPostgres as missing:
        pytest.fail(str(missing), pytrace=False)
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: postgres.Server) -> str:
    """The name of a PostgreSQL template at the current schema."""
    name = postgres_server.create()
    _upgrade(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the current schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on; every database fixture follows it."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, fresh database."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database at the current schema."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'recovery.db')}"


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: postgres.Server, migrated_postgres: str) -> Iterator[postgres.Copies]:
    """Copies of the template, emptied and used again: making a database costs more than most tests do."""
    with postgres.Copies(
        postgres_server, migrated_postgres, [table.name for table in metadata.sorted_tables]
    ) as copies:
        yield copies


@pytest.fixture
def migrated_postgresql_url(postgres_copies: postgres.Copies) -> Iterator[str]:
    """The URL of an empty PostgreSQL database at the current schema."""
    url = postgres_copies.take()
    yield url
    postgres_copies.give_back()


@pytest.fixture
def migrated_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database at the current schema."""
    return str(request.getfixturevalue(f"migrated_{database_kind}_url"))


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    """An engine over a fresh database at the current schema."""
    opened = open_engine(migrated_url)
    yield opened
    opened.dispose()


def _upgrade(url: str) -> None:
    opened = open_engine(url)
    schema.upgrade(opened)
    opened.dispose()


# --- settings and sites -----------------------------------------------------------------------------------------------

DEFAULTS: Mapping[str, object] = {
    "site__base_url": "https://quenmatkhau.soctrang.gov.vn",
    "site__province": "Tỉnh Sóc Trăng",
    "site__mail_domains": ["soctrang.gov.vn"],
    "site__domain_aliases": {"old.soctrang.gov.vn": "soctrang.gov.vn"},
    "sms__gateway": {"main": {"kind": "http", "url": "http://127.0.0.1:9/send", "query": {"to": "{to}"}}},
}


GiveAccounts = Callable[[Services], None]


class MakeSettings(Protocol):
    def __call__(self, url: str = ..., **changed: object) -> Settings: ...


class MakeSite(Protocol):
    def __call__(
        self,
        *,
        clock: Clock | None = ...,
        directory: Callable[[EmbeddedDirectory], Directory] | None = ...,
        gateways: Mapping[str, SmsGateway] | None = ...,
        demo: bool = ...,
        **changed: object,
    ) -> Services: ...


@pytest.fixture
def make_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MakeSettings:
    """Make settings through the environment: `make_settings(url, code__attempts=3)`; a key file is made too."""

    def make(url: str = "sqlite:///:memory:", **changed: object) -> Settings:
        key_file = tmp_path / "secret_key"
        ensure_key_file(key_file, SystemChance())
        for name, value in {
            **DEFAULTS, "site__secret_key_file": str(key_file), "database__url": url, **changed,
        }.items():  # fmt: skip
            text = value if isinstance(value, str) else json.dumps(value)
            monkeypatch.setenv(f"{PREFIX}{name.upper()}", text)
        return load()

    return make


@pytest.fixture
def give_accounts() -> GiveAccounts:
    """What a new site gets its accounts from: the sample accounts, all with the old password."""

    def give(services: Services) -> None:
        everyone = [NewAccount(account, Secret(OLD_PASSWORD)) for account in ACCOUNTS.values()]
        EmbeddedDirectory(services.engine, cheap_hasher()).put(everyone, services.clock.now())

    return give


@pytest.fixture
def make_site(make_settings: MakeSettings, migrated_url: str, give_accounts: GiveAccounts) -> Iterator[MakeSite]:
    """Bootstrap the real services over the test's database, with the sample accounts; may be called several times.

    The default carrier is a `FakeGateway` named "main"; the clock is the machine's unless one is given.
    """
    made: list[Services] = []

    def make(
        *,
        clock: Clock | None = None,
        directory: Callable[[EmbeddedDirectory], Directory] | None = None,
        gateways: Mapping[str, SmsGateway] | None = None,
        demo: bool = False,
        **changed: object,
    ) -> Services:
        carriers = gateways if gateways or demo else {"main": FakeGateway()}
        services = bootstrap(
            make_settings(migrated_url, **changed), demo=demo, clock=clock, directory=directory, gateways=carriers
        )
        made.append(services)
        if len(made) == 1:
            give_accounts(services)
        return services

    yield make
    for services in made:
        services.engine.dispose()


@pytest.fixture
def site(make_site: MakeSite) -> Services:
    """A whole site over a real database, with a clock that the test moves: `site.clock.pass_by(60)`."""
    return make_site(clock=FakeClock())


def cheap_hasher() -> PasswordHasher:
    """Argon2id at its cheapest: for tests that hash much and attack nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[redis.RunningRedis]:
    """One Redis for each worker of pytest-xdist."""
    with redis.running() as server:
        yield server


@pytest.fixture
def empty_redis(redis_server: redis.RunningRedis) -> redis.RunningRedis:
    """A Redis without anything in it."""
    redis_server.client.flushall()
    return redis_server
