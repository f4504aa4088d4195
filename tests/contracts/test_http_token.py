"""The token step of the HTTP gateway: fetched or signed, renewed in time, and never told."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from recovery_site.domain.messages import FaultKind
from recovery_site.ports import GatewayFault
from tests.contracts import carrier as behaviour
from tests.contracts.carrier import NUMBER, SMS, Carrier, Handler, fault_of
from tests.contracts.token_server import LIFETIME, SECRETS, TokenServer, paths, rotating, sending, table
from tests.fakes import NOON, FakeClock


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def carrier(server: TokenServer) -> Iterator[Carrier]:
    with behaviour.running() as running:
        running.behave = server
        yield running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "refresh_token"
    path.write_text("refresh-0\n")
    return path


# --- fetching ---------------------------------------------------------------------------------------------------------


def test_a_token_is_fetched_before_the_first_message_and_kept_for_the_others(carrier: Carrier) -> None:
    messages = sending(carrier, table(carrier))
    for _ in range(3):
        messages.send(NUMBER, SMS)
    assert paths(carrier) == ["/token", "/send", "/send", "/send"]
    assert json.loads(carrier.asked[0].body)["client_secret"] == "client-secret"


def test_a_token_can_stand_in_the_body(carrier: Carrier) -> None:
    body = {"access_token": "{token}", "message": "{text_base64}"}
    sending(carrier, table(carrier), json=body, headers={"Authorization": "Bearer {token}"}).send(NUMBER, SMS)
    assert json.loads(carrier.asked[1].body)["access_token"] == "access-1"


def test_threads_that_need_a_token_at_one_time_fetch_one(carrier: Carrier, server: TokenServer) -> None:
    messages = sending(carrier, table(carrier))
    server.before_a_token = lambda: carrier.closing.wait(0.2)
    with ThreadPoolExecutor(6) as threads:
        for sent in [threads.submit(messages.send, NUMBER, SMS) for _ in range(12)]:
            sent.result()
    assert server.given == 1


def test_a_token_is_renewed_before_its_lifetime_is_over(carrier: Carrier, server: TokenServer) -> None:
    clock = FakeClock()
    messages = sending(carrier, table(carrier), clock=clock)
    messages.send(NUMBER, SMS)
    clock.pass_by(LIFETIME * 0.85)
    messages.send(NUMBER, SMS)
    assert server.given == 1
    clock.pass_by(LIFETIME * 0.1)
    messages.send(NUMBER, SMS)
    assert server.given == 2


@pytest.mark.parametrize(("status", "renew_on"), [(401, []), (200, ["-124"]), (403, ["-1*"])])
def test_a_refused_token_is_renewed_at_once_and_the_message_goes_out(
    carrier: Carrier, server: TokenServer, status: int, renew_on: list[str]
) -> None:
    server.status_of_a_bad_token = status
    codes = {"success": {"json": {"error": "0"}}, "faults": {"field": "error"}} if renew_on else {}
    messages = sending(carrier, table(carrier, renew_on=renew_on), **codes)
    messages.send(NUMBER, SMS)
    server.good.clear()
    messages.send(NUMBER, SMS)
    assert paths(carrier) == ["/token", "/send", "/send", "/token", "/send"]
    first, again = (json.loads(carrier.asked[place].body)["id"] for place in (2, 4))
    assert first == again == SMS.message_id


def test_a_carrier_that_refuses_every_token_is_asked_twice_and_no_more(carrier: Carrier) -> None:
    messages = sending(carrier, table(carrier))
    carrier.behave = lambda handler: (
        handler.answer_json(access_token=f"access-{len(carrier.asked)}")
        if handler.path == "/token"
        else handler.answer(401)
    )
    assert fault_of(messages, *SECRETS) == (FaultKind.ACCESS, "status 401")
    assert paths(carrier) == ["/token", "/send", "/token", "/send"]


def test_threads_whose_token_is_refused_renew_it_once(carrier: Carrier, server: TokenServer) -> None:
    messages = sending(carrier, table(carrier))
    messages.send(NUMBER, SMS)
    server.good.clear()
    with ThreadPoolExecutor(4) as threads:
        for sent in [threads.submit(messages.send, NUMBER, SMS) for _ in range(4)]:
            sent.result()
    assert server.given == 2


# --- when there is none -----------------------------------------------------------------------------------------------

NOT_ONE = "token: what the answer holds cannot be one"


@pytest.mark.parametrize(
    ("behave", "kind", "reason"),
    [
        (behaviour.says("", 400), FaultKind.ACCESS, "token: status 400"),
        (behaviour.says("", 401), FaultKind.ACCESS, "token: status 401"),
        (behaviour.says("", 500), FaultKind.REFUSED, "token: status 500"),
        (behaviour.says("", 503), FaultKind.BUSY, "token: status 503"),
        (behaviour.redirect, FaultKind.ANSWER, "token: status 302: redirects are not followed"),
        (behaviour.says("<html>"), FaultKind.ANSWER, "token: the answer is not JSON"),
        (behaviour.says('{"error": -14014}'), FaultKind.ACCESS, "token: there is none in the answer"),
        (behaviour.says(json.dumps({"access_token": "a\nb"})), FaultKind.ANSWER, NOT_ONE),
        (behaviour.says(json.dumps({"access_token": "x" * 20_000})), FaultKind.ANSWER, NOT_ONE),
        (behaviour.never_end, FaultKind.ANSWER, "token: the answer is too long"),
    ],
)
def test_without_a_token_no_message_is_sent(
    carrier: Carrier, behave: Callable[[Handler], None], kind: FaultKind, reason: str
) -> None:
    carrier.behave = behave
    assert fault_of(sending(carrier, table(carrier)), *SECRETS) == (kind, reason)
    assert paths(carrier) == ["/token"]


def test_the_token_s_time_is_the_message_s_time(carrier: Carrier, server: TokenServer) -> None:
    server.before_a_token = lambda: carrier.closing.wait(1)
    messages = sending(carrier, table(carrier), timeout_seconds=0.4)
    assert fault_of(messages, *SECRETS)[0] is FaultKind.UNREACHABLE
    carrier.closing.wait(1.2)
    # the token may have come in the end, but nobody waits for this message any more
    assert "/send" not in paths(carrier)


def test_waiting_for_another_thread_s_token_is_bounded_too(carrier: Carrier, server: TokenServer) -> None:
    release = threading.Event()
    server.before_a_token = lambda: release.wait(60)
    messages = sending(carrier, table(carrier), timeout_seconds=0.5)
    with ThreadPoolExecutor(3) as threads:
        waits = [threads.submit(behaviour.seconds, lambda: fault_of(messages, *SECRETS)) for _ in range(3)]
        assert max(wait.result() for wait in waits) < 20
    release.set()


# --- signed by the site -----------------------------------------------------------------------------------------------


def test_a_signed_token_has_the_claims_and_an_end(carrier: Carrier) -> None:
    carrier.behave = behaviour.says("")
    clock = FakeClock()
    signed = {
        "kind": "jwt", "secret": "s" * 40, "header": {"cty": "stringee-api;v=1"}, "lifetime_seconds": 600,
        "claims": {"iss": "SK.0", "jti": "SK.0-{now}", "rest_api": True},
    }  # fmt: skip
    messages = sending(carrier, signed, headers={"X-STRINGEE-AUTH": "{token}"}, clock=clock)
    messages.send(NUMBER, SMS)
    messages.send(NUMBER, SMS)
    clock.pass_by(590)
    messages.send(NUMBER, SMS)
    first, second, third = (asked.headers["x-stringee-auth"] for asked in carrier.asked)
    assert first == second != third
    began = int(NOON.timestamp())
    assert jwt.decode(first, "s" * 40, algorithms=["HS256"], options={"verify_exp": False}) == {
        "iss": "SK.0", "jti": f"SK.0-{began}", "rest_api": True, "exp": began + 600,
    }  # fmt: skip
    assert jwt.get_unverified_header(first) == {"alg": "HS256", "typ": "JWT", "cty": "stringee-api;v=1"}


def test_a_carrier_that_refuses_a_signed_token_is_not_asked_again_with_the_same(carrier: Carrier) -> None:
    carrier.behave = behaviour.says("", 401)
    signed = {"kind": "jwt", "secret": "s" * 40}
    messages = sending(carrier, signed, clock=FakeClock())
    assert fault_of(messages, "sss") == (FaultKind.ACCESS, "status 401")
    assert len(carrier.asked) == 1


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 401, 500])
def test_no_log_line_and_no_fault_tells_a_token(
    carrier: Carrier, file: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    messages = sending(carrier, rotating(carrier, file))
    messages.check()
    messages.send(NUMBER, SMS)
    carrier.behave = behaviour.says("access-1 refresh-1 client-secret", status)
    if status == 200:
        messages.send(NUMBER, SMS)
    else:
        fault_of(messages, *SECRETS)
    assert not [secret for secret in (*SECRETS, "123456", "393070121") if secret in caplog.text]


def test_the_check_finds_a_token_server_that_is_not_there(carrier: Carrier) -> None:
    with behaviour.running() as gone:
        pass
    with pytest.raises(GatewayFault, match="ConnectError"):
        sending(carrier, table(gone)).check()
