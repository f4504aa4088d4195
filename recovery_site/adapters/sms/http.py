"""The general HTTP gateway: a carrier's interface described in the settings.

Placeholders in headers and bodies: `{to}` (84…), `{to_local}` (0…), `{text}`, `{message_id}`, and for carriers with
registered templates `{code}`, `{minutes}`, `{reference}`.
"""

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx

from recovery_site.domain.messages import Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import HttpGateway as HttpGatewaySettings

ANSWER_BYTES = 64 * 1024
"""More than this is no answer of an SMS interface."""

_PLACEHOLDER = re.compile("{(" + "|".join(HttpGatewaySettings.PLACEHOLDERS) + ")}")


_TOO_SLOW = "the answer is too slow"
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)

# at INFO it writes every address that is asked: with `query` the number and the code are in it
logging.getLogger("httpx").setLevel(logging.WARNING)


class HttpGateway:
    """Sends by one HTTP request. Certificates are verified, redirects are not followed, answers are bounded."""

    def __init__(self, settings: HttpGatewaySettings) -> None:
        self._settings = settings
        self._client = httpx.Client(
            timeout=settings.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            # every request has a connection of its own, which its deadline can cut
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def send(self, to: PhoneNumber, sms: Sms) -> str:
        with _Deadline(self._settings.timeout_seconds) as deadline:
            try:
                status, body = self._ask(self._request(to, sms, deadline))
            except _FAULTS as error:
                raise GatewayFault(_TOO_SLOW if deadline.passed else type(error).__name__) from error
        if deadline.passed:
            raise GatewayFault(_TOO_SLOW)
        if status not in self._settings.success.status:
            raise GatewayFault(f"status {status}")
        return self._carrier_id(body)

    def check(self) -> None:
        try:
            # any answer will do: the interface of a carrier seldom has an address that sends nothing
            self._client.request("HEAD", self._settings.url)
        except _FAULTS as error:
            raise GatewayFault(f"{urlsplit(self._settings.url).hostname}: {type(error).__name__}") from error

    def _request(self, to: PhoneNumber, sms: Sms, deadline: "_Deadline") -> httpx.Request:
        values = {
            "to": to.international,
            "to_local": to.local,
            "text": sms.text.reveal(),
            "message_id": sms.message_id,
            "code": sms.code.reveal(),
            "minutes": str(sms.minutes),
            "reference": sms.reference,
        }

        def fill(template: Any) -> Any:
            return _filled(template, values, str)

        settings = self._settings
        headers = fill(settings.headers)
        content: str | None = None
        if settings.xml is not None:
            content = _filled(settings.xml, values, escape)
            headers = {"Content-Type": "text/xml; charset=utf-8", **headers}
        return self._client.build_request(
            settings.method,
            settings.url,
            params=fill(settings.query),
            headers=headers,
            json=fill(settings.json_),
            data=fill(settings.form),
            content=content,
            extensions={"trace": deadline.trace},
        )

    def _ask(self, request: httpx.Request) -> tuple[int, bytes]:
        """Return status and body."""
        response = self._client.send(request, stream=True)
        try:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES:
                    raise GatewayFault("the answer is too long")
            return response.status_code, body
        finally:
            response.close()

    def _carrier_id(self, body: bytes) -> str:
        success = self._settings.success
        if not success.json_ and not success.id:
            return ""
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise GatewayFault("the answer is not JSON") from error
        for name, wanted in success.json_.items():
            if _text(_field(answer, name)) != wanted:
                raise GatewayFault(f"{name} is not {wanted}")
        return _text(_field(answer, success.id)) if success.id else ""


class _Deadline:
    """The end of one request, however its answer trickles in: httpx's own time-outs begin anew with every byte."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._stream: Any = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the request's connection (httpx's `trace` extension)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = info["return_value"]
            if self.passed:
                self._cut()

    def _cut(self) -> None:
        self.passed = True
        if self._stream is not None:
            with suppress(OSError):  # the carrier hung up at the same moment
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _filled(template: Any, values: Mapping[str, str], quote: Callable[[str], str]) -> Any:
    """Fill every string of a template; what a value brings with it is never taken for a placeholder."""
    if isinstance(template, str):
        return _PLACEHOLDER.sub(lambda found: quote(values[found[1]]), template)
    if isinstance(template, dict):
        return {key: _filled(value, values, quote) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values, quote) for value in template]
    return template


def _field(answer: Any, path: str) -> Any:
    """Return a field of a JSON answer by its dotted path; numbers in it are places in a list."""
    for part in path.split("."):
        if isinstance(answer, dict):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return None
    return answer


def _text(value: Any) -> str:
    """Return a value as JSON writes it, without the quotes of a text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
