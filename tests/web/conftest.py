"""The site as its visitors meet it. SQLite only: the contracts and races prove that both engines behave alike."""

import gzip
import io
import shutil
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import brotli
import pytest
import structlog
from jinja2 import FileSystemBytecodeCache

from recovery_site.adapters import logs
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories import embedded as embedded_directory
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import NewAccount
from recovery_site.domain.secret import Secret
from recovery_site.web import assets
from recovery_site.web.app import create_app
from tests.conftest import GiveAccounts, MakeSite, cheap_hasher
from tests.fakes import ACCOUNTS, NOON, OLD_PASSWORD, FakeClock, FakeGateway
from tests.web.client import CLIENT, CheckingClient
from tests.web.website import MORE_ACCOUNTS, UnsteadyDirectory, Website

_brotli_once = lru_cache(brotli.compress)
_gzip_once = lru_cache(gzip.compress)


class MakeWebsite(Protocol):
    def __call__(self, **changed: Any) -> Website: ...


class TakeBrowser(Protocol):
    def __call__(self, *, address: str = ...) -> CheckingClient: ...


@pytest.fixture
def database_kind() -> str:
    """One engine for the pages."""
    return "sqlite"


@pytest.fixture(scope="session")
def migrated_sqlite(migrated_sqlite: Path) -> Path:
    """The SQLite file that each test copies, with the accounts in it: they are the same for all."""
    filled = Path(shutil.copy(migrated_sqlite, migrated_sqlite.with_name("filled.db")))
    opened = open_engine(f"sqlite:///{filled}")
    everyone = [NewAccount(account, Secret(OLD_PASSWORD)) for account in (*ACCOUNTS.values(), *MORE_ACCOUNTS)]
    EmbeddedDirectory(opened, cheap_hasher()).put(everyone, NOON)
    opened.dispose()
    return filled


@pytest.fixture
def give_accounts() -> GiveAccounts:
    """Nothing to give: the accounts are in `migrated_sqlite` already."""
    return lambda _services: None


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all tests."""
    folder: Path = tmp_path_factory.mktemp("bytecode")
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture
def _quick_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answers in less time: the script is compressed once, and hashing is made cheap."""
    monkeypatch.setattr(assets, "brotli", SimpleNamespace(compress=_brotli_once))
    monkeypatch.setattr(assets, "gzip", SimpleNamespace(compress=_gzip_once))
    monkeypatch.setattr(embedded_directory, "argon2id", cheap_hasher)


@pytest.fixture(autouse=True)
def _logs_as_served() -> Iterator[None]:
    """The log of a serving process: without it, structlog draws every traceback for a person."""
    logs.configure(as_json=True)
    yield
    structlog.reset_defaults()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a serving process would write."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(as_json=True)
    return written


@pytest.fixture
def make_website(make_site: MakeSite, bytecode: FileSystemBytecodeCache, _quick_world: None) -> Iterator[MakeWebsite]:
    """Make a site; settings by name: `make_website(code__attempts=3)`. Its dispatcher works while a page waits."""
    made: list[Website] = []

    def make(**changed: Any) -> Website:
        clock, gateway = FakeClock(), FakeGateway()
        wrapped: list[UnsteadyDirectory] = []

        def wrap(embedded: EmbeddedDirectory) -> UnsteadyDirectory:
            wrapped.append(UnsteadyDirectory(embedded))
            return wrapped[-1]

        services = make_site(clock=clock, gateways={"main": gateway}, directory=wrap, **changed)
        app = create_app(services)
        app.jinja_env.bytecode_cache = bytecode
        made.append(Website(services, app, clock, gateway, wrapped[0]))
        clock.others = made[-1].deliver_all
        return made[-1]

    yield make
    for website in made:
        website.app.extensions["static_folder"].cleanup()


@pytest.fixture
def website(make_website: MakeWebsite) -> Website:
    """The site with its default settings."""
    return make_website()


@pytest.fixture
def browser(website: Website) -> CheckingClient:
    """A browser that has opened nothing yet."""
    return CheckingClient(website)


@pytest.fixture
def new_browser(website: Website) -> TakeBrowser:
    """Take another browser on the same site: `new_browser(address="192.0.2.8")`."""

    def take(*, address: str = CLIENT) -> CheckingClient:
        return CheckingClient(website, address=address)

    return take
