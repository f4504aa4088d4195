"""Where the limits ask for proof of work: the browser computes and goes on by itself; without script one waits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.number import NumberPage
from tests.e2e.running_site import RunningSite, running
from tests.e2e.tab import OpenTab

FIRST_SENTENCE = "Đang có nhiều yêu cầu cùng lúc."
REFUSED = (
    "Mạng của bạn đang gửi rất nhiều yêu cầu. Nếu trang không tự tiếp tục, hãy bật JavaScript trong trình duyệt, "
    "thử lại sau"
)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[RunningSite]:
    """A site, with its default puzzles, that asks everybody for a proof."""
    with running(tmp_path, limits={"addresses_until_proof": 1}) as served:
        yield served


@pytest.fixture
def overrun(tmp_path: Path) -> Iterator[RunningSite]:
    """A site where waiting opens nothing any more."""
    with running(tmp_path, limits={"addresses_until_proof": 1, "addresses_per_client": "1/10 minutes"}) as served:
        yield served


@pytest.mark.parametrize("which", ["crowded", "overrun"])
def test_the_browser_proves_work_and_goes_on_by_itself(
    open_tab: OpenTab, request: pytest.FixtureRequest, record_property: Callable[[str, object], None], which: str
) -> None:
    site: RunningSite = request.getfixturevalue(which)
    tab = open_tab(on=site)
    if which == "overrun":
        tab.watch.allow("429")
    page = AddressPage(tab).open()
    page.email.fill(site.new_mailbox().name)
    page.go_on.click()
    expect(tab.page.get_by_text(FIRST_SENTENCE)).to_be_visible()
    begun = tab.page.evaluate("performance.now()")
    NumberPage(tab).shown()
    taken = tab.page.evaluate("performance.now()") - begun
    record_property("weight", f"proof of work, {which}: {taken / 1000:.1f} s in this browser")
    assert len(tab.watch.sent("POST", "/quen-mat-khau")) == 2


def test_a_second_puzzle_in_the_same_tab_is_solved_as_the_first_was(open_tab: OpenTab, crowded: RunningSite) -> None:
    tab = open_tab(on=crowded)
    for _ in range(2):
        AddressPage(tab).open().email.fill(crowded.new_mailbox().name)
        AddressPage(tab).go_on.click()
        NumberPage(tab).shown()


def test_without_script_a_press_after_the_wait_goes_on(open_tab: OpenTab, crowded: RunningSite) -> None:
    tab = open_tab(script=False, on=crowded)
    page = AddressPage(tab).open()
    page.try_address(crowded.new_mailbox().name)
    expect(tab.page.get_by_text("Nếu trang không tự tiếp tục, hãy chờ 30 giây")).to_be_visible()
    page.go_on.click()
    expect(tab.page.get_by_text("Chưa hết thời gian chờ.")).to_be_visible()
    crowded.clock.pass_by(31)
    page.go_on.click()
    NumberPage(tab).shown()


def test_without_script_an_address_too_many_is_refused_in_the_documented_words(
    open_tab: OpenTab, tmp_path: Path
) -> None:
    limits = {"addresses_until_proof": 4, "addresses_per_client": "5/10 minutes"}
    with running(tmp_path, limits=limits) as site:
        tab = open_tab(script=False, on=site)
        page = AddressPage(tab).open()
        for number in range(4):
            page.try_address(f"ai.do.{number}")
        expect(tab.page.get_by_text("Nếu trang không tự tiếp tục, hãy chờ 30 giây")).to_be_visible()
        tab.watch.allow("429")
        page.try_address(site.new_mailbox().name)
        page.refuses(f"{REFUSED} 10 phút hoặc liên hệ quản trị để được hỗ trợ.")
        expect(tab.page.locator("body")).to_contain_text("Liên hệ")
        site.clock.pass_by(31)  # waiting opens nothing any more
        page.try_address(site.new_mailbox().name)
        page.refuses(REFUSED)
        site.clock.pass_by(600)
        page.enter(site.new_mailbox().name)


def test_axe_finds_nothing_on_the_page_that_asks(open_tab: OpenTab, crowded: RunningSite) -> None:
    tab = open_tab(script=False, on=crowded)
    AddressPage(tab).open().try_address("ai.do")
    shown = open_tab(on=crowded)
    shown.page.set_content(tab.page.content())
    assert Axe().run(shown.page).response["violations"] == []
