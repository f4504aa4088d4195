"""The whole site behind a real socket, with a carrier and a clock that the tests hold."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from recovery_site.adapters.database.schema import upgrade
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance, SystemClock
from recovery_site.bootstrap import Services, bootstrap, start_dispatchers
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.messages import FaultKind, MessageState
from recovery_site.domain.people import Account, AccountKind, AccountStatus, NewAccount, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import Grant
from recovery_site.flow.reports import report_url
from recovery_site.ports import Directory, DirectoryUnavailable
from recovery_site.settings import PREFIX, Settings
from recovery_site.web.app import create_app
from tests.e2e.carrier import Carrier

OLD_PASSWORD = "Hoa-phuong#7cu"
CONTACT = "0299 3871 234"
RESEND_SECONDS = 60


class MovedClock:
    """The machine's clock, moved forward by the tests: a minute's wait costs no minute."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._real.now() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._real.sleep(seconds)

    def pass_by(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class Mailboxes:
    """The embedded directory, which can be made to fail when a password is changed."""

    def __init__(self, behind: Directory) -> None:
        self._behind = behind
        self.down_for_changes = False

    def find(self, address: str) -> Account | None:
        return self._behind.find(address)

    def check_password(self, address: str, password: Secret) -> bool:
        return self._behind.check_password(address, password)

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        if self.down_for_changes:
            raise DirectoryUnavailable("read-only")
        self._behind.set_password(address, password, now)

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        self._behind.add(account, password, now)

    def lock(self, address: str) -> None:
        self._behind.lock(address)

    def check(self) -> None:
        self._behind.check()


@dataclass(frozen=True)
class Mailbox:
    """A fresh account: nobody else's limits touch it."""

    address: str
    numbers: tuple[str, ...]

    @property
    def number(self) -> str:
        return self.numbers[0]

    @property
    def name(self) -> str:
        """What an official types: the part before the @."""
        return self.address.partition("@")[0]

    @property
    def masks(self) -> list[str]:
        """What a stranger sees of the numbers."""
        return [f"{number[:4]}XXX{number[-3:]}" for number in self.numbers]

    @property
    def mask(self) -> str:
        return self.masks[0]


@dataclass
class RunningSite:
    """One site with its address, its carrier and its clock."""

    services: Services
    carrier: Carrier
    clock: MovedClock
    mailboxes: Mailboxes
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return self.services.settings.site.base_url

    def new_mailbox(self, *, members: int = 1, locked: bool = False, phoneless: bool = False) -> Mailbox:
        """Make an account that no test has used; with several members it is a group."""
        serial = next(self._numbers)
        numbers = () if phoneless else tuple(f"09{12 + member}{serial:06d}" for member in range(members))
        phones = tuple(
            Phone(read_number(number), f"Thành viên {place}" if members > 1 else "")
            for place, number in enumerate(numbers, 1)
        )
        account = Account(
            f"hop.thu.{serial}@soctrang.gov.vn",
            display_name="Văn thư huyện Mỹ Tú",
            unit="UBND huyện Mỹ Tú",
            kind=AccountKind.GROUP if members > 1 else AccountKind.PERSONAL,
            status=AccountStatus.LOCKED if locked else AccountStatus.ACTIVE,
            phones=phones,
        )
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        store = EmbeddedDirectory(self.services.engine, cheap)
        store.put([NewAccount(account, Secret(OLD_PASSWORD))], self.clock.now())
        return Mailbox(account.address, numbers)

    def hand_out(self) -> tuple[Mailbox, str]:
        """Hand out an account that no test has used; return it with its first password."""
        serial = next(self._numbers)
        number = f"0986{serial:06d}"
        account = Account(f"can.bo.{serial}@soctrang.gov.vn", "Sơn Thị Hoa", phones=(Phone(read_number(number)),))
        asking = Asking(AskedBy.DOCUMENT, document=f"{serial}/CV", document_date=self.clock.now().date())
        granted = self.services.provision.grant(Grant(account, asking), "operator")
        return Mailbox(account.address, (number,)), granted.password.reveal()

    def change_number(self, mailbox: Mailbox, number: str) -> Mailbox:
        """Give an account another number, as the help desk does."""
        account = self.services.directory.find(mailbox.address)
        assert account is not None
        changed = replace(account, phones=(Phone(read_number(number)),))
        EmbeddedDirectory(self.services.engine).put([NewAccount(changed)], self.clock.now())
        return Mailbox(mailbox.address, (number,))

    def ask_elsewhere(self, mailbox: Mailbox) -> None:
        """Ask for a code in a browser that no test looks at."""
        browser = self.services.recover.begin(mailbox.address, None)
        self.services.recover.confirm(browser, "", "198.51.100.7")

    def report(self, mailbox: Mailbox, state: MessageState, kind: FaultKind = FaultKind.REFUSED) -> None:
        """Call in what became of the newest code to an account, as the carrier does."""
        fields = {"id": self.carrier.message_to(mailbox.number), "state": state, "kind": kind}
        address = report_url(self.url, self.services.keys, "main")
        httpx.post(address, data=fields, trust_env=False).raise_for_status()

    @contextmanager
    def directory_down(self) -> Iterator[None]:
        """Let every change of a password fail."""
        self.mailboxes.down_for_changes = True
        try:
            yield
        finally:
            self.mailboxes.down_for_changes = False

    def opens(self, mailbox: Mailbox, password: str) -> bool:
        """Return whether the directory takes this password."""
        return self.services.directory.check_password(mailbox.address, Secret(password))


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The site writes its own log."""


@contextmanager
def running(
    folder: Path,
    *,
    demo: bool = False,
    reports: bool = False,
    daily_budget: int = 2000,
    limits: Mapping[str, object] | None = None,
    mode: str = "documented",
) -> Iterator[RunningSite]:
    """Serve a site on a free port, dispatchers and all, until the block ends; its carrier may give `reports`."""
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=_Silent)
    clock, carrier = MovedClock(), Carrier(reports=reports)
    wrapped: list[Mailboxes] = []

    def wrap(embedded: EmbeddedDirectory) -> Directory:
        wrapped.append(Mailboxes(embedded))
        return wrapped[0]

    settings = _settings(folder, f"http://127.0.0.1:{server.port}", daily_budget, limits or {}, mode)
    services = bootstrap(settings, demo=demo, clock=clock, directory=wrap, gateways=None if demo else {"main": carrier})
    upgrade(services.engine)
    server.app = app = create_app(services)
    stop = start_dispatchers(services)
    serving = threading.Thread(target=server.serve_forever, name="server")
    serving.start()
    try:
        yield RunningSite(services, carrier, clock, wrapped[0])
    finally:
        _end(server, serving)
        stop()
        services.close()
        app.extensions["static_folder"].cleanup()


def _not_yet(_environ: object, _start: object) -> list[bytes]:
    """The settings need the server's port before there can be an application."""
    raise RuntimeError


def _end(server: BaseWSGIServer, serving: threading.Thread) -> None:
    server.shutdown()
    serving.join()
    server.server_close()


def _settings(folder: Path, base_url: str, daily_budget: int, limits: Mapping[str, object], mode: str) -> Settings:
    key = folder / "secret_key"
    ensure_key_file(key, SystemChance())
    with pytest.MonkeyPatch.context() as environment:
        for name in ("CONFIG", "SITE__BASE_URL", "DATABASE__URL"):
            environment.delenv(PREFIX + name, raising=False)
        return Settings.model_validate(
            {
                "site": {
                    "base_url": base_url,
                    "province": "Tỉnh Sóc Trăng",
                    "mail_domains": ["soctrang.gov.vn"],
                    "secret_key_file": str(key),
                    "contact": {"name": "Phòng Văn hóa và Thông tin huyện Mỹ Tú", "phone": CONTACT},
                },
                "database": {"url": f"sqlite:///{folder}/recovery.db"},
                "sms": {"daily_budget": daily_budget},
                "disclosure": {"mode": mode},
                "code": {"resend_after_seconds": RESEND_SECONDS},
                "limits": {
                    "sends_per_account": "9/10 minutes",
                    "password_checks": "40/10 minutes",
                    "addresses_until_proof": 10_000,  # all tests come from one address
                    "addresses_per_client": "10000/10 minutes",
                    "addresses_per_client_a_day": "10000/day",
                    "addresses_of_site": "10000/10 minutes",
                    **limits,
                },
            }
        )
