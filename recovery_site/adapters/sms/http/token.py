"""The token that some carriers want with each message: fetched by a call of its own, or signed by the site."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import jwt

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Answer, Exchange
from recovery_site.adapters.sms.http.answer import fault_of_status, json_field, read_json
from recovery_site.adapters.sms.http.rotation import LONGEST_TOKEN, rotating
from recovery_site.adapters.sms.http.template import fill
from recovery_site.domain.messages import FaultKind
from recovery_site.ports import Clock, GatewayFault
from recovery_site.settings.gateways.http_token import FetchedToken, SignedToken

_USED_UP = 0.9
"""How much of its lifetime a token serves: clocks differ, and messages take their time."""


class Token(Protocol):
    def get(self, deadline: Deadline, refused: str = "") -> str:
        """Return a token which is not the `refused` one, as far as there is another; raises `GatewayFault`."""
        ...


class NoToken:
    """For the carriers that want none."""

    def get(self, deadline: Deadline, refused: str = "") -> str:  # noqa: ARG002 -- the protocol's
        return ""


class Renewed:
    """Keeps one token for all threads, and has it made anew, by one of them, when its time comes or it is refused."""

    def __init__(self, make: Callable[[Deadline], str], lifetime_seconds: int, clock: Clock) -> None:
        self._make = make
        self._serves = timedelta(seconds=lifetime_seconds * _USED_UP)
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    def get(self, deadline: Deadline, refused: str = "") -> str:
        with self._lock:
            if not self._token or self._token == refused or self._clock.now() >= self._until:
                begun = self._clock.now()
                self._token = self._make(deadline)
                self._until = begun + self._serves
            return self._token


class Fetch:
    """Asks for a token, as an OAuth client does (RFC 6749 sections 4.4 and 6)."""

    def __init__(self, settings: FetchedToken, exchange: Exchange) -> None:
        self._settings = settings
        self._exchange = exchange

    def __call__(self, deadline: Deadline) -> str:
        rotates = self._settings.rotates
        if rotates is None:
            return _token(json_field(self._ask(deadline, ""), self._settings.field))
        with rotating(rotates.file) as turn:
            document = self._ask(deadline, turn.current)
            following = json_field(document, rotates.field)
            if following:  # a carrier that sends none lets the old one be used again
                turn.keep(_token(following))
        return _token(json_field(document, self._settings.field))

    def _ask(self, deadline: Deadline, refresh_token: str) -> Any:
        settings = self._settings
        filled = fill([settings.headers, settings.json_, settings.form], {"refresh_token": refresh_token})
        headers, json, form = filled
        try:
            answer = self._exchange.ask(deadline, settings.method, settings.url, headers=headers, json=json, data=form)
            return _document(answer)
        except GatewayFault as fault:
            raise GatewayFault(f"token: {fault}", fault.kind) from None


class Sign:
    """Makes a JSON Web Token (RFC 7519), signed with HS256."""

    def __init__(self, settings: SignedToken, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def __call__(self, deadline: Deadline) -> str:  # noqa: ARG002 -- nothing is waited for
        now = int(self._clock.now().timestamp())
        claims = fill(self._settings.claims, {"now": str(now)})
        return jwt.encode(
            {**claims, "exp": now + self._settings.lifetime_seconds},
            self._settings.secret,
            algorithm="HS256",
            headers=dict(self._settings.header),
        )


def token_of(settings: FetchedToken | SignedToken | None, exchange: Exchange, clock: Clock) -> Token:
    """Return where the settings' token comes from."""
    match settings:
        case FetchedToken():
            return Renewed(Fetch(settings, exchange), settings.lifetime_seconds, clock)
        case SignedToken():
            return Renewed(Sign(settings, clock), settings.lifetime_seconds, clock)
        case None:
            return NoToken()


def _document(answer: Answer) -> Any:
    if answer.status == 400:  # RFC 6749 section 5.2: a wrong name, key or refresh token
        raise GatewayFault("status 400", FaultKind.ACCESS)
    if not 200 <= answer.status < 300:
        raise fault_of_status(answer.status)
    return read_json(answer.body)


def _token(value: str) -> str:
    """Return a token that a header can carry; Zalo, for one, says with status 200 that there is none."""
    if not value:
        raise GatewayFault("token: there is none in the answer", FaultKind.ACCESS)
    if len(value) >= LONGEST_TOKEN or not value.isascii() or not value.isprintable():
        raise GatewayFault("token: what the answer holds cannot be one", FaultKind.ANSWER)
    return value
