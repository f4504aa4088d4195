"""A person's own sign-in, by which passwords are checked."""

from datetime import timedelta

from recovery_site.adapters.directories.zimbra.faults import PASSWORD_WAS_RIGHT, SIGN_IN_REFUSED, outcome
from recovery_site.adapters.directories.zimbra.soap import (
    ACCOUNT,
    Soap,
    SoapFault,
    add,
    child_text,
    fits_into_xml,
    request_of,
)
from recovery_site.domain.secret import Secret
from recovery_site.ports import Clock, DirectoryUnavailable

REFUSAL_TAKES = timedelta(seconds=0.5)
"""At least: Zimbra says at once that there is no such account, and takes its time over a wrong password."""


class SignIn:
    """Tries passwords as the web mail does, and leaves nothing open behind it."""

    def __init__(self, soap: Soap, clock: Clock) -> None:
        self._soap = soap
        self._clock = clock

    def opens(self, address: str, password: Secret) -> bool:
        """Return whether `password` opens an active account; '' as an address is refused as any other is."""
        begun = self._clock.now()
        right = bool(address) and fits_into_xml(password.reveal()) and self.tries(address, password)
        left = REFUSAL_TAKES - (self._clock.now() - begun)
        if not right and left > timedelta():
            self._clock.sleep(left.total_seconds())
        return right

    def tries(self, address: str, password: Secret) -> bool:
        """Return the same, but a refusal in no more time than it takes. Raises `DirectoryUnavailable`."""
        if not password.reveal():
            return False
        request = request_of(ACCOUNT, "AuthRequest")
        add(request, "account", address, by="name")
        add(request, "password", password.reveal())
        try:
            answer = self._soap.ask(request)
        except SoapFault as fault:
            if fault.code in PASSWORD_WAS_RIGHT:
                return True
            if fault.code in SIGN_IN_REFUSED:
                return False
            raise outcome(fault) from None
        # with a second factor the token opens nothing yet, and there is nothing to end
        if child_text(answer, ACCOUNT, "twoFactorAuthRequired") != "true":
            self._end(child_text(answer, ACCOUNT, "authToken"))
        return True

    def _end(self, token: str) -> None:
        """End the session that the right password opened: its token would be good for two days."""
        try:
            self._soap.ask(request_of(ACCOUNT, "EndSessionRequest", logoff="1"), token)
        except (SoapFault, DirectoryUnavailable):
            return  # the password was right, and nobody else has the token
