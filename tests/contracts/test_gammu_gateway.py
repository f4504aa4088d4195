"""The gateway over gammu-smsd's tables, on SQLite and PostgreSQL, with a real gammu-smsd that sends."""

import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from recovery_site.adapters.sms.gammu import GammuGateway, relative_validity
from recovery_site.domain.messages import Acceptance, FaultKind, MessageState, Report
from recovery_site.domain.secret import Secret
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import GammuGateway as GammuSettings
from tests.contracts.gateway_contract import CODE, NUMBER, TEXT, GatewayContract, sms
from tests.peers.gammu import Office, Tables, make_tables, office

OURS = "recovery-site:4zV-kE_9"
SENT = Report(MessageState.SENT, "4zV-kE_9")
IN_HEX = CODE.encode("utf-16-be").hex().upper()
"""How gammu-smsd writes a text into the column `Text`."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """gammu-smsd with its dummy phone."""
    folder = tmp_path_factory.mktemp("gammu")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    with office(make_tables(folder, server), folder) as started:
        yield started


@pytest.fixture(scope="module", params=["modem-sqlite", "dummy-postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The real AT driver over SQLite, and the dummy phone over PostgreSQL."""
    folder = tmp_path_factory.mktemp("gammu")
    server = request.getfixturevalue("postgres_server") if request.param == "dummy-postgresql" else None
    with office(make_tables(folder, server), folder, with_modem=server is None) as started:
        yield started


@pytest.fixture
def place(running: Office) -> Office:
    running.begin()
    return running


@pytest.fixture(params=["sqlite", "postgresql"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Tables:
    """A database of its own, without gammu-smsd."""
    return make_tables(tmp_path, request.getfixturevalue("postgres_server") if request.param == "postgresql" else None)


def collected(place: Office, state: MessageState) -> Sequence[Report]:
    """Wait for reports of this state, and return all that there are."""

    def look() -> Sequence[Report]:
        reports = place.gateway.collect()
        return reports if any(report.state is state for report in reports) else ()

    return place.eventually(look, f"a report: {state}")


def put_sent(tables: Tables, creator: str, **columns: object) -> None:
    """Write a row into sentitems."""
    row = {"CreatorID": creator, "ID": 900, "Text": IN_HEX, "TextDecoded": CODE, "UDH": "", "SenderID": "", **columns}
    names, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    tables.sql(f"INSERT INTO sentitems ({names}) VALUES ({values})", **row)  # noqa: S608 -- our own names


class TestTheContract(GatewayContract):
    @pytest.fixture
    def peer(self, standing: Office) -> Office:
        standing.begin()
        return standing


class TestWhatBecameOfIt:
    def test_only_gammu_smsd_s_word_means_that_the_network_took_it(self, place: Office) -> None:
        place.stop()
        assert place.gateway.send(NUMBER, sms()) == Acceptance(by_carrier=False)
        assert place.gateway.collect() == []
        place.start()
        assert collected(place, MessageState.SENT) == [SENT]

    def test_a_report_comes_again_until_it_is_settled(self, place: Office) -> None:
        place.gateway.send(NUMBER, sms())
        assert collected(place, MessageState.SENT) == place.gateway.collect() == [SENT]
        place.gateway.settle([SENT])
        assert place.gateway.collect() == []

    def test_after_settling_neither_text_nor_number_is_anywhere(self, place: Office) -> None:
        place.gateway.send(NUMBER, sms())
        place.gateway.settle(collected(place, MessageState.SENT))
        for trace in (CODE, TEXT.reveal(), IN_HEX, NUMBER.international):
            assert trace not in place.everything()

    def test_a_row_that_changed_after_it_was_collected_is_news(self, tables: Tables) -> None:
        put_sent(tables, OURS)
        assert tables.gateway.collect() == [SENT]
        tables.sql("""UPDATE sentitems SET "Status" = 'DeliveryOK'""")
        tables.gateway.settle([SENT])
        assert tables.gateway.collect() == [Report(MessageState.DELIVERED, "4zV-kE_9")]

    def test_other_programs_rows_are_neither_reported_nor_touched(self, tables: Tables) -> None:
        put_sent(tables, "4zV-kE_9")
        tables.sql("""INSERT INTO outbox ("CreatorID", "TextDecoded") VALUES ('4zV-kE_9', 'foreign')""")
        before = tables.everything()
        assert tables.gateway.collect() == []
        tables.gateway.settle([SENT])
        tables.gateway.withdraw("4zV-kE_9")
        assert tables.everything() == before


class TestTheSameMessageTwice:
    def test_it_arrives_once(self, place: Office) -> None:
        place.gateway.send(NUMBER, sms())
        place.gateway.send(NUMBER, sms())
        place.received(1)
        place.gateway.send(NUMBER, sms())
        assert len(place.received(1)) == 1

    def test_from_several_threads_it_is_queued_once(self, tables: Tables) -> None:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: tables.gateway.send(NUMBER, sms()), range(16)))
        assert len(tables.sql("SELECT * FROM outbox")) == 1

    def test_what_failed_may_be_tried_again(self, tables: Tables) -> None:
        put_sent(tables, OURS, Status="SendingError")
        tables.gateway.send(NUMBER, sms())
        assert len(tables.sql("SELECT * FROM outbox")) == 1


class TestWaiting:
    def test_what_is_withdrawn_while_gammu_smsd_stands_still_is_never_sent(self, place: Office) -> None:
        place.stop()
        place.gateway.send(NUMBER, sms("expired", Secret("expired")))
        place.gateway.send(NUMBER, sms("alive", Secret("alive")))
        place.gateway.withdraw("expired")
        place.start()
        assert place.received(1) == [("84393070121", "alive")]

    def test_withdrawing_what_has_gone_changes_nothing(self, place: Office) -> None:
        place.gateway.send(NUMBER, sms())
        place.received(1)
        place.gateway.withdraw("4zV-kE_9")
        place.gateway.withdraw("never seen")
        assert place.gateway.collect() == [SENT]


class TestChecking:
    def test_a_dead_gammu_smsd_is_named_with_the_time_in_utc(self, tables: Tables) -> None:
        tables.sql(
            """INSERT INTO phones ("ID", "IMEI", "IMSI", "Client", "UpdatedInDB")
            VALUES ('', '1', '1', 'Gammu', '2026-03-04 05:06:07')"""
        )
        with pytest.raises(GatewayFault, match="gammu-smsd has not been seen since") as fault:
            tables.gateway.check()
        # the schema keeps UTC in SQLite and the server's own time in PostgreSQL
        assert str(fault.value).endswith("2026-03-04 05:06 UTC" if tables.file else "2026-03-03 22:06 UTC")
        assert fault.value.kind is FaultKind.UNREACHABLE

    def test_a_modem_that_was_never_found_is_named(self, tables: Tables) -> None:
        with pytest.raises(GatewayFault, match="has not found a modem yet"):
            tables.gateway.check()

    @pytest.mark.parametrize("ask", [GammuGateway.check, lambda gateway: gateway.send(NUMBER, sms())])
    def test_a_database_without_the_tables_is_a_fault(
        self, tables: Tables, ask: Callable[[GammuGateway], object]
    ) -> None:
        tables.sql("DROP TABLE outbox")
        with pytest.raises(GatewayFault, match=r"no such table: outbox|UndefinedTable") as fault:
            ask(tables.gateway)
        assert fault.value.kind is FaultKind.UNREACHABLE

    def test_the_fault_s_whole_traceback_tells_neither_number_nor_text(self, tables: Tables) -> None:
        tables.sql("DROP TABLE outbox")
        with pytest.raises(GatewayFault) as fault:
            tables.gateway.send(NUMBER, sms())
        told = "".join(traceback.format_exception(fault.value))
        for secret in (CODE, NUMBER.international, *tables.secrets):
            assert secret not in told

    def test_a_lock_is_waited_for_no_longer_than_the_time_out(self, tables: Tables) -> None:
        gateway = GammuGateway(GammuSettings(kind="gammu", database_url=tables.url, timeout_seconds=0.2))
        with ThreadPoolExecutor(1) as thread, tables.locked():
            # both engines would wait for longer by themselves
            fault = thread.submit(gateway.send, NUMBER, sms()).exception(timeout=4)
        assert isinstance(fault, GatewayFault)
        assert fault.kind is FaultKind.UNREACHABLE
        assert re.search(r"database is locked|LockNotAvailable|QueryCanceled", str(fault))


def test_a_missing_file_is_a_fault_and_is_not_made(tmp_path: Path) -> None:
    gateway = GammuGateway(GammuSettings(kind="gammu", database_url=f"sqlite:///{tmp_path}/no%20such?file.db"))
    with pytest.raises(GatewayFault, match="unable to open database file"):
        gateway.send(NUMBER, sms())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("life", "validity"),
    [
        (timedelta(0), 0),
        (timedelta(minutes=4), 0),
        (timedelta(minutes=6), 1),
        (timedelta(minutes=10), 1),
        (timedelta(hours=12), 143),
        (timedelta(hours=12, minutes=1), 144),
        (timedelta(hours=24), 167),
        (timedelta(hours=25), 168),
        (timedelta(days=90), 196),
    ],
)
def test_the_network_is_told_how_long_a_message_is_of_use(life: timedelta, validity: int) -> None:
    assert relative_validity(life) == validity
