"""A province that hands accounts out: its operator at the commands, its people at the pages, one clock for all."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result
from ldap3 import NONE, Connection, Server

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.bootstrap import Services
from recovery_site.cli import main
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.secret import Secret
from tests.fakes import FakeClock, FakeGateway
from tests.peers import slapd
from tests.web.client import CheckingClient
from tests.web.page import Element, Page
from tests.web.website import Website

PLACES: Mapping[str, str] = {
    "embedded on SQLite": "sqlite",
    "embedded on PostgreSQL": "postgresql",
    "OpenLDAP": "sqlite",
}
"""Where the accounts are, and on which engine the site's database then is."""

on_both_directories = pytest.mark.parametrize("place", ["embedded on SQLite", "OpenLDAP"], indirect=True)
on_one_directory = pytest.mark.parametrize("place", ["embedded on SQLite"], indirect=True)

NGOC = "ngoc.thach@soctrang.gov.vn"
TEAM = "mot-cua@soctrang.gov.vn"
NGOCS_PHONE = "0369258147"
TEAMS_PHONES = ("0855111222", "0777222333", "0588333444", "0346111555", "0918111666")
SIXTH_PHONE = "0707111777"

ACCOUNT, CHANGE, SIGN_IN = "/tai-khoan", "/tai-khoan/doi-mat-khau", "/dang-nhap"
NOT_FOUND = "Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!"
REFUSED = "Tên tài khoản hoặc mật khẩu không đúng. Hãy kiểm tra lại, hoặc chọn “Quên mật khẩu?” để đặt mật khẩu mới."
OVERDUE = "its first password was not changed in time"

WRITTEN = ("--document", "12/CV-STP", "--document-date", "01/11/2015")
CALLED = ("--caller", "Phạm Thị Chi", "--called-at", "02/11/2015 08:05")
PERSON = (NGOC, "--name", "Thạch Thị Ngọc", "--unit", "Sở Tư pháp", "--phone", "0369 258 147")


CONTACT = {
    "name": "Trung tâm Công nghệ thông tin và Truyền thông",
    "phone": "09 09834 888",
    "address": "số 009 đường Hoàng Văn Thụ, Phường Hợp Giang, Thành phố Cao Bằng",
}
"""As the document has it: where accounts are asked for."""


def crowd(*numbers: str) -> list[str]:
    """Return the words of a group with these numbers."""
    members = [f"Thành viên {place} <{number}>" for place, number in enumerate(numbers, 1)]
    return [TEAM, "--name", "Bộ phận Một cửa", "--unit", "UBND huyện Mỹ Tú", *_each("--member", members)]


class MailServer(Protocol):
    """Where the accounts are, asked past the site and past its clock."""

    def lets_in(self, address: str, password: str) -> bool: ...


class EmbeddedMail:
    """What the site's own tables hold: Dovecot reads them."""

    def __init__(self, services: Services) -> None:
        self._directory = EmbeddedDirectory(services.engine)

    def lets_in(self, address: str, password: str) -> bool:
        account = self._directory.find(address)
        is_open = account is not None and account.status is AccountStatus.ACTIVE
        return is_open and self._directory.check_password(address, Secret(password))


class LdapMail:
    """A slapd, to which people sign in themselves."""

    def __init__(self, server: slapd.Slapd) -> None:
        self.server = server

    def lets_in(self, address: str, password: str) -> bool:
        return self._signed_in(address, password, lambda _: True)

    def change_password(self, address: str, old: str, new: str) -> None:
        """Change one's own password by the mail system's own means (RFC 3062)."""
        dn = slapd.dn_of(address)
        assert self._signed_in(address, old, lambda it: bool(it.extend.standard.modify_password(dn, old, new)))

    def _signed_in(self, address: str, password: str, act: Callable[[Connection], bool]) -> bool:
        server = Server("127.0.0.1", self.server.tls_port, use_ssl=True, get_info=NONE, connect_timeout=5)
        connection = Connection(server, slapd.dn_of(address), password, check_names=False, receive_timeout=5)
        try:
            return connection.bind(read_server_info=False) and act(connection)
        finally:
            with suppress(Exception):
                connection.unbind()


@dataclass(frozen=True)
class Slip:
    """A printed slip as its receiver reads it."""

    address: str
    password: str
    deadline: str
    where: str


def read_slips(path: Path) -> list[Slip]:
    """Read the slips of a file, in their order."""
    page = Page(path.read_text("utf-8"))
    return [_slip(article) for article in page.all("article")]


def _slip(article: Element) -> Slip:
    [password] = [one for one in article.all("section") if one.has_class("password")]
    [deadline] = [one for one in article.all("p") if one.has_class("deadline")]
    return Slip(
        address=article.all("dd")[0].text,
        password=password.all("b")[0].text,
        deadline=deadline.text,
        where=article.all("code")[0].text,
    )


@dataclass
class Province:
    """The site, the mail system, the operator and the telephones."""

    website: Website
    mail: MailServer
    folder: Path
    _start: Callable[[], Website]

    @property
    def clock(self) -> FakeClock:
        return self.website.clock

    @property
    def gateway(self) -> FakeGateway:
        return self.website.gateway

    def command(self, *words: str | Path) -> Result:
        """Run `recovery-site`; a traceback fails the test."""
        result = CliRunner().invoke(main, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *words: str | Path) -> str:
        """Run `recovery-site`, which does it, and return what it prints."""
        result = self.command(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str | Path) -> str:
        """Run `recovery-site`, which refuses, and return its reasons."""
        result = self.command(*words)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        return result.stderr

    def handed_out(self, *words: str, command: str = "grant") -> Slip:
        """Hand an account out with a slip, and give it to the receiver."""
        path = self.folder / f"phieu-{len(list(self.folder.iterdir()))}.html"
        said = self.done("accounts", command, *words, "--slip", path)
        [slip] = read_slips(path)
        assert slip.password not in said
        return slip

    def sweep(self) -> str:
        return self.done("sweep")

    def shown(self, address: str) -> str:
        return self.done("accounts", "show", address)

    def browser(self) -> CheckingClient:
        """Return a browser that was never here."""
        return CheckingClient(self.website)

    def reads(self, number: str) -> list[str]:
        """Return the SMS that came to this number so far, once the outbox is empty."""
        self.website.deliver_all()
        return [sms.text.reveal() for to, sms in self.gateway.accepted if to.local == number]

    def restart(self) -> None:
        """End the site's process and start another one; neither sweeps."""
        self.website.services.close()
        self.website = self._start()


def password_in(text: str) -> str:
    """Return the first password that an SMS brings."""
    found = re.search(r": (\S+) Hay doi mat khau truoc", text)
    assert found, text
    return found[1]


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
