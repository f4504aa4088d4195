"""Dovecot's authentication cache and open sessions, through doveadm's HTTP API.

A Dovecot with an authentication cache goes on accepting the old password, and refusing the new one, for up to an hour;
an open IMAP session survives every change. Source: doc.dovecot.org, "Doveadm HTTP API", for Dovecot 2.3 and 2.4.
"""

import base64
import json
from typing import Any

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Answer, Exchange
from recovery_site.domain.messages import FaultKind, PasswordChange
from recovery_site.ports import GatewayFault
from recovery_site.settings.hooks import Dovecot

NOBODY_THERE = 68
"""What `kick` says where the person has no session open (EX_NOHOST)."""


class DovecotHook:
    """The `Hook` port over the Dovecots of the settings: all of them, or the message goes again."""

    def __init__(self, settings: Dovecot) -> None:
        self._settings = settings
        self._exchange = Exchange(settings.timeout_seconds, ca_file=settings.ca_file)

    def tell(self, change: PasswordChange) -> None:
        local = change.address.partition("@")[0]
        user = self._settings.username.format(address=change.address, local=local)
        commands = [["authCacheFlush", {"user": [user]}, "flush"], ["kick", {"mask": user}, "kick"]]
        faults = []
        for url in self._settings.urls:
            try:
                self._command(url, commands)
            except GatewayFault as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def check(self) -> None:
        for url in self._settings.urls:
            # the cache of nobody: the key is tried, and nothing is forgotten
            self._command(url, [["authCacheFlush", {"user": ["recovery-site-doctor"]}, "flush"]])

    def _command(self, url: str, commands: list[list[Any]]) -> None:
        deadline = Deadline(self._settings.timeout_seconds)
        key = base64.b64encode(self._settings.api_key.encode()).decode("ascii")
        answer = deadline.run(
            lambda: self._exchange.ask(
                deadline,
                "POST",
                f"{url.rstrip('/')}/doveadm/v1",
                json=commands,
                headers={"Authorization": f"X-Dovecot-API {key}"},
            )
        )
        _require_done(answer, len(commands))


def _require_done(answer: Answer, commands: int) -> None:
    if answer.status in (401, 403):
        raise GatewayFault("doveadm refuses the api_key", FaultKind.ACCESS)
    if answer.status != 200:
        raise GatewayFault(f"doveadm answers with status {answer.status}", FaultKind.ANSWER)
    try:
        results = json.loads(answer.body)
        # a command that the key may not give has exit code 0; its type says what is wrong
        refused = [detail.get("exitCode") or detail.get("type") for kind, detail, _ in results if kind == "error"]
    except (ValueError, TypeError, AttributeError):
        raise GatewayFault("doveadm's answer makes no sense", FaultKind.ANSWER) from None
    if len(results) != commands:
        raise GatewayFault("doveadm did not answer each command", FaultKind.ANSWER)
    for reason in refused:
        if reason != NOBODY_THERE:
            raise GatewayFault(f"doveadm fails ({str(reason)[:40]})", FaultKind.REFUSED)
