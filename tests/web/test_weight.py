"""How heavy the site is on a slow line, measured as it is served: compressed bodies and the headers around them."""

from hashlib import sha256

import brotli
import pytest
from werkzeug.test import TestResponse

from recovery_site.web.app import packed
from tests.fakes import GOOD_PASSWORD
from tests.web.client import CheckingClient
from tests.web.page import Page

FIRST_PAGE = 6 * 1024
FLOW = 45 * 1024
REQUESTS = 12
HTMX_4_0_1 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
"""SHA-256 of `htmx.min.js` as published on npm."""

ALTCHA_3_2_2 = "7862add9c9d3d847ded3da928edcf406b46478754b9883351111414825b9c86f"
"""SHA-256 of `dist/workers/pbkdf2.js` of `altcha` as published on npm."""


def _bytes(answer: TestResponse) -> int:
    head = f"HTTP/1.1 {answer.status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in answer.headers) + "\r\n"
    return len(head.encode()) + len(answer.data)


class SlowLine(CheckingClient):
    """A browser that takes Brotli, and unpacks what it shows."""

    def send(self, method: str, path: str, **more: object) -> TestResponse:
        headers = {**(more.pop("headers", None) or {}), "Accept-Encoding": "br"}
        return super().send(method, path, headers=headers, **more)

    def _read(self, response: TestResponse) -> Page:
        packed_body = response.headers.get("Content-Encoding") == "br"
        html = brotli.decompress(response.data) if packed_body else response.data
        return Page(html.decode(), status=response.status_code, path=response.request.path)


@pytest.fixture
def browser(website) -> SlowLine:
    return SlowLine(website)


def test_the_first_page_with_its_style_is_light(browser: SlowLine, record_property) -> None:
    browser.open("/dang-nhap")
    weight = len(browser.answers[-1].data)
    record_property("first page, bytes", weight)
    assert weight <= FIRST_PAGE


def test_the_documented_flow_is_light_and_short(browser: SlowLine, record_property) -> None:
    page = browser.open("/dang-nhap")
    browser.send("GET", page.all("script")[0].get("src"), is_static=True)
    browser.follow("Quên mật khẩu?")
    browser.submit("Tiếp tục", {"email": "an.tran"})
    browser.submit("Lấy mã xác nhận")
    form = browser.page.values_of(browser.page.all("form")[1])
    assert browser.post("/quen-mat-khau/dat-lai/kiem-tra", {**form, "password": GOOD_PASSWORD}).status_code == 200
    assert browser.type_code(browser.website.gateway.last_code()).heading == "Thành công!"
    total, requests = sum(map(_bytes, browser.answers)), len(browser.answers)
    record_property("flow, bytes", total)
    record_property("flow, requests", requests)
    print(f"flow: {total} bytes in {requests} requests: {[_bytes(one) for one in browser.answers]}")  # noqa: T201 -- shown by `pytest -rP`
    assert total <= FLOW
    assert requests <= REQUESTS


def test_htmx_is_the_published_file() -> None:
    assert sha256((packed("static") / "htmx.min.js").read_bytes()).hexdigest() == HTMX_4_0_1


def test_the_worker_of_proof_of_work_is_the_published_one() -> None:
    assert sha256((packed("static") / "altcha-pbkdf2.js").read_bytes()).hexdigest() == ALTCHA_3_2_2
