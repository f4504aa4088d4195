"""The service account at the admin interface."""

import threading
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from recovery_site.adapters.directories.zimbra.faults import TOKEN_REFUSED, LoginRefused, refusal_of_login
from recovery_site.adapters.directories.zimbra.soap import ADMIN, Soap, SoapFault, child_text, request_of
from recovery_site.ports import Clock, DirectoryUnavailable
from recovery_site.settings.directory import Zimbra

_USED_UP = 0.9
"""How much of its lifetime a token serves: clocks differ, and requests take their time."""


class Administrator:
    """Asks with one token for all threads: made anew when its time comes, and once where the server refuses it."""

    def __init__(self, table: Zimbra, soap: Soap, clock: Clock) -> None:
        self._table = table
        self._soap = soap
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    def ask(self, request: Element) -> Element:
        """Return the answer. Raises `SoapFault`, `DirectoryUnavailable`."""
        token = self._get()
        try:
            return self._soap.ask(request, token)
        except SoapFault as fault:
            if fault.code not in TOKEN_REFUSED:
                raise
        return self._soap.ask(request, self._get(refused=token))

    def _get(self, refused: str = "") -> str:
        # those who wait for somebody else's login must not each wait for the ones before them
        if not self._lock.acquire(timeout=self._table.timeout_seconds):
            raise DirectoryUnavailable("the service account's login is too slow")
        try:
            if self._token in ("", refused) or self._clock.now() >= self._until:
                self._sign_in()
            return self._token
        finally:
            self._lock.release()

    def _sign_in(self) -> None:
        table, begun = self._table, self._clock.now()
        request = request_of(ADMIN, "AuthRequest", name=table.admin, password=table.admin_password)
        try:
            answer = self._soap.ask(request)
        except SoapFault as fault:
            raise refusal_of_login(fault.code) from None
        if child_text(answer, ADMIN, "twoFactorAuthRequired") == "true":
            raise LoginRefused("the service account is refused: it wants a second factor")
        token, lifetime = child_text(answer, ADMIN, "authToken"), child_text(answer, ADMIN, "lifetime")
        if not token or not lifetime.isdecimal():
            raise LoginRefused("the answer to the service account's login has no token")
        self._token = token
        self._until = begun + timedelta(milliseconds=min(int(lifetime), 10**10)) * _USED_UP
