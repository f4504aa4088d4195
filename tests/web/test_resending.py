"""Sending and sending again: the server's countdown, the limits, and what the page says of them."""

from tests.fakes import AN, GROUP
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite, TakeBrowser

ASKED_TOO_OFTEN = "Bạn đã yêu cầu mã quá số lần cho phép."
CONTACT = "hoặc liên hệ quản trị để được hỗ trợ."


def test_an_early_resend_sends_nothing_and_states_the_wait(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(15.5)
    page = browser.submit("Gửi lại", status=429)
    [sentence] = page.errors
    assert sentence == "Vui lòng chờ 45 giây để gửi lại. Tin nhắn có thể tới chậm, hãy kiểm tra điện thoại."
    assert browser.answers[-1].headers["Retry-After"] == "45"
    assert page.wait == 45
    assert len(browser.website.gateway.asked) == 1


def test_the_wait_that_is_shown_is_the_wait_that_holds(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(browser.open("/quen-mat-khau/dat-lai").wait - 1)
    browser.submit("Gửi lại", status=429)
    browser.website.clock.pass_by(1)
    assert browser.open("/quen-mat-khau/dat-lai").wait == 0
    browser.submit("Gửi lại")
    assert len(browser.website.gateway.asked) == 2


def test_pressing_lay_ma_xac_nhan_twice_sends_one_sms_and_leads_on(browser: CheckingClient) -> None:
    browser.begin()
    form = browser.page
    browser.get_code()
    answer = browser.post("/quen-mat-khau/so-dien-thoai", form.values_of(form.all("form")[0]))
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau/dat-lai")
    assert len(browser.website.gateway.asked) == 1


def test_a_resend_keeps_the_code_and_counts_in_its_text(browser: CheckingClient) -> None:
    code = browser.begin_with_code()
    browser.website.clock.pass_by(60)
    browser.submit("Gửi lại")
    first, second = browser.website.gateway.texts()
    assert browser.website.gateway.last_code() == code
    assert second.endswith("(lan 2)")
    assert "Hieu luc 9 phut" in second
    assert first != second


def test_a_late_resend_makes_a_new_code_and_the_old_one_is_dead(browser: CheckingClient) -> None:
    old_code = browser.begin_with_code()
    browser.website.clock.pass_by(minutes=7, seconds=1)
    browser.submit("Gửi lại")
    new_code = browser.website.gateway.last_code()
    assert new_code != old_code
    assert "Bạn còn 4 lần thử" in browser.type_code(old_code).errors[0]
    assert browser.type_code(new_code).heading == "Thành công!"


def test_a_refresh_sends_nothing(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.website.clock.pass_by(120)
    for path in ("/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai"):
        browser.open(path)
        browser.send("HEAD", path)
    assert browser.website.sms_count() == 1


def test_the_fourth_send_in_ten_minutes_is_refused_in_words(browser: CheckingClient) -> None:
    browser.begin_with_code()
    for _ in range(2):
        browser.website.clock.pass_by(60)
        browser.submit("Gửi lại")
    browser.website.clock.pass_by(60)
    page = browser.submit("Gửi lại", status=429)
    assert page.errors == [f"{ASKED_TOO_OFTEN} Hãy thử lại sau 7 phút {CONTACT}"]
    assert int(browser.answers[-1].headers["Retry-After"]) in range(415, 421)
    assert len(browser.website.gateway.asked) == 3
    assert browser.type_code(browser.website.gateway.last_code()).heading == "Thành công!", "the code still works"


def test_the_sixth_send_of_a_day_from_one_client_is_refused(browser: CheckingClient) -> None:
    for _ in range(5):
        browser.begin()
        browser.website.clock.pass_by(60)
        browser.get_code()
        browser.website.clock.pass_by(minutes=31)
    browser.begin()
    page = browser.submit("Lấy mã xác nhận", status=429)
    assert page.path == "/quen-mat-khau/so-dien-thoai"
    assert page.errors[0].startswith(f"{ASKED_TOO_OFTEN} Hãy thử lại sau 22 giờ")
    assert CONTACT in page.errors[0]
    assert "Retry-After" in browser.answers[-1].headers
    assert len(browser.website.gateway.asked) == 5


def test_a_stranger_cannot_use_up_the_owners_day(browser: CheckingClient, new_browser: TakeBrowser) -> None:
    stranger = new_browser(address="203.0.113.9")
    for _ in range(5):
        stranger.begin()
        stranger.get_code()
        stranger.website.clock.pass_by(minutes=31)
    stranger.begin()
    stranger.submit("Lấy mã xác nhận", status=429)
    assert browser.recover().heading == "Thành công!"


def test_fifteen_wrong_codes_stop_new_codes_but_not_the_one_in_hand(make_website: MakeWebsite) -> None:
    website = make_website(limits__sends_per_account="30/10 minutes")
    owner = CheckingClient(website)
    code = owner.begin_with_code()
    for number in range(3):
        attacker = CheckingClient(website, address=f"203.0.113.{number}")
        guess = wrong(attacker.begin_with_code())
        for _ in range(5):
            attacker.type_code(guess)
    website.clock.pass_by(61)
    page = owner.submit("Gửi lại", status=429)
    assert page.errors[0].startswith("Bạn đã nhập sai mã quá số lần cho phép. Hãy thử lại sau 24 giờ")
    assert CONTACT in page.errors[0]
    assert owner.type_code(code).heading == "Thành công!"


def test_the_numbers_of_a_group_share_its_sends(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website(code__resend_after_seconds=0))
    page = browser.begin(GROUP)
    choices = [one.get("value") for one in page.all("input") if one.get("type") == "radio"]
    for turn in range(3):
        browser.open("/quen-mat-khau/so-dien-thoai")
        browser.submit("Lấy mã xác nhận", {"phone": choices[turn % 2]})
    browser.open("/quen-mat-khau/so-dien-thoai")
    page = browser.submit("Lấy mã xác nhận", {"phone": choices[1]}, status=429)
    assert page.errors[0].startswith(ASKED_TOO_OFTEN)


def test_another_account_is_not_held_up_by_this_ones_limits(browser: CheckingClient) -> None:
    browser.begin_with_code()
    browser.submit("Gửi lại", status=429)
    browser.website.clock.pass_by(1)
    assert browser.recover("binh.le").heading == "Thành công!"
    assert AN not in dict(browser.website.directory.changes)
