"""Step 3 of the document: the masked number."""

from playwright.sync_api import Locator

from tests.e2e.pages.page import Page
from tests.e2e.pages.reset import ResetPage


class NumberPage(Page):
    path = "/quen-mat-khau/so-dien-thoai"
    heading = "Xác nhận số điện thoại"

    @property
    def get_code(self) -> Locator:
        return self.button("Lấy mã xác nhận")

    def choose(self, mask: str) -> None:
        self.browser.get_by_role("radio", name=mask).check()

    def ask_for_code(self) -> ResetPage:
        self.get_code.click()
        return ResetPage(self.tab).shown()
