"""Refresh tokens that change with each use: used once, kept before anything else, and by one process at a time."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recovery_site.domain.messages import FaultKind
from tests.contracts import carrier as behaviour
from tests.contracts.carrier import NUMBER, SMS, Carrier, fault_of
from tests.contracts.token_server import SECRETS, TokenServer, rotating, sending


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


def test_each_refresh_token_is_used_once_and_the_next_one_kept(
    carrier: Carrier, server: TokenServer, file: Path
) -> None:
    messages = sending(carrier, rotating(carrier, file))
    for number in (1, 2, 3):
        messages.send(NUMBER, SMS)
        assert file.read_text() == f"refresh-{number}\n"
        server.good.clear()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["refresh_token"]


def test_a_refresh_token_that_somebody_put_there_is_used_without_a_restart(
    carrier: Carrier, server: TokenServer, file: Path
) -> None:
    messages = sending(carrier, rotating(carrier, file))
    server.refresh = "refresh-by-hand"
    assert fault_of(messages, *SECRETS) == (FaultKind.ACCESS, "token: there is none in the answer")
    assert file.read_text() == "refresh-0\n"
    file.write_text("refresh-by-hand")
    messages.send(NUMBER, SMS)


def test_processes_that_share_a_refresh_token_take_turns(carrier: Carrier, server: TokenServer, file: Path) -> None:
    processes = [sending(carrier, rotating(carrier, file)) for _ in range(4)]
    server.before_a_token = lambda: carrier.closing.wait(0.05)
    with ThreadPoolExecutor(4) as threads:
        for sent in [threads.submit(process.send, NUMBER, SMS) for process in processes]:
            sent.result()
    assert server.given == 4
    assert file.read_text() == "refresh-4\n"


def test_a_server_that_sends_no_new_refresh_token_lets_the_old_one_stay(carrier: Carrier, file: Path) -> None:
    messages = sending(carrier, rotating(carrier, file))
    carrier.behave = lambda handler: handler.answer_json(access_token="access-1")
    messages.send(NUMBER, SMS)
    assert file.read_text() == "refresh-0\n"


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("broken", ["os.posix_fallocate", "os.open"])
def test_a_refresh_token_is_not_used_up_where_the_next_one_could_not_be_kept(
    carrier: Carrier, file: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    messages = sending(carrier, rotating(carrier, file))
    monkeypatch.setattr(broken, full_disk)
    reason = "token: the refresh token's file cannot be read or written"
    assert fault_of(messages, *SECRETS) == (FaultKind.ACCESS, reason)
    monkeypatch.undo()
    assert carrier.asked == []
    assert [path.name for path in file.parent.iterdir()] == ["refresh_token"]
