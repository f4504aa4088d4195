"""Where gateways report: any way of calling, nothing that a browser needs, and nothing for those without the token."""

import json
import threading

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from recovery_site.domain.messages import MessageState
from recovery_site.flow.reports import report_url
from tests.web.client import CheckingClient
from tests.web.website import Website

FORM = "application/x-www-form-urlencoded"


class Gateway:
    """A gateway that calls the site's report address. It keeps no cookies and sends no header of a browser."""

    def __init__(self, website: Website) -> None:
        self.website = website
        self.url = report_url(website.services.settings.site.base_url, website.services.keys, "main")
        self.path = "/" + self.url.split("/", 3)[3]
        self.caller = CheckingClient(website, address="198.51.100.20")

    def calls(
        self, method: str = "POST", path: str = "", body: object = None, content_type: str | None = None,
        **more: object,
    ) -> TestResponse:  # fmt: skip
        return self.caller.send(method, path or self.path, data=body, content_type=content_type, **more)

    @property
    def arrival(self) -> dict[str, str]:
        return {"state": "delivered", "message": self.row["id"]}

    @property
    def row(self) -> dict[str, str]:
        [row] = self.website.rows()["messages"]
        return row

    @property
    def state(self) -> MessageState:
        return MessageState(self.row["state"])


@pytest.fixture
def gateway(browser: CheckingClient) -> Gateway:
    """A gateway whose carrier has taken a code."""
    browser.begin_with_code()
    return Gateway(browser.website)


# --- ways of calling --------------------------------------------------------------------------------------------------


def test_a_report_may_come_as_a_query(gateway: Gateway) -> None:
    answer = gateway.calls("GET", f"{gateway.path}?state=delivered&message={gateway.row['id']}")
    assert (answer.status_code, answer.get_data()) == (200, b"ok\n")
    assert gateway.state is MessageState.DELIVERED


def test_a_report_may_come_as_a_form_without_a_token_of_a_page(gateway: Gateway) -> None:
    assert gateway.calls(body=gateway.arrival).status_code == 200
    assert gateway.state is MessageState.DELIVERED


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/vnd.x+json"])
def test_a_report_may_come_as_json(gateway: Gateway, kind: str) -> None:
    assert gateway.calls(body=json.dumps(gateway.arrival), content_type=kind).status_code == 200
    assert gateway.state is MessageState.DELIVERED


def test_query_and_body_count_together(gateway: Gateway) -> None:
    path = f"{gateway.path}?message={gateway.row['id']}"
    assert gateway.calls(path=path, body={"state": "delivered"}).status_code == 200
    assert gateway.state is MessageState.DELIVERED


def test_numbers_in_json_are_read_as_text_and_what_is_nested_is_not_read(gateway: Gateway) -> None:
    body = json.dumps({**gateway.arrival, "code": 5, "more": {"state": "failed"}, "list": [1], "none": None})
    assert gateway.calls(body=body, content_type="application/json").status_code == 200
    assert gateway.state is MessageState.DELIVERED


def test_a_report_that_comes_twice_is_thanked_for_twice_and_changes_once(gateway: Gateway) -> None:
    gateway.calls(body=gateway.arrival)
    first = gateway.row
    gateway.website.clock.pass_by(60)
    assert gateway.calls(body=gateway.arrival).status_code == 200
    assert gateway.row == first


def test_a_gateway_gets_no_cookie_and_a_browser_keeps_its_own(gateway: Gateway) -> None:
    for answer in (gateway.calls(body=gateway.arrival), gateway.calls(path="/sms-reports/main/x")):
        assert "Set-Cookie" not in answer.headers
    assert gateway.caller.cookie == ""


def test_a_report_may_come_from_anywhere(gateway: Gateway) -> None:
    foreign = {"Origin": "https://carrier.example", "Sec-Fetch-Site": "cross-site"}
    assert gateway.calls(body=gateway.arrival, headers=foreign).status_code == 200
    assert gateway.state is MessageState.DELIVERED


# --- what changes nothing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "status"), [("HEAD", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 200)])
def test_other_methods_change_nothing(gateway: Gateway, method: str, status: int) -> None:
    answer = gateway.calls(method, f"{gateway.path}?state=delivered&message={gateway.row['id']}")
    assert answer.status_code == status
    assert gateway.state is MessageState.SENT


def test_a_wrong_token_is_an_address_that_does_not_exist(gateway: Gateway) -> None:
    *_, token = gateway.path.split("/")
    for path in (
        f"/sms-reports/main/{token[:-1]}", f"/sms-reports/main/{token}x", f"/sms-reports/backup/{token}",
        f"/sms-reports/Main/{token}", f"/sms-reports/main/{token.swapcase()}", "/sms-reports/main/", "/sms-reports/",
        "/sms-reports/main/%F0%9F%8C%8A", f"/sms-reports/main/{token}/x",
    ):  # fmt: skip
        assert gateway.calls(path=path, body=gateway.arrival).status_code == 404, path
    assert gateway.state is MessageState.SENT


def test_a_stranger_cannot_tell_a_gateway_that_exists_from_one_that_does_not(gateway: Gateway) -> None:
    answers = [gateway.calls(path=f"/sms-reports/{name}/wrong", body=gateway.arrival) for name in ("main", "none")]
    assert answers[0].get_data() == answers[1].get_data()
    assert [one.status_code for one in answers] == [404, 404]


def test_an_unknown_message_is_answered_with_404_so_that_the_carrier_comes_again(gateway: Gateway) -> None:
    assert gateway.calls(body={"state": "delivered", "message": "unknown"}).status_code == 404
    assert gateway.calls(body={"state": "delivered", "carrier": "unknown"}).status_code == 404
    assert gateway.state is MessageState.SENT


def test_a_call_that_says_nothing_of_a_message_is_fine(gateway: Gateway) -> None:
    for body in (None, {}, {"event": "ping"}):
        assert gateway.calls(body=body).status_code == 200
    assert gateway.state is MessageState.SENT


def test_another_host_is_refused(gateway: Gateway) -> None:
    answer = gateway.calls(body=gateway.arrival, base_url="https://elsewhere.example")
    assert answer.status_code == 400
    assert gateway.state is MessageState.SENT


# --- what no gateway should send --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FORM, "application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_a_huge_body_is_refused_or_left_unread_and_does_no_harm(gateway: Gateway, kind: str) -> None:
    answer = gateway.calls(body=b"state=delivered&message=" + b"x" * 5_000_000, content_type=kind)
    assert answer.status_code in (200, 413)
    assert gateway.state is MessageState.SENT


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00", b"\xff\xfe\x00\x80", b"%FF%00=%FF", b"&&&===", b"{", b'{"state": NaN}', b"[]", b"null", b'"text"',
        b"[" * 10_000, b'{"state": {"state": "delivered"}}', '{"state": "đã tới"}'.encode("utf-16"),
        b'{"state": 99999999999999999999999999999}', b'{"state": "delivered", "message": "\\ud800"}',
        b'{"state": "delivered", "message": "\\u0000"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [FORM, "application/json", "text/plain", "multipart/form-data; boundary=x", "x"])
def test_nonsense_is_never_a_fault_of_the_site(gateway: Gateway, kind: str, body: bytes) -> None:
    answer = gateway.calls(body=body, content_type=kind)
    assert answer.status_code < 500
    assert gateway.state is MessageState.SENT


@pytest.mark.parametrize("query", ["%FF=%FF", "state=%00", "&=&", "state=delivered&message=%00", "state=sent;x"])
def test_nonsense_in_the_query_is_never_a_fault_of_the_site(gateway: Gateway, query: str) -> None:
    assert gateway.calls("GET", f"{gateway.path}?{query}").status_code < 500
    assert gateway.state is MessageState.SENT


def test_a_field_that_comes_twice_counts_once(gateway: Gateway) -> None:
    mine = gateway.row["id"]
    gateway.calls("GET", f"{gateway.path}?state=delivered&message={mine}&message=other")
    assert gateway.state is MessageState.DELIVERED


def test_the_token_is_in_no_log_line(gateway: Gateway) -> None:
    with capture_logs() as logged:
        gateway.calls(body=gateway.arrival)
        gateway.calls("GET", f"{gateway.path}?state=nonsense")
        gateway.calls(path=f"{gateway.path}x")
    assert [line["status"] for line in logged if line.get("endpoint") == "reports.take"] == [200, 200, 404]
    assert gateway.path.rpartition("/")[2] not in str(logged)


def test_the_same_report_eight_times_at_one_moment_changes_once(gateway: Gateway) -> None:
    gate, body = threading.Barrier(8), gateway.arrival
    answers: list[int] = []

    def call() -> None:
        gate.wait()
        answers.append(CheckingClient(gateway.website).send("POST", gateway.path, data=body).status_code)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 8
    assert gateway.state is MessageState.DELIVERED


def test_a_gateway_reads_nothing_that_a_database_could_not_look_for(gateway: Gateway) -> None:
    read: list[dict[str, str]] = []
    gateway.website.gateway.read_report = read.append
    gateway.calls("GET", f"{gateway.path}?a=x%00y")
    gateway.calls(body=b'{"a": "\\ud800x\\u0000y"}', content_type="application/json")
    assert read == [{"a": "xy"}, {"a": "?xy"}]
