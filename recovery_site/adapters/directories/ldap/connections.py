"""Connections to a directory: encrypted, verified, with time-outs, kept for the next request and replaced when dead."""

import math
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from ldap3 import NONE, Connection, Server, Tls

from recovery_site.adapters.directories.ldap import ppolicy
from recovery_site.adapters.directories.ldap.faults import (
    INVALID_CREDENTIALS,
    SUCCESS,
    Cut,
    OutcomeUnknown,
    fault_of,
    words_of,
)
from recovery_site.ports import CannotAdd, Clock, DirectoryUnavailable, PasswordRefused, UnknownAccount
from recovery_site.settings.ldap import Ldap

log = structlog.get_logger()

KEPT = timedelta(seconds=30)
"""How long a connection may lie idle: firewalls and directories forget them in silence after a minute or more."""

RESTING = timedelta(seconds=10)
"""How long a server that did not answer is asked after all others."""

NO_SIGN_IN = timedelta(minutes=5)
"""How long a refused service account does not try again: a directory's policy would lock it."""

_OWN = (CannotAdd, DirectoryUnavailable, PasswordRefused, UnknownAccount)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class SignIn:
    """How a directory answered a bind: its result code, its words, and what its policy says besides."""

    code: int
    message: str
    policy: ppolicy.PolicyError | None


class Connections:
    """A small pool for each server of a directory; any thread may ask. The service account is signed in to all."""

    def __init__(self, table: Ldap, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._tls = _Verified(table.ca_file)
        self._slots = threading.BoundedSemaphore(table.connections)
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[Connection, datetime]]] = {}
        weakref.finalize(self, _close_all, self._idle)
        self._failed: dict[str, datetime] = {}
        self._refused: dict[str, datetime] = {}

    @property
    def for_reading(self) -> Sequence[str]:
        return (*self._table.read_urls, self._table.url)

    @property
    def master_first(self) -> Sequence[str]:
        return (self._table.url, *self._table.read_urls)

    def read(self, ask: Callable[[Connection], T], urls: Sequence[str] | None = None) -> T:
        """Return the answer of the first server that has one; those that failed just now are asked last."""
        return self._first(urls or self.for_reading, lambda url: self._on(url, ask))

    def change(self, look: Callable[[Connection], Seen], act: Callable[[Connection, Seen], T]) -> T:
        """Look and then act on one connection to the master.

        `act` is never tried twice: raises `OutcomeUnknown` where the connection ends in it.
        """

        def both(connection: Connection) -> T:
            seen = look(connection)
            try:
                return act(connection, seen)
            except _OWN:
                raise
            except Exception as error:  # noqa: BLE001 -- ldap3's decoder raises anything
                raise OutcomeUnknown(str(fault_of(error, self._table.timeout_seconds))) from None

        return self._first([self._table.url], lambda url: self._on(url, both))

    def sign_in(self, dn: str, password: bytes, urls: Sequence[str] | None = None) -> SignIn:
        """Return the answer to a bind by someone else than the service account, on a connection of its own.

        The password is bytes: to text ldap3 would apply SASLprep, which makes other letters of some.
        """
        if not dn or not password:
            raise ValueError("a bind without a name or a password is anonymous, and succeeds")

        def once(url: str) -> SignIn:
            with self._slot():
                connection = self._opened(url, dn, password)
                try:
                    return self._bind(connection)
                finally:
                    _close(connection)

        return self._first(urls or self.master_first, once)

    def close(self) -> None:
        """Give back the connections that lie idle; the next question opens new ones."""
        for url in list(self._idle):
            self._forget(url)

    def _first(self, urls: Sequence[str], ask: Callable[[str], T]) -> T:
        now = self._clock.now()
        faults: list[str] = []
        for url in sorted(dict.fromkeys(urls), key=lambda url: now - self._failed.get(url, _LONG_AGO) < RESTING):
            try:
                answer = ask(url)
            except OutcomeUnknown:
                raise
            except DirectoryUnavailable as error:
                self._failed[url] = now
                faults.append(f"{url} {error}")
                log.warning("directory_server_failed", url=url, fault=str(error))
            else:
                self._failed.pop(url, None)
                return answer
        raise DirectoryUnavailable("; ".join(faults))

    def _on(self, url: str, ask: Callable[[Connection], T]) -> T:
        with self._slot():
            kept = self._take(url)
            if kept is not None:
                try:
                    return self._ask(url, kept, ask)
                except Cut:  # while it lay idle, most likely: the others are as old
                    self._forget(url)
            return self._ask(url, self._signed_in(url), ask)

    def _ask(self, url: str, connection: Connection, ask: Callable[[Connection], T]) -> T:
        try:
            answer = ask(connection)
        except (Cut, OutcomeUnknown):
            _close(connection)
            raise
        except _OWN:
            self._keep(url, connection)
            raise
        except Exception as error:  # noqa: BLE001 -- ldap3's decoder raises anything
            _close(connection)
            raise fault_of(error, self._table.timeout_seconds) from None
        self._keep(url, connection)
        return answer

    def _signed_in(self, url: str) -> Connection:
        if self._clock.now() - self._refused.get(url, _LONG_AGO) < NO_SIGN_IN:
            raise DirectoryUnavailable(f"{words_of(INVALID_CREDENTIALS)}; the next try comes after some minutes")
        connection = self._opened(url, self._table.bind_dn, self._table.bind_password.encode())
        answer = self._bind(connection)
        if answer.code == SUCCESS:
            return connection
        _close(connection)
        if answer.code == INVALID_CREDENTIALS:
            self._refused[url] = self._clock.now()
        if answer.policy is ppolicy.PolicyError.ACCOUNT_LOCKED:
            raise DirectoryUnavailable("has locked the service account")
        raise DirectoryUnavailable(words_of(answer.code))

    def _opened(self, url: str, dn: str, password: bytes) -> Connection:
        """Return a connection that is encrypted and verified, and signed in to nothing."""
        parts, seconds = urlsplit(url), self._table.timeout_seconds
        secure = parts.scheme == "ldaps"
        server = Server(parts.hostname or "", parts.port, secure, get_info=NONE, tls=self._tls, connect_timeout=seconds)
        connection = Connection(
            server,
            dn,
            password,  # type: ignore[arg-type]  # bytes are sent as they are; the stubs know only text
            authentication="SIMPLE",
            auto_referrals=False,  # ldap3 would sign in with the same password wherever it is sent to
            check_names=False,
            auto_escape=False,
            receive_timeout=math.ceil(seconds),  # ldap3 packs it as a whole number
        )
        try:
            connection.open(read_server_info=False)
            if not secure:
                connection.start_tls(read_server_info=False)
            connection.socket.settimeout(seconds)
        except Exception as error:  # noqa: BLE001 -- ldap3's decoder raises anything
            _close(connection)
            raise fault_of(error, seconds) from None
        return connection

    def _bind(self, connection: Connection) -> SignIn:
        try:
            connection.bind(read_server_info=False, controls=ppolicy.REQUEST)
        except Exception as error:  # noqa: BLE001 -- ldap3's decoder raises anything
            _close(connection)
            raise fault_of(error, self._table.timeout_seconds) from None
        result: dict[str, Any] = connection.result
        return SignIn(result["result"], result["message"] or "", ppolicy.error_in(result))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._table.timeout_seconds):
            raise DirectoryUnavailable("is asked so much that all connections are in use")
        try:
            yield
        finally:
            self._slots.release()

    def _take(self, url: str) -> Connection | None:
        with self._lock:
            idle = self._idle.get(url, [])
            connection, since = idle.pop() if idle else (None, None)
        if connection is None or since is None or self._clock.now() - since < KEPT:
            return connection
        _close(connection)
        return self._take(url)

    def _keep(self, url: str, connection: Connection) -> None:
        if not connection.closed:
            with self._lock:
                self._idle.setdefault(url, []).append((connection, self._clock.now()))

    def _forget(self, url: str) -> None:
        with self._lock:
            idle = self._idle.pop(url, [])
        _close_all({url: idle})


class _Verified(Tls):
    """TLS as the standard library checks it: the chain and the host's name or IP address.

    ldap3's own check has no IP addresses from Python 3.12 on, and makes a context for every connection.
    """

    def __init__(self, ca_file: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context(cafile=ca_file or None)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002 -- always
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


def _close_all(idle: Mapping[str, Sequence[tuple[Connection, datetime]]]) -> None:
    for connections in idle.values():
        for connection, _ in connections:
            _close(connection)


def _close(connection: Connection) -> None:
    with suppress(Exception):
        connection.unbind()
    with suppress(Exception):
        connection.strategy.close()
    with suppress(Exception):
        connection.socket.close()  # one whose opening failed: ldap3 leaves it open
