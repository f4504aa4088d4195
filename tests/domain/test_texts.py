"""The templates of the settings: checked with the longest values, filled in one pass."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.secret import Secret
from recovery_site.domain.texts import SEGMENT_LENGTH, TextRefused, Texts, alarm_text, changed_letter, gsm7_length
from tests.fakes import NOON

CODE = "{code} {minutes} {reference}"
CHANGE = "{time} {contact} {reference}"
FIRST = "{account} {password} {time} {reference}"
REMINDER = "{account} {time} {reference}"
HOST = "quenmatkhau.soctrang.gov.vn"
CONTACT = "0299 3821 001"


def refusal(texts: Texts, *, digits: int = 6, host: str = "", contact: str = CONTACT) -> str:
    with pytest.raises(TextRefused) as refused:
        texts.check(digits=digits, host=host, contact=contact)
    return str(refused.value)


def code_text(template: str, *, ordinal: int = 1, code: str = "012345", reference: str = "K7F3-QX2M") -> str:
    return Texts(code=template).of_code(code=Secret(code), minutes=10, reference=reference, ordinal=ordinal).reveal()


# --- what is checked at the start -------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [6, 7, 8])
@pytest.mark.parametrize("host", ["", HOST])
@pytest.mark.parametrize("contact", ["", "113", CONTACT, "+84 299 3821 001"])
def test_the_texts_that_come_with_the_site_serve(digits: int, host: str, contact: str) -> None:
    Texts().check(digits=digits, host=host, contact=contact)


@pytest.mark.parametrize("missing", ["code", "minutes", "reference"])
def test_a_text_with_a_code_must_hold_what_it_is_for(missing: str) -> None:
    assert refusal(Texts(code=CODE.replace(f"{{{missing}}}", "x"))) == f"code: must hold {{{missing}}}"


@pytest.mark.parametrize("missing", ["time", "contact", "reference"])
def test_a_notice_must_hold_what_it_is_for(missing: str) -> None:
    told = refusal(Texts(password_changed=CHANGE.replace(f"{{{missing}}}", "x")))
    assert told == f"password_changed: must hold {{{missing}}}"


@pytest.mark.parametrize("missing", ["account", "password", "time", "reference"])
def test_a_text_with_a_first_password_and_its_reminder_must_hold_what_they_are_for(missing: str) -> None:
    told = refusal(Texts(first_password=FIRST.replace(f"{{{missing}}}", "x")))
    assert told == f"first_password: must hold {{{missing}}}"
    if missing != "password":
        assert refusal(Texts(reminder=REMINDER.replace(f"{{{missing}}}", "x"))) == f"reminder: must hold {{{missing}}}"


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert refusal(Texts(code="Xin chao")) == "code: must hold {code}, {minutes}, {reference}"


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (Texts(code=f"{CODE} {{phone}} {{name}}"), "code: no such placeholder: name, phone"),
        (Texts(code=f"{CODE} {{contact}}"), "code: no such placeholder: contact"),
        (Texts(password_changed=f"{CHANGE} {{again}}"), "password_changed: no such placeholder: again"),
        (Texts(password_changed=f"{CHANGE} {{code}}"), "password_changed: no such placeholder: code"),
    ],
)
def test_a_placeholder_that_does_not_exist_is_named(texts: Texts, told: str) -> None:
    assert refusal(texts) == told


@pytest.mark.parametrize(
    "texts", [Texts(code=f"Mã: {CODE}"), Texts(code=f"{CODE} ✓"), Texts(password_changed=f"“{CHANGE}”")]
)
def test_a_letter_with_its_mark_would_cost_three_times_the_price_and_is_refused(texts: Texts) -> None:
    assert "write it without diacritics and special signs (not GSM-7: " in refusal(texts)


def test_a_contact_with_diacritics_counts_into_the_text_that_names_it() -> None:
    told = refusal(Texts(), contact="phòng CNTT ☎")
    assert told.startswith("password_changed: write it without diacritics")


@pytest.mark.parametrize(("digits", "host", "spare"), [(6, "", 160), (8, "", 158), (6, HOST, 123), (8, HOST, 119)])
def test_a_text_may_fill_one_segment_with_its_longest_values_and_not_one_character_more(
    digits: int, host: str, spare: int
) -> None:
    # a code, "10", a reference of nine, " (lan 10)" and three spaces; then the spare room, counted for six digits
    padding = "x" * (spare - 6 - 2 - 9 - 9 - 2)
    Texts(code=f"{CODE}{padding}").check(digits=digits, host=host, contact=CONTACT)
    told = refusal(Texts(code=f"{CODE}{padding}y"), digits=digits, host=host)
    assert told == f"code: {SEGMENT_LENGTH + 1} characters with the longest values; an SMS has {SEGMENT_LENGTH}"


@pytest.mark.parametrize(
    ("name", "template", "longest"),
    [
        ("password_changed", CHANGE, f"10:10 10/10 {CONTACT} MMMM-MMMM"),
        ("first_password", FIRST, f"{'m' * 20} mmmmm-mmmmm-mmmmm 10:10 10/10 MMMM-MMMM"),
        ("reminder", REMINDER, f"{'m' * 20} 10:10 10/10 MMMM-MMMM"),
    ],
)
def test_each_other_text_may_fill_one_segment_with_its_longest_values_too(
    name: str, template: str, longest: str
) -> None:
    padding = "x" * (SEGMENT_LENGTH - len(longest))
    Texts(**{name: template + padding}).check(digits=6, host="", contact=CONTACT)
    told = refusal(Texts(**{name: f"{template}{padding}y"}))
    assert told == f"{name}: 161 characters with the longest values; an SMS has 160"


def test_a_sign_that_takes_two_septets_counts_twice() -> None:
    padding = "x" * (160 - 6 - 2 - 9 - 9 - 2 - 1)
    assert "161 characters" in refusal(Texts(code=f"{CODE}{padding}€"))


def test_a_notice_is_measured_with_the_contact_of_the_settings() -> None:
    Texts().check(digits=6, host="", contact="0" * 40)
    assert refusal(Texts(), contact="0" * 80).startswith("password_changed: ")


@given(
    st.text(alphabet="abc XYZ.,:-€[", max_size=150), st.integers(1, 10), st.integers(1, 10), st.sampled_from(["", HOST])
)
def test_what_passes_the_check_is_one_segment_whatever_is_filled_in(
    words: str, ordinal: int, minutes: int, host: str
) -> None:
    texts = Texts(code=f"{words}{CODE}")
    try:
        texts.check(digits=8, host=host, contact="")
    except TextRefused:
        return
    text = texts.of_code(
        code=Secret("01234567"), minutes=minutes, reference="K7F3-QX2M", ordinal=ordinal, host=host
    ).reveal()
    assert gsm7_length(text) <= SEGMENT_LENGTH


# --- filling in -------------------------------------------------------------------------------------------------------


def test_the_words_of_the_settings_stand_in_the_message() -> None:
    assert code_text("Ma {code}, {minutes} phut, {reference}") == "Ma 012345, 10 phut, K7F3-QX2M"


def test_a_text_without_a_place_for_it_gets_the_mark_of_a_resend_at_its_end() -> None:
    assert code_text(CODE, ordinal=2) == f"{code_text(CODE)} (lan 2)"


def test_a_text_with_a_place_for_the_mark_of_a_resend_gets_it_there() -> None:
    template = "{code}{again} {minutes} {reference}."
    assert code_text(template, ordinal=3) == "012345 (lan 3) 10 K7F3-QX2M."
    assert code_text(template) == "012345 10 K7F3-QX2M."


def test_what_is_filled_in_is_not_read_as_a_template() -> None:
    assert code_text(CODE, reference="{code}") == "012345 10 {code}"


def test_a_placeholder_may_come_twice_and_other_braces_stay() -> None:
    assert code_text("{code} {code} {minutes} {reference} {} {X} {{") == "012345 012345 10 K7F3-QX2M {} {X} {{"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (NOON, "12:00 02/03"),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "23:59 31/12"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "00:00 01/01"),
    ],
)
def test_the_notice_tells_the_time_as_the_provinces_clocks_show_it(at: datetime, shown: str) -> None:
    text = Texts(password_changed=CHANGE).of_change(at=at, contact=CONTACT, reference="K7F3-QX2M").reveal()
    assert text == f"{shown} {CONTACT} K7F3-QX2M"


def test_without_a_contact_the_notice_names_the_administrators() -> None:
    text = Texts(password_changed=CHANGE).of_change(at=NOON, contact="", reference="K7F3-QX2M").reveal()
    assert "quan tri thu cong vu" in text


def test_the_letter_names_the_mailbox_the_time_the_contact_and_the_reference() -> None:
    subject, text = changed_letter(
        address="an@soctrang.gov.vn", at=NOON, system_name="Thư công vụ", contact=CONTACT, reference="K7F3-QX2M"
    )
    assert subject == "Mật khẩu thư điện tử công vụ vừa được thay đổi"
    for part in ("an@soctrang.gov.vn", "12:00 ngày 02/03/2026", CONTACT, "K7F3-QX2M", "Thư công vụ"):
        assert part in text
    assert "http" not in text, "a letter that leads somewhere is what phishing looks like"


def test_without_a_contact_the_letter_names_the_administrators() -> None:
    _, text = changed_letter(address="", at=NOON, system_name="", contact="", reference="K7F3-QX2M")
    assert "hãy liên hệ ngay quản trị thư điện tử công vụ và đọc mã hỗ trợ K7F3-QX2M." in text


def test_the_alarm_tells_the_operator_what_since_when_and_where_to_look() -> None:
    at = datetime(2026, 3, 2, 5, 6, 7, tzinfo=UTC)
    assert alarm_text(at).reveal() == (
        "Canh bao trang khoi phuc mat khau: qua nhieu ma sai luc 12:06:07 02/03, "
        "co the dang bi do ma. Hay kiem tra nhat ky may chu."
    )


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("an.tran@soctrang.gov.vn", "an.tran"),
        ("a" * 20 + "@soctrang.gov.vn", "a" * 20),
        ("a" * 21 + "@soctrang.gov.vn", "a" * 18 + ".."),
    ],
)
def test_a_first_password_and_its_reminder_name_the_account_shortly_its_end_and_the_reference(
    account: str, shown: str
) -> None:
    texts, ends_at = Texts(first_password=FIRST, reminder=REMINDER), datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    first = texts.of_first_password(
        account=account, password=Secret("Kfm7t-qx9vz"), ends_at=ends_at, reference="K7F3-QX2M"
    )
    assert first.reveal() == f"{shown} Kfm7t-qx9vz 00:00 01/01 K7F3-QX2M"
    reminder = texts.of_reminder(account=account, ends_at=ends_at, reference="K7F3-QX2M")
    assert reminder.reveal() == f"{shown} 00:00 01/01 K7F3-QX2M"
