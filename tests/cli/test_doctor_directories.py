"""`doctor` at each step of setting another system's directory up: a line says what is wrong and what to do."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.fakes import NOON
from tests.peers import slapd, zimbra

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def server(ready_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[slapd.Slapd]:
    with slapd.running() as running:
        _use(monkeypatch, "ldap", running.table().model_dump(mode="json"))
        yield running


def _use(monkeypatch: pytest.MonkeyPatch, kind: str, table: dict[str, object]) -> None:
    monkeypatch.setenv("RECOVERY_DIRECTORY__KIND", kind)
    monkeypatch.setenv(f"RECOVERY_DIRECTORY__{kind.upper()}", json.dumps(table))


def told(run: Run) -> list[str]:
    """Return the lines about the directory that are not ok."""
    lines = run("doctor").stdout.splitlines()
    return [line for line in lines if line.startswith("directory, ") and not line.endswith(": ok")]


def test_a_directory_in_order_has_only_good_lines(run: Run, server: slapd.Slapd) -> None:
    assert [line for line in told(run) if "not tried" not in line] == []
    assert any(line.startswith("directory, ") for line in run("doctor").stdout.splitlines())


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"bind_password": "canary-wrong"}, "bind_password"),
        ({"base_dn": "ou=nobody,dc=soctrang,dc=gov,dc=vn"}, "base_dn"),
        ({"filter": "(&(objectClass=inetOrgPerson)(employeeNumber={address}))"}, "filter"),
        ({"ca_file": ""}, "ca_file"),
    ],
)
def test_a_wrong_setting_is_named(
    run: Run, server: slapd.Slapd, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], word: str
) -> None:
    _use(monkeypatch, "ldap", {**server.table().model_dump(mode="json"), **changed})
    lines = told(run)
    assert word in " ".join(lines)
    assert "canary" not in " ".join(lines)
    assert run("doctor").exit_code == 1


def test_a_server_that_is_down_is_told_in_one_sentence(run: Run, server: slapd.Slapd) -> None:
    server.stop()
    [line] = told(run)
    assert "directory.ldap.url" in line or "connect" in line


def test_a_service_account_above_the_policy_is_told(run: Run, server: slapd.Slapd) -> None:
    server.again(password_right="manage")
    assert any("manage" in line or "policy" in line for line in told(run))


def test_a_zimbra_in_order_has_only_good_lines(run: Run, ready_site: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="zimbra-") as folder, zimbra.running(Path(folder), lambda: NOON) as double:
        _use(monkeypatch, "zimbra", double.settings().model_dump(mode="json"))
        assert told(run) == []
        _use(monkeypatch, "zimbra", double.settings().model_dump(mode="json") | {"admin_password": "canary-wrong"})
        [line] = told(run)
        assert "admin_password" in line
        assert "canary" not in line
