"""What a person sees after signing in."""

from tests.e2e.pages.page import Page


class AccountPage(Page):
    path = "/tai-khoan"
    heading = "Tài khoản"
