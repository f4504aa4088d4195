"""The texts of the SMS as they come: plain GSM-7, one segment, nothing in them that does not belong."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.messages import RETRY_WAITS
from recovery_site.domain.secret import Secret
from recovery_site.domain.texts import NotGsm7, Texts, gsm7_length, segments
from tests.contracts.rows import message
from tests.fakes import NOON

HOSTS = ["", "a.vn", "quenmatkhau.soctrang.gov.vn", "127.0.0.1"]
CONTACTS = ["", "113", "0299 382 1234", "+84 299 382 1234"]


def text(digits: int = 6, minutes: int = 10, ordinal: int = 1, host: str = "") -> str:
    code = Secret("0123456789"[:digits])
    return Texts().of_code(code=code, minutes=minutes, reference="MMMM-MMMM", ordinal=ordinal, host=host).reveal()


@pytest.mark.parametrize(("digits", "host"), list(product([6, 7, 8], HOSTS)))
def test_every_text_with_a_code_is_one_segment(digits: int, host: str) -> None:
    for ordinal, minutes in product(range(1, 11), range(1, 11)):
        assert segments(text(digits, minutes, ordinal, host)) == 1


@pytest.mark.parametrize("contact", CONTACTS)
def test_the_notice_of_a_change_is_one_segment(contact: str) -> None:
    notice = Texts().of_change(at=NOON, contact=contact, reference="MMMM-MMMM").reveal()
    assert segments(notice) == 1
    assert contact in notice


@pytest.mark.parametrize("contact", CONTACTS)
def test_the_notice_says_when_it_was_and_what_to_do(contact: str) -> None:
    notice = Texts().of_change(at=NOON, contact=contact, reference="K7F3-QX2M").reveal()
    assert f"Neu khong phai ban, goi ngay {contact or 'quan tri'}" in notice
    assert "luc 12:00 02/03" in notice
    assert "Ma ho tro: K7F3-QX2M" in notice


def test_the_text_names_the_action_the_code_the_minutes_the_warning_and_the_reference() -> None:
    shown = text()
    for part in ("mat khau thu cong vu", "012345", "10 phut", "Khong dua ma cho bat ky ai", "Ma ho tro: MMMM-MMMM"):
        assert part in shown


def test_the_text_is_plain_ascii_on_one_line_without_signs_that_carriers_refuse() -> None:
    shown = text()
    assert shown.isascii()
    assert "\n" not in shown
    assert not set(shown) & set("#@&%[]{}<>")


def test_each_resend_differs_from_the_one_before() -> None:
    texts = [text(ordinal=ordinal) for ordinal in range(1, 11)]
    assert len(set(texts)) == 10
    assert "lan" not in texts[0]
    assert texts[1].endswith("(lan 2)")


def test_the_origin_bound_line_is_the_last_and_exact() -> None:
    shown = text(host="quenmatkhau.soctrang.gov.vn")
    assert shown.splitlines()[-1] == "@quenmatkhau.soctrang.gov.vn #012345"
    assert len(shown.splitlines()) == 2


def test_a_code_with_leading_zeros_keeps_them() -> None:
    shown = Texts().of_code(code=Secret("000007"), minutes=10, reference="MMMM-MMMM", ordinal=1)
    assert "000007" in shown.reveal()


@pytest.mark.parametrize(
    ("shown", "length"), [("", 0), ("abc", 3), ("@£$", 3), ("€", 2), ("[]", 4), ("{x}", 5), ("a\nb", 3)]
)
def test_septets_are_counted_as_carriers_count_them(shown: str, length: int) -> None:
    assert gsm7_length(shown) == length


@pytest.mark.parametrize("shown", ["mật khẩu", "Đ", "‘", "`", "🌊", "\t", "\u00a0"])
def test_a_text_outside_gsm_7_is_refused(shown: str) -> None:
    with pytest.raises(NotGsm7):
        gsm7_length(shown)


@pytest.mark.parametrize(("length", "cost"), [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)])
def test_segments_are_counted_as_carriers_count_them(length: int, cost: int) -> None:
    assert segments("a" * length) == cost


def test_the_signs_that_gsm_7_lacks_are_named_once_and_in_order() -> None:
    with pytest.raises(NotGsm7, match=r"^not GSM-7: 'ẩậ'$"):
        gsm7_length("mật khẩu mật")


@given(st.text(alphabet="abc€[", max_size=400))
def test_a_longer_text_never_costs_less(shown: str) -> None:
    assert segments(shown + "a") >= segments(shown)


def test_a_crowd_that_failed_together_comes_back_over_a_fifth_of_the_wait() -> None:
    for failures, wait in enumerate(RETRY_WAITS):
        crowd = [message(f"m{number}", failures=failures) for number in range(1000)]
        waits = [(one.retry_at(NOON) - NOON).total_seconds() / wait for one in crowd]
        assert 1 <= min(waits) < 1.01
        assert 1.19 < max(waits) < 1.2
