"""`accounts import` and `accounts show`, as an operator sees them."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import Account, AccountStatus, NewAccount
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import MakeSite, cheap_hasher
from tests.fakes import GROUP, LOCKED, NOON, PHONELESS, UNKNOWN, FakeClock

HEADER = "Email công vụ;Họ và tên;Số điện thoại;Loại;members\n"
AN = "an;Trần Văn An;0393 070 121;cá nhân;\n"
TEAM = 'tiep-dan;Tiếp dân;;nhóm;"Lê An <0393070122>; Lý Bình <0912345678>"\n'
FOREIGN = "email: has a domain that is not in site.mail_domains"
BAD = "binh@gmail.com;Bình;0299 3821 999;;\n"


def sheet(folder: Path, *lines: str) -> Path:
    path = folder / "officials.csv"
    path.write_text(HEADER + "".join(lines), "utf-8-sig")
    return path


def stored(settings: Settings) -> list[Account]:
    engine = open_engine(settings.database.url)
    try:
        return EmbeddedDirectory(engine, cheap_hasher()).all()
    finally:
        engine.dispose()


# --- import -----------------------------------------------------------------------------------------------------------


def test_an_import_says_how_many_rows_it_read_and_what_became_of_them(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    result = run("accounts", "import", sheet(tmp_path, AN, TEAM))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "2 rows read: 2 added or changed, 0 unchanged, 0 skipped.\n"
    assert [(one.address, len(one.phones)) for one in stored(ready_site)] == [
        ("an@soctrang.gov.vn", 1),
        ("tiep-dan@soctrang.gov.vn", 2),
    ]


def test_importing_the_same_file_twice_says_that_nothing_changed(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    path = sheet(tmp_path, AN, TEAM)
    run("accounts", "import", path)
    result = run("accounts", "import", path)
    assert result.stdout == "2 rows read: 0 added or changed, 2 unchanged, 0 skipped.\n"


def test_a_bad_row_is_named_on_stderr_and_nothing_is_imported(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    result = run("accounts", "import", sheet(tmp_path, AN, BAD))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"line 3: {FOREIGN}; phone: number 1 is not a Vietnamese mobile number",
        "Nothing was imported: 1 of 2 rows are bad. Correct them or use --skip-bad.",
    ]
    assert stored(ready_site) == []


def test_skip_bad_imports_the_good_rows_and_names_the_others(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    result = run("accounts", "import", "--skip-bad", sheet(tmp_path, AN, BAD))
    assert result.exit_code == 0
    assert result.stdout == "2 rows read: 1 added or changed, 0 unchanged, 1 skipped.\n"
    assert result.stderr.startswith("line 3: email: ")
    assert [one.address for one in stored(ready_site)] == ["an@soctrang.gov.vn"]


def test_a_workbook_is_imported_with_the_zero_that_excel_ate(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Email công vụ", "Số điện thoại"])
    book.active.append(["an", 393070121])
    book.save(tmp_path / "officials.XLSX")
    assert run("accounts", "import", tmp_path / "officials.XLSX").exit_code == 0
    assert stored(ready_site)[0].phones[0].number.local == "0393070121"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "is empty; the first row must name the columns"),
        (b"email,fax\nan,1\n", "has unknown columns: 'fax'"),
        ("email\n\nhà\n".encode("utf-16"), 'is not UTF-8 text; in Excel, save it as "CSV UTF-8" or as .xlsx'),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_sentence(
    run: Run, ready_site: Settings, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "officials.csv"
    if content is not None:
        path.write_bytes(content)
    result = run("accounts", "import", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{path}: {sentence}")
    assert len(result.stderr.splitlines()) == 1


# --- a dry run --------------------------------------------------------------------------------------------------------

FULL = "Email công vụ;Họ và tên;Đơn vị;Số điện thoại;Loại;members;Trạng thái;password\n"


def full_sheet(folder: Path, *lines: str) -> Path:
    path = folder / "officials.csv"
    path.write_text(FULL + "".join(lines), "utf-8")
    return path


def test_a_dry_run_names_what_would_be_added_by_column_and_stores_nothing(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    path = full_sheet(
        tmp_path,
        "an;Trần Văn An;Văn phòng;0393070121;;;;canary-9-X\n",
        'nhom;;;;nhóm;"Lê An <0393070122>; Lý Bình <0912345678>";khoá;\n',
        "binh;;;;;;;\n",
    )
    result = run("accounts", "import", "--dry-run", path)
    members = "0393XXX122 (Lê An), 0912XXX678 (Lý Bình)"
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "an@soctrang.gov.vn: would be added with display_name, unit, phone (0393XXX121), password",
        f"nhom@soctrang.gov.vn: would be added with kind (group), members ({members}), status (locked)",
        "binh@soctrang.gov.vn: would be added",
        "3 rows read: 3 would be added, 0 changed, 0 unchanged, 0 skipped. Nothing was changed.",
    ]
    assert stored(ready_site) == []


def test_a_dry_run_names_what_would_change_by_column_and_leaves_out_what_stays(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    old = ["an;An;Sở;0393070121;;;;the old one\n", "binh;;;0912345678;;;;\n", "chi;;;0393070121;;;;\n", "dao;;;;;;;\n"]
    new = ["an;An;Phòng;;;;khoá;canary-9-X\n", "binh;;;0393070129;;;;canary-9-X\n", "chi;;;0393999121;;;;\n", old[3]]
    run("accounts", "import", full_sheet(tmp_path, *old))
    before = stored(ready_site)
    result = run("accounts", "import", "--dry-run", full_sheet(tmp_path, *new))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "an@soctrang.gov.vn: would change unit, phone (0393XXX121 -> none), status (active -> locked)",
        "binh@soctrang.gov.vn: would change phone (0912XXX678 -> 0393XXX129), password",
        "chi@soctrang.gov.vn: would change phone (0393XXX121; other hidden digits)",
        "4 rows read: 0 would be added, 3 changed, 1 unchanged, 0 skipped. Nothing was changed.",
    ]
    assert stored(ready_site) == before


def test_a_dry_run_foretells_what_the_import_then_does(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    path = sheet(tmp_path, AN, TEAM)
    run("accounts", "import", path)
    again = run("accounts", "import", "--dry-run", path).stdout
    assert again == "2 rows read: 0 would be added, 0 changed, 2 unchanged, 0 skipped. Nothing was changed.\n"


def test_a_dry_run_refuses_bad_rows_as_the_import_does(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    path = sheet(tmp_path, AN, BAD)
    refused = run("accounts", "import", "--dry-run", path)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"line 3: {FOREIGN}; ")
    skipping = run("accounts", "import", "--dry-run", "--skip-bad", path)
    assert skipping.exit_code == 0
    assert skipping.stderr.startswith(f"line 3: {FOREIGN}; ")
    assert "2 rows read: 1 would be added, 0 changed, 0 unchanged, 1 skipped." in skipping.stdout
    assert stored(ready_site) == []


# --- show -------------------------------------------------------------------------------------------------------------


def shown(run: Run, email: str) -> dict[str, str]:
    result = run("accounts", "show", email)
    assert (result.exit_code, result.stderr) == (0, "")
    pairs = (line.partition(":") for line in result.stdout.splitlines())
    return {name: text.strip() for name, _, text in pairs}


def test_an_account_is_shown_with_its_number_masked_and_the_time_of_vietnam(run: Run, make_site: MakeSite) -> None:
    make_site(clock=FakeClock(NOON), disclosure__mask="3+2")
    assert shown(run, "AN.Tran") == {
        "address": "an.tran@soctrang.gov.vn",
        "name": "Trần Văn An",
        "unit": "Văn phòng UBND",
        "kind": "personal",
        "status": "active",
        "phones": "039XXXXX21 (Thành viên 1)",
        "last password change": "2026-03-02 12:00:00 Asia/Ho_Chi_Minh",
        "can recover": "yes",
    }


def test_a_group_is_shown_with_whose_number_is_whose(run: Run, make_site: MakeSite) -> None:
    make_site()
    assert shown(run, GROUP)["phones"] == "0833XXX222 (Thành viên 1), 0833XXX333 (Thành viên 2)"


def test_why_an_account_cannot_recover_is_shown(run: Run, make_site: MakeSite) -> None:
    services = make_site()
    neither = Account("neither@soctrang.gov.vn", status=AccountStatus.LOCKED)
    EmbeddedDirectory(services.engine, cheap_hasher()).put([NewAccount(neither)], NOON)
    assert shown(run, LOCKED)["can recover"] == "no: the account is locked"
    assert shown(run, PHONELESS)["can recover"] == "no: it has no telephone number"
    assert shown(run, "neither")["can recover"] == "no: the account is locked; it has no telephone number"
    assert shown(run, "neither")["last password change"] == "never on this site"


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        (UNKNOWN, f"{UNKNOWN}: there is no such account\n"),
        ("an@gmail.com", "'an@gmail.com' is not an address of this mail system\n"),
    ],
)
def test_an_account_that_is_not_there_is_one_sentence(
    run: Run, ready_site: Settings, email: str, sentence: str
) -> None:
    result = run("accounts", "show", email)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", sentence)
