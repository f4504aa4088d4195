"""Slips for the tests: of a person, and of the longest group that there can be."""

from datetime import UTC, date, datetime
from pathlib import Path

from recovery_site.cli.accounts.slips import open_slips
from recovery_site.domain.activation import Activation, ActivationRules, AskedBy, Asking
from recovery_site.domain.people import Account, AccountKind, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import Granted
from recovery_site.settings.sections import Contact, Site

GRANTED_AT = datetime(2026, 3, 2, 2, 4, 59, tzinfo=UTC)
PASSWORD = "Kfm7t-qx9vz-hp2n4"
WRITTEN = Asking(AskedBy.DOCUMENT, "125/CV-VP", date(2026, 3, 1))
CALLED = Asking(AskedBy.TELEPHONE, caller="Lê Thị Bình", called_at=GRANTED_AT)

SITE = Site(
    base_url="https://quenmatkhau.caobang.gov.vn/",
    province="Tỉnh Cao Bằng",
    mail_domains=["caobang.gov.vn"],
    contact=Contact(name="Trung tâm CNTT và Truyền thông", phone="0206 3852 999", address="009 đường Hoàng Văn Thụ"),
)
AN = Account("an.tran@caobang.gov.vn", "Trần Văn An", "Văn phòng UBND tỉnh", phones=(Phone(read_number("0393070121")),))
LONGEST = Account(
    f"{'phong-tiep-dan-' * 4}x@{'chi-nhanh.' * 17}caobang.gov.vn",
    "Phòng Tiếp công dân " * 10,
    "Văn phòng đăng ký đất đai " * 7,
    AccountKind.GROUP,
    phones=tuple(Phone(read_number(f"083311122{n}"), "Nguyễn Thị Phương Anh " * 9) for n in range(5)),
)


def granted(account: Account = AN, asking: Asking = WRITTEN) -> Granted:
    activation = Activation.begin(
        asking,
        ActivationRules(),
        GRANTED_AT,
        activation_id="x",
        address=account.address,
        reference="K7F3-QX2M",
        key_id="k",
        actor="op",
    )
    return Granted(account, activation, Secret(PASSWORD))


def write(path: Path, *accounts: Granted, site: Site = SITE) -> str:
    """Write a file of slips and return its text."""
    with open_slips(str(path), site) as slips:
        for one in accounts:
            slips.add(one)
    return path.read_text("utf-8")
