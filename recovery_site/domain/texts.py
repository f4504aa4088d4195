"""The words of the messages, as templates of the settings, and what an SMS costs.

Every SMS is GSM-7 without diacritics and fits one segment of 160 characters (3GPP TS 23.038; DESIGN section 7): a
single Vietnamese letter with its mark would make it UCS-2, three segments and three times the price.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from recovery_site.domain.local_time import VIETNAM
from recovery_site.domain.secret import Secret

SEGMENT_LENGTH = 160

MOST_OF_A_NAME = 20
"""So much of an account's name is in an SMS: what is longer would cost a second one."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_PLACEHOLDER = re.compile(r"{([a-z_]+)}")


class NotGsm7(ValueError):
    """A text has a character that one GSM-7 segment cannot carry."""


class TextRefused(ValueError):
    """A template cannot serve; the message says why."""


@dataclass(frozen=True)
class Texts:
    """The templates. `{again}` is "" at the first send, " (lan 2)" at the second: no text may repeat the last one."""

    code: str = (
        "Ma dat lai mat khau thu cong vu: {code}. Hieu luc {minutes} phut. "
        "Khong dua ma cho bat ky ai. Ma ho tro: {reference}{again}"
    )
    password_changed: str = (
        "Thu cong vu cua ban vua doi mat khau luc {time}. "
        "Neu khong phai ban, goi ngay {contact}. Ma ho tro: {reference}"
    )

    first_password: str = (
        "Mat khau dau tien cua thu cong vu {account}: {password} "
        "Hay doi mat khau truoc {time}, qua gio tai khoan bi khoa. Ma ho tro: {reference}"
    )
    reminder: str = (
        "Thu cong vu {account}: hay doi mat khau dau tien truoc {time}, "
        "qua gio tai khoan bi khoa. Ma ho tro: {reference}"
    )

    def check(self, *, digits: int, host: str, contact: str) -> None:
        """Raise `TextRefused`, beginning with the template's name, where its longest text would not do."""
        _check("code", self.code, {"code", "minutes", "reference"}, {"again"})
        _check("password_changed", self.password_changed, {"time", "contact", "reference"}, set())
        _check("first_password", self.first_password, {"account", "password", "time", "reference"}, set())
        _check("reminder", self.reminder, {"account", "time", "reference"}, set())
        longest = self.of_code(code=Secret("0" * digits), minutes=10, reference="MMMM-MMMM", ordinal=10, host=host)
        _measure("code", longest.reveal())
        at = datetime(2026, 10, 10, 10, 10, tzinfo=VIETNAM)
        _measure("password_changed", self.of_change(at=at, contact=contact, reference="MMMM-MMMM").reveal())
        name, reference = "m" * (MOST_OF_A_NAME + 1), "MMMM-MMMM"
        first = self.of_first_password(account=name, password=Secret("m" * 17), ends_at=at, reference=reference)
        _measure("first_password", first.reveal())
        _measure("reminder", self.of_reminder(account=name, ends_at=at, reference=reference).reveal())

    def of_code(self, *, code: Secret, minutes: int, reference: str, ordinal: int, host: str = "") -> Secret:
        """Return the message with the code. `ordinal` above 1 makes a resend differ; `host` adds the origin-bound line.

        The last line follows the WICG text on origin-bound one-time codes: `@host #code`, the host without a port.
        """
        template = self.code if "{again}" in self.code else self.code + "{again}"
        values = {
            "code": code.reveal(),
            "minutes": str(minutes),
            "reference": reference,
            "again": f" (lan {ordinal})" if ordinal > 1 else "",
        }
        text = _filled(template, values)
        return Secret(f"{text}\n@{host} #{code.reveal()}" if host else text)

    def of_change(self, *, at: datetime, contact: str, reference: str) -> Secret:
        """Return the notice after a reset (NIST SP 800-63B-4 section 4.2.3: what to do and whom to call)."""
        time = f"{at.astimezone(VIETNAM):%H:%M %d/%m}"
        contact = contact or "quan tri thu cong vu"
        return Secret(_filled(self.password_changed, {"time": time, "contact": contact, "reference": reference}))

    def of_first_password(self, *, account: str, password: Secret, ends_at: datetime, reference: str) -> Secret:
        """Return the message that brings a first password; `account` is its address."""
        values = self._handed(account, ends_at, reference)
        return Secret(_filled(self.first_password, values | {"password": password.reveal()}))

    def of_reminder(self, *, account: str, ends_at: datetime, reference: str) -> Secret:
        """Return the message that reminds of a first password's end."""
        return Secret(_filled(self.reminder, self._handed(account, ends_at, reference)))

    @staticmethod
    def _handed(account: str, ends_at: datetime, reference: str) -> dict[str, str]:
        name = account.partition("@")[0]
        short = name if len(name) <= MOST_OF_A_NAME else f"{name[: MOST_OF_A_NAME - 2]}.."
        return {"account": short, "time": f"{ends_at.astimezone(VIETNAM):%H:%M %d/%m}", "reference": reference}


def gsm7_length(text: str) -> int:
    """Return how many septets `text` takes; raises `NotGsm7` where it would not be GSM-7."""
    strangers = set(text) - _BASIC - _EXTENDED
    if strangers:
        raise NotGsm7(f"not GSM-7: {''.join(sorted(strangers))!r}")
    return sum(2 if char in _EXTENDED else 1 for char in text)


def segments(text: str) -> int:
    """Return how many SMS `text` costs: one up to 160 septets, then one for each 153."""
    length = gsm7_length(text)
    return 1 if length <= SEGMENT_LENGTH else ceil(length / 153)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Return `template` with its placeholders filled, in one pass: what is filled in is not read again."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _check(name: str, template: str, needed: set[str], allowed: set[str]) -> None:
    named = set(_PLACEHOLDER.findall(template))
    missing, strangers = sorted(needed - named), sorted(named - needed - allowed)
    if missing:
        raise TextRefused(f"{name}: must hold {', '.join(f'{{{one}}}' for one in missing)}")
    if strangers:
        raise TextRefused(f"{name}: no such placeholder: {', '.join(strangers)}")


def _measure(name: str, longest: str) -> None:
    try:
        length = gsm7_length(longest)
    except NotGsm7 as error:
        raise TextRefused(f"{name}: write it without diacritics and special signs ({error})") from None
    if length > SEGMENT_LENGTH:
        raise TextRefused(f"{name}: {length} characters with the longest values; an SMS has {SEGMENT_LENGTH}")


def alarm_text(at: datetime) -> Secret:
    """Return the SMS that calls the operator: what happens, since when, and where to look."""
    return Secret(
        f"Canh bao trang khoi phuc mat khau: qua nhieu ma sai luc {at.astimezone(VIETNAM):%H:%M:%S %d/%m}, "
        "co the dang bi do ma. Hay kiem tra nhat ky may chu."
    )


def changed_letter(*, address: str, at: datetime, system_name: str, contact: str, reference: str) -> tuple[str, str]:
    """Return subject and text of the notice to the mailbox, in Vietnamese; mail costs nothing and may be longer."""
    subject = "Mật khẩu thư điện tử công vụ vừa được thay đổi"
    time = f"{at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
    text = f"""Kính gửi ông/bà,

Mật khẩu của hộp thư {address} vừa được thay đổi qua trang khôi phục mật khẩu, lúc {time}.

Nếu chính ông/bà đã thay đổi, không cần làm gì thêm.
Nếu không phải ông/bà, hãy liên hệ ngay {contact or "quản trị thư điện tử công vụ"} và đọc mã hỗ trợ {reference}.

Thư này được gửi tự động; không ai hỏi mật khẩu hoặc mã xác nhận của ông/bà qua thư hay điện thoại.

{system_name}
"""
    return subject, text
