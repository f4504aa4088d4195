"""The site that is attacked: real servers, a real carrier, a real database; all on 127.0.0.1, gone with the block."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from recovery_site.adapters.database.schema import upgrade
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.domain.people import Account, AccountKind, AccountStatus, NewAccount, Phone, PhoneNumber
from recovery_site.domain.secret import Secret
from recovery_site.settings import Settings
from scripts.open_door import OPEN_DOOR
from scripts.sms.bench_site import MAIN, free_port, wait_for
from tests import postgres

DOMAIN = "soctrang.gov.vn"
PASSWORD = "Canh-chim-bay-44-lac"
"""The old password of every account, and a canary: no answer and no log may show it."""

VICTIM, PLAYER, WINNER, LOCKED = "nan-nhan", "nguoi-do", "nguoi-thang", "khoa-lai"
"""Whose recoveries nobody presses for; who presses and never knows the code; who recovers; who cannot."""


@dataclass(frozen=True)
class Target:
    """A running site. `services` works on the same database from outside, `ports` are its servers'."""

    services: Services
    folder: Path
    ports: Sequence[int]
    carrier: int

    @property
    def host(self) -> str:
        """What the Host header must be, whichever server is asked."""
        return self.services.settings.site.host

    def taken(self) -> dict[str, dict[str, str]]:
        """Return what the carrier took: for each message its number and its text."""
        taken: dict[str, dict[str, str]] = _get(f"http://127.0.0.1:{self.carrier}/taken").json()["taken"]
        return taken

    def logs(self) -> str:
        """Return what the servers have written."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("server-*.log")))

    def put(self, role: str, count: int, *, hasher: PasswordHasher | None = None) -> list[Account]:
        """Store `count` accounts of one role. A victim's number has to be chosen, everybody else has only one."""
        accounts = [account(role, serial) for serial in range(count)]
        cheap = hasher or PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        rows = [NewAccount(one, Secret(PASSWORD)) for one in accounts]
        EmbeddedDirectory(self.services.engine, cheap).put(rows, self.services.clock.now())
        return accounts


def account(role: str, serial: int) -> Account:
    """Return one account of a role, with numbers that no other has."""
    first = {VICTIM: "91", PLAYER: "93", WINNER: "96", LOCKED: "98"}.get(role, "90")
    numbers = [f"+84{first}{serial:07}"] + ([f"+8492{serial:07}"] if role == VICTIM else [])
    return Account(
        f"{role}-{serial:04}@{DOMAIN}",
        kind=AccountKind.GROUP if role == VICTIM else AccountKind.PERSONAL,
        status=AccountStatus.LOCKED if role == LOCKED else AccountStatus.ACTIVE,
        phones=() if role == "khong-so" else tuple(Phone(PhoneNumber(number)) for number in numbers),
    )


@contextmanager
def running(
    *, postgresql: bool = False, url: str = "", servers: int = 1, workers: int = 2, **changed: Any
) -> Iterator[Target]:
    """Start `servers` times `recovery-site serve` over one database; `changed` sets sections of the settings."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recovery-attack-")))
        if postgresql:
            server = stack.enter_context(postgres.running())
            url = server.url(server.create())
        url = url or f"sqlite:///{folder}/recovery.db"
        ports, carrier = [free_port() for _ in range(servers)], free_port()
        values = _settings(folder, url, ports[0], carrier, changed)
        ensure_key_file(folder / "secret_key", SystemChance())
        services = bootstrap(Settings.model_validate(values))
        stack.callback(services.close)
        upgrade(services.engine)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RECOVERY_")}
        environment |= {f"RECOVERY_{name.upper()}": json.dumps(value) for name, value in values.items()}
        environment["TMPDIR"] = str(folder)
        target = Target(services, folder, ports, carrier)
        started = [[sys.executable, "-m", "scripts.sms.carrier", str(carrier), "--seconds", "0"]]
        started += [
            [sys.executable, "-c", MAIN, "serve", "--port", str(port), "--workers", str(workers)] for port in ports
        ]
        for number, words in enumerate(started):
            log = stack.enter_context((folder / f"server-{number}.log").open("wb"))
            process = subprocess.Popen(words, env=environment, stdout=log, stderr=log, start_new_session=True)
            stack.callback(_end, process)
        for port in (carrier, *ports):
            wait_for(f"http://127.0.0.1:{port}/taken")
        yield target


def _settings(folder: Path, url: str, port: int, carrier: int, changed: dict[str, Any]) -> dict[str, Any]:
    send = {
        "kind": "http",
        "url": f"http://127.0.0.1:{carrier}/send",
        "json": {"to": "{to}", "text": "{text}", "id": "{message_id}"},
        "report": {"message_id": "id", "delivered": {"state": ["delivered"]}, "failed": {"state": ["failed"]}},
    }
    values: dict[str, Any] = {
        "site": {
            "base_url": f"http://127.0.0.1:{port}",
            "province": "Tỉnh Sóc Trăng",
            "mail_domains": [DOMAIN],
            "domain_aliases": {f"cu.{DOMAIN}": DOMAIN},
            "secret_key_file": str(folder / "secret_key"),
            "trusted_proxies": 1,  # each visitor of the bench comes from an address of its own
        },
        "database": {"url": url},
        "limits": dict(OPEN_DOOR),
        "sms": {"daily_budget": 100_000, "gateway": {"main": send}},
    }
    for section, keys in changed.items():
        values.setdefault(section, {}).update(keys)
    return values


def _get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=30, trust_env=False)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server and its workers at once: nothing of them is needed any more."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
