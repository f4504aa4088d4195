"""The truth on step 4: what the page says is what gateway and carrier said, each change once."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from recovery_site.domain.messages import FaultKind, MessageState, Report
from tests.contracts.rows import message, put, recovery
from tests.fakes import NOON
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser
from tests.web.page import Element
from tests.web.website import Website

PAGE = "/quen-mat-khau/dat-lai"
POLL = "/quen-mat-khau/dat-lai/tin-nhan"
SENT = "Mã xác nhận đã được gửi tới số điện thoại '0393XXX121'"
CARRIER_HAS_IT = "Nhà mạng đã nhận tin nhắn lúc 12:00."
ARRIVED = "Tin nhắn đã tới máy."
SENDING = "Đang gửi mã xác nhận tới số điện thoại '0393XXX121'…"
NOT_YET = "Chưa gửi được mã xác nhận tới số điện thoại '0393XXX121'."
FAILED = "Không gửi được mã xác nhận tới số điện thoại '0393XXX121'."
CROWDED = "Nhiều người đang lấy mã cùng lúc."
EVERYTHING = (SENT, CARRIER_HAS_IT, ARRIVED, SENDING, NOT_YET, FAILED, CROWDED)


@pytest.fixture
def waiting(browser: CheckingClient) -> CheckingClient:
    """A browser whose code stands in the outbox: nobody dispatches."""
    browser.website.clock.others = lambda: None
    browser.begin()
    browser.submit("Lấy mã xác nhận")
    return browser


def says(browser: CheckingClient, *sentences: str) -> None:
    """Hold that the page tells these of all the sentences about an SMS, and no other one."""
    told = the_box(browser).text
    assert [one for one in EVERYTHING if one in told] == [one for one in EVERYTHING if one in sentences], told


def the_box(browser: CheckingClient) -> Element:
    found = browser.open(PAGE).by_id("delivery")
    assert found is not None
    assert next(one.get("role") for one in found.above()) == "status", "screen readers hear of a change"
    return found


def polled(browser: CheckingClient) -> str:
    """Return where the page that is shown now asks for news; '' where it does not."""
    return the_box(browser).get("hx-get")


def the_message_id(website: Website) -> str:
    [row] = website.rows()["messages"]
    return str(row["id"])


def report(website: Website, state: MessageState, kind: FaultKind = FaultKind.REFUSED) -> None:
    website.gateway.learnt.append(Report(state, message_id=the_message_id(website), kind=kind))
    website.services.reports.collect()


# --- what the page says -----------------------------------------------------------------------------------------------


def test_a_gateway_that_takes_its_time_is_not_said_to_have_sent(browser: CheckingClient) -> None:
    clock = browser.website.clock
    clock.others = lambda: None
    browser.begin()
    before = clock.now()
    browser.submit("Lấy mã xác nhận")
    assert (clock.now() - before).total_seconds() < 2, "a page never takes longer because of a gateway"
    says(browser, SENDING)
    browser.website.deliver_all()
    says(browser, SENT, CARRIER_HAS_IT)


def test_a_message_that_a_gateway_only_keeps_is_being_sent_until_the_carrier_took_it(waiting: CheckingClient) -> None:
    website = waiting.website
    website.gateway.keeps = website.gateway.reports = True
    website.deliver_all()
    says(waiting, SENDING)
    report(website, MessageState.SENT)
    says(waiting, SENT, CARRIER_HAS_IT)
    report(website, MessageState.DELIVERED)
    says(waiting, SENT, ARRIVED)


def test_the_time_is_the_carriers_acceptance_in_the_provinces_time_and_not_the_present(waiting: CheckingClient) -> None:
    waiting.website.deliver_all()
    waiting.website.clock.pass_by(minutes=3)
    says(waiting, SENT, CARRIER_HAS_IT)


def test_a_gateway_that_refuses_is_told_honestly_and_tried_again(browser: CheckingClient) -> None:
    website = browser.website
    website.gateway.fault = "500 Internal Server Error"
    browser.begin()
    page = browser.submit("Lấy mã xác nhận")
    says(browser, NOT_YET)
    assert "Hệ thống đang tự gửi lại, bạn không cần làm gì." in page.text
    assert "500" not in page.text
    website.gateway.fault = ""
    website.clock.pass_by(5)
    website.deliver_all()
    says(browser, SENT, CARRIER_HAS_IT)
    assert browser.type_code(website.gateway.last_code()).heading == "Thành công!"


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (FaultKind.NUMBER, "Hãy liên hệ quản trị để kiểm tra lại số điện thoại."),
        (FaultKind.TEXT, "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn."),
        (FaultKind.TEMPLATE, "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn."),
        (FaultKind.BALANCE, "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn."),
        (FaultKind.ACCESS, "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn."),
    ],
)
def test_what_can_never_go_is_told_at_once_with_what_to_do(
    browser: CheckingClient, kind: FaultKind, advice: str
) -> None:
    gateway = browser.website.gateway
    gateway.fault, gateway.kind = "a word of the carrier", kind
    browser.begin()
    page = browser.submit("Lấy mã xác nhận")
    says(browser, FAILED)
    assert advice in page.text
    assert "a word of the carrier" not in page.text
    assert polled(browser) == ""


def test_a_message_that_no_gateway_took_in_time_is_not_said_to_have_been_sent(browser: CheckingClient) -> None:
    website = browser.website
    website.gateway.fault, website.gateway.kind = "timeout", FaultKind.UNREACHABLE
    browser.begin()
    browser.submit("Lấy mã xác nhận")
    for _ in range(12):
        website.clock.pass_by(60)
        website.deliver_all()
    page = browser.open(PAGE)
    says(browser, FAILED)
    assert "Hãy bấm “Gửi lại” sau ít phút. Nếu vẫn không được, hãy liên hệ quản trị." in page.text
    assert page.wait == 0


def test_a_message_that_no_carrier_confirmed_leads_to_a_resend(waiting: CheckingClient) -> None:
    website = waiting.website
    website.gateway.keeps = website.gateway.reports = True
    website.deliver_all()
    website.clock.pass_by(minutes=9, seconds=1)
    website.deliver_all()
    says(waiting, FAILED)
    advice = "Hãy kiểm tra điện thoại đang bật và có sóng, rồi bấm “Gửi lại”. Nếu vẫn không được, hãy liên hệ quản trị."
    assert advice in waiting.page.text


def test_a_number_that_was_taken_away_gets_nothing_and_the_page_leads_to_the_new_one(waiting: CheckingClient) -> None:
    website = waiting.website
    website.update("phones", {"address": "an.tran@soctrang.gov.vn"}, number="+84999888777")
    website.deliver_all()
    assert website.gateway.asked == []
    says(waiting, FAILED)
    assert "Hãy bấm “Quay lại” và lấy mã một lần nữa." in waiting.page.text


# --- a long queue -----------------------------------------------------------------------------------------------------


def crowd(website: Website, ahead: int, *, accepted: int = 0, since: int = 60) -> None:
    """Let `ahead` messages wait before all others; `accepted` more have gone in the last `since` seconds."""
    long_ago = NOON - timedelta(minutes=5)
    waits = [
        message(f"w{n}", "crowd", state=MessageState.SENDING, created_at=long_ago, due_at=NOON + timedelta(hours=1))
        for n in range(ahead)
    ]
    went = [
        message(
            f"g{n}", "crowd", state=MessageState.SENT, created_at=long_ago,
            accepted_at=website.clock.now() - timedelta(seconds=since * (n + 1) / accepted),
        )
        for n in range(accepted)
    ]  # fmt: skip
    put(website.services.transactions, recovery("crowd"), *waits, *went)


def test_a_long_queue_says_when_the_code_is_likely_to_come(waiting: CheckingClient) -> None:
    crowd(waiting.website, 30, accepted=10)
    says(waiting, SENDING, CROWDED)
    assert "dự kiến được gửi sau khoảng 3 phút." in the_box(waiting).text


def test_the_expectation_follows_the_real_rate_and_is_rounded_up_to_tens_of_seconds(waiting: CheckingClient) -> None:
    crowd(waiting.website, 7, accepted=10)
    assert "dự kiến được gửi sau khoảng 50 giây." in the_box(waiting).text


@pytest.mark.parametrize(("ahead", "accepted"), [(0, 0), (0, 10), (1, 10), (30, 0)])
def test_without_a_wait_worth_telling_or_a_known_rate_nothing_is_promised(
    waiting: CheckingClient, ahead: int, accepted: int
) -> None:
    crowd(waiting.website, ahead, accepted=accepted)
    says(waiting, SENDING)


# --- asking for news --------------------------------------------------------------------------------------------------


def test_the_page_asks_for_news_while_there_may_be_some_and_then_no_more(waiting: CheckingClient) -> None:
    website = waiting.website
    website.gateway.reports = True
    first = urlsplit(polled(waiting))
    assert first.path == POLL
    assert parse_qs(first.query).keys() == {"biet"}
    website.deliver_all()
    assert polled(waiting) not in ("", first.geturl())
    report(website, MessageState.DELIVERED)
    assert polled(waiting) == ""


def test_a_gateway_that_never_reports_is_not_asked_about_after_the_acceptance(waiting: CheckingClient) -> None:
    waiting.website.deliver_all()
    assert polled(waiting) == ""


def test_nothing_new_is_answered_with_nothing(waiting: CheckingClient) -> None:
    address = polled(waiting)
    for _ in range(3):
        waiting.website.clock.pass_by(2)
        answer = waiting.send("GET", address)
        assert (answer.status_code, answer.get_data()) == (204, b"")
        assert "Set-Cookie" not in answer.headers


def test_news_are_answered_with_the_whole_page_once(waiting: CheckingClient) -> None:
    website = waiting.website
    website.gateway.reports = True
    address = polled(waiting)
    website.deliver_all()
    for state, sentence in ((None, CARRIER_HAS_IT), (MessageState.DELIVERED, ARRIVED)):
        if state:
            report(website, state)
        answer = waiting.send("GET", address)
        assert answer.status_code == 200
        page = waiting.read(answer)
        assert sentence in page.text
        box = page.by_id("delivery")
        assert box is not None
        address = box.get("hx-get")
        assert not address or waiting.send("GET", address).status_code == 204


def test_a_retry_that_changes_no_sentence_is_no_news(waiting: CheckingClient) -> None:
    website = waiting.website
    website.gateway.fault = "status 503"
    website.deliver_all()
    address = polled(waiting)
    website.clock.pass_by(5)
    website.deliver_all()
    assert len(website.gateway.asked) == 2
    assert waiting.send("GET", address).status_code == 204


@pytest.mark.parametrize("known", ["", "?biet=", "?biet=sent", "?biet=%F0%9F%8C%8A", "?known=1"])
def test_an_asker_that_knows_nothing_true_gets_the_page(waiting: CheckingClient, known: str) -> None:
    assert SENDING in waiting.open(POLL + known).text


def test_asking_changes_and_sends_nothing(waiting: CheckingClient) -> None:
    before = waiting.website.rows()
    for method in ("GET", "HEAD"):
        waiting.send(method, POLL)
    assert waiting.website.rows() == before


def test_strangers_learn_nothing(waiting: CheckingClient, new_browser: TakeBrowser) -> None:
    assert waiting.page.path == PAGE
    answer = new_browser().send("GET", POLL)
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau")


def test_a_page_that_still_asks_after_the_end_is_led_on(waiting: CheckingClient) -> None:
    address = polled(waiting)
    waiting.website.deliver_all()
    waiting.type_code(waiting.website.gateway.last_code())
    answer = waiting.send("GET", address)
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau/thanh-cong")


def test_a_page_that_still_asks_after_its_recovery_ran_out_is_led_to_the_beginning(waiting: CheckingClient) -> None:
    address = polled(waiting)
    waiting.website.clock.pass_by(minutes=31)
    answer = waiting.send("GET", address)
    assert (answer.status_code, answer.location) == (303, "/quen-mat-khau")
