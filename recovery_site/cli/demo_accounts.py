"""The accounts of the demonstration: a dozen, each showing one case. Names and numbers are made up."""

from dataclasses import dataclass

from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.people import (
    Account,
    AccountKind,
    AccountStatus,
    NewAccount,
    Phone,
    normalise_address,
    read_number,
)
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import Grant

OLD_PASSWORD = Secret("Hoa-phuong#7cu")


@dataclass(frozen=True)
class DemoAccount:
    """An account, what to type for it, and what it shows."""

    typed: str
    shows: str
    account: Account

    @property
    def new_account(self) -> NewAccount:
        """The account with the password that all of them start with."""
        return NewAccount(self.account, OLD_PASSWORD)


def demo_accounts() -> list[DemoAccount]:
    """Return the accounts in the order of the printed table."""
    return [
        _one("vnpt_testvpdt3", "tài khoản trong tài liệu, số 0393XXX121", "Thử nghiệm VNPT", "0393070121"),
        _one("nguyenthihoa@soctrang.gov.vn", "bình thường", "Nguyễn Thị Hoa", "0912 345 671"),
        _one("  TranVanBinh@SocTrang.gov.vn ", "có khoảng trắng và chữ hoa", "Trần Văn Bình", "0987.654.322"),
        _one("ｌｅｔｈｉｌａｎ", "chữ toàn khổ", "Lê Thị Lan", "+84 703 456 789"),
        _one("phamquocviet", "số 11 chữ số cũ: 01683456789 thành 0383456789", "Phạm Quốc Việt", "01683456789"),
        _one(
            "dangminhtam@mytu.soctrang.gov.vn", "đuôi thư cũ, được chuyển sang đuôi mới", "Đặng Minh Tâm", "0856112233"
        ),
        _one("thachsoryda", "hai số điện thoại, chọn một", "Thạch Sô Ry Đa", "0912000111", "0388000222"),
        _group("vanthu.mytu", "hộp thư nhóm ba người, chọn số của mình", "Văn thư huyện Mỹ Tú"),
        _one("hoangvankhoa", "bị khoá", "Hoàng Văn Khoa", "0909123456", status=AccountStatus.LOCKED),
        _one("lythimo", "chưa có số điện thoại", "Lý Thị Mơ"),
        _one("vogiabao", "chung số với nguyenthihoa", "Võ Gia Bảo", "0912345671"),
        _one("kimthisaphia", "tên có dấu nháy trong đơn vị", "Kim Thị Sa Phia", "0777888999", unit="Trường 'Mỹ Tú A'"),
    ]


def granted_account() -> Grant:
    """Return the account that the demonstration hands out as it starts."""
    account = _one("ngothitra", "", "Ngô Thị Trà", "0356 789 012").account
    return Grant(account, Asking(AskedBy.DOCUMENT, document="125/CV-VP"))


def _one(
    typed: str,
    shows: str,
    name: str,
    *numbers: str,
    status: AccountStatus = AccountStatus.ACTIVE,
    unit: str = "UBND huyện Mỹ Tú",
) -> DemoAccount:
    phones = tuple(Phone(read_number(number)) for number in numbers)
    return DemoAccount(typed, shows, Account(_address(typed), name, unit, status=status, phones=phones))


def _group(typed: str, shows: str, name: str) -> DemoAccount:
    members = (("Nguyễn Thị Hoa", "0912345671"), ("Trần Văn Bình", "0987654322"), ("Lê Thị Lan", "0703456789"))
    phones = tuple(Phone(read_number(number), member) for member, number in members)
    account = Account(_address(typed), name, "UBND huyện Mỹ Tú", kind=AccountKind.GROUP, phones=phones)
    return DemoAccount(typed, shows, account)


def _address(typed: str) -> str:
    return normalise_address(typed, domains=["soctrang.gov.vn"], aliases={"mytu.soctrang.gov.vn": "soctrang.gov.vn"})
