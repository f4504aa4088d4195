"""A whole site in one process: the real services over a real database, and the world around it in the test's hands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from recovery_site.adapters.database.tables import metadata
from recovery_site.bootstrap import Services
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.people import Account, AccountKind, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import Grant
from recovery_site.ports import Directory, DirectoryUnavailable, PasswordRefused, PolicyProblem
from tests.fakes import ACCOUNTS, FakeClock, FakeGateway

OLD_NUMBER = "so-cu@soctrang.gov.vn"
TRIO = "bo-phan-mot-cua@soctrang.gov.vn"

MORE_ACCOUNTS = (
    Account(OLD_NUMBER, "Phạm Quốc Việt", "Sở Nội vụ", phones=(Phone(read_number("01683456789")),)),
    Account(
        TRIO,
        "Bộ phận Một cửa",
        "UBND huyện Mỹ Tú",
        kind=AccountKind.GROUP,
        phones=(
            Phone(read_number("0855111222"), "Kim Thị Sa Phia"),
            Phone(read_number("0777222333"), "Lý Thị Mơ"),
            Phone(read_number("0588333444"), "Võ Gia Bảo"),
        ),
    ),
)

NEWCOMER = Account(
    "ban-giao@soctrang.gov.vn",
    "Thạch Thị Ngọc",
    "Sở Tư pháp",
    phones=(Phone(read_number("0369258147")),),
)
"""Has no account until `Website.hand_out`."""

BY_LETTER = Asking(AskedBy.DOCUMENT, document="12/CV", document_date=date(2026, 3, 2))

Rows = dict[str, list[dict[str, Any]]]


class UnsteadyDirectory:
    """The real directory behind a line that the test can cut."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.down = False
        self.has_a_bug = False
        self.down_for_changes = False
        self.refuses_passwords: PolicyProblem | None = None
        self.before_change: Callable[[], object] = lambda: None
        self.changes: list[tuple[str, str]] = []

    def find(self, address: str) -> Account | None:
        self._reach()
        return self._directory.find(address)

    def check_password(self, address: str, password: Secret) -> bool:
        self._reach()
        return self._directory.check_password(address, password)

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        self._reach()
        self.before_change()
        if self.down_for_changes:
            raise DirectoryUnavailable("the directory is read-only")
        if self.refuses_passwords:
            raise PasswordRefused(self.refuses_passwords)
        self._directory.set_password(address, password, now)
        self.changes.append((address, password.reveal()))

    def add(self, account: Account, password: Secret, now: datetime) -> None:
        self._reach()
        self._directory.add(account, password, now)

    def lock(self, address: str) -> None:
        self._reach()
        self._directory.lock(address)

    def check(self) -> None:
        self._reach()

    def _reach(self) -> None:
        if self.has_a_bug:
            raise RuntimeError("a bug")
        if self.down:
            raise DirectoryUnavailable("connection refused")


@dataclass
class Website:
    """The site, and what the test may do to the world around it."""

    services: Services
    app: Flask
    clock: FakeClock
    gateway: FakeGateway
    directory: UnsteadyDirectory
    first_password: str = ""
    """The newcomer's, once the account was handed out."""
    numbers: frozenset[str] = field(
        default=frozenset(
            phone.number.e164.removeprefix("+84")
            for account in (*ACCOUNTS.values(), *MORE_ACCOUNTS, NEWCOMER)
            for phone in account.phones
        )
    )

    def hand_out(self) -> str:
        """Hand the newcomer's account out, its clock starting now, and return the first password."""
        granted = self.services.provision.grant(Grant(NEWCOMER, BY_LETTER), "quan.tri")
        self.first_password = granted.password.reveal()
        return self.first_password

    def sent_codes(self) -> set[str]:
        return {sms.code.reveal() for _, sms in self.gateway.accepted if sms.code.reveal()}

    def codes_received(self) -> int:
        """How many SMS with a code reached a telephone."""
        return len([sms for _, sms in self.gateway.accepted if sms.code.reveal()])

    def sms_count(self) -> int:
        """How many SMS gateways were asked to send, and how many wait."""
        return len(self.gateway.asked) + len([row for row in self.rows()["messages"] if row["state"] == "queued"])

    def deliver_all(self) -> None:
        """Send everything that is due now."""
        while self.services.deliver.send_next():
            pass

    def opens(self, address: str, password: str) -> bool:
        """Return whether the directory lets `password` in."""
        return self.services.directory.check_password(address, Secret(password))

    def update(self, table: str, where: dict[str, object], **values: object) -> None:
        """Change rows as an administrator would, behind the site's back."""
        changed = metadata.tables[table]
        matching = [changed.c[name] == value for name, value in where.items()]
        with self.services.engine.begin() as connection:
            connection.execute(changed.update().where(*matching).values(**values))

    def rows(self) -> Rows:
        """Return everything that the database holds."""
        with self.services.engine.begin() as connection:
            return {
                table.name: [
                    dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in metadata.sorted_tables
            }

    def put_back(self, rows: Rows) -> None:
        """Make the database hold exactly `rows`."""
        with self.services.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            for table in metadata.sorted_tables:
                if rows[table.name]:
                    connection.execute(insert(table), rows[table.name])
