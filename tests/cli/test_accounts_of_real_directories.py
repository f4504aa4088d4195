"""Numbers from a file in a real OpenLDAP and in Zimbra's double, and the list of who still could not recover."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from recovery_site.settings import Settings
from recovery_site.settings.section import Section
from tests.cli.conftest import Run
from tests.fakes import BINH, LOCKED, NOON, PHONELESS, UNKNOWN
from tests.peers import slapd, zimbra


@contextmanager
def _ldap() -> Iterator[Section]:
    with slapd.running() as server:
        yield server.table()


@contextmanager
def _zimbra() -> Iterator[Section]:
    with tempfile.TemporaryDirectory(prefix="zimbra-") as folder, zimbra.running(Path(folder), lambda: NOON) as double:
        yield double.settings()
        assert double.violations == []


KINDS: Mapping[str, Callable[[], AbstractContextManager[Section]]] = {"ldap": _ldap, "zimbra": _zimbra}


@pytest.fixture(params=KINDS)
def elsewhere(request: pytest.FixtureRequest, ready_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The accounts of the settings are the sample accounts in another system's directory."""
    with KINDS[request.param]() as table:
        monkeypatch.setenv("RECOVERY_DIRECTORY__KIND", request.param)
        monkeypatch.setenv(f"RECOVERY_DIRECTORY__{request.param.upper()}", json.dumps(table.model_dump(mode="json")))
        yield


def sheet(folder: Path, *lines: str) -> Path:
    path = folder / "officials.csv"
    path.write_text("".join(f"{line}\n" for line in ("email;unit;phone;members", *lines)), "utf-8")
    return path


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_file_fills_in_numbers_and_takes_people_off_the_list(run: Run, elsewhere: None, tmp_path: Path) -> None:
    before = run("accounts", "check")
    assert before.stdout.endswith(
        "6 accounts: 4 can recover, 2 cannot (locked: 1, no telephone number: 1). "
        "Warnings: number shared with other accounts: 2.\n"
    )
    path = sheet(
        tmp_path,
        f"{PHONELESS};Another;0912 345 679;",
        f'{BINH};;;"Lê An <0833111555>; Lý Bình <0833111444>"',
        f"{LOCKED};;;",
    )
    tried = run("accounts", "import", "--dry-run", path)
    assert tried.exit_code == 0
    assert tried.stdout.splitlines()[:2] == [
        f"{PHONELESS}: would change phone (none -> 0912XXX679)",
        f"{BINH}: would change members (0912XXX678 -> 0833XXX555 (Lê An), 0833XXX444 (Lý Bình))",
    ]
    assert run("accounts", "check").stdout == before.stdout
    done = run("accounts", "import", path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        "3 rows read: 2 added or changed, 1 unchanged, 0 skipped.\nunit is not written: it belongs to the directory.\n"
    )
    assert run("accounts", "import", path).stdout.startswith("3 rows read: 0 added or changed, 3 unchanged")
    assert "6 accounts: 5 can recover, 1 cannot (locked: 1)." in run("accounts", "check").stdout
    shown = run("accounts", "show", PHONELESS).stdout
    assert "phones:                0912XXX679\n" in shown
    assert "can recover:           yes\n" in shown


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_account_that_is_not_there_keeps_all_numbers_out(run: Run, elsewhere: None, tmp_path: Path) -> None:
    result = run("accounts", "import", sheet(tmp_path, f"{PHONELESS};;0912345679;", f"{UNKNOWN};;0912345678;"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("line 3: email: the directory has no such account")
    assert "phones:                -\n" in run("accounts", "show", PHONELESS).stdout
