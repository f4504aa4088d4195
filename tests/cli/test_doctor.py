"""`doctor`: one line for each check, and the later ones although an earlier one fails."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import MakeSettings
from tests.peers import redis

PLAIN: dict[str, Any] = {"site__base_url": "http://127.0.0.1:8000", "sms__gateway": {"main": {"kind": "console"}}}
"""A site on this machine: under https the settings refuse a gateway that prints the codes."""


def carrier(port: int) -> dict[str, Any]:
    return {"sms__gateway": {"main": {"kind": "http", "url": f"http://127.0.0.1:{port}/send", "query": {"to": "{to}"}}}}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens on; it is held, so that nobody else takes it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def test_a_site_in_order_has_a_line_for_each_check(run: Run, make_settings: MakeSettings, migrated_url: str) -> None:
    settings = make_settings(migrated_url, **PLAIN)
    result = run("doctor")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "settings: ok",
        f"{settings.site.key_files[0]}: ok",
        "database: ok",
        "schema: ok",
        "directory, its tables: ok",
        "gateway main: ok",
    ]


def test_a_console_gateway_under_https_is_refused_with_the_settings(
    run: Run, ready_site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready_site.site.is_https
    monkeypatch.setenv("RECOVERY_SMS__GATEWAY", '{"main": {"kind": "console"}}')
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("settings: sms.gateway.main: console prints the codes")


def test_wrong_settings_are_all_named_and_nothing_else_is_checked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_SITE__PROVINCE", "Tỉnh Sóc Trăng")
    monkeypatch.setenv("RECOVERY_SITE__BASE_URL", "ftp://s3cret")
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("settings: site.mail_domains: ")
    assert "s3cret" not in result.output
    assert result.stderr.endswith("checks failed.\n")


def test_tables_that_are_missing_are_named_with_the_command_that_makes_them(
    run: Run, make_settings: MakeSettings, database_url: str
) -> None:
    make_settings(database_url, **PLAIN)
    result = run("doctor")
    assert result.exit_code == 1
    assert "run: recovery-site db upgrade" in result.stdout
    assert "gateway main: ok" in result.stdout


def test_doctor_makes_no_database(run: Run, make_settings: MakeSettings, tmp_path: Path) -> None:
    make_settings(f"sqlite:///{tmp_path}/none.db")
    result = run("doctor")
    assert "database: there is none yet; run: recovery-site db upgrade" in result.stdout
    assert not (tmp_path / "none.db").exists()


def test_the_later_checks_run_although_key_and_database_fail(
    run: Run, make_settings: MakeSettings, closed_port: int
) -> None:
    settings = make_settings(f"postgresql://site:s3cret@127.0.0.1:{closed_port}/recovery", **carrier(closed_port))
    key = settings.site.key_files[0]
    key.unlink()
    result = run("doctor")
    settings_line, key_line, database_line, gateway_line = result.stdout.splitlines()
    assert settings_line == "settings: ok"
    assert key_line == f"{key}: cannot be read; `recovery-site db upgrade` makes a missing key"
    assert database_line.startswith("database: connection failed")
    assert gateway_line == "gateway main: unreachable (127.0.0.1: ConnectError); look at sms.gateway.main"
    assert (result.exit_code, result.stderr) == (1, "3 of 4 checks failed.\n")
    assert "s3cret" not in result.output


def test_a_key_that_others_may_read_fails(run: Run, ready_site: Settings) -> None:
    ready_site.site.key_files[0].chmod(0o640)
    result = run("doctor")
    assert result.exit_code == 1
    assert "others may read it (mode 640); run: chmod 600" in result.stdout
    assert "directory, its tables: ok" in result.stdout


def test_a_redis_that_counts_is_asked(
    run: Run, make_settings: MakeSettings, migrated_url: str, empty_redis: redis.RunningRedis
) -> None:
    make_settings(migrated_url, limits__storage=empty_redis.url, **PLAIN)
    assert "limits: ok" in run("doctor").stdout.splitlines()
    empty_redis.client.config_set("maxmemory-policy", "allkeys-lru")
    result = run("doctor")
    empty_redis.client.config_set("maxmemory-policy", "noeviction")
    assert result.exit_code == 1
    assert "limits.storage: Redis: maxmemory-policy is allkeys-lru: it forgets limits" in result.stdout


def test_a_redis_that_does_not_answer_fails_and_its_password_is_not_shown(
    run: Run, make_settings: MakeSettings, migrated_url: str, closed_port: int
) -> None:
    make_settings(migrated_url, limits__storage=f"redis://:geheim@127.0.0.1:{closed_port}/0", **PLAIN)
    result = run("doctor")
    assert result.exit_code == 1
    assert "limits.storage: Redis: Error 111 connecting to 127.0.0.1" in result.stdout
    assert "geheim" not in result.output


def test_the_list_of_leaked_passwords_is_looked_at_where_there_is_one(
    run: Run, make_settings: MakeSettings, migrated_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "leaked.txt"
    make_settings(migrated_url, password__leaked_file=str(path), **PLAIN)
    assert f"{path}: No such file or directory" in run("doctor").stdout.splitlines()
    path.write_text("F" * 40 + ":9\n" + "A" * 40 + ":3\n")
    result = run("doctor")
    assert f"{path}: its hashes are not in ascending order at byte 43" in result.stdout
    assert (result.exit_code, result.stderr) == (1, "1 of 7 checks failed.\n")
    path.write_text("A" * 40 + ":3\n" + "F" * 40 + ":9\n")
    assert f"{path}: ok" in run("doctor").stdout.splitlines()
