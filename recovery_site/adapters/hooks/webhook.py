"""The after-reset webhook: one signed POST to an address of the province's own, without the password.

Signed as the Standard Webhooks specification says (standardwebhooks.com, version 1.0.0): Base64 of HMAC-SHA-256 over
the id, the time and the body. Libraries for its receivers exist in most languages.
"""

import base64
import hmac
import json
from datetime import UTC

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Answer, Exchange
from recovery_site.domain.messages import FaultKind, PasswordChange
from recovery_site.ports import Clock, GatewayFault
from recovery_site.settings.hooks import Webhook as Settings


class Webhook:
    """The `Hook` port over HTTPS. `webhook-id` stays the same when a message goes again."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._exchange = Exchange(settings.timeout_seconds, ca_file=settings.ca_file)

    def tell(self, change: PasswordChange) -> None:
        event = {
            "type": "password.changed",
            "timestamp": change.at.astimezone(UTC).isoformat(timespec="seconds"),
            "data": {"address": change.address, "reference": change.reference},
        }
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        sent_at = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": change.message_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": f"v1,{self._signature(change.message_id, sent_at, body)}",
        }
        answer = self._ask("POST", content=body, headers=headers)
        if not 200 <= answer.status < 300:
            raise GatewayFault(f"the webhook answers with status {answer.status}", FaultKind.REFUSED)

    def check(self) -> None:
        self._ask("HEAD")

    def _signature(self, message_id: str, sent_at: str, body: bytes) -> str:
        signed = b".".join((message_id.encode(), sent_at.encode(), body))
        return base64.b64encode(hmac.digest(self._settings.key, signed, "sha256")).decode("ascii")

    def _ask(self, method: str, **parts: object) -> Answer:
        deadline = Deadline(self._settings.timeout_seconds)
        return deadline.run(lambda: self._exchange.ask(deadline, method, self._settings.url, **parts))
