"""`accounts` over another system's directory, played by the fake that the contract suite holds to its word."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from recovery_site import bootstrap
from recovery_site.domain.people import AccountStatus, Phone
from recovery_site.ports import DirectoryUnavailable
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.fakes import ACCOUNTS, AN, BINH, GROUP, LOCKED, PHONELESS, UNKNOWN, FakeDirectory
from tests.flow.importing import numbers

HEADER = "email,display_name,unit,phone,status,password\n"
LEFT = "display_name, unit are not written: they belong to the directory.\n"


class Elsewhere(FakeDirectory):
    """A directory that can break down at one account."""

    breaks_at = ""

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        if address == self.breaks_at:
            raise DirectoryUnavailable("the connection broke")
        super().set_phones(address, phones)


@pytest.fixture
def directory(ready_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """What the settings' directory is, instead of the embedded one."""
    fake = Elsewhere()
    monkeypatch.setattr(bootstrap, "make_directory", lambda *_: fake)
    return fake


def sheet(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "officials.csv"
    path.write_text(header + "".join(f"{line}\n" for line in lines), "utf-8")
    return path


# --- import -----------------------------------------------------------------------------------------------------------


def test_only_numbers_are_written_and_the_summary_names_what_is_not(
    run: Run, directory: Elsewhere, tmp_path: Path
) -> None:
    path = sheet(tmp_path, f"{PHONELESS},Somebody,Sở,0912 345 679,,", f"{BINH},,,0912345678,active,")
    result = run("accounts", "import", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"2 rows read: 1 added or changed, 1 unchanged, 0 skipped.\n{LEFT}"
    assert numbers(directory.accounts[PHONELESS]) == ["0912345679"]
    assert replace(directory.accounts[PHONELESS], phones=()) == ACCOUNTS[PHONELESS]


def test_a_file_of_numbers_alone_has_nothing_to_name(run: Run, directory: Elsewhere, tmp_path: Path) -> None:
    result = run("accounts", "import", sheet(tmp_path, f"{PHONELESS},0912345679", header="email,phone\n"))
    assert result.stdout == "1 rows read: 1 added or changed, 0 unchanged, 0 skipped.\n"


def test_one_column_that_is_not_written_is_named_alone(run: Run, directory: Elsewhere, tmp_path: Path) -> None:
    result = run("accounts", "import", sheet(tmp_path, f"{PHONELESS},cá nhân", header="email,kind\n"))
    assert result.stdout.endswith("\nkind is not written: it belongs to the directory.\n")


def test_a_dry_run_prints_masked_numbers_and_writes_nothing(run: Run, directory: Elsewhere, tmp_path: Path) -> None:
    path = sheet(tmp_path, f"{PHONELESS},Somebody,Sở,0912345679,,", f"{BINH},,,0833111444,,", f"{AN},,,,,")
    result = run("accounts", "import", "--dry-run", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{PHONELESS}: would change phone (none -> 0912XXX679)",
        f"{BINH}: would change phone (0912XXX678 (Thành viên 1) -> 0833XXX444)",
        "3 rows read: 0 would be added, 2 changed, 1 unchanged, 0 skipped. Nothing was changed.",
        LEFT.strip(),
    ]
    assert directory.accounts == ACCOUNTS


def test_a_dry_run_tells_of_numbers_that_are_not_mobile_and_would_be_replaced(
    run: Run, directory: Elsewhere, tmp_path: Path
) -> None:
    directory.accounts[BINH] = replace(ACCOUNTS[BINH], unread_numbers=1)
    directory.accounts[PHONELESS] = replace(ACCOUNTS[PHONELESS], unread_numbers=2)
    path = sheet(tmp_path, f"{BINH},0833111444", f"{PHONELESS},0912345679", header="email,phone\n")
    told = run("accounts", "import", "--dry-run", path).stdout.splitlines()
    assert told[:2] == [
        f"{BINH}: would change phone (0912XXX678 (Thành viên 1), 1 not mobile -> 0833XXX444)",
        f"{PHONELESS}: would change phone (2 not mobile -> 0912XXX679)",
    ]


def test_bad_rows_say_what_to_do_in_the_directory_itself_and_nothing_is_written(
    run: Run, directory: Elsewhere, tmp_path: Path
) -> None:
    directory.accounts[GROUP] = replace(ACCOUNTS[GROUP], status=AccountStatus.AMBIGUOUS)
    rows = (
        f"{UNKNOWN},,,0912345679,,",
        f"{GROUP},,,,,",
        f"{LOCKED},,,,active,",
        f"{BINH},,,,,canary-9-X",
        f"{PHONELESS},,,0912345679,,",
    )
    result = run("accounts", "import", sheet(tmp_path, *rows))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "line 2: email: the directory has no such account; make it there first",
        "line 3: email: several entries of the directory claim this address; leave it to one of them there",
        "line 4: status: is not the directory's; lock or unlock the account there, or leave the cell empty",
        "line 5: password: passwords are not imported into this directory; set it there, and leave the cell empty",
        "Nothing was imported: 4 of 5 rows are bad. Correct them or use --skip-bad.",
    ]
    assert directory.accounts[PHONELESS].phones == ()


def test_a_directory_that_fails_half_way_is_said_with_how_far_the_import_came(
    run: Run, directory: Elsewhere, tmp_path: Path
) -> None:
    directory.breaks_at = BINH
    path = sheet(tmp_path, *(f"{address},,,0912345600,," for address in (AN, BINH, PHONELESS)))
    result = run("accounts", "import", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "directory: does not answer (the connection broke)",
        "Stopped half-way: 1 of 3 accounts were changed. Importing the same file again goes on from there.",
    ]
    directory.breaks_at = ""
    again = run("accounts", "import", path)
    assert again.stdout.startswith("3 rows read: 2 added or changed, 1 unchanged, 0 skipped.")


def test_a_directory_that_does_not_answer_is_one_sentence(run: Run, directory: Elsewhere, tmp_path: Path) -> None:
    directory.down = True
    for words in (("import", sheet(tmp_path, f"{AN},,,,,")), ("check",), ("show", AN)):
        result = run("accounts", *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "directory: does not answer (connection refused)\n"


def test_the_help_tells_what_is_not_written_there(run: Run) -> None:
    told = " ".join(run("accounts", "import", "--help").stdout.split())
    assert "LDAP, Active Directory or Zimbra, only numbers (phone, members) are written" in told


# --- show and check ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "changed", "told"),
    [
        (BINH, {"status": AccountStatus.AMBIGUOUS}, "no: several entries of the directory claim its address"),
        (PHONELESS, {"unread_numbers": 1}, "no: none of its numbers is a Vietnamese mobile number"),
        (BINH, {"unread_numbers": 2}, "yes; warning: numbers of it that are not Vietnamese mobile numbers: 2"),
    ],
)
def test_what_such_a_directory_holds_is_shown_with_the_account(
    run: Run, directory: Elsewhere, address: str, changed: dict[str, object], told: str
) -> None:
    directory.accounts[address] = replace(ACCOUNTS[address], **changed)  # type: ignore[arg-type]  # fields by name
    result = run("accounts", "show", address)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].partition(":")[2].strip() == told


def test_a_check_tells_them_of_all_accounts(run: Run, directory: Elsewhere) -> None:
    directory.accounts[BINH] = replace(ACCOUNTS[BINH], status=AccountStatus.AMBIGUOUS)
    directory.accounts[GROUP] = replace(ACCOUNTS[GROUP], unread_numbers=1)
    directory.accounts[PHONELESS] = replace(ACCOUNTS[PHONELESS], unread_numbers=1)
    result = run("accounts", "check", "--format", "csv")
    assert result.stderr == (
        "6 accounts: 3 can recover, 3 cannot (claimed by several entries: 1, locked: 1, no mobile number: 1). "
        "Warnings: some numbers not mobile: 1, number shared with other accounts: 2.\n"
    )
    for words in (
        "Nhiều tài khoản trên hệ thống thư cùng khai địa chỉ này",
        "1 số đang lưu không phải số di động Việt Nam",
        "Số điện thoại đang lưu không phải số di động Việt Nam",
    ):
        assert words in result.stdout
