"""Real processes over one database, a real carrier on this machine: each message goes once, and none gets lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from recovery_site.adapters.database.tables import messages
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.bootstrap import Services
from recovery_site.domain.messages import Message, MessageState
from recovery_site.domain.people import Account, NewAccount, Phone, read_number
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.deliver import LEASE
from tests.conftest import MakeSite, cheap_hasher
from tests.contracts import carrier as carriers
from tests.contracts.carrier import VARIANTS, Carrier, Handler
from tests.contracts.rows import message, put, recovery

PROGRAM = [sys.executable, "-c", "from recovery_site.cli import main; main()", "dispatch"]
PROCESSES = 3
MESSAGES = 60
MUCH_TOO_LONG = 60
"""Seconds after which a test gives up; a starved machine may need some of them."""


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    """A carrier that takes every message, and takes a moment for it."""
    with carriers.running() as running:
        running.behave = take_a_moment
        yield running


@pytest.fixture
def shared_site(make_site: MakeSite, carrier: Carrier) -> Services:
    """This process's view of a site whose dispatchers are other processes."""
    http = {"kind": "http", "url": carrier.url, "timeout_seconds": 30, **VARIANTS["json"]}
    return make_site(site__base_url="http://127.0.0.1:8000", sms__dispatcher="separate", sms__gateway={"main": http})


def take_a_moment(handler: Handler) -> None:
    handler.pause(0.02)
    handler.answer(200)


@contextmanager
def dispatching(folder: Path, count: int = 1) -> Iterator[list["subprocess.Popen[str]"]]:
    """Run so many dispatchers; all of them are ready when the block begins and gone after it."""
    started = []
    try:
        for number in range(count):
            with (folder / f"dispatcher-{number}.log").open("a") as log:
                one = subprocess.Popen(PROGRAM, env=os.environ, stdout=subprocess.PIPE, stderr=log, text=True)
            started.append(one)
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "Dispatching.\n"
        yield started
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.communicate(timeout=MUCH_TOO_LONG)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what other processes do."""
    ends = time.monotonic() + MUCH_TOO_LONG
    while not holds():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.05)


def queue(site: Services, count: int) -> set[str]:
    """Queue the codes of so many officials in one transaction; return the messages' ids."""
    now = site.clock.now()
    people = [
        Account(f"nguoi-{number}@soctrang.gov.vn", phones=(Phone(read_number(f"09123456{number:02}")),))
        for number in range(count)
    ]
    EmbeddedDirectory(site.engine, cheap_hasher()).put([NewAccount(one) for one in people], now)
    rows: list[Recovery | Message] = []
    for number, person in enumerate(people):
        life = {"created_at": now, "key_id": site.keys.newest_id, "address": person.address}
        owner = recovery(f"r{number}", expires_at=now + timedelta(minutes=30), **life)
        phone = site.under_way.fingerprint(owner, person.phones[0])
        code = message(f"m{number}", owner.id, phone=phone, due_at=now, deadline=now + timedelta(minutes=9), **life)
        rows += [owner, code]
    put(site.transactions, *rows)
    return {row.id for row in rows if isinstance(row, Message)}


def states(site: Services) -> Counter[MessageState]:
    with site.engine.begin() as connection:
        return Counter(connection.execute(select(messages.c.state)).scalars())


def asked_for(carrier: Carrier) -> Counter[str]:
    return Counter(json.loads(asked.body)["id"] for asked in carrier.asked)


def test_several_processes_send_every_message_exactly_once(
    shared_site: Services, carrier: Carrier, tmp_path: Path
) -> None:
    with dispatching(tmp_path, PROCESSES):
        names = queue(shared_site, MESSAGES)
        until(lambda: states(shared_site) == {MessageState.SENT: MESSAGES})
    assert asked_for(carrier) == dict.fromkeys(names, 1)
    numbers = [json.loads(asked.body)["to"] for asked in carrier.asked]
    assert len(set(numbers)) == MESSAGES, "each went to its own telephone"
    # the share of each shows in its own log: that one of them did it all would prove nothing
    shares = [path.read_text().count('"sms_sent"') for path in tmp_path.glob("dispatcher-*.log")]
    assert sum(shares) == MESSAGES
    assert sum(share > 0 for share in shares) > 1


def test_a_dispatcher_that_is_killed_while_sending_gives_the_message_back_after_its_lease(
    shared_site: Services, carrier: Carrier, tmp_path: Path
) -> None:
    carrier.behave = carriers.hang
    [name] = queue(shared_site, 1)
    before = shared_site.clock.now()
    with dispatching(tmp_path) as [process]:
        until(lambda: len(carrier.asked) == 1)
        process.kill()
    held = the_message(shared_site)
    assert (held.state, held.attempts) == (MessageState.SENDING, 1)
    assert before + LEASE <= held.due_at <= shared_site.clock.now() + LEASE

    carrier.behave = take_a_moment
    with shared_site.engine.begin() as connection:  # the lease runs out
        connection.execute(update(messages).values(due_at=shared_site.clock.now()))
    with dispatching(tmp_path):
        until(lambda: the_message(shared_site).state is MessageState.SENT)
    first, second = carrier.asked
    assert asked_for(carrier) == {name: 2}
    assert first.body == second.body, "a carrier that has had it can tell"
    assert the_message(shared_site).attempts == 2


def test_a_lease_that_runs_keeps_the_message_from_every_other_process(
    shared_site: Services, carrier: Carrier, tmp_path: Path
) -> None:
    carrier.behave = carriers.hang
    queue(shared_site, 1)
    with dispatching(tmp_path) as [process]:
        until(lambda: len(carrier.asked) == 1)
        process.kill()
    carrier.behave = take_a_moment
    with dispatching(tmp_path):
        assert shared_site.deliver.send_next() is False
    assert (the_message(shared_site).state, len(carrier.asked)) == (MessageState.SENDING, 1)


def test_a_dispatcher_that_is_told_to_stop_finishes_the_message_in_hand(
    shared_site: Services, carrier: Carrier, tmp_path: Path
) -> None:
    def be_told_to_stop_and_answer(handler: Handler) -> None:
        processes[0].send_signal(signal.SIGTERM)
        handler.pause(0.2)
        handler.answer(200)

    processes: list[subprocess.Popen[str]] = []
    carrier.behave = be_told_to_stop_and_answer
    with dispatching(tmp_path) as started:
        processes += started
        queue(shared_site, 1)
        started[0].wait(MUCH_TOO_LONG)
    assert started[0].returncode == 0
    assert (the_message(shared_site).state, the_message(shared_site).attempts) == (MessageState.SENT, 1)


def the_message(site: Services) -> Message:
    with site.transactions() as tx:
        [found] = tx.messages.of_recovery("r0")
    return found
