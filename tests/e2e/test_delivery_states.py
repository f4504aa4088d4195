"""Every state of the SMS on the page with the code, in the order in which carriers bring them, and what to do next."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from recovery_site.domain.messages import FaultKind, MessageState
from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import GOOD_PASSWORD
from tests.e2e.running_site import CONTACT, RESEND_SECONDS, Mailbox, RunningSite, running
from tests.e2e.tab import OpenTab
from tests.e2e.walk import to_number, to_reset

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CODE_SECONDS = 600
RESEND = "Hãy kiểm tra điện thoại đang bật và có sóng, rồi bấm “Gửi lại”. Nếu vẫn không được, hãy liên hệ quản trị."
NOT_YOUR_FAULT = "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn. Hãy bấm “Gửi lại” sau ít phút."


def being_sent(mailbox: Mailbox) -> str:
    return f"Đang gửi mã xác nhận tới số điện thoại '{mailbox.mask}'…"


def sent(mailbox: Mailbox) -> str:
    return f"Mã xác nhận đã được gửi tới số điện thoại '{mailbox.mask}'"


def not_sent(mailbox: Mailbox) -> str:
    return f"Không gửi được mã xác nhận tới số điện thoại '{mailbox.mask}'."


def accepted_from(began: datetime, ended: datetime) -> re.Pattern[str]:
    """Return the sentence about a carrier's acceptance that fell between two moments."""
    minutes = "|".join(f"{moment.astimezone(VIETNAM):%H:%M}" for moment in (began, ended))
    return re.compile(rf"Nhà mạng đã nhận tin nhắn lúc (?:{minutes})\.")


@pytest.fixture
def official(reporting: RunningSite) -> Mailbox:
    return reporting.new_mailbox()


@pytest.fixture
def frugal(tmp_path: Path) -> Iterator[RunningSite]:
    """A site that may send one SMS a day."""
    with running(tmp_path, daily_budget=1) as served:
        yield served


def test_a_message_is_being_sent_then_accepted_then_on_the_phone(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, script: bool, size: str
) -> None:
    # Given a gateway that has the message in its queue
    reporting.carrier.queues = True
    tab = open_tab(on=reporting, script=script, size=size)
    reset = to_reset(tab, official)
    expect(reset.delivery).to_have_text(being_sent(official))

    # When the carrier takes it
    began = reporting.clock.now()
    reporting.report(official, MessageState.SENT)
    ended = reporting.clock.now()
    reporting.clock.pass_by(120)

    # Then the page says since when
    reset.comes_to_tell(sent(official))
    expect(reset.delivery).to_contain_text(accepted_from(began, ended))
    tab.picture("4 accepted by the carrier")

    # When the phone has it
    reporting.report(official, MessageState.DELIVERED)

    # Then the page says so, and the code opens
    reset.comes_to_tell("Tin nhắn đã tới máy.")
    expect(reset.delivery).to_contain_text(sent(official))
    expect(reset.delivery).not_to_contain_text("Nhà mạng")
    tab.picture("4 delivered")
    reset.set_password(reporting.carrier.code_to(official.number))


@pytest.mark.parametrize("label", ["Mã xác nhận", "Mật khẩu", "Nhập lại mật khẩu"])
def test_somebody_goes_on_typing_through_two_changes(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, label: str
) -> None:
    # Given all fields filled, and the caret before the last two characters of one of them
    reporting.carrier.queues = True
    tab = open_tab(on=reporting)
    reset = to_reset(tab, official)
    reset.fill("1256", GOOD_PASSWORD, "Ben-pha 9")
    typed = {"Mã xác nhận": "1256", "Mật khẩu": GOOD_PASSWORD, "Nhập lại mật khẩu": "Ben-pha 9"}
    reset.field(label).focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        tab.page.keyboard.press(key)

    # When the message is accepted, and then arrives
    reporting.report(official, MessageState.SENT)
    expect(reset.delivery).to_contain_text("Nhà mạng đã nhận")
    tab.page.keyboard.type("3")
    reporting.report(official, MessageState.DELIVERED)
    expect(reset.delivery).to_contain_text("đã tới máy")
    tab.page.keyboard.type("4")

    # Then every character stands where it was typed
    typed[label] = f"{typed[label][:-2]}34{typed[label][-2:]}"
    reset.has_typed(*typed.values())
    expect(reset.field(label)).to_be_focused()


def test_a_long_queue_tells_when_the_code_is_likely_to_come(
    reporting: RunningSite, open_tab: OpenTab, script: bool, size: str
) -> None:
    # Given a carrier that took one message in a minute, and two that wait before ours
    gone, first, second, official = (reporting.new_mailbox() for _ in range(4))
    tab = open_tab(on=reporting, script=script, size=size)
    reporting.ask_elsewhere(gone)
    reporting.clock.pass_by(60)
    with ExitStack() as waiting:
        gates = [waiting.enter_context(reporting.carrier.held(one.number)) for one in (first, second, official)]
        for other in (first, second):
            reporting.ask_elsewhere(other)

        # When the code is asked for, then two minutes and a little are to be expected, rounded up
        reset = to_reset(tab, official)
        expect(reset.delivery).to_contain_text(being_sent(official))
        expect(reset.delivery).to_contain_text(
            "Nhiều người đang lấy mã cùng lúc. Tin nhắn của bạn dự kiến được gửi sau khoảng 3 phút."
        )
        tab.picture("4 long queue")

        # When the queue moves, then less is
        gates[0].set()
        reporting.carrier.code_to(first.number)
        reset.comes_to_tell("0 giây")
        expect(reset.delivery).to_contain_text(re.compile(r"dự kiến được gửi sau khoảng [345]0 giây\."))

    # And when it is through, nothing of it is left
    reset.comes_to_tell(sent(official))
    expect(reset.delivery).not_to_contain_text("Nhiều người")


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (FaultKind.NUMBER, "Nhà mạng không nhận tin nhắn tới số này. Hãy liên hệ quản trị để kiểm tra lại số điện"),
        (FaultKind.TEMPLATE, NOT_YOUR_FAULT),
        (FaultKind.BALANCE, NOT_YOUR_FAULT),
        (FaultKind.ACCESS, NOT_YOUR_FAULT),
    ],
)
def test_what_the_gateway_will_never_take_is_told_at_once_with_what_to_do(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, script: bool, kind: FaultKind, advice: str
) -> None:
    # Given a gateway that refuses for good
    tab = open_tab(on=reporting, script=script)
    with reporting.carrier.refusing(official.number, kind):
        # When the code is asked for, then the page says so, and whom to call
        reset = to_reset(tab, official)
        expect(reset.delivery).to_contain_text(not_sent(official))
        expect(reset.delivery).to_contain_text(advice)
        expect(reset.delivery).not_to_contain_text("status 500")
        expect(tab.page.get_by_role("contentinfo")).to_contain_text(CONTACT)
        tab.picture(f"4 refused for its {kind}")

    # And after it is mended "Gửi lại" helps
    reporting.clock.pass_by(RESEND_SECONDS)
    reset.send_again()
    expect(reset.delivery).to_contain_text(sent(official))
    reset.set_password(reporting.carrier.code_to(official.number))


@pytest.mark.parametrize(
    ("kind", "advice"),
    [(FaultKind.NUMBER, "Nhà mạng không nhận tin nhắn tới số này."), (FaultKind.REFUSED, RESEND)],
)
def test_a_message_that_the_carrier_loses_after_all_is_not_said_to_have_been_sent(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, script: bool, kind: FaultKind, advice: str
) -> None:
    tab = open_tab(on=reporting, script=script)
    reset = to_reset(tab, official)
    expect(reset.delivery).to_contain_text(sent(official))
    reporting.report(official, MessageState.FAILED, kind)
    reset.comes_to_tell(not_sent(official))
    expect(reset.delivery).to_contain_text(advice)
    expect(reset.delivery).not_to_contain_text("đã được gửi")
    tab.picture(f"4 lost by the carrier, {kind}")


def test_a_message_that_nobody_confirmed_leads_to_a_resend_and_is_believed_when_it_comes(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    # Given a message that stays in a gateway's queue
    reporting.carrier.queues = True
    tab = open_tab(on=reporting, script=script)
    reset = to_reset(tab, official)
    expect(reset.delivery).to_have_text(being_sent(official))

    # When its time is nearly over
    reporting.clock.pass_by(CODE_SECONDS - 50)
    reset.comes_to_tell(not_sent(official))
    expect(reset.delivery).to_contain_text(RESEND)
    tab.picture("4 not confirmed")

    # And a report comes after all, then it is believed
    reporting.report(official, MessageState.DELIVERED)
    reset.comes_to_tell("Tin nhắn đã tới máy.")


def test_a_number_that_changed_meanwhile_leads_back_to_the_new_one(
    reporting: RunningSite, official: Mailbox, open_tab: OpenTab, script: bool
) -> None:
    # Given a message that waits for its retry, when the help desk changes the number
    tab = open_tab(on=reporting, script=script)
    with reporting.carrier.out_of_order(official.number):
        reset = to_reset(tab, official)
        expect(reset.delivery).to_contain_text("Chưa gửi được")
        changed = reporting.change_number(official, "0987654321")
    reporting.clock.pass_by(RESEND_SECONDS)

    # Then the page says so
    reset.comes_to_tell("Số điện thoại của tài khoản đã thay đổi.")
    expect(reset.delivery).to_contain_text("Hãy bấm “Quay lại” và lấy mã một lần nữa.")
    tab.picture("4 number changed")

    # And its advice helps
    reset.back()
    number = NumberPage(tab).shown()
    number.says(changed.mask)
    number.ask_for_code()
    expect(reset.delivery).to_contain_text(sent(changed))
    assert not reporting.carrier.codes_to(official.number)
    reset.set_password(reporting.carrier.code_to(changed.number))


def test_when_the_days_messages_are_spent_the_page_says_so_until_tomorrow(
    frugal: RunningSite, open_tab: OpenTab, script: bool, size: str
) -> None:
    # Given a site whose last SMS of the day has gone
    first, official = frugal.new_mailbox(), frugal.new_mailbox()
    tab = open_tab(on=frugal, script=script, size=size)
    tab.watch.allow("429")
    frugal.ask_elsewhere(first)

    # When the next official asks for a code
    number = to_number(tab, official)
    with number.answered():
        number.get_code.click()

    # Then the page stays, says how long, and whom to call; and nothing was sent
    number.refuses("Hôm nay hệ thống đã gửi hết số tin nhắn cho phép. Hãy thử lại sau 24 giờ hoặc liên hệ quản trị")
    expect(number.summary.get_by_role("heading")).to_have_text("Chưa thực hiện được")
    expect(tab.page.get_by_role("contentinfo")).to_contain_text(CONTACT)
    assert not frugal.carrier.codes_to(official.number)
    tab.picture("3 no messages left today")

    # And tomorrow there are messages again
    frugal.clock.pass_by(24 * 3600)
    to_reset(tab, official)
    assert frugal.carrier.code_to(official.number)
