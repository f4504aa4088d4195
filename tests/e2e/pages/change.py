"""Changing the password while signed in."""

from playwright.sync_api import Locator

from tests.e2e.pages.page import Page
from tests.e2e.pages.reset import GOOD_PASSWORD


class ChangePage(Page):
    path = "/tai-khoan/doi-mat-khau"
    heading = "Đổi mật khẩu"

    @property
    def current(self) -> Locator:
        return self.field("Mật khẩu hiện tại")

    @property
    def password(self) -> Locator:
        return self.field("Mật khẩu mới")

    @property
    def again(self) -> Locator:
        return self.field("Nhập lại mật khẩu mới")

    @property
    def submit(self) -> Locator:
        return self.button("Đổi mật khẩu")

    def fill(self, current: str, password: str = GOOD_PASSWORD, again: str | None = None) -> None:
        self.current.fill(current)
        self.password.fill(password)
        self.again.fill(password if again is None else again)

    def try_change(self, current: str, password: str = GOOD_PASSWORD, again: str | None = None) -> None:
        """Send the form and wait for the page that answers."""
        self.fill(current, password, again)
        with self.answered():
            self.submit.click()
