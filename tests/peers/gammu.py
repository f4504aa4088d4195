"""gammu-smsd with its database and something to send with: its own dummy phone, or a scripted modem."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import NullPool, create_engine, make_url, text

from recovery_site.adapters.sms.gammu import GammuGateway
from recovery_site.settings.gateways import GammuGateway as GammuSettings
from tests import postgres
from tests.peers.fake_modem import FakeModem

PATIENCE_SECONDS = 60
PROGRAM = "/usr/bin/gammu-smsd"
SCHEMAS = Path("/usr/share/doc/gammu-smsd/examples")
PASSWORD = "bi-mat-cua-modem"
ZONE = "Asia/Ho_Chi_Minh"
"""gammu-smsd lives in the province's time, whatever the tests' own is."""

Seen = TypeVar("Seen")

_SMSDRC = """
[gammu]
{phone}
gammuloc = /dev/null

[smsd]
service = sql
{database}
loopsleep = 1
commtimeout = 1
receivefrequency = 1
sendtimeout = 2
maxretries = 1
retrytimeout = 1
"""


class NoGammu(Exception):
    """This machine has no gammu-smsd to test with."""


class Tables:
    """gammu-smsd's database, empty at first, with a gateway that writes to it."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.gateway = GammuGateway(GammuSettings(kind="gammu", database_url=url, **settings))
        self.secrets = tuple(filter(None, [make_url(url).password]))
        self.file = Path(make_url(url).database or "") if url.startswith("sqlite") else None
        driver = "sqlite" if self.file else "postgresql+psycopg"
        self._engine = create_engine(make_url(url).set(drivername=driver), poolclass=NullPool)

    def sql(self, statement: str, **values: object) -> Sequence[Any]:
        """Run one statement, and return its rows."""
        with self._engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    def everything(self) -> str:
        """Return all that the database holds: the file's bytes, or every row of every table."""
        if self.file:
            return self.file.read_bytes().decode("latin-1")
        tables = ("inbox", "outbox", "outbox_multipart", "sentitems", "phones")
        return "\n".join(str(tuple(row)) for table in tables for row in self.sql(f"SELECT * FROM {table}"))  # noqa: S608 -- the names are the test's own

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let somebody else hold the outbox for the length of the block."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.file else "LOCK TABLE outbox")
            yield


class Office(Tables):
    """A database and the gammu-smsd that sends from there."""

    def __init__(self, tables: Tables, smsdrc: Path, modem: FakeModem | None, **settings: Any) -> None:
        super().__init__(tables.url, **settings)
        self.modem = modem
        self._smsdrc = smsdrc
        self._errors = smsdrc.with_suffix(".err")
        self._smsd: subprocess.Popen[bytes] | None = None
        self._is_away = False

    def start(self) -> None:
        """Start gammu-smsd and wait until it has found its phone."""
        self.sql("DELETE FROM phones")
        with self._errors.open("wb") as errors:
            self._smsd = subprocess.Popen(
                [PROGRAM, "-c", self._smsdrc],
                env={**os.environ, "TZ": ZONE, "LC_ALL": "C.UTF-8"},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        self.eventually(lambda: self.sql("SELECT * FROM phones"), "gammu-smsd finds its phone")

    def stop(self) -> None:
        """Stop gammu-smsd; the database stays."""
        if self._smsd:
            self._smsd.terminate()
            self._smsd.wait(PATIENCE_SECONDS)
        self._smsd = None

    def go_away(self) -> None:
        """Take the database away."""
        self.stop()
        _rename(self.url, make_url(self.url).database or "", _away(self.url))
        self._is_away = True

    def begin(self) -> None:
        """Make all as at the start: the database in its place and empty, gammu-smsd running."""
        if self._is_away:
            _rename(self.url, _away(self.url), make_url(self.url).database or "")
        self._is_away = False
        for table in ("outbox", "outbox_multipart", "sentitems"):
            self.sql(f"DELETE FROM {table}")  # noqa: S608 -- gammu-smsd's own names
        if self.modem:
            self.modem.sent.clear()
            self.modem.refusals.clear()
        if not self._smsd:
            self.start()

    def received(self, count: int) -> list[tuple[str, str]]:
        """Wait until the network has `count` messages and none is queued; return number (84…) and text of all."""
        self.eventually(
            lambda: len(self._received()) >= count and not self.sql("SELECT * FROM outbox"), f"{count} messages"
        )
        return self._received()

    def _received(self) -> list[tuple[str, str]]:
        if self.modem:
            return [(message.number, message.text) for message in self.modem.sent]
        # the dummy phone remembers nothing
        rows = self.sql("""SELECT "DestinationNumber", "TextDecoded" FROM sentitems ORDER BY "ID" """)
        return [(number.removeprefix("+"), content) for number, content in rows]

    def complaints(self) -> str:
        """Return what gammu-smsd has written to its standard error since it was started."""
        return self._errors.read_text("utf-8")

    def eventually(self, look: Callable[[], Seen], what: str) -> Seen:
        """Return what `look` sees as soon as it sees something."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not (seen := look()):
            assert time.monotonic() < ends, f"waited in vain: {what}\n{self.complaints()[-2000:]}"
            time.sleep(0.1)
        return seen


@contextmanager
def office(tables: Tables, folder: Path, *, with_modem: bool = False, **settings: Any) -> Iterator[Office]:
    """Start gammu-smsd over a database; stop it at the end."""
    with ExitStack() as stack:
        modem = stack.enter_context(FakeModem()) if with_modem else None
        smsdrc = folder / "smsdrc"
        database = "\n".join(f"{key} = {value}" for key, value in smsd_lines(tables.url).items())
        smsdrc.write_text(_SMSDRC.format(phone=_phone(folder, modem), database=database), "utf-8")
        place = Office(tables, smsdrc, modem, **settings)
        stack.callback(place.stop)
        place.start()
        yield place


def make_tables(folder: Path, server: postgres.Server | None = None, **settings: Any) -> Tables:
    """Make a database as gammu-smsd's manual says, SQLite where there is no `server`; raises `NoGammu`."""
    if not Path(PROGRAM).exists() or not SCHEMAS.is_dir():
        raise NoGammu(f"the tests need {PROGRAM} and {SCHEMAS}: apt-get install gammu-smsd libdbd-sqlite3")
    if server:
        return Tables(_make_database(server), **settings)
    file = folder / "smsd.db"
    connection = sqlite3.connect(file)
    connection.executescript((SCHEMAS / "sqlite.sql").read_text("utf-8"))
    connection.close()
    return Tables(f"sqlite:///{file}", **settings)


def _make_database(server: postgres.Server) -> str:
    name = server.create()
    # the schema is of a time when databases were made without this language
    schema = (SCHEMAS / "pgsql.sql").read_text("utf-8").replace("CREATE LANGUAGE plpgsql;", "")
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute(schema.encode())
        connection.execute(SQL("ALTER DATABASE {} SET timezone TO {}").format(Identifier(name), Literal(ZONE)))
    return make_url(server.url(name)).set(password=PASSWORD).render_as_string(hide_password=False)


def _away(url: str) -> str:
    return f"{make_url(url).database} away"


def _rename(url: str, old: str, new: str) -> None:
    if url.startswith("sqlite"):
        Path(old).rename(new)
        return
    administrator = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(old), Identifier(new)))


def smsd_lines(url: str) -> dict[str, str]:
    """Return what smsdrc says of a database."""
    parsed = make_url(url)
    if url.startswith("sqlite"):
        file = Path(parsed.database or "")
        return {"driver": "sqlite3", "dbdir": str(file.parent), "database": file.name}
    return {
        "driver": "native_pgsql",
        "host": f"{parsed.host}:{parsed.port}",
        "user": str(parsed.username),
        "password": str(parsed.password),
        "database": str(parsed.database),
    }


def _phone(folder: Path, modem: FakeModem | None) -> str:
    if modem:
        return f"port = {modem.device}\nconnection = at115200\nmodel = at"
    for number in range(1, 6):
        (folder / "phone" / "sms" / str(number)).mkdir(parents=True)
    return f"model = dummy\nconnection = none\nport = {folder}/phone"
