"""What a person sees after signing in."""

from tests.e2e.pages.change import ChangePage
from tests.e2e.pages.page import Page


class AccountPage(Page):
    path = "/tai-khoan"
    heading = "Tài khoản"

    def change_password(self) -> ChangePage:
        self.link("Đổi mật khẩu").click()
        return ChangePage(self.tab).shown()

    def sign_out_everywhere(self) -> None:
        self.button("Đăng xuất khỏi mọi thiết bị").click()
