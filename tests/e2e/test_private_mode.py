"""A site in private mode, as it looks to an official and to somebody who has no account."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.pages.reset import ResetPage
from tests.e2e.running_site import Mailbox, RunningSite, running
from tests.e2e.tab import OpenTab
from tests.e2e.walk import to_reset

NOBODY = Mailbox("khong.co.ai@soctrang.gov.vn", ())
SAID = "Nếu địa chỉ đã nhập có tài khoản đang hoạt động và có số điện thoại, mã xác nhận được gửi tới số điện thoại"


@pytest.fixture
def private(tmp_path: Path) -> Iterator[RunningSite]:
    with running(tmp_path, mode="private") as served:
        yield served


def test_an_official_recovers_where_the_page_tells_nothing_of_the_sms(
    private: RunningSite, open_tab: OpenTab, script: bool
) -> None:
    official = private.new_mailbox()
    page = to_reset(open_tab(script=script, on=private), official)
    expect(page.delivery).to_contain_text(f"{SAID} '{official.mask}'.")
    page.set_password(private.carrier.code_to(official.number))


def test_somebody_without_an_account_meets_the_same_page_and_runs_out_of_tries(
    private: RunningSite, open_tab: OpenTab, script: bool, size: str
) -> None:
    page: ResetPage = to_reset(open_tab(script=script, size=size, on=private), NOBODY)
    expect(page.delivery).to_contain_text(re.compile(rf"{SAID} '0[35789]\d\dXXX\d\d\d'\."))
    page.tab.picture("3 nobody in private mode")
    for left in (4, 3, 2, 1):
        page.try_reset("123456")
        expect(page.browser.locator("#main")).to_contain_text(f"Bạn còn {left} lần thử.")
    page.try_reset("123456")
    expect(page.browser.locator("#main")).to_contain_text("Bạn đã nhập sai mã quá số lần cho phép.")
