"""The gateway over a carrier's HTTP interface: templates in the settings make the request and read the answer."""

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Exchange
from recovery_site.adapters.sms.http.answer import Judge, Reading, read
from recovery_site.adapters.sms.http.report import read_report
from recovery_site.adapters.sms.http.template import fill
from recovery_site.adapters.sms.http.token import token_of
from recovery_site.adapters.system import SystemClock
from recovery_site.domain.messages import Acceptance, Report, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import Clock, GatewayFault, SmsGateway
from recovery_site.settings.gateways.http import HttpGateway as HttpGatewaySettings
from recovery_site.settings.gateways.http_token import FetchedToken


class HttpGateway(SmsGateway):
    """Sends by one HTTP request, and by another one before it where the carrier wants a token.

    `report_url` is where the carrier may report to. Everything together takes `timeout_seconds` at most.
    """

    def __init__(self, settings: HttpGatewaySettings, report_url: str = "", clock: Clock | None = None) -> None:
        self._settings = settings
        self._report_url = report_url
        self._exchange = Exchange(settings.timeout_seconds, ca_file=settings.ca_file)
        self._token = token_of(settings.token, self._exchange, clock or SystemClock())
        self._judge = Judge(settings)

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        deadline = Deadline(self._settings.timeout_seconds)
        values = self._values(to, sms)
        reading = deadline.run(lambda: self._send(deadline, values))
        secrets = [secret for secret in (values["code"], to.local.removeprefix("0")) if secret]
        return self._judge.accept(reading, secrets)

    def check(self) -> None:
        urls = [self._settings.url]
        if isinstance(self._settings.token, FetchedToken):
            urls.append(self._settings.token.url)
        for url in urls:
            try:
                self._reach(url)
            except GatewayFault as fault:
                raise GatewayFault(f"{urlsplit(url).hostname}: {fault}", fault.kind) from None

    def read_report(self, fields: Mapping[str, str]) -> Report | None:
        return read_report(fields, self._settings.report) if self._settings.report else None

    def _reach(self, url: str) -> None:
        deadline = Deadline(self._settings.timeout_seconds)
        # any answer will do: the interface of a carrier seldom has an address that sends nothing
        deadline.run(lambda: self._exchange.ask(deadline, "HEAD", url))

    def _send(self, deadline: Deadline, values: Mapping[str, str]) -> Reading:
        token = self._token.get(deadline)
        reading = self._ask(deadline, {**values, "token": token})
        if token and self._judge.wants_new_token(reading):
            other = self._token.get(deadline, refused=token)
            if other != token:
                reading = self._ask(deadline, {**values, "token": other})
        return reading

    def _ask(self, deadline: Deadline, values: Mapping[str, str]) -> Reading:
        settings = self._settings
        headers, query, json, form = fill([settings.headers, settings.query, settings.json_, settings.form], values)
        content = None
        if settings.xml is not None:
            content = fill(settings.xml, values, escape)
            headers = {"Content-Type": "text/xml; charset=utf-8", **headers}
        answer = self._exchange.ask(
            deadline, settings.method, settings.url,
            params=query, headers=headers, json=json, data=form, content=content,
        )  # fmt: skip
        return read(answer, settings.answer)

    def _values(self, to: PhoneNumber, sms: Sms) -> Mapping[str, str]:
        text = sms.text.reveal()
        return {
            "to": to.international,
            "to_local": to.local,
            "text": text,
            "text_base64": base64.b64encode(text.encode()).decode(),
            "message_id": sms.message_id,
            "code": sms.code.reveal(),
            "minutes": str(sms.minutes),
            "reference": sms.reference,
            "report_url": self._report_url,
        }
