"""The demonstration's telephone."""

from playwright.sync_api import Locator

from tests.e2e.pages.page import Page


class TelephonePage(Page):
    path = "/dien-thoai"
    heading = "Điện thoại trình diễn"

    @property
    def messages(self) -> Locator:
        """The messages on the screen, newest first."""
        return self.browser.get_by_role("article")
