"""The gateway over Kannel's sendsms interface (Kannel User Guide 1.4.5, chapter "Setting up push services").

Always by POST: a GET would put the password, the number and the code into addresses, and so into logs.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Answer, Exchange
from recovery_site.adapters.sms.http.answer import clean_id
from recovery_site.domain.messages import Acceptance, FaultKind, MessageState, Report, Sms
from recovery_site.domain.people import PhoneNumber
from recovery_site.ports import GatewayFault, SmsGateway
from recovery_site.settings.gateways import KannelGateway as KannelSettings

_ALL_REPORTS = 1 + 2 + 4 + 8 + 16
"""Delivered, not delivered, buffered, taken by the SMSC, refused by the SMSC."""

_TAKEN = ("0: Accepted for delivery", "3: Queued for later delivery", "Sent.")
"""How a 202 begins; the last one with Kannel's `immediate-sendsms-reply`."""

_REFUSALS = {
    (403, "Authorization failed"): FaultKind.ACCESS,
    (403, "Not routable"): FaultKind.UNREACHABLE,  # no bind may take it now; a stopped one may come back
    (503, "Temporal failure"): FaultKind.BUSY,
    (400, "Missing receiver"): FaultKind.NUMBER,
    (400, "Empty receiver number"): FaultKind.NUMBER,
    (400, "Number(s) has/have been denied"): FaultKind.NUMBER,
    (400, "Charset or body misformed"): FaultKind.TEXT,
    (400, "Sender missing"): FaultKind.TEMPLATE,
}
"""How refusals begin. Nothing else of an answer reaches a log."""

_COMMAND_STATUS = {
    0x01: FaultKind.TEXT,  # invalid message length
    0x0A: FaultKind.TEMPLATE,  # invalid source address: the sender's name
    0x0B: FaultKind.NUMBER,  # invalid destination address
    0x14: FaultKind.BUSY,  # message queue full
    0x58: FaultKind.BUSY,  # throttled
}
"""SMPP 3.4 section 5.1.3."""

_NACK = re.compile(r"NACK/(?:0x([0-9A-Fa-f]{1,8})|([0-9]{1,10}))\b")
_RECEIPT = re.compile(r"\bstat:([A-Z]{3,8})\b(?: err:([0-9A-Za-z]{1,3})\b)?")
"""The state and the carrier's code in a receipt (SMPP 3.4, appendix B); the message's text follows them."""


class KannelGateway(SmsGateway):
    """Hands messages to a Kannel; the carriers' binds, throttling, reconnects and receipts are Kannel's work."""

    def __init__(self, settings: KannelSettings, report_url: str) -> None:
        self.reports = settings.reports
        self._settings = settings
        self._report_url = report_url
        self._exchange = Exchange(settings.timeout_seconds, ca_file=settings.ca_file)

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:
        """Hand the message over. With reports Kannel only keeps it: its report says when the SMSC took it."""
        answer = self._ask(self._headers(to, sms), sms.text.reveal().encode())
        if answer.status != 202 or not _text(answer).startswith(_TAKEN):
            raise _fault(answer)
        return Acceptance(by_carrier=not self._settings.reports)

    def check(self) -> None:
        """Prove that smsbox answers and knows the name and the password; it finds that the receiver is missing."""
        answer = self._ask({}, b"")
        if not (answer.status == 400 and _text(answer).startswith("Missing receiver")):
            raise _fault(answer)

    def read_report(self, fields: Mapping[str, str]) -> Report | None:
        """Read the fields of the address that `send` gave; the answer's own words are never repeated."""
        message_id, answer = clean_id(fields.get("id", "")), fields.get("answer", "")
        if not message_id:
            return None
        match fields.get("type"):
            case "8":
                return Report(MessageState.SENT, message_id)
            case "1":
                return Report(MessageState.DELIVERED, message_id)
            case "2":
                return _undelivered(message_id, answer)
            case "16":
                return _refused(message_id, answer)
            case _:  # 4: the SMSC keeps it for later, which changes nothing
                return None

    def _headers(self, to: PhoneNumber, sms: Sms) -> dict[str, str]:
        settings = self._settings
        headers = {
            "To": to.international,
            "From": settings.sender,
            "SMSC": settings.smsc,
            "Coding": "0",
            # rounded down: late is worse than not at all, the dispatcher may still send it again
            "Validity": str(max(1, int(sms.life.total_seconds() // 60))),
        }
        if settings.reports:
            address = f"{self._report_url}?id={quote(sms.message_id, safe='')}"
            headers["DLR-Mask"] = str(_ALL_REPORTS)
            # Kannel fills in what follows a %, and makes one of two
            headers["DLR-Url"] = address.replace("%", "%%") + "&type=%d&answer=%A&smsc=%i"
        return {name: value for name, value in headers.items() if value}

    def _ask(self, headers: Mapping[str, str], body: bytes) -> Answer:
        known = {"Username": self._settings.username, "Password": self._settings.password, **headers}
        deadline = Deadline(self._settings.timeout_seconds)
        return deadline.run(
            lambda: self._exchange.ask(
                deadline,
                "POST",
                self._settings.url,
                headers={
                    "Content-Type": "text/plain; charset=UTF-8",
                    **{f"X-Kannel-{name}": value for name, value in known.items()},
                },
                content=body,
            )
        )


def _text(answer: Answer) -> str:
    return answer.body.decode("ascii", "replace")


def _fault(answer: Answer) -> GatewayFault:
    for (status, words), kind in _REFUSALS.items():
        if answer.status == status and _text(answer).startswith(words):
            return GatewayFault(words, kind)
    match answer.status:
        case 400:
            return GatewayFault("status 400", FaultKind.REFUSED)
        case 403:
            return GatewayFault("status 403", FaultKind.ACCESS)
        case 503:
            return GatewayFault("status 503", FaultKind.BUSY)
        case status:
            return GatewayFault(f"status {status}", FaultKind.ANSWER)


def _undelivered(message_id: str, answer: str) -> Report:
    """Return the failure that a carrier's receipt tells of, with its state and its code."""
    receipt = _RECEIPT.search(answer)
    reason = "not delivered" if receipt is None else " ".join(part for part in receipt.groups() if part)
    return Report(MessageState.FAILED, message_id, reason=reason)


def _refused(message_id: str, answer: str) -> Report:
    """Return the failure of a message that the SMSC never took."""
    status = _NACK.match(answer)
    if status is not None:
        code = int(status[1], 16) if status[1] else int(status[2])
        kind = _COMMAND_STATUS.get(code, FaultKind.REFUSED)
        return Report(MessageState.FAILED, message_id, kind=kind, reason=f"command status 0x{code:08x}")
    if "Retries Exceeded" in answer:
        return Report(MessageState.FAILED, message_id, kind=FaultKind.BUSY, reason="retries exceeded")
    if "validity expired" in answer:
        # no carrier could be reached while the code was of use
        return Report(MessageState.FAILED, message_id, kind=FaultKind.UNREACHABLE, reason="validity expired")
    return Report(MessageState.FAILED, message_id, reason="refused by the SMSC")
