"""What the form says with which an office asks for accounts.

Laid out as decree 30/2020/NĐ-CP has official documents; its sentences are those of the document of 2015: one person or
a group of up to five, a telephone to be reached at, the first password changed at once. It is Vietnamese in either
language of the pages: an office signs it.
"""

from dataclasses import dataclass
from unicodedata import normalize

from recovery_site.domain.account_rows import MAX_NUMBERS
from recovery_site.settings import Settings

NATION = "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DOTS = "…………"


@dataclass(frozen=True)
class Column:
    """A column of the table of people; the widths of all add up to 1."""

    heading: str
    width: float


@dataclass(frozen=True)
class Signature:
    """Who signs, and how."""

    who: str
    how: str


@dataclass(frozen=True)
class ApplicationForm:
    """The form of one province, part by part from top to bottom."""

    title: str
    recipient: str
    where: str
    """Where the administrator is reached; empty where the settings do not say it."""
    questions: tuple[tuple[str, ...], ...]
    """What is filled in on dotted lines, one tuple for each line."""
    choice: str
    choices: tuple[str, ...]
    people: str
    columns: tuple[Column, ...]
    note: str
    promise: str
    promises: tuple[str, ...]
    rows: int = MAX_NUMBERS
    office: str = "CƠ QUAN, ĐƠN VỊ"
    office_name: str = "……………………………"
    number: str = f"Số: {DOTS}/{DOTS}"
    nation: str = NATION
    motto: str = MOTTO
    place_and_date: str = f"{DOTS}, ngày …… tháng …… năm 20……"
    signatures: tuple[Signature, ...] = (
        Signature("NGƯỜI ĐỀ NGHỊ", "(Ký, ghi rõ họ tên)"),
        Signature("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "(Ký, ghi rõ họ tên, đóng dấu)"),
    )


def application_form(settings: Settings) -> ApplicationForm:
    """Return the form with the names of the settings, all in NFC."""
    site = settings.site
    system, province = normalize("NFC", site.system_name), normalize("NFC", site.province)
    is_named = province.casefold() in system.casefold()
    contact = site.contact
    reached = (contact.name, contact.address, contact.phone and f"điện thoại {contact.phone}")
    return ApplicationForm(
        title="ĐỀ NGHỊ CẤP TÀI KHOẢN THƯ ĐIỆN TỬ CÔNG VỤ",
        recipient=f"Kính gửi: Quản trị {system}" + ("" if is_named else f", {province}"),
        where=normalize("NFC", ", ".join(part for part in reached if part)),
        questions=(
            ("1. Cơ quan, đơn vị đề nghị:",),
            ("2. Người liên hệ:", "Điện thoại di động:"),
        ),
        choice="3. Đề nghị cấp (đánh dấu × vào một ô):",
        choices=(
            "□  Tài khoản cho một người",
            f"□  Tài khoản cho một nhóm từ 2 đến {MAX_NUMBERS} người dùng chung một hộp thư",
        ),
        people="4. Người sử dụng (tài khoản cho một người thì chỉ ghi dòng 1):",
        columns=(
            Column("TT", 0.07),
            Column("Họ và tên", 0.27),
            Column("Chức vụ", 0.19),
            Column("Số điện thoại di động", 0.19),
            Column("Tên tài khoản đề nghị", 0.28),
        ),
        note=f"Tên tài khoản viết chữ thường, không dấu, không có khoảng trắng; địa chỉ thư sẽ là "
        f"“tên tài khoản”@{site.mail_domains[0]}. Nhóm chỉ ghi một tên tài khoản, ở dòng 1.",
        promise="Người sử dụng cam kết:",
        promises=_promises(settings.activation.lifetime_seconds),
    )


def _promises(lifetime: int) -> tuple[str, ...]:
    """Return what the people promise; a first password lives `lifetime` seconds, which nothing rounds up."""
    hours, rest = divmod(lifetime, 3600)
    deadline = f"{lifetime // 60} phút" if rest else f"{hours} giờ"
    change = (
        f"Đổi ngay mật khẩu khi nhận được tài khoản; sau {deadline} kể từ khi kích hoạt, "
        "tài khoản chưa được đổi mật khẩu sẽ bị khoá."
    )
    number = (
        "Số điện thoại di động ghi ở trên là của chính người sử dụng; "
        "báo ngay cho quản trị khi đổi số, chuyển công tác hoặc nghỉ việc."
    )
    silence = (
        "Không cho người khác biết mật khẩu và mã xác nhận; "
        "sử dụng thư điện tử công vụ trong trao đổi công việc theo quy định."
    )
    return change, number, silence
