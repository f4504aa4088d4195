"""What the administrators' page says of Dovecot, tried: its settings, and what doctor says on the way."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from recovery_site.cli import main
from recovery_site.settings.hooks import Dovecot
from recovery_site.settings.sections import Database
from tests.conftest import MakeSettings
from tests.peers import dovecot as peers
from tests.peers.kannel import free_ports
from tests.stories.pages import DOVECOT, blocks


@pytest.fixture
def database_kind() -> str:
    """One engine for what doctor says."""
    return "sqlite"


def doctor() -> list[str]:
    return CliRunner().invoke(main, ["doctor"]).stdout.splitlines()


def test_the_page_s_settings_are_settings(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(peers.API_KEY)
    database, hook = (tomllib.loads(block) for block in blocks(DOVECOT, "toml"))
    assert Database(**database["database"]).url == "sqlite:////var/lib/recovery-mail/recovery.db"
    assert hook["dovecot"].pop("api_key_file") == "/etc/recovery-site/dovecot_api_key"
    [url] = Dovecot(**hook["dovecot"], api_key="key").urls
    assert url.endswith(":8081")


def test_the_page_installs_every_file_there_is() -> None:
    assert [path.name for path in peers.FILES.iterdir() if f"deploy/dovecot/{path.name}" not in DOVECOT] == []


def test_doctor_says_what_the_page_says_at_each_step(
    dovecot: peers.Dovecot, make_settings: MakeSettings, migrated_url: str
) -> None:
    said = [
        (dovecot.api, peers.API_KEY, "dovecot: ok"),
        (dovecot.api, "another key", "dovecot: access (doveadm refuses the api_key); look at dovecot"),
        (f"http://127.0.0.1:{free_ports(1)[0]}", "key", "dovecot: unreachable (ConnectError); look at dovecot"),
    ]
    for url, key, line in said:
        make_settings(migrated_url, dovecot__urls=[url], dovecot__api_key=key)
        assert line in doctor()
        assert f"`{line}`" in DOVECOT


def test_doctor_says_of_missing_tables_and_keys_what_the_page_says(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_settings(f"sqlite:///{tmp_path}/new.db")
    monkeypatch.setenv("RECOVERY_DOVECOT__URLS", "[]")
    for line in ("database: there is none yet; run: recovery-site db upgrade",):
        assert line in doctor()
        assert f"`{line}`" in DOVECOT
    monkeypatch.setenv("RECOVERY_DOVECOT__URLS", '["http://127.0.0.1:8081"]')
    [line] = doctor()
    assert f"`{line}`" in DOVECOT
