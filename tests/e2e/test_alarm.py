"""The pages while somebody guesses codes on the whole site, in a real browser: what an official meets, and the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recovery_site.flow.outcomes import Submission, WrongCode
from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.running_site import RunningSite, running
from tests.e2e.tab import OpenTab
from tests.flow.story import wrong

ASKED = "Đang có nhiều yêu cầu cùng lúc."
SLOWER = "Mã đang được kiểm tra chậm hơn để bảo vệ các hộp thư. Hãy thử lại sau"
PRESSED = "/quen-mat-khau/so-dien-thoai"


@pytest.fixture
def guessed_at(tmp_path: Path) -> Iterator[RunningSite]:
    """A site, with its default puzzles, on which four wrong codes are one too many."""
    with running(tmp_path, limits={"wrong_codes_of_site": "3/10 minutes"}) as served:
        yield served


def guess(site: RunningSite) -> None:
    """Try wrong codes somewhere else, until the alarm is on."""
    mailbox = site.new_mailbox()
    browser = site.services.recover.begin(mailbox.address, None)
    site.services.recover.confirm(browser, "", "198.51.100.7")
    code = wrong(site.carrier.code_to(mailbox.number))
    for _ in range(4):
        outcome = site.services.reset.submit(browser, Submission(code, GOOD_PASSWORD, GOOD_PASSWORD))
        assert isinstance(outcome, WrongCode)


def test_the_browser_proves_work_for_its_code_and_goes_on_by_itself(
    open_tab: OpenTab, guessed_at: RunningSite, record_property: Callable[[str, object], None]
) -> None:
    guess(guessed_at)
    official, tab = guessed_at.new_mailbox(), open_tab(on=guessed_at)
    page = AddressPage(tab).open().enter(official.name)
    page.get_code.click()
    expect(tab.page.get_by_text(ASKED)).to_be_visible()
    begun = tab.page.evaluate("performance.now()")
    reset = ResetPage(tab).shown()
    taken = tab.page.evaluate("performance.now()") - begun
    record_property("weight", f"proof of work for a code: {taken / 1000:.1f} s in this browser")
    assert len(tab.watch.sent("POST", PRESSED)) == 2
    reset.set_password(guessed_at.carrier.code_to(official.number))
    assert len(guessed_at.carrier.codes_to(official.number)) == 1
    assert guessed_at.opens(official, GOOD_PASSWORD)


def test_without_script_a_press_after_the_wait_sends_the_code(open_tab: OpenTab, guessed_at: RunningSite) -> None:
    guess(guessed_at)
    official, tab = guessed_at.new_mailbox(), open_tab(script=False, on=guessed_at)
    page = AddressPage(tab).open().enter(official.name)
    with page.answered():
        page.get_code.click()
    page.says("Nếu trang không tự tiếp tục, hãy chờ 30 giây")
    with page.answered():
        page.get_code.click()
    page.says("Chưa hết thời gian chờ.")
    assert guessed_at.carrier.codes_to(official.number) == []
    guessed_at.clock.pass_by(31)
    page.ask_for_code().set_password(guessed_at.carrier.code_to(official.number))


def test_the_number_that_was_chosen_is_the_one_that_gets_the_code(
    open_tab: OpenTab, guessed_at: RunningSite, *, script: bool
) -> None:
    guess(guessed_at)
    group, tab = guessed_at.new_mailbox(members=3), open_tab(script=script, on=guessed_at)
    page = AddressPage(tab).open().enter(group.name)
    page.choose(group.masks[1])
    if script:
        page.get_code.click()
    else:
        with page.answered():
            page.get_code.click()
        guessed_at.clock.pass_by(31)
        page.get_code.click()
    ResetPage(tab).shown()
    assert guessed_at.carrier.code_to(group.numbers[1])
    assert guessed_at.carrier.codes_to(group.numbers[0]) == []


def test_sending_again_asks_where_the_number_is_and_goes_on(open_tab: OpenTab, guessed_at: RunningSite) -> None:
    official, tab = guessed_at.new_mailbox(), open_tab(on=guessed_at)
    page = AddressPage(tab).open().enter(official.name).ask_for_code()
    first = guessed_at.carrier.code_to(official.number)
    guess(guessed_at)
    guessed_at.clock.pass_by(61)
    tab.page.reload()
    page.press_resend()
    expect(tab.page.get_by_text(ASKED)).to_be_visible()
    ResetPage(tab).shown().set_password(first)


def test_a_code_that_is_checked_too_soon_is_told_the_wait_and_costs_no_try(
    open_tab: OpenTab, guessed_at: RunningSite, *, script: bool
) -> None:
    official, tab = guessed_at.new_mailbox(), open_tab(script=script, on=guessed_at)
    tab.watch.allow("429")
    page = AddressPage(tab).open().enter(official.name).ask_for_code()
    code = guessed_at.carrier.code_to(official.number)
    guess(guessed_at)
    page.try_reset(wrong(code))
    page.says("Bạn còn 4 lần thử")
    for _ in range(5):  # as many as there are tries
        page.try_reset(wrong(code))
        page.refuses(SLOWER)
    tab.picture("4 checked too soon")
    guessed_at.clock.pass_by(11)
    page.try_reset(wrong(code))
    page.says("Bạn còn 3 lần thử")
    guessed_at.clock.pass_by(11)
    page.set_password(code)
    assert guessed_at.opens(official, GOOD_PASSWORD)


def test_who_holds_a_code_finishes(open_tab: OpenTab, guessed_at: RunningSite, *, script: bool) -> None:
    official, tab = guessed_at.new_mailbox(), open_tab(script=script, on=guessed_at)
    page = AddressPage(tab).open().enter(official.name).ask_for_code()
    guess(guessed_at)
    page.set_password(guessed_at.carrier.code_to(official.number))
    assert guessed_at.opens(official, GOOD_PASSWORD)


def test_when_it_is_calm_a_press_sends_at_once(open_tab: OpenTab, guessed_at: RunningSite) -> None:
    guess(guessed_at)
    guessed_at.clock.pass_by(601)
    official, tab = guessed_at.new_mailbox(), open_tab(on=guessed_at)
    AddressPage(tab).open().enter(official.name).ask_for_code()
    assert len(tab.watch.sent("POST", PRESSED)) == 1
