"""A site to measure: its settings, its accounts, its processes, and the carrier beside it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from recovery_site.adapters.database.schema import upgrade
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.domain.messages import Message
from recovery_site.domain.people import Account, NewAccount, Phone, PhoneNumber
from recovery_site.domain.recovery import REFERENCE_ALPHABET, Recovery, new_reference
from recovery_site.flow.outbox import code_message
from recovery_site.settings import Settings
from scripts.open_door import OPEN_DOOR
from tests import postgres

MAIN = "from recovery_site.cli import main; main()"
START_SECONDS = 60


@dataclass
class BenchSite:
    """One site over one database, with the carrier that it sends to."""

    settings: Settings
    services: Services
    carrier: int
    environment: dict[str, str]
    stack: ExitStack

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `recovery-site` with `words`; it ends with the bench."""
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *words],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(_end, process)
        return process

    def start_carrier(self, *options: str) -> Self:
        """Start the carrier and wait until it answers."""
        process = subprocess.Popen([sys.executable, "-m", "scripts.sms.carrier", str(self.carrier), *options])
        self.stack.callback(_end, process)
        wait_for(f"http://127.0.0.1:{self.carrier}/taken")
        return self

    def taken(self) -> dict[str, Any]:
        """Return the carrier's book."""
        told: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.carrier}/taken", timeout=30).json()
        return told

    def count(self) -> int:
        """Return how many messages the carrier has taken."""
        told: int = httpx.get(f"http://127.0.0.1:{self.carrier}/count", timeout=30).json()["taken"]
        return told

    def put_accounts(self, count: int) -> list[Account]:
        """Store `count` accounts, each with a number of its own."""
        accounts = [
            Account(f"canbo{n}@soctrang.gov.vn", phones=(Phone(PhoneNumber(f"+8491{n:07}")),)) for n in range(count)
        ]
        EmbeddedDirectory(self.services.engine).put([NewAccount(one) for one in accounts], self.services.clock.now())
        return accounts

    def queue(self, accounts: list[Account]) -> dict[str, Message]:
        """Put one code for each account into the outbox, as the press of the button does; return them by id."""
        messages = {}
        for begin in range(0, len(accounts), 200):
            with self.services.transactions() as tx:
                for account in accounts[begin : begin + 200]:
                    recovery = self._confirmed(account)
                    message = code_message(recovery, self.services.chance.token(), self.services.clock.now())
                    tx.recoveries.add(recovery)
                    tx.messages.add(message)
                    messages[message.id] = message
        return messages

    def _confirmed(self, account: Account) -> Recovery:
        services, now = self.services, self.services.clock.now()
        recovery = Recovery(
            id=services.chance.token(),
            browser=services.chance.token()[:32],
            reference=new_reference(services.chance.letters(REFERENCE_ALPHABET, 8)),
            address=account.address,
            attempts_left=services.rules.attempts,
            created_at=now,
            expires_at=now + services.rules.lifetime,
            resumed_at=now,
        )
        return recovery.with_code_sent(
            now,
            services.rules,
            key_id=services.keys.newest_id,
            phone=services.under_way.fingerprint(recovery, account.phones[0]),
            masked_phone="0912XXX456",
        )


@contextmanager
def bench_site(*, postgresql: bool, **gateway: object) -> Iterator[BenchSite]:
    """Make a fresh site in a folder of its own; everything ends with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recovery-bench-")))
        url = f"sqlite:///{folder}/recovery.db"
        if postgresql:
            server = stack.enter_context(postgres.running())
            url = server.url(server.create())
        carrier, port = free_port(), free_port()
        values = _values(folder, url, carrier, port, gateway)
        for path in (folder / "secret_key",):
            ensure_key_file(path, SystemChance())
        settings = Settings.model_validate(values)
        services = bootstrap(settings)
        stack.callback(services.close)
        upgrade(services.engine)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RECOVERY_")}
        environment |= {f"RECOVERY_{name.upper()}": json.dumps(value) for name, value in values.items()}
        yield BenchSite(settings, services, carrier, environment, stack)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(url: str) -> None:
    """Wait until something answers."""
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(url)
        except httpx.TransportError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
        else:
            return


def _values(folder: Path, url: str, carrier: int, port: int, gateway: dict[str, object]) -> dict[str, Any]:
    return {
        "site": {
            "base_url": f"http://127.0.0.1:{port}",
            "province": "Tỉnh Sóc Trăng",
            "mail_domains": ["soctrang.gov.vn"],
            "secret_key_file": str(folder / "secret_key"),
        },
        "database": {"url": url},
        "limits": OPEN_DOOR,
        "sms": {
            "dispatcher": "separate",
            "daily_budget": 100_000,
            "gateway": {
                "main": {
                    "kind": "http",
                    "url": f"http://127.0.0.1:{carrier}/send",
                    "json": {"to": "{to}", "text": "{text}", "id": "{message_id}"},
                    **gateway,
                }
            },
        },
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
