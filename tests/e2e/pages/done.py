"""Step 5 of the document: success."""

from tests.e2e.pages.page import Page


class DonePage(Page):
    path = "/quen-mat-khau/thanh-cong"
    heading = "Thành công!"

    def close(self) -> None:
        self.link("Đóng").click()
