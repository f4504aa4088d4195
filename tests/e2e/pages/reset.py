"""Step 4 of the document: the code and the new password."""

from playwright.sync_api import Locator, expect

from tests.e2e.pages.done import DonePage
from tests.e2e.pages.page import Page

GOOD_PASSWORD = "Ben-pha 9 vang khach"
_RELOADS = 40


class ResetPage(Page):
    path = "/quen-mat-khau/dat-lai"
    heading = "Đặt lại mật khẩu"

    @property
    def code(self) -> Locator:
        return self.field("Mã xác nhận")

    @property
    def password(self) -> Locator:
        return self.field("Mật khẩu")

    @property
    def again(self) -> Locator:
        return self.field("Nhập lại mật khẩu")

    @property
    def delivery(self) -> Locator:
        """What became of the SMS."""
        return self.browser.locator("#delivery")

    def comes_to_tell(self, sentence: str) -> None:
        """Wait until the page tells something of the SMS: by itself with script, by reloading without."""
        for _ in range(_RELOADS):
            if self.tab.has_script or sentence in self.delivery.inner_text():
                break
            self.browser.wait_for_timeout(500)
            self.browser.reload()
        expect(self.delivery).to_contain_text(sentence)

    @property
    def resend(self) -> Locator:
        """The button's accessible name never counts down."""
        return self.button("Gửi lại")

    @property
    def submit(self) -> Locator:
        return self.button("Khôi phục mật khẩu")

    @property
    def countdown(self) -> int:
        """The seconds that are seen on the button; 0 where there are none."""
        return int("".join(filter(str.isdigit, self.resend.inner_text())) or 0)

    def press_resend(self) -> None:
        """Press "Gửi lại", also while it counts: it is never really disabled, so that a press can be answered."""
        self.resend.click(force=True)

    def send_again(self) -> None:
        """Press "Gửi lại" and wait for the page that answers."""
        with self.answered():
            self.press_resend()

    def back(self) -> None:
        self.link("Quay lại").click()

    def fill(self, code: str, password: str = GOOD_PASSWORD, again: str | None = None) -> None:
        self.code.fill(code)
        self.password.fill(password)
        self.again.fill(password if again is None else again)

    def try_reset(self, code: str, password: str = GOOD_PASSWORD, again: str | None = None) -> None:
        """Send the form and wait for the page that answers."""
        self.fill(code, password, again)
        with self.answered():
            self.submit.click()

    def set_password(self, code: str, password: str = GOOD_PASSWORD) -> DonePage:
        self.try_reset(code, password)
        return DonePage(self.tab).shown()

    def has_typed(self, code: str, password: str, again: str) -> None:
        expect(self.code).to_have_value(code)
        expect(self.password).to_have_value(password)
        expect(self.again).to_have_value(again)
