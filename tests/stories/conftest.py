"""The whole site with a real mail server behind it: the pages change a password, IMAP tries it."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
import structlog
from sqlalchemy import make_url, text

from recovery_site import bootstrap
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories import embedded
from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.ports import Directory
from recovery_site.web.app import create_app
from tests.conftest import MakeSite, cheap_hasher
from tests.fakes import FakeClock, FakeGateway
from tests.peers import dovecot as peers
from tests.peers import slapd
from tests.stories.accounts import (
    CONTACT,
    NGOCS_PHONE,
    PLACES,
    SIXTH_PHONE,
    TEAMS_PHONES,
    EmbeddedMail,
    LdapMail,
    Province,
)
from tests.stories.mail_system import MailSystem, told_to
from tests.stories.pages import DOVECOT, blocks
from tests.web.website import UnsteadyDirectory, Website


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite: Path) -> Iterator[str]:
    """A database in a folder that Dovecot's own user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="recovery-mail-") as folder:
        yield f"sqlite:///{shutil.copy(migrated_sqlite, Path(folder, 'recovery.db'))}"


@pytest.fixture
def passdb(migrated_url: str) -> Iterator[peers.Passdb]:
    """What shows the embedded directory to Dovecot, set up as the administrators' page says."""
    if migrated_url.startswith("sqlite"):
        yield peers.over_sqlite(Path(make_url(migrated_url).database or ""))
        return
    [grants] = blocks(DOVECOT, "sql")
    owner = open_engine(migrated_url)
    with owner.begin() as connection:
        connection.execute(text(grants))
    yield peers.over_postgresql(migrated_url)
    with owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {peers.READER}"))
        connection.execute(text(f"DROP ROLE {peers.READER}"))
    owner.dispose()


@pytest.fixture
def dovecot(passdb: peers.Passdb) -> Iterator[peers.Dovecot]:
    with peers.running(passdb) as running:
        yield running


class MakePages(Protocol):
    def __call__(self, **changed: Any) -> Website: ...


@pytest.fixture
def make_pages(make_site: MakeSite) -> Iterator[MakePages]:
    """Make a site; settings by name. What waits in its outbox goes out while a page waits."""
    made: list[Website] = []
    behind: list[Directory] = []

    def make(**changed: Any) -> Website:
        clock, gateway = FakeClock(), FakeGateway()
        wrapped: list[UnsteadyDirectory] = []

        def wrap(directory: Directory) -> UnsteadyDirectory:
            behind.append(directory)
            wrapped.append(UnsteadyDirectory(directory))
            return wrapped[0]

        services = make_site(clock=clock, gateways={"main": gateway}, directory=wrap, **changed)
        made.append(Website(services, create_app(services), clock, gateway, wrapped[0]))
        clock.others = made[-1].deliver_all
        return made[-1]

    yield make
    for website in made:
        website.app.extensions["static_folder"].cleanup()
    for directory in behind:
        if isinstance(directory, LdapDirectory):
            directory.close()


@pytest.fixture
def mail_system(dovecot: peers.Dovecot, make_pages: MakePages) -> MailSystem:
    """The site over the embedded directory, and a Dovecot beside it."""
    return MailSystem(make_pages(**told_to(dovecot)), dovecot)


# --- a province that hands accounts out -------------------------------------------------------------------------------


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    """Where the accounts are; a module that asks for it takes its `database_kind` from it."""
    return str(request.param)


@pytest.fixture(scope="module")
def openldap() -> Iterator[slapd.Slapd]:
    with slapd.running() as server:
        yield server


@pytest.fixture
def province(
    place: str,
    request: pytest.FixtureRequest,
    make_site: MakeSite,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Province]:
    """The pages and the commands over one directory, by one clock, which starts now: a real directory has its own."""
    clock, gateway = FakeClock(datetime.now(UTC)), FakeGateway()
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: clock)
    monkeypatch.setattr(embedded, "argon2id", cheap_hasher)
    settings: dict[str, Any] = {"site__contact": CONTACT}
    server: slapd.Slapd | None = None
    if place == "OpenLDAP":
        server = request.getfixturevalue("openldap")
        server.fresh()
        table = server.table(timeout_seconds=10).model_dump(mode="json")
        settings |= {"directory__kind": "ldap", "directory__ldap": table}
    made: list[Website] = []

    def start() -> Website:
        services = make_site(clock=clock, gateways={"main": gateway}, **settings)
        numbers = frozenset(number[1:] for number in (NGOCS_PHONE, *TEAMS_PHONES, SIXTH_PHONE))
        wrapped = UnsteadyDirectory(services.adapters.directory)
        made.append(Website(services, create_app(services), clock, gateway, wrapped, numbers=numbers))
        clock.others = made[-1].deliver_all
        return made[-1]

    (tmp_path / "slips").mkdir()
    website = start()
    mail = LdapMail(server) if server else EmbeddedMail(website.services)
    yield Province(website, mail, tmp_path / "slips", start)
    structlog.reset_defaults()  # what the commands set
    for one in made:
        one.app.extensions["static_folder"].cleanup()
        if isinstance(one.services.adapters.directory, LdapDirectory):
            one.services.adapters.directory.close()
