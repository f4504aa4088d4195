"""The countdown on "Gửi lại": the server owns the time, the page shows it."""

import re

from playwright.sync_api import expect

from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.reset import ResetPage
from tests.e2e.running_site import RESEND_SECONDS, Mailbox, RunningSite
from tests.e2e.tab import OpenTab, Tab
from tests.e2e.walk import to_reset

READY = "Đã có thể gửi lại mã."
_COUNT_ANNOUNCEMENTS = """() => {
  window.announced = [];
  new MutationObserver(() => window.announced.push(document.getElementById("say").textContent))
    .observe(document.getElementById("say"), { childList: true, characterData: true, subtree: true });
}"""


def shows_about(reset: ResetPage, seconds: int) -> None:
    """Wait for the countdown to show `seconds`, or up to eight less: a busy machine is slow."""
    near = "|".join(str(one) for one in range(max(1, seconds - 8), seconds + 1))
    expect(reset.resend).to_have_text(re.compile(rf"^Gửi lại \((?:{near})\)$"))


def counts_from(reset: ResetPage, seconds: int) -> None:
    """The same, after the script has begun to count on this page."""
    expect(reset.resend).to_have_attribute("aria-disabled", "true")
    reset.browser.clock.run_for(500)
    shows_about(reset, seconds)


def both_pass_by(tab: Tab, seconds: int) -> None:
    """Let time pass for the server and for the page."""
    tab.site.clock.pass_by(seconds)
    tab.page.clock.fast_forward(seconds * 1000)


def test_the_number_falls_and_the_name_stays(mailbox: Mailbox, tab: Tab) -> None:
    tab.page.clock.install()
    reset = to_reset(tab, mailbox)
    shows_about(reset, RESEND_SECONDS)
    expect(reset.resend).to_have_accessible_name("Gửi lại")
    expect(reset.resend).to_have_attribute("aria-disabled", "true")
    both_pass_by(tab, 30)
    shows_about(reset, RESEND_SECONDS - 30)
    expect(reset.resend).to_have_accessible_name("Gửi lại")


def test_neither_reload_nor_a_second_tab_nor_back_changes_the_wait(mailbox: Mailbox, tab: Tab) -> None:
    # Given a page that has waited for twenty seconds
    tab.page.clock.install()
    reset = to_reset(tab, mailbox)
    both_pass_by(tab, 20)
    shows_about(reset, RESEND_SECONDS - 20)

    # When it is reloaded, opened in a second tab, or come back to
    tab.page.reload()
    counts_from(reset.shown(), RESEND_SECONDS - 20)
    second = tab.second()
    counts_from(ResetPage(second).open(), RESEND_SECONDS - 20)
    second.page.close()
    reset.back()
    NumberPage(tab).shown()
    tab.page.go_back()

    # Then it goes on where it was
    counts_from(reset.shown(), RESEND_SECONDS - 20)


def test_at_the_end_the_button_is_ready_and_says_so_once(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    # Given a page that counts
    tab.page.clock.install()
    reset = to_reset(tab, mailbox)
    shows_about(reset, RESEND_SECONDS)
    tab.page.evaluate(_COUNT_ANNOUNCEMENTS)

    # When the wait is over
    for _ in range(3):
        both_pass_by(tab, 25)

    # Then the button works, and one sentence has been said
    expect(reset.resend).to_have_text("Gửi lại")
    expect(reset.resend).to_be_enabled()
    tab.hears(READY)
    both_pass_by(tab, 5)
    assert tab.page.evaluate("window.announced") == [READY]
    tab.picture("4 ready to send again")
    reset.resend.click()
    shows_about(reset.shown(), RESEND_SECONDS)
    assert len(site.carrier.codes_to(mailbox.number)) == 2


def test_the_server_and_the_page_agree_on_the_end(site: RunningSite, mailbox: Mailbox, tab: Tab) -> None:
    """The page is ready when a press is accepted, give or take a second."""
    tab.watch.allow("429")
    reset = to_reset(tab, mailbox)
    left = reset.countdown
    site.clock.pass_by(left - 8)
    reset.press_resend()
    reset.refuses("Vui lòng chờ")
    site.clock.pass_by(9)
    reset.send_again()
    expect(reset.summary).to_have_count(0)
    assert len(site.carrier.codes_to(mailbox.number)) == 2


def test_without_script_the_button_works_and_shows_the_wait_as_it_was(mailbox: Mailbox, open_tab: OpenTab) -> None:
    reset = to_reset(open_tab(script=False), mailbox)
    shows_about(reset, RESEND_SECONDS)
    expect(reset.resend).to_be_enabled()
