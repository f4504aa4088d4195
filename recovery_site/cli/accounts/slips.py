"""Printed slips: the one place where a first password is shown, once, on a page of A6 for each account.

The file holds passwords: it is made for its owner alone and never written over, and each slip is in it before the next
account is handed out.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.local_time import VIETNAM
from recovery_site.domain.people import Account, AccountKind
from recovery_site.flow.provision import Granted
from recovery_site.settings.sections import Site

STDOUT = "-"
"""The name of a file that means standard output."""

SIGN_IN = "/dang-nhap"

_TEMPLATE = "slips.html"


@dataclass(frozen=True)
class Slip:
    """What stands on one slip, in words."""

    address: str
    name: str
    unit: str
    members: str
    asked: str
    deadline: str
    host: str
    path: str
    system_name: str
    province: str
    contact: str
    reference: str
    code: Markup
    password: str = field(repr=False)


class Slips:
    """Writes slips into an open file, each at once; a `durable` one has them on its disk."""

    def __init__(self, file: BinaryIO, site: Site, *, durable: bool = False) -> None:
        self._file = file
        self._durable = durable
        self._site = site
        self._host = site.base_url.rstrip("/")
        self._code = qr_code(f"{self._host}{SIGN_IN}")
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._parts = environment.get_template(_TEMPLATE).module
        self.written = 0

    def begin(self) -> None:
        """Write what stands before the first slip."""
        self._write("head")

    def add(self, granted: Granted) -> None:
        """Write one slip: it is out of the program's hands when this returns."""
        self._write("slip", self._slip(granted))
        self.written += 1

    def end(self) -> None:
        """Write what stands behind the last slip."""
        self._write("foot")

    def _write(self, part: str, *values: object) -> None:
        make: Callable[..., str] = getattr(self._parts, part)
        self._file.write(str(make(*values)).encode())
        self._file.flush()
        if self._durable:
            os.fsync(self._file.fileno())

    def _slip(self, granted: Granted) -> Slip:
        account, activation, site = granted.account, granted.activation, self._site
        return Slip(
            address=account.address,
            name=account.display_name,
            unit=account.unit,
            members=_members(account),
            asked=_asked(activation.asking),
            deadline=f"{activation.ends_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}",
            host=self._host,
            path=SIGN_IN,
            system_name=site.system_name,
            province=site.province,
            contact=", ".join(filter(None, (site.contact.name, site.contact.phone, site.contact.address))),
            reference=activation.reference,
            code=self._code,
            password=granted.password.reveal(),
        )


def qr_code(text: str) -> Markup:
    """Return the text as a QR code in SVG, with its quiet zone (ISO/IEC 18004); a quarter of it may be spoilt."""
    code = segno.make(text, error="q", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True))  # noqa: S704 -- segno draws a path and writes no text


@contextmanager
def open_slips(name: str, site: Site) -> Iterator[Slips]:
    """Yield the slips of a new file that only its owner can read; one without a slip is taken away again.

    Raises `FileExistsError` where there is a file of that name: it may hold passwords that are nowhere else.
    """
    if name == STDOUT:
        printed = Slips(sys.stdout.buffer, site)
        printed.begin()
        yield printed
        printed.end()
        return
    path = Path(name)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as opened:
        slips = Slips(opened, site, durable=True)
        try:
            slips.begin()
            yield slips
        finally:
            slips.end()
            if not slips.written:
                path.unlink()


def _members(account: Account) -> str:
    return ", ".join(phone.holder for phone in account.phones) if account.kind is AccountKind.GROUP else ""


def _asked(asking: Asking) -> str:
    if asking.by is AskedBy.DOCUMENT:
        written = f" ngày {asking.document_date:%d/%m/%Y}" if asking.document_date else ""
        return f"Văn bản số {asking.document}{written}"
    called = f" lúc {asking.called_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" if asking.called_at else ""
    return f"Đề nghị qua điện thoại của {asking.caller}{called}"
