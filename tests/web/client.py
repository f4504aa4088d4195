"""A browser for the tests: verbs that read aloud, and a check of every answer that comes in."""

from collections.abc import Mapping, Sequence

from werkzeug.test import TestResponse

from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.web.page import Page
from tests.web.page_rules import DOWNLOADS, check_headers, check_page, check_silence
from tests.web.website import Website

CLIENT = "192.0.2.7"
_LONGEST_CHAIN = 4
_SHORTEST_SECRET = 6

Values = Mapping[str, str | Sequence[str]]


class CheckingClient:
    """One browser with its own cookies. `page` is what it shows; `answers` is all that it was served."""

    def __init__(self, website: Website, *, address: str = CLIENT) -> None:
        site = website.services.settings.site
        self.website = website
        self.address = address
        self.base_url = site.base_url
        self.https = site.is_https
        self.host = site.host.partition(":")[0]
        self.cookie_name = website.app.config["SESSION_COOKIE_NAME"]
        self.answers: list[TestResponse] = []
        self.lang = "vi"
        self._http = website.app.test_client()
        self._page: Page | None = None
        self._typed: set[str] = set()

    @property
    def page(self) -> Page:
        assert self._page is not None, "nothing has been opened yet"
        return self._page

    # --- what a person does -------------------------------------------------------------------------------------------

    def open(self, path: str, *, status: int = 200) -> Page:
        """Type an address, and follow where it leads."""
        return self._show(self.send("GET", path), status)

    def follow(self, label: str, *, status: int = 200) -> Page:
        """Click the link named `label`."""
        return self.open(self.page.link(label), status=status)

    def submit(
        self,
        button: str,
        fields: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        tampered: Values | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Fill the form of `button` and press it. `tampered` replaces or adds what no person could type."""
        element = self.page.button(button)
        form = self.page.form_of(element)
        self._remember(fields or {}, form_names={one.get("name") for one in self.page.inputs_of(form)})
        data: dict[str, object] = {**self.page.values_of(form), **(fields or {}), **(tampered or {})}
        return self._show(self.post(form.get("action"), data, headers=headers), status)

    def begin(self, typed: str = AN, *, status: int = 200) -> Page:
        """Ask for a new password for the address that is typed."""
        self.open("/quen-mat-khau")
        return self.submit("Tiếp tục", {"email": typed}, status=status)

    def get_code(self) -> str:
        """Press "Lấy mã xác nhận" and read the telephone."""
        before = self.website.codes_received()
        self.submit("Lấy mã xác nhận")
        assert self.website.codes_received() == before + 1, f"no SMS came: {self.page}"
        return self.website.gateway.last_code()

    def begin_with_code(self, typed: str = AN) -> str:
        self.begin(typed)
        return self.get_code()

    def type_code(
        self, code: str, password: str = GOOD_PASSWORD, again: str | None = None, *, status: int = 200
    ) -> Page:
        """Fill in the last form and press "Khôi phục mật khẩu"."""
        fields = {"code": code, "password": password, "again": password if again is None else again}
        return self.submit("Khôi phục mật khẩu", fields, status=status)

    def recover(self, typed: str = AN, password: str = GOOD_PASSWORD) -> Page:
        """Go all the way."""
        return self.type_code(self.begin_with_code(typed), password)

    def sign_in(
        self, typed: str = AN, password: str = OLD_PASSWORD, *, remember: bool = False, status: int = 200
    ) -> Page:
        self.open("/dang-nhap")
        fields = {"email": typed, "password": password} | ({"remember": "y"} if remember else {})
        return self.submit("Đăng nhập", fields, status=status)

    def stay(self, *, hours: float) -> None:
        """Let time pass while somebody who is signed in looks at the page every nine minutes."""
        minutes = hours * 60
        while minutes > 0:
            self.website.clock.pass_by(minutes=min(9, minutes))
            minutes -= 9
            if minutes > 0:
                self.open("/tai-khoan")

    def change_password(
        self, current: str = OLD_PASSWORD, password: str = GOOD_PASSWORD, again: str | None = None, *, status: int = 200
    ) -> Page:
        """Open the change page, fill it in and press "Đổi mật khẩu"."""
        self.open("/tai-khoan/doi-mat-khau")
        return self.retype(current, password, again, status=status)

    def retype(
        self, current: str = OLD_PASSWORD, password: str = GOOD_PASSWORD, again: str | None = None, *, status: int = 200
    ) -> Page:
        """Fill in the change page that is shown, and press "Đổi mật khẩu"."""
        fields = {"current": current, "password": password, "again": password if again is None else again}
        return self.submit("Đổi mật khẩu", fields, status=status)

    # --- what a program does ------------------------------------------------------------------------------------------

    def send(
        self,
        method: str,
        path: str,
        *,
        data: object = None,
        headers: Mapping[str, str] | None = None,
        may_show_codes: bool = False,
        is_static: bool = False,
        base_url: str | None = None,
        environ: Mapping[str, object] | None = None,
        content_type: str | None = None,
        query_string: str | None = None,
    ) -> TestResponse:
        """Send one request and return the answer, its headers and secrets checked, without following it."""
        response = self._http.open(
            path,
            method=method,
            base_url=base_url or self.base_url,
            data=data,
            headers=dict(headers or {}),
            content_type=content_type,
            query_string=query_string,
            environ_overrides={"REMOTE_ADDR": self.address, **(environ or {})},
        )
        response.get_data()
        response.close()  # a static file stays open until its answer is closed
        self.answers.append(response)
        check_headers(response, https=self.https, is_static=is_static)
        is_text = not is_static and response.mimetype not in DOWNLOADS
        if is_text and not response.headers.get("Content-Encoding"):
            codes = set() if may_show_codes else self.website.sent_codes()
            check_silence(response, numbers=self.website.numbers, secrets=self._typed | codes)
        return response

    def post(
        self, path: str, data: object = None, *, headers: Mapping[str, str] | None = None, **more: object
    ) -> TestResponse:
        """Send a form as a browser does it: with the headers that say where it comes from."""
        origin = {"Origin": self.base_url, "Sec-Fetch-Site": "same-origin", "Referer": f"{self.base_url}/quen-mat-khau"}
        wanted = {name: value for name, value in {**origin, **(headers or {})}.items() if value}
        return self.send("POST", path, data=data, headers=wanted, **more)

    def token(self) -> str:
        """Return a form token of this browser."""
        page = self._read(self.send("GET", "/quen-mat-khau"))
        return page.values_of(page.all("form")[0])["csrf_token"]

    def read(self, response: TestResponse) -> Page:
        """Return an answer as a page, checked."""
        return self._read(response)

    @property
    def cookie(self) -> str:
        """The value of this browser's cookie; '' where it has none."""
        found = self._http.get_cookie(self.cookie_name, domain=self.host)
        return found.value if found else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self._http.delete_cookie(self.cookie_name, domain=self.host)
        if value:
            self._http.set_cookie(self.cookie_name, value, domain=self.host)

    def _show(self, response: TestResponse, status: int) -> Page:
        for _ in range(_LONGEST_CHAIN):
            if not 300 <= response.status_code < 400:
                break
            assert response.status_code == 303, response.status
            assert response.location.startswith("/"), f"an absolute redirect: {response.location}"
            response = self.send("GET", response.location)
        self._page = self._read(response)
        assert response.status_code == status, f"{response.status} instead of {status}: {self._page}"
        return self._page

    def _read(self, response: TestResponse) -> Page:
        page = Page(response.get_data(as_text=True), status=response.status_code, path=response.request.path)
        check_page(page, response, base_url=self.base_url, lang=self.lang)
        return page

    def _remember(self, fields: Mapping[str, str], *, form_names: set[str]) -> None:
        strangers = set(fields) - form_names
        assert not strangers, f"the form has no {strangers}"
        secrets = [fields.get(name, "") for name in ("password", "again", "current", "code")]
        self._typed |= {one.strip() for one in secrets if len(one.strip()) >= _SHORTEST_SECRET}
