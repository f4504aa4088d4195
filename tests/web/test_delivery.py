"""The truth on step 4: what the page says is what the gateway said."""

from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite

SENT = "Mã xác nhận đã được gửi tới số điện thoại '0393XXX121'"
SENDING = "Đang gửi mã xác nhận tới số điện thoại '0393XXX121'…"
NOT_YET = "Chưa gửi được mã xác nhận tới số điện thoại '0393XXX121'."
FAILED = "Không gửi được mã xác nhận tới số điện thoại '0393XXX121'."


def test_a_gateway_that_takes_its_time_is_not_said_to_have_sent(browser: CheckingClient) -> None:
    clock = browser.website.clock
    clock.others = lambda: None
    browser.begin()
    before = clock.now()
    page = browser.submit("Lấy mã xác nhận")
    assert (clock.now() - before).total_seconds() < 2, "a page never takes longer because of a gateway"
    assert SENDING in page.text
    assert SENT not in page.text
    browser.website.deliver_all()
    assert SENT in browser.open("/quen-mat-khau/dat-lai").text


def test_the_page_asks_again_only_while_the_message_is_on_its_way(browser: CheckingClient) -> None:
    browser.website.clock.others = lambda: None
    browser.begin()
    waiting = browser.submit("Lấy mã xác nhận").by_id("delivery")
    assert waiting is not None
    assert waiting.get("hx-get") == "/quen-mat-khau/dat-lai"
    browser.website.deliver_all()
    sent = browser.open("/quen-mat-khau/dat-lai").by_id("delivery")
    assert sent is not None
    assert not sent.has("hx-get")


def test_a_gateway_that_refuses_is_told_honestly_and_tried_again(browser: CheckingClient) -> None:
    website = browser.website
    website.gateway.fault = "500 Internal Server Error"
    browser.begin()
    page = browser.submit("Lấy mã xác nhận")
    assert NOT_YET in page.text
    assert "Hệ thống đang tự gửi lại, bạn không cần làm gì." in page.text
    assert "đã được gửi" not in page.text
    assert "500" not in page.text
    website.gateway.fault = ""
    website.clock.pass_by(5)
    website.deliver_all()
    assert SENT in browser.open("/quen-mat-khau/dat-lai").text
    assert browser.type_code(website.gateway.last_code()).heading == "Thành công!"


def test_a_message_that_never_went_out_is_not_said_to_have_been_sent(make_website: MakeWebsite) -> None:
    browser = CheckingClient(make_website())
    website = browser.website
    website.gateway.fault = "timeout"
    browser.begin()
    browser.submit("Lấy mã xác nhận")
    for _ in range(12):
        website.clock.pass_by(60)
        website.deliver_all()
    page = browser.open("/quen-mat-khau/dat-lai")
    assert FAILED in page.text
    assert "Hãy bấm “Gửi lại”. Nếu vẫn không được, hãy liên hệ quản trị." in page.text
    assert page.wait == 0


def test_a_number_that_was_taken_away_gets_nothing(browser: CheckingClient) -> None:
    website = browser.website
    website.clock.others = lambda: None
    browser.begin()
    browser.submit("Lấy mã xác nhận")
    website.update("phones", {"address": "an.tran@soctrang.gov.vn"}, number="+84999888777")
    website.deliver_all()
    assert website.gateway.asked == []
    assert FAILED in browser.open("/quen-mat-khau/dat-lai").text
