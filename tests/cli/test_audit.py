"""`audit verify`, `export` and `seal-anew` over a real database, and a syslog server that listens."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import audit, audit_chain
from recovery_site.bootstrap import Services
from recovery_site.domain.audit import OWNER, Event, EventKind
from recovery_site.domain.keys import KeyRing
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import MakeSite
from tests.fakes import AN

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVIL = 'x\n<13>1 - - - - - - forged\x1b[2J","result":"success'


@pytest.fixture
def record(make_site: MakeSite) -> Services:
    """A site with three events of An's, one a day."""
    site = make_site()
    for day in range(3):
        with site.transactions() as tx:
            tx.audit.add(Event(NOON + timedelta(days=day), EventKind.GRANTED, AN, EVIL, "chị Hoa", "ABCD-2345"))
    return site


def break_it(site: Services) -> None:
    with site.engine.begin() as connection:
        connection.execute(delete(audit).where(audit.c.position == 2))


@contextmanager
def listening(
    kind: socket.SocketKind, address: object, family: int = socket.AF_INET
) -> Iterator[tuple[object, list[bytes]]]:
    """Run a server that takes one connection, or three datagrams; what it got is there when the block ends."""
    got: list[bytes] = []
    with socket.socket(family, kind) as server:
        server.settimeout(20)
        server.bind(address)  # type: ignore[arg-type]  # a path or a host and port

        def take() -> None:
            if kind is socket.SOCK_DGRAM:
                got.extend(server.recv(65536) for _ in range(3))
                return
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(65536):
                    got.append(part)

        if kind is socket.SOCK_STREAM:
            server.listen()
        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname(), got
        thread.join(20)


def test_a_whole_record_is_said_to_be_whole_and_its_head_can_be_held_against_it(run: Run, record: Services) -> None:
    result = run("audit", "verify")
    assert result.exit_code == 0
    first, *_, head = result.stdout.splitlines()
    assert first == "3 events, the record is whole."
    assert re.fullmatch("head: 3:[0-9a-f]{64}", head)
    assert run("audit", "verify", "--head", head.removeprefix("head: ")).exit_code == 0
    refused = run("audit", "verify", "--head", "2:" + "0" * 64)
    assert refused.exit_code == 1
    assert "row 2: does not have the link that was noted down" in refused.stderr


def test_a_record_with_a_row_removed_is_refused_by_its_place(run: Run, record: Services) -> None:
    break_it(record)
    result = run("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("row 2: is missing\n")


@pytest.mark.parametrize("head", ["x", "1:zz", "-1:00", "1:00"])
def test_what_is_no_head_is_wrong_usage(run: Run, record: Services, head: str) -> None:
    assert run("audit", "verify", "--head", head).exit_code == 2


def test_an_empty_record_is_whole(run: Run, make_site: MakeSite) -> None:
    make_site()
    assert run("audit", "verify").stdout == "0 events, the record is whole.\nhead: 0:\n"
    assert run("audit", "verify", "--head", "0:").exit_code == 0
    assert run("audit", "export").stdout == ""


def test_the_export_is_a_line_of_ascii_for_each_event_and_nothing_in_one_begins_another(
    run: Run, record: Services
) -> None:
    output = run("audit", "export").stdout
    assert re.fullmatch("([ -~]+\n){3}", output)
    lines = [json.loads(line) for line in output.splitlines()]
    assert [one["position"] for one in lines] == [1, 2, 3]
    assert (lines[0]["event"], lines[0]["result"], lines[0]["subject"]) == (
        "user_created", "success", "a***n@soctrang.gov.vn",
    )  # fmt: skip
    assert lines[0]["datetime"] == "2026-03-02T12:00:00.000000+00:00"
    assert AN not in output
    assert "Hoa" not in output
    assert {one["subject_id"] for one in lines} == {lines[0]["subject_id"]}


def test_the_whole_record_is_handed_out_on_request_alone(run: Run, record: Services) -> None:
    line = json.loads(run("audit", "export", "--whole").stdout.splitlines()[0])
    assert (line["subject"], line["detail"]) == (AN, "chị Hoa")


def test_a_part_of_the_record_is_handed_out(run: Run, record: Services) -> None:
    def positions(*options: str) -> list[int]:
        return [json.loads(line)["position"] for line in run("audit", "export", *options).stdout.splitlines()]

    assert positions("--since", "2026-03-03") == [2, 3]
    assert positions("--since", "2026-03-04T12:00:01") == []
    assert positions("--after", "2") == [3]


def test_syslog_over_tcp_counts_its_octets(run: Run, record: Services) -> None:
    with listening(socket.SOCK_STREAM, ("127.0.0.1", 0)) as (address, got):
        port = address[1]  # type: ignore[index]  # here it is a host and port
        result = run("audit", "export", "--format", "syslog", "--to", f"tcp://127.0.0.1:{port}")
    assert result.stdout == "3 events sent.\n"
    stream, messages = b"".join(got), []
    while stream:
        length, _, stream = stream.partition(b" ")
        messages.append(stream[: int(length)])
        stream = stream[int(length) :]
    assert len(messages) == 3
    assert all(
        re.match(rb"<108>1 2026-03-0\dT12:00:00\.000000Z \S+ recovery-site - granted - \{", one) for one in messages
    )


def test_syslog_over_udp_and_a_local_socket_is_a_datagram_each(run: Run, record: Services, short_folder: Path) -> None:
    with listening(socket.SOCK_DGRAM, ("127.0.0.1", 0)) as (address, got):
        port = address[1]  # type: ignore[index]  # here it is a host and port
        run("audit", "export", "--format", "syslog", "--to", f"udp://127.0.0.1:{port}")
    assert len(got) == 3
    log = short_folder / "log"
    with listening(socket.SOCK_DGRAM, str(log), socket.AF_UNIX) as (_, local):
        run("audit", "export", "--format", "syslog", "--to", log)
    assert local == got


@pytest.mark.parametrize("address", ["http://x", "tcp://", "tcp://x:y", "log.example", "udp://h:514/path"])
def test_what_is_no_syslog_server_is_refused(run: Run, record: Services, address: str) -> None:
    result = run("audit", "export", "--format", "syslog", "--to", address)
    assert result.exit_code == 1
    assert "is not tcp://HOST:PORT" in result.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "/no/such/socket"])
def test_a_syslog_server_that_is_not_there_is_a_sentence(run: Run, record: Services, address: str) -> None:
    result = run("audit", "export", "--format", "syslog", "--to", address)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{address}: ")


def test_lines_of_json_go_to_no_syslog_server(run: Run, record: Services) -> None:
    assert run("audit", "export", "--to", "/dev/log").exit_code == 2


def test_ends_that_do_not_fit_are_sealed_anew_by_somebody_with_a_name(run: Run, record: Services) -> None:
    with record.engine.begin() as connection:
        connection.execute(update(audit_chain).values(seal="x"))
    assert "ends: the seal" in run("audit", "verify").stderr
    assert run("audit", "seal-anew", "--by", "Nghị", "--yes").exit_code == 0
    assert run("audit", "verify").exit_code == 0
    last = json.loads(run("audit", "export").stdout.splitlines()[-1])
    assert (last["kind"], last["actor"]) == ("record_sealed_anew", "Nghị")


def test_the_record_is_whole_after_a_key_was_rotated_and_the_old_one_taken_out(
    run: Run, record: Services, make_site: MakeSite, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    newer.write_text("n" * 64)
    newer.chmod(0o600)
    site = make_site(site__secret_key_file=[str(newer), str(tmp_path / "secret_key")])
    assert isinstance(site.keys, KeyRing)
    with site.transactions() as tx:
        tx.audit.add(Event(NOON, EventKind.SIGNED_IN, AN, OWNER))
    make_site(site__secret_key_file=str(newer))
    result = run("audit", "verify")
    assert result.exit_code == 0
    assert "3 were written under keys that are gone" in result.stdout


def test_an_upgrade_puts_the_record_of_a_version_without_a_chain_into_one_once(run: Run, new_site: Settings) -> None:
    engine = open_engine(new_site.database.url)
    schema.upgrade(engine, "0003")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit (position, at, kind, address, actor, detail, reference) "
            "VALUES (7, '2026-03-02 12:00:00', 'granted', 'an@soctrang.gov.vn', 'x', '', '')"
        )
    assert "record: 1 events are held by a chain from now on\n" in run("db", "upgrade").stdout
    assert run("audit", "verify").stdout.startswith("1 events, the record is whole.")
    with engine.begin() as connection:
        connection.execute(update(audit).values(seal=""))
        connection.execute(delete(audit_chain))
    engine.dispose()
    assert "record:" not in run("db", "upgrade").stdout
    assert run("audit", "verify").exit_code == 1
