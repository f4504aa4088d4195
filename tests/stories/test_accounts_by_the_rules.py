"""The document of 2015, sentence by sentence: who gets an account, how it is asked for, and where the rest is read.

Each test has the words of the document that it holds the site to.
"""

from pathlib import Path

import pytest

from tests.fakes import GOOD_PASSWORD
from tests.stories.accounts import (
    ACCOUNT,
    CALLED,
    CHANGE,
    CONTACT,
    NGOC,
    NGOCS_PHONE,
    PERSON,
    PLACES,
    SIGN_IN,
    SIXTH_PHONE,
    TEAM,
    TEAMS_PHONES,
    WRITTEN,
    Province,
    crowd,
    on_both_directories,
    on_one_directory,
    password_in,
    read_slips,
)
from tests.web.client import CheckingClient

NO_ACCOUNT = f"{NGOC}: there is no such account\n"


@pytest.fixture
def database_kind(place: str) -> str:
    return PLACES[place]


def choices(browser: CheckingClient) -> list[tuple[str, str]]:
    """Return the numbers that a group may choose from: what is shown, and what is sent."""
    labels = browser.page.classed("choice")
    return [(label.text, label.all("input")[0].get("value")) for label in labels]


def members(*numbers: str) -> str:
    """Return a group's people as a cell of a file has them."""
    return ";".join(f"Thành viên {place} <{number}>" for place, number in enumerate(numbers, 1))


def sheet(folder: Path, *lines: str) -> Path:
    path = folder / "cong-van.csv"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def masked(number: str) -> str:
    return f"{number[:4]}XXX{number[-3:]}"


# --- "chỉ tiếp nhận cấp tài khoản thư cho từng cá nhân hoặc nhóm đến 5 người" -----------------------------------------


def test_an_account_is_for_one_person(province: Province) -> None:
    """Quản trị viên … chỉ tiếp nhận cấp tài khoản thư cho từng cá nhân."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    assert slip.address == NGOC
    assert province.mail.lets_in(NGOC, slip.password)
    shown = province.shown(NGOC)
    assert "kind:                  personal\n" in shown
    assert "phones:                0369XXX147\n" in shown
    assert "name:                  Thạch Thị Ngọc\n" in shown


def test_in_a_group_of_five_everybody_recovers_by_their_own_number_and_all_are_told(province: Province) -> None:
    """… hoặc nhóm đến 5 người."""
    slip = province.handed_out(*crowd(*TEAMS_PHONES), *WRITTEN)
    assert province.mail.lets_in(TEAM, slip.password)
    for place, number in enumerate(TEAMS_PHONES):
        password = f"{GOOD_PASSWORD}-{place}"
        browser = province.browser()
        browser.begin(TEAM)
        offered = dict(choices(browser))
        assert set(offered) == {masked(one) for one in TEAMS_PHONES}
        sent = len(province.gateway.accepted)
        browser.submit("Lấy mã xác nhận", {"phone": offered[masked(number)]})
        assert [to.local for to, _ in province.gateway.accepted[sent:]] == [number]
        assert browser.type_code(province.gateway.last_code(), password).heading == "Thành công!"
        province.website.deliver_all()
        assert sorted(to.local for to, _ in province.gateway.accepted[sent + 1 :]) == sorted(TEAMS_PHONES)
        assert province.mail.lets_in(TEAM, password)
        province.clock.pass_by(hours=25)  # another day: no limit of a day's codes is met


def test_a_group_of_six_is_refused_and_so_is_a_sixth_who_comes_later(province: Province, tmp_path: Path) -> None:
    """… nhóm đến 5 người."""
    six = province.refused("accounts", "grant", *crowd(*TEAMS_PHONES, SIXTH_PHONE), *WRITTEN, "--sms")
    assert six.startswith("--member: a group has 2 to 5, here are 6")
    assert province.refused("accounts", "show", TEAM) == f"{TEAM}: there is no such account\n"
    province.handed_out(*crowd(*TEAMS_PHONES), *WRITTEN)
    late = province.refused("accounts", "add-member", TEAM, f"Thành viên 6 <{SIXTH_PHONE}>")
    row = f"{TEAM},group,{members(*TEAMS_PHONES, SIXTH_PHONE)}"
    by_file = province.refused("accounts", "import", sheet(tmp_path, "email,kind,members", row))
    for refused in (six, late, by_file):
        assert "nhóm đến 5 người" in refused
    browser = province.browser()
    browser.begin(TEAM)
    assert len(choices(browser)) == 5


def test_a_group_of_six_in_a_file_is_named_by_its_line_and_nobody_of_the_file_gets_anything(
    province: Province, tmp_path: Path
) -> None:
    """… nhóm đến 5 người."""
    asked = "12/CV-STP,01/11/2015"
    rows = [f"nguoi{place},Người,Sở,0369258147,,{asked}" for place in range(20)]
    rows[5] = f"mot-cua,Một cửa,UBND,,{members(*TEAMS_PHONES, SIXTH_PHONE)},{asked}"
    path = sheet(tmp_path, "email,display_name,unit,phone,members,document,document_date", *rows)
    reasons = province.refused("accounts", "grant-file", path, "--slips", province.folder / "slips.html")
    assert reasons.startswith("line 7: members: a group has 2 to 5, here are 6")
    assert reasons.endswith("Nothing was handed out: 1 of 20 rows are bad. Correct them.\n")
    for name in ("nguoi0", "nguoi19", "mot-cua"):
        assert province.refused("accounts", "show", name).endswith(": there is no such account\n")
    assert list(province.folder.iterdir()) == []


# --- "bằng văn bản (có số điện thoại để liên hệ) hoặc qua điện thoại" -------------------------------------------------


def test_asked_for_in_writing_it_comes_on_paper_and_leads_to_a_working_mailbox(province: Province) -> None:
    """Việc đề nghị cấp tài khoản có thể bằng văn bản (có số điện thoại để liên hệ) …"""
    slip = province.handed_out(*PERSON, *WRITTEN)
    browser = province.browser()
    browser.sign_in(slip.address, slip.password)
    assert browser.page.path == CHANGE
    assert browser.retype(slip.password).path == ACCOUNT
    assert province.mail.lets_in(NGOC, GOOD_PASSWORD)
    assert not province.mail.lets_in(NGOC, slip.password)
    assert "Tài khoản được cấp kèm mật khẩu lần đầu." in browser.page.text
    assert "Mật khẩu lần đầu đã được đổi." in browser.page.text
    assert len(province.reads(NGOCS_PHONE)) == 1, "the notice of the change, and no password"


@on_both_directories
@pytest.mark.parametrize("number", ["", "0299 3821 999", "+1 650 253 0000"], ids=["none", "landline", "abroad"])
def test_a_request_in_writing_has_a_telephone_number_to_reach_its_receiver_by(province: Province, number: str) -> None:
    """… bằng văn bản (có số điện thoại để liên hệ) …"""
    words = (*PERSON[:5], *(("--phone", number) if number else ()))
    assert province.refused("accounts", "grant", *words, *WRITTEN, "--sms").startswith("--phone: ")
    assert province.refused("accounts", "show", NGOC) == NO_ACCOUNT


def test_asked_for_by_telephone_it_comes_by_sms(province: Province) -> None:
    """… hoặc qua điện thoại."""
    said = province.done("accounts", "grant", *PERSON, *CALLED, "--sms")
    assert said.splitlines()[1] == "The first password goes to 0369XXX147 by SMS."
    [text] = province.reads(NGOCS_PHONE)
    first = password_in(text)
    assert first not in said
    browser = province.browser()
    assert browser.sign_in(NGOC, first).path == CHANGE
    assert browser.retype(first).path == ACCOUNT
    assert province.mail.lets_in(NGOC, GOOD_PASSWORD)


@on_both_directories
def test_a_letter_of_several_people_is_handed_out_from_one_file(province: Province, tmp_path: Path) -> None:
    """… bằng văn bản … hoặc qua điện thoại; … từng cá nhân hoặc nhóm đến 5 người."""
    path = sheet(
        tmp_path,
        "email,display_name,unit,phone,members,document,document_date,caller",
        f"{NGOC},Thạch Thị Ngọc,Sở Tư pháp,0369 258 147,,12/CV-STP,01/11/2015,",
        f"{TEAM},Bộ phận Một cửa,UBND,,{members(*TEAMS_PHONES)},,,Phạm Thị Chi",
    )
    slips = province.folder / "slips.html"
    said = province.done("accounts", "grant-file", path, "--slips", slips)
    assert said.startswith("2 rows read: 2 handed out, 0 handed out before.\n")
    found = {slip.address: slip.password for slip in read_slips(slips)}
    assert list(found) == [NGOC, TEAM]
    for address, password in found.items():
        assert province.browser().sign_in(address, password).path == CHANGE
        assert province.mail.lets_in(address, password)


@on_both_directories
@pytest.mark.parametrize("words", [(), CALLED[2:], WRITTEN[2:], (*WRITTEN, *CALLED)], ids=["", "when", "date", "both"])
def test_nothing_is_handed_out_that_nobody_is_known_to_have_asked_for(
    province: Province, words: tuple[str, ...]
) -> None:
    """Việc đề nghị cấp tài khoản có thể bằng văn bản … hoặc qua điện thoại."""
    assert province.refused("accounts", "grant", *PERSON, *words, "--sms")
    assert province.refused("accounts", "show", NGOC) == NO_ACCOUNT
    assert province.reads(NGOCS_PHONE) == []


@on_both_directories
def test_a_second_request_for_the_same_person_hands_nothing_out_and_the_first_password_stays(
    province: Province,
) -> None:
    """… cấp tài khoản thư cho từng cá nhân: each person has one account."""
    slip = province.handed_out(*PERSON, *WRITTEN)
    for asked in (WRITTEN, CALLED):
        reasons = province.refused("accounts", "grant", *PERSON, *asked, "--sms")
        assert reasons == f"{NGOC}: it was handed out already, and its first password still waits to be changed\n"
    assert province.reads(NGOCS_PHONE) == []
    assert province.browser().sign_in(NGOC, slip.password).path == CHANGE


@on_both_directories
def test_one_letter_may_ask_for_several_accounts_and_the_operator_is_told(province: Province) -> None:
    """Việc đề nghị cấp tài khoản có thể bằng văn bản …"""
    first = province.handed_out(*PERSON, *WRITTEN)
    said = province.command("accounts", "grant", *crowd(*TEAMS_PHONES), *WRITTEN, "--sms")
    assert said.exit_code == 0
    assert said.stderr.endswith(f"warning: document 12/CV-STP was used before, for: {NGOC}\n")
    [text] = province.reads(TEAMS_PHONES[0])
    assert province.browser().sign_in(TEAM, password_in(text)).path == CHANGE
    assert province.mail.lets_in(NGOC, first.password)


# --- the other sentences ----------------------------------------------------------------------------------------------


@on_one_directory
def test_an_address_at_a_free_mail_service_abroad_is_not_handed_out(province: Province) -> None:
    """Không sử dụng các hộp thư miễn phí, có máy chủ đặt tại nước ngoài để trao đổi văn bản, tài liệu."""
    for address in ("ngoc.thach@gmail.com", "ngoc.thach@yahoo.com"):
        assert address in province.refused("accounts", "grant", address, *PERSON[1:], *WRITTEN, "--sms")
    assert province.reads(NGOCS_PHONE) == []


@on_one_directory
def test_the_page_says_where_an_account_is_asked_for(province: Province) -> None:
    """Địa chỉ đăng ký cấp tài khoản thư công vụ: …; Điện thoại quản trị viên: 09 09834 888."""
    page = province.browser().open("/dang-ky")
    assert [one.text for one in page.all("dd")] == [CONTACT["name"], CONTACT["address"], CONTACT["phone"]]


@on_one_directory
def test_the_slip_leads_to_the_page_on_which_one_signs_in(province: Province) -> None:
    """Đăng nhập thư điện tử công vụ tỉnh trên internet theo địa chỉ: …"""
    slip = province.handed_out(*PERSON, *WRITTEN)
    base = province.website.services.settings.site.base_url
    assert slip.where.startswith(base)
    browser = province.browser()
    assert browser.open(slip.where.removeprefix(base)).path == SIGN_IN
    assert browser.submit("Đăng nhập", {"email": slip.address, "password": slip.password}).path == CHANGE


@on_one_directory
def test_the_guide_behind_the_sign_in_page_tells_how_to_forward_letters(province: Province) -> None:
    """… chuyển tiếp thư … (bấm vào “Hướng dẫn sử dụng” trên cửa sổ đăng nhập …)."""
    browser = province.browser()
    browser.open("/dang-nhap")
    browser.follow("Hướng dẫn sử dụng")
    page = browser.follow("Chuyển tiếp thư từ Gmail, Yahoo Mail")
    assert page.path == "/huong-dan/chuyen-tiep"
    assert "taikhoan@soctrang.gov.vn" in page.text
