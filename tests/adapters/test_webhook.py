"""The after-reset webhook, against a real HTTPS server with an authority of its own."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from recovery_site.adapters.hooks.webhook import Webhook
from recovery_site.domain.messages import FaultKind, PasswordChange
from recovery_site.ports import GatewayFault
from recovery_site.settings.hooks import Webhook as Settings
from tests.contracts import carrier
from tests.contracts.carrier import Carrier, Handler
from tests.fakes import NOON, FakeClock
from tests.peers.certificates import make_authority, self_signed, server_context

ROOT = Path(__file__).parents[2]
SECRET = bytes(range(32))
CHANGE = PasswordChange("message-id-1", "an.tran@soctrang.gov.vn", NOON, "K7F3-QX2M")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Carrier]:
    authority = make_authority(tmp_path)
    with carrier.running(server_context(authority.issue())) as running:
        yield running


def webhook(server: Carrier, folder: Path, clock: FakeClock | None = None, **changed: object) -> Webhook:
    values = {
        "url": server.url,
        "secret": f"whsec_{base64.b64encode(SECRET).decode()}",
        "ca_file": str(folder / "authority.ca.pem"),
        "timeout_seconds": 5,
        **changed,
    }
    return Webhook(Settings.model_validate(values), clock or FakeClock())


def test_the_event_says_what_happened_and_nothing_secret(server: Carrier, tmp_path: Path) -> None:
    webhook(server, tmp_path).tell(CHANGE)
    [asked] = server.asked
    assert asked.method == "POST"
    assert json.loads(asked.body) == {
        "type": "password.changed",
        "timestamp": "2026-03-02T05:00:00+00:00",
        "data": {"address": "an.tran@soctrang.gov.vn", "reference": "K7F3-QX2M"},
    }


def test_the_signature_is_that_of_standard_webhooks(server: Carrier, tmp_path: Path) -> None:
    clock = FakeClock()
    webhook(server, tmp_path, clock).tell(CHANGE)
    [asked] = server.asked
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["webhook-id"] == "message-id-1"
    sent_at = headers["webhook-timestamp"]
    assert datetime.fromtimestamp(int(sent_at), UTC) == clock.now()
    signed = f"message-id-1.{sent_at}.{asked.body}".encode()
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_verification_in_the_manual_works(server: Carrier, tmp_path: Path) -> None:
    manual = (ROOT / "docs/administration/webhook.md").read_text("utf-8")
    scope: dict[str, Any] = {}
    exec(manual.split("```python\n")[1].split("```")[0], scope)  # noqa: S102 -- the manual's own example
    secret = f"whsec_{base64.b64encode(SECRET).decode()}"
    webhook(server, tmp_path, FakeClock(datetime.now(UTC))).tell(CHANGE)
    [asked] = server.asked
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert scope["is_genuine"](headers, asked.body.encode(), secret)
    assert not scope["is_genuine"](headers, asked.body.encode() + b" ", secret)
    assert not scope["is_genuine"](headers, asked.body.encode(), f"whsec_{base64.b64encode(b'x' * 32).decode()}")
    assert not scope["is_genuine"](headers | {"webhook-timestamp": "1"}, asked.body.encode(), secret)


def test_a_repeated_event_has_the_same_id_and_the_time_of_its_own_sending(server: Carrier, tmp_path: Path) -> None:
    clock = FakeClock()
    hook = webhook(server, tmp_path, clock)
    hook.tell(CHANGE)
    clock.pass_by(60)
    hook.tell(CHANGE)
    first, second = ({name.lower(): value for name, value in asked.headers.items()} for asked in server.asked)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 500, 503])
def test_everything_but_a_yes_is_a_fault(server: Carrier, tmp_path: Path, status: int) -> None:
    server.behave = lambda handler: handler.answer(status, "")
    with pytest.raises(GatewayFault, match=f"answers with status {status}"):
        webhook(server, tmp_path).tell(CHANGE)


@pytest.mark.parametrize("behave", [carrier.redirect, carrier.speak_something_else, carrier.compress_without_end])
def test_a_strange_answer_is_a_fault_and_nothing_else_is_asked(
    server: Carrier, tmp_path: Path, behave: Callable[[Handler], None]
) -> None:
    server.behave = behave
    with pytest.raises(GatewayFault) as failed:
        webhook(server, tmp_path).tell(CHANGE)
    assert failed.value.kind.is_passing
    assert len(server.asked) == 1


def test_an_impostor_learns_nothing(tmp_path: Path) -> None:
    make_authority(tmp_path)
    with carrier.running(server_context(self_signed(tmp_path))) as impostor:
        with pytest.raises(GatewayFault) as failed:
            webhook(impostor, tmp_path).tell(CHANGE)
        assert failed.value.kind is FaultKind.UNREACHABLE
        assert impostor.asked == []


def test_a_check_tells_nothing(server: Carrier, tmp_path: Path) -> None:
    webhook(server, tmp_path).check()
    assert [asked.method for asked in server.asked] == ["HEAD"]
    assert server.asked[0].body == ""


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"url": "http://mail.example.vn/hook"}, "url"),
        ({"url": "https://name@mail.example.vn/hook"}, "url"),
        ({"secret": ""}, "secret"),
        ({"secret": "canary"}, "secret"),
        ({"secret": "whsec_Y2FuYXJ5"}, "secret"),
        ({"secret": "whsec_" + "canary!" * 8}, "secret"),
    ],
)
def test_settings_that_could_not_work_are_refused_by_name(values: dict[str, str], named: str) -> None:
    good = {"url": "https://mail.example.vn/hook", "secret": f"whsec_{base64.b64encode(SECRET).decode()}"}
    Settings.model_validate(good)
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(good | values)
    assert str(refused.value.errors()[0]["msg"]).startswith(f"Value error, {named} ")
    assert "canary" not in str(refused.value)
