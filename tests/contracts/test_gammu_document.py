"""What the administrators' page says of gammu-smsd, tried: its files start gammu-smsd, its rights are enough."""

import re
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from recovery_site.adapters.sms.gammu import GammuGateway
from recovery_site.domain.messages import MessageState
from recovery_site.ports import GatewayFault
from recovery_site.settings.gateways import GammuGateway as GammuSettings
from recovery_site.settings.sms import Sms
from tests import postgres
from tests.contracts.gateway_contract import CODE, NUMBER, sms
from tests.contracts.test_gammu_gateway import IN_HEX, OURS, SENT, collected, put_sent
from tests.peers.fake_modem import FakeModem
from tests.peers.gammu import Office, Tables, make_tables, smsd_lines

PAGE = (Path(__file__).parents[2] / "docs" / "administration" / "gammu.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def smsdrc(driver: str, replacements: dict[str, str]) -> str:
    """Return the page's /etc/gammu-smsdrc for a driver, with its own values for these keys."""
    (text,) = [block for block in blocks("ini") if f"driver = {driver}" in block]
    for key, value in replacements.items():
        text, found = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert found == 1, f"the page does not give {key}"
    return text


@pytest.fixture
def modem() -> Iterator[FakeModem]:
    with FakeModem() as started:
        yield started


@contextmanager
def as_the_page_says(tables: Tables, folder: Path, modem: FakeModem, *, reports: bool = False) -> Iterator[Office]:
    """An office set up as the page says, with or without delivery reports."""
    lines = smsd_lines(tables.url)
    text = smsdrc(lines.pop("driver"), {"port": modem.device, **lines})
    (with_reports,) = [block for block in blocks("ini") if block.startswith("receive")]
    file = folder / "smsdrc"
    file.write_text(text.replace("receive = no\n", with_reports) if reports else text, "utf-8")
    place = Office(tables, file, modem, delivery_reports=reports)
    try:
        place.start()
        yield place
    finally:
        place.stop()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_gammu_smsd_runs_with_the_page_s_file_and_logs_no_text(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, modem: FakeModem
) -> None:
    server = request.getfixturevalue("postgres_server") if database == "postgresql" else None
    with as_the_page_says(make_tables(tmp_path, server), tmp_path, modem) as place:
        place.gateway.check()
        place.gateway.send(NUMBER, sms())
        with place.locked():
            time.sleep(2.5)  # longer than gammu-smsd looks away: it meets the lock
        place.gateway.settle(collected(place, MessageState.SENT))
        assert modem.sent
        for secret in (CODE, IN_HEX, NUMBER.international):
            assert secret not in place.complaints()


def test_the_page_s_lines_for_delivery_reports_bring_them(tmp_path: Path, modem: FakeModem) -> None:
    with as_the_page_says(make_tables(tmp_path), tmp_path, modem, reports=True) as place:
        place.gateway.send(NUMBER, sms())
        place.received(1)
        modem.report(modem.sent[0], 0)
        collected(place, MessageState.DELIVERED)
        assert NUMBER.international not in place.complaints()


def test_the_site_can_work_with_the_rights_that_the_page_gives_it(
    postgres_server: postgres.Server, tmp_path: Path
) -> None:
    tables = make_tables(tmp_path, postgres_server)
    (grants,) = blocks("sql")
    tables.sql("CREATE ROLE recovery_site_sms LOGIN")
    for grant in grants.strip().splitlines():
        tables.sql(grant)
    url = make_url(tables.url).set(username="recovery_site_sms").render_as_string(hide_password=False)
    gateway = GammuGateway(GammuSettings(kind="gammu", database_url=url, delivery_reports=True))
    gateway.send(NUMBER, sms())
    gateway.withdraw(SENT.message_id)
    put_sent(tables, OURS)
    gateway.settle(gateway.collect())
    with pytest.raises(GatewayFault, match="has not found a modem yet"):
        gateway.check()


def test_a_site_without_rights_is_told_so_by_the_check(postgres_server: postgres.Server, tmp_path: Path) -> None:
    tables = make_tables(tmp_path, postgres_server)
    tables.sql("CREATE ROLE without_rights LOGIN")
    url = make_url(tables.url).set(username="without_rights").render_as_string(hide_password=False)
    with pytest.raises(GatewayFault, match="InsufficientPrivilege"):
        GammuGateway(GammuSettings(kind="gammu", database_url=url)).check()


def test_the_page_s_settings_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "gammu_database_url"
    file.write_text("postgresql://recovery_site_sms:secret@127.0.0.1:5432/smsd\n", "utf-8")
    for block in blocks("toml"):
        table = tomllib.loads(block.replace("/etc/recovery-site/gammu_database_url", str(file)))
        assert isinstance(Sms(**table["sms"]).gateway["modem"], GammuSettings)
    assert len(blocks("toml")) == 2


def test_the_page_names_every_setting_with_its_default() -> None:
    for name, field in GammuSettings.model_fields.items():
        shown = "" if field.is_required() else f" `{str(field.default).lower()}`"
        assert name == "kind" or f"| `{name}` |{shown} |" in PAGE
