"""Step 1 of the document: signing in."""

from tests.e2e.pages.account import AccountPage
from tests.e2e.pages.address import AddressPage
from tests.e2e.pages.page import Page


class SignInPage(Page):
    path = "/dang-nhap"
    heading = "Đăng nhập"

    def forgot_password(self) -> AddressPage:
        self.link("Quên mật khẩu?").click()
        return AddressPage(self.tab).shown()

    def try_password(self, address: str, password: str) -> None:
        self.field("Tên tài khoản").fill(address)
        self.field("Mật khẩu").fill(password)
        with self.answered():
            self.button("Đăng nhập").click()

    def sign_in(self, address: str, password: str) -> AccountPage:
        self.try_password(address, password)
        return AccountPage(self.tab).shown()
