"""`messages show`: where a caller's SMS is, in words for whoever answers the telephone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recovery_site.bootstrap import Services
from recovery_site.cli.messages import FAULTS, NOBODY, STATES
from recovery_site.domain.messages import Channel, FaultKind, MessageKind, MessageState
from tests.cli.conftest import Run
from tests.conftest import MakeSite
from tests.contracts.rows import message, put, recovery
from tests.fakes import AN, NOON, UNKNOWN, FakeClock

REFERENCE = "K7F3-QX2M"
LAST_MINUTE = NOON + timedelta(minutes=9)


@pytest.fixture
def database_kind() -> str:
    """One engine for the words."""
    return "sqlite"


@pytest.fixture
def show(run: Run, make_site: MakeSite) -> Callable[..., list[str]]:
    """Return what the command says of a recovery with one message: `show(state=MessageState.SENT)`."""
    site: Services = make_site()

    def shown(**changed: Any) -> list[str]:
        put(site.transactions, recovery(reference=REFERENCE), message(**changed))
        told = run("messages", "show", REFERENCE).stdout.splitlines()
        assert told[0] == f"{REFERENCE}: an.tran@soctrang.gov.vn, 0393XXX121"
        return told[1:]

    return shown


@pytest.mark.parametrize("state", list(MessageState))
def test_every_state_is_told_with_what_it_means_and_what_to_do(
    show: Callable[..., list[str]], state: MessageState
) -> None:
    assert show(state=state) == [f"2026-03-02 12:00:00 Asia/Ho_Chi_Minh  code by sms: {STATES[state]}"]


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_is_told_with_what_it_means_what_to_do_and_the_gateways_words(
    show: Callable[..., list[str]], kind: FaultKind
) -> None:
    told = show(state=MessageState.FAILED, fault_kind=kind, fault="main: status 418", failures=3)
    assert told[1:] == [f"    {FAULTS[kind]}", "    fault: main: status 418 (failures: 3)"]


@pytest.mark.parametrize(("words", "members"), [(STATES, MessageState), (FAULTS, FaultKind)])
def test_each_has_a_sentence_of_its_own_in_two_halves(
    words: dict[str, str], members: type[MessageState] | type[FaultKind]
) -> None:
    assert set(words) == set(members)
    assert len(set(words.values())) == len(members)
    for sentence in words.values():
        meaning, _, next_step = sentence.replace(";", ":").rpartition(": ")
        assert meaning
        assert next_step


def test_the_way_of_a_message_is_told_with_its_times(show: Callable[..., list[str]]) -> None:
    told = show(
        kind=MessageKind.CODE, state=MessageState.DELIVERED, ordinal=2, gateway="main", carrier_id="c-1",
        handed_at=NOON, accepted_at=NOON + timedelta(seconds=5), finished_at=LAST_MINUTE,
    )  # fmt: skip
    assert told == [
        f"2026-03-02 12:00:00 Asia/Ho_Chi_Minh  code by sms, send 2: {STATES[MessageState.DELIVERED]}",
        "    gateway main, carrier's id c-1",
        "    handed over at 2026-03-02 12:00:00 Asia/Ho_Chi_Minh",
        "    taken by the carrier at 2026-03-02 12:00:05 Asia/Ho_Chi_Minh",
        "    ended at 2026-03-02 12:09:00 Asia/Ho_Chi_Minh",
    ]


def test_a_letter_is_told_as_one(show: Callable[..., list[str]]) -> None:
    [line] = show(kind=MessageKind.PASSWORD_CHANGED, channel=Channel.MAIL)
    assert line == f"2026-03-02 12:00:00 Asia/Ho_Chi_Minh  password_changed by mail: {STATES[MessageState.QUEUED]}"


def test_a_recovery_without_a_message_says_so(run: Run, make_site: MakeSite) -> None:
    put(make_site().transactions, recovery(reference=REFERENCE))
    assert run("messages", "show", "k7f3 qx2m").stdout.endswith("No message has been asked for.\n")


def test_an_unknown_reference_is_refused(run: Run, make_site: MakeSite) -> None:
    make_site()
    result = run("messages", "show", REFERENCE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no recovery with this reference" in result.stderr


@pytest.mark.parametrize(("address", "told"), [(UNKNOWN, [NOBODY]), (AN, [])])
def test_in_private_mode_a_number_that_is_nobodys_is_told_as_such(
    run: Run, make_site: MakeSite, address: str, told: list[str]
) -> None:
    site = make_site(clock=FakeClock(), disclosure__mode="private")
    browser = site.recover.begin(address, None)
    site.recover.confirm(browser, "", "192.0.2.7")
    recovery = site.under_way.current(browser)
    assert recovery is not None
    lines = run("messages", "show", recovery.reference).stdout.splitlines()
    assert lines[0] == f"{recovery.reference}: {address}, {recovery.masked_phone}"
    assert [line for line in lines if line == NOBODY] == told
