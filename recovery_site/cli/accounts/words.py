"""Words for accounts: English for who runs the site, Vietnamese for the help desk that works a list off."""

from recovery_site.domain.hindrances import Finding, Hindrance
from recovery_site.domain.people import Phone, mask_number

ENGLISH: dict[Hindrance, str] = {
    Hindrance.AMBIGUOUS: "several entries of the directory claim its address",
    Hindrance.LOCKED: "the account is locked",
    Hindrance.OVERDUE: "its first password was not changed in time",
    Hindrance.NO_PHONE: "it has no telephone number",
    Hindrance.NO_MOBILE: "none of its numbers is a Vietnamese mobile number",
    Hindrance.SOME_NOT_MOBILE: "numbers of it that are not Vietnamese mobile numbers: {unread}",
    Hindrance.SHARED_NUMBER: "other accounts with its number: {sharers} ({others})",
}

VIETNAMESE: dict[Hindrance, str] = {
    Hindrance.AMBIGUOUS: "Nhiều tài khoản trên hệ thống thư cùng khai địa chỉ này",
    Hindrance.LOCKED: "Tài khoản bị khoá",
    Hindrance.OVERDUE: "Tài khoản bị khoá vì quá hạn đổi mật khẩu lần đầu",
    Hindrance.NO_PHONE: "Chưa có số điện thoại",
    Hindrance.NO_MOBILE: "Số điện thoại đang lưu không phải số di động Việt Nam",
    Hindrance.SOME_NOT_MOBILE: "{unread} số đang lưu không phải số di động Việt Nam",
    Hindrance.SHARED_NUMBER: "Dùng chung số điện thoại với {sharers} tài khoản khác: {others}",
}

COUNTED: dict[Hindrance, str] = {
    Hindrance.AMBIGUOUS: "claimed by several entries",
    Hindrance.LOCKED: "locked",
    Hindrance.OVERDUE: "first password overdue",
    Hindrance.NO_PHONE: "no telephone number",
    Hindrance.NO_MOBILE: "no mobile number",
    Hindrance.SOME_NOT_MOBILE: "some numbers not mobile",
    Hindrance.SHARED_NUMBER: "number shared with other accounts",
}
"""The hindrances as headings of their counts."""


def in_english(finding: Finding) -> list[str]:
    """Return a sentence for each hindrance; what does not stop the account is led by "warning"."""
    return [
        text if hindrance.stops else f"warning: {text}"
        for hindrance, text in zip(finding.hindrances, _told(finding, ENGLISH), strict=True)
    ]


def in_vietnamese(finding: Finding) -> list[str]:
    """Return a sentence for each hindrance."""
    return _told(finding, VIETNAMESE)


def numbers(phones: tuple[Phone, ...], mask: str) -> str:
    """Return the numbers masked, each with whose it is, where that is known."""
    return ", ".join(_number(phone, mask) for phone in phones)


def one_line(text: str) -> str:
    """Return the text without line breaks and without what a terminal would obey: a directory may hold anything."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(text.split()))


def _told(finding: Finding, words: dict[Hindrance, str]) -> list[str]:
    others = [*finding.shared_with, "…"] if finding.sharers > len(finding.shared_with) else finding.shared_with
    values = {"unread": finding.account.unread_numbers, "sharers": finding.sharers, "others": ", ".join(others)}
    return [words[one].format(**values) for one in finding.hindrances]


def _number(phone: Phone, mask: str) -> str:
    masked = mask_number(phone.number, mask)
    return f"{masked} ({one_line(phone.holder)})" if phone.holder else masked
