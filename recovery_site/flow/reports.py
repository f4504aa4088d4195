"""Delivery reports: called in at an address that cannot be guessed, or collected from gateways that do not call."""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256

import structlog

from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.messages import MessageState, Report
from recovery_site.domain.reports import after_report
from recovery_site.flow.carriers import Carriers
from recovery_site.flow.deliver import Deliver
from recovery_site.ports import Clock, GatewayFault, Transactions

PATH = "/sms-reports/"
"""Where gateways report, followed by the gateway's name and its token."""

log = structlog.get_logger()


class UnknownReporter(Exception):
    """No gateway has this name and this token."""


def report_url(base_url: str, keys: KeyRing, gateway: str) -> str:
    """Return the address at which one gateway reports; whoever knows it can make messages look delivered or failed."""
    return f"{base_url.rstrip('/')}{PATH}{gateway}/{_token(keys.subkey(Label.REPORT), gateway)}"


class Reports:
    """Applies what gateways learnt later. Reports may come late, twice, out of order, or for messages long gone."""

    def __init__(
        self, transactions: Transactions, carriers: Carriers, deliver: Deliver, clock: Clock, keys: KeyRing
    ) -> None:
        self._transactions = transactions
        self._carriers = carriers
        self._deliver = deliver
        self._clock = clock
        self._keys = keys

    def take(self, gateway: str, token: str, fields: Mapping[str, str]) -> bool:
        """Apply one call and return whether its message is known; raises `UnknownReporter`.

        A report can overtake the answer that tells the carrier's id: to an unknown one the caller says so, and the
        carrier reports again.
        """
        right = [
            hmac.compare_digest(_token(key, gateway).encode(), token.encode())
            for key in self._keys.subkeys(Label.REPORT)
        ]
        reporter = self._carriers.gateway(gateway)
        if not any(right) or reporter is None:
            raise UnknownReporter(gateway)
        report = reporter.read_report(fields)
        return report is None or self._apply(gateway, report)

    def collect(self) -> None:
        """Ask every gateway what it has learnt, and let it forget what is written down."""
        for name in self._carriers.names:
            gateway = self._carriers.gateway(name)
            try:
                reports = gateway.collect() if gateway else ()
                for report in reports:
                    self._apply(name, report)
                if gateway and reports:
                    gateway.settle(reports)
            except GatewayFault as fault:
                log.warning("reports_not_collected", gateway=name, fault=str(fault))

    def _apply(self, gateway: str, report: Report) -> bool:
        with self._transactions() as tx:
            if report.message_id:
                message = tx.messages.lock(report.message_id)
            else:
                message = tx.messages.lock_carried(gateway, report.carrier_id)
            if message is None:
                return False
            others = self._carriers.others(message.refused_by | {gateway})
            changed = after_report(message, gateway, report, self._clock.now(), others=others)
            if changed is not None:
                tx.messages.save(changed)
        if changed is not None:
            if changed.state is MessageState.QUEUED:
                self._deliver.wake()
            log.info(
                "sms_reported", message=message.id, reference=message.reference, gateway=gateway, state=changed.state
            )
        return True


def _token(key: bytes, gateway: str) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, gateway.encode(), sha256).digest()).rstrip(b"=").decode()
