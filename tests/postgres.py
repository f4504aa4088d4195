"""A throw-away PostgreSQL: its own port, its own folder, no disk flushes, gone when the tests end."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

START_SECONDS = 20
_NO_FLUSHES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")
_names = count(1)


class NoPostgres(Exception):
    """This machine has no PostgreSQL to test with."""


class Server:
    """A running server that makes databases, each a copy of a template."""

    def __init__(self, port: int, administrator: "psycopg.Connection[Any]") -> None:
        self._port = port
        self._administrator = administrator

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Return the name of a new database."""
        name = f"test_{next(_names)}"
        # copying files costs a checkpoint for each database; writing a small template through the log does not
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        self._administrator.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        self._administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Copies:
    """One copy of a template, used by one test after another: each finds its tables empty."""

    def __init__(self, server: Server, template: str, tables: list[str]) -> None:
        self._server = server
        self._template = template
        # children before their parents
        self._empty = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in reversed(tables)]
        self._name = ""
        self._cleaner: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def take(self) -> str:
        """Return the URL of a database with empty tables."""
        if not self._cleaner:
            self._name = self._server.create(self._template)
            self._cleaner = psycopg.connect(self._server.url(self._name), autocommit=True)
        return self._server.url(self._name)

    def give_back(self) -> None:
        """Empty the tables; a database that a test left broken, or holds on to, is thrown away."""
        if not self._cleaner:
            return
        try:
            with self._cleaner.transaction():
                self._cleaner.execute("SET LOCAL lock_timeout = '500ms'")
                for statement in self._empty:
                    self._cleaner.execute(statement)
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        if self._cleaner:
            self._cleaner.close()
            self._server.drop(self._name)
        self._cleaner = None


def binaries() -> Path:
    """Return the folder with `initdb` and `postgres`; raises `NoPostgres`."""
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if os.access(f"{folder}/initdb", os.X_OK):
            return Path(folder)
    raise NoPostgres("the tests need PostgreSQL's programs in /usr/lib/postgresql: apt-get install postgresql")


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it at the end of the block."""
    programs, port = binaries(), _free_port()
    # not pytest's tmp_path: the server's own user could not enter its parents
    folder = tempfile.mkdtemp(prefix="recovery-postgres-", dir="/tmp")
    user = _unprivileged_user(folder)
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [programs / "initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        **user, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = [part for setting in _NO_FLUSHES for part in ("-c", setting)]
    with open(f"{folder}/log", "wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", f"{folder}/data", "-k", folder, "-h", "127.0.0.1", "-p", str(port), *options],
            **user, cwd=folder, env=environment, stderr=log,
        )  # fmt: skip
    try:
        with _connect(server, port, Path(folder, "log")) as administrator:
            yield Server(port, administrator)
    finally:
        server.send_signal(signal.SIGINT)  # its "fast shutdown"
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _connect(server: "subprocess.Popen[bytes]", port: int, log: Path) -> "psycopg.Connection[Any]":
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True)
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > ends:
                raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.03)


def _unprivileged_user(folder: str) -> dict[str, Any]:
    """Return what starts a program as somebody else where we are root: the server refuses root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    shutil.chown(folder, name)
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
