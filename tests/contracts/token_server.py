"""A carrier that wants a token, on this machine, and the settings for it."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from recovery_site.adapters.sms.http import HttpGateway
from tests.contracts.carrier import Carrier, Handler, gateway

SECRETS = ("client-secret", "access-", "refresh-")
LIFETIME = 3600


class TokenServer:
    """Gives out tokens at /token and takes messages, with a token that is still good, at /send."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self.refresh = "refresh-0"
        self.given = 0
        self.status_of_a_bad_token = 401
        self.before_a_token: Callable[[], object] = lambda: None
        self._lock = threading.Lock()

    def __call__(self, handler: Handler) -> None:
        if handler.command == "HEAD":
            handler.answer(405)
        elif handler.path == "/token":
            self.before_a_token()
            self._give(handler)
        elif handler.headers.get("Authorization", "") in self.good:
            handler.answer_json(error=0)
        else:
            handler.answer_json(self.status_of_a_bad_token, error=-124)

    def _give(self, handler: Handler) -> None:
        offered = parse_qs(handler.body).get("refresh_token")
        with self._lock:
            if offered not in (None, [self.refresh]):
                handler.answer_json(error=-14014, error_name="Invalid refresh token.")
                return
            self.given += 1
            self.refresh = f"refresh-{self.given}"
            self.good.add(f"Bearer access-{self.given}")
            handler.answer_json(access_token=f"access-{self.given}", refresh_token=self.refresh, expires_in="90000")


def table(carrier: Carrier, **changed: object) -> dict[str, object]:
    """Return the settings of a token by client credentials."""
    body = {"client_id": "site", "client_secret": "client-secret", "grant_type": "client_credentials"}
    url = carrier.url.replace("/send", "/token")
    return {"url": url, "json": body, "lifetime_seconds": LIFETIME, **changed}


def rotating(carrier: Carrier, file: Path) -> dict[str, object]:
    """Return the settings of a token by a refresh token that changes with each use."""
    form = {"refresh_token": "{refresh_token}", "grant_type": "refresh_token"}
    secret = {"secret_key": "client-secret"}
    return {**table(carrier, form=form, headers=secret, rotates={"file": str(file)}), "json": None}


def sending(carrier: Carrier, token: Mapping[str, object], **changed: Any) -> HttpGateway:
    return gateway(carrier, token=token, **{"headers": {"Authorization": "Bearer {token}"}, **changed})


def paths(carrier: Carrier) -> list[str]:
    return [asked.path for asked in carrier.asked]
