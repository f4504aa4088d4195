"""Step 2 of the document: the address."""

from playwright.sync_api import Locator

from tests.e2e.pages.number import NumberPage
from tests.e2e.pages.page import Page


class AddressPage(Page):
    path = "/quen-mat-khau"
    heading = "Quên mật khẩu"

    @property
    def email(self) -> Locator:
        return self.field("Email công vụ")

    @property
    def go_on(self) -> Locator:
        return self.button("Tiếp tục")

    def try_address(self, typed: str) -> None:
        """Send the form and wait for the page that answers."""
        self.email.fill(typed)
        with self.answered():
            self.go_on.click()

    def enter(self, typed: str) -> NumberPage:
        self.try_address(typed)
        return NumberPage(self.tab).shown()
