"""What a screen reader says of the SMS: every change once, and nothing where nothing changed."""

from contextlib import ExitStack

from playwright.sync_api import expect

from recovery_site.domain.messages import FaultKind, MessageState
from recovery_site.flow.tracking import REPORTS_FOR
from tests.e2e.hearing import ScreenReader
from tests.e2e.pages.reset import ResetPage
from tests.e2e.running_site import RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_reset

NO_NEWS = 204
SENT_ANEW = 200


def next_answer(tab: Tab, status: int) -> None:
    """Wait until the page has asked for news and got an answer of this kind; others before it do not matter."""
    with tab.page.expect_response(lambda answer: "/tin-nhan?" in answer.url and answer.status == status):
        pass


def is_quiet(tab: Tab, reader: ScreenReader, *said: str) -> None:
    """Hold that nothing more is said while the page asks twice and hears of nothing new."""
    for _ in range(2):
        next_answer(tab, NO_NEWS)
    assert reader.heard == list(said)


def stops_asking(reset: ResetPage) -> None:
    """Wait until the page has no more to ask."""
    expect(reset.browser.locator("#delivery:not([hx-get])")).to_be_attached()


def told(reset: ResetPage) -> str:
    """Return what stands on the page now, in one line."""
    return " ".join(reset.delivery.inner_text().split())


def test_the_way_of_a_message_is_said_step_by_step_each_once(reporting: RunningSite, open_tab: OpenTab) -> None:
    # Given a message in a gateway's queue
    official = reporting.new_mailbox()
    reporting.carrier.queues = True
    tab = open_tab(on=reporting)
    reset = to_reset(tab, official)
    reader = ScreenReader(tab)
    is_quiet(tab, reader)

    # When the carrier takes it, then that is said
    reporting.report(official, MessageState.SENT)
    expect(reset.delivery).to_contain_text("Nhà mạng đã nhận")
    accepted = told(reset)
    is_quiet(tab, reader, accepted)

    # When the phone has it, then that is said, and the page asks no more
    reporting.report(official, MessageState.DELIVERED)
    expect(reset.delivery).to_contain_text("đã tới máy")
    stops_asking(reset)
    assert reader.heard == [accepted, told(reset)]
    assert "đã tới máy" in reader.heard[-1]


def test_a_fault_and_its_repair_are_said_once_however_often_it_is_tried(
    reporting: RunningSite, open_tab: OpenTab
) -> None:
    # Given a carrier that takes its time
    official = reporting.new_mailbox()
    tab = open_tab(on=reporting)
    with reporting.carrier.held(official.number) as gate:
        reset = to_reset(tab, official)
        reader = ScreenReader(tab)
        is_quiet(tab, reader)

        # When it then fails, again and again
        with reporting.carrier.out_of_order(official.number):
            gate.set()
            expect(reset.delivery).to_contain_text("Chưa gửi được")
            not_yet = told(reset)
            for _ in range(2):
                with reporting.carrier.one_more_refusal():
                    reporting.clock.pass_by(30)
                is_quiet(tab, reader, not_yet)

        # And takes it at last, then each of both is said once
        reporting.clock.pass_by(60)
        expect(reset.delivery).to_contain_text("Nhà mạng đã nhận")
        is_quiet(tab, reader, not_yet, told(reset))


def test_a_message_that_cannot_go_is_said_once(reporting: RunningSite, open_tab: OpenTab) -> None:
    official = reporting.new_mailbox()
    reporting.carrier.queues = True
    tab = open_tab(on=reporting)
    reset = to_reset(tab, official)
    reader = ScreenReader(tab)
    reporting.report(official, MessageState.FAILED, FaultKind.NUMBER)
    expect(reset.delivery).to_contain_text("Không gửi được")
    stops_asking(reset)
    assert reader.heard == [told(reset)]
    assert "Hãy liên hệ quản trị để kiểm tra lại số điện thoại." in reader.heard[0]


def test_nothing_is_said_where_the_same_words_come_again(reporting: RunningSite, open_tab: OpenTab) -> None:
    # Given a long queue, and an expectation of more than two minutes
    gone, first, second, official = (reporting.new_mailbox() for _ in range(4))
    tab = open_tab(on=reporting)
    reporting.ask_elsewhere(gone)
    reporting.clock.pass_by(60)
    with ExitStack() as waiting:
        for one in (first, second, official):
            waiting.enter_context(reporting.carrier.held(one.number))
        for other in (first, second):
            reporting.ask_elsewhere(other)
        reset = to_reset(tab, official)
        expect(reset.delivery).to_contain_text("sau khoảng 3 phút.")
        reader = ScreenReader(tab)

        # When it grows by some seconds, so that the page is sent anew, then nobody hears of it
        reporting.clock.pass_by(7)
        next_answer(tab, SENT_ANEW)
        expect(reset.delivery).to_contain_text("sau khoảng 3 phút.")
        is_quiet(tab, reader)


def test_nothing_is_said_when_no_report_is_awaited_any_more(reporting: RunningSite, open_tab: OpenTab) -> None:
    official = reporting.new_mailbox()
    tab = open_tab(on=reporting)
    reset = to_reset(tab, official)
    expect(reset.delivery).to_contain_text("Nhà mạng đã nhận")
    reader = ScreenReader(tab)
    is_quiet(tab, reader)
    reporting.clock.pass_by(REPORTS_FOR.total_seconds())
    stops_asking(reset)
    assert reader.heard == []
