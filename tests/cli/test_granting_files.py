"""`accounts grant-file`, as an operator sees it."""

import errno
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from recovery_site import bootstrap
from recovery_site.cli.accounts.slips import Slips
from recovery_site.domain.people import Phone
from recovery_site.domain.secret import Secret
from recovery_site.flow.provision import Granted
from recovery_site.ports import DirectoryUnavailable
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.cli.granting import opened, opens, passwords
from tests.fakes import FakeDirectory

HEADER = "Email công vụ;Họ và tên;Đơn vị;Số điện thoại;members;Số văn bản;Ngày văn bản;Người đề nghị qua điện thoại\n"


def row(name: str, number: str = "0393070121", *, members: str = "", document: str = "125/CV", caller: str = "") -> str:
    date = "01/03/2026" if document else ""
    return f'{name};Người {name};Sở;{number};"{members}";{document};{date};{caller}\n'


def sheet(folder: Path, *rows: str) -> Path:
    path = folder / "cong-van.csv"
    path.write_text(HEADER + "".join(rows), "utf-8-sig")
    return path


def crowd(size: int) -> str:
    return "; ".join(f"Người {n} <083311122{n}>" for n in range(size))


def stored(settings: Settings) -> list[str]:
    with opened(settings) as services:
        return [account.address.partition("@")[0] for account in services.directory.all()]


def test_the_accounts_of_a_file_are_handed_out_each_with_its_slip(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    slips = tmp_path / "slips.html"
    path = sheet(tmp_path, row("a"), row("nhom", "", members=crowd(5)), row("c", document="", caller="Bình"))
    result = run("accounts", "grant-file", path, "--slips", slips)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "3 rows read: 3 handed out, 0 handed out before.",
        f"{slips}: print it, hand it over and delete it; the password is shown nowhere else.",
    ]
    assert "warning: document 125/CV asks for several accounts\n" in result.stderr
    found = passwords(slips)
    assert all(opens(ready_site, name, password) for name, password in zip(("a", "nhom", "c"), found, strict=True))
    assert not any(password in result.output for password in found)


def test_six_members_in_row_7_are_named_by_line_and_nothing_is_half_done(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    rows = [row(f"nguoi{n}") for n in range(40)]
    rows[5] = row("nhom", "", members=crowd(6))
    result = run("accounts", "grant-file", sheet(tmp_path, *rows), "--slips", tmp_path / "slips.html")
    assert (result.exit_code, result.stdout) == (1, "")
    first, last = result.stderr.splitlines()
    assert first.startswith("line 7: members: a group has 2 to 5, here are 6 (")
    assert "nhóm đến 5 người" in first
    assert last == "Nothing was handed out: 1 of 40 rows are bad. Correct them."
    assert stored(ready_site) == []
    assert not (tmp_path / "slips.html").exists()


def test_a_dry_run_judges_all_rows_and_hands_out_nothing(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    path = sheet(tmp_path, row("a"), row("nhom", "0833111221", members=crowd(2)))
    result = run("accounts", "grant-file", "--dry-run", path)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "a@soctrang.gov.vn: would be handed out to 0393XXX121",
        "nhom@soctrang.gov.vn: would be handed out to 0833XXX221 (Người 1), 0833XXX220 (Người 0)",
        "2 rows read: 2 would be handed out, 0 were before. Nothing was changed.",
    ]
    assert stored(ready_site) == []


def test_a_workbook_with_dates_in_its_cells_is_read(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    book = Workbook()
    active = book.worksheets[0]
    active.append(["email", "display_name", "unit", "phone", "document", "document_date", "caller", "Thời điểm gọi"])
    active.append(["a", "An", "Sở", 393070121, "125/CV", datetime(2026, 3, 1), None, None])  # noqa: DTZ001 -- a cell of a sheet has no zone
    active.append(["b", "Bình", "Sở", 393070122, None, None, "Chi", datetime(2026, 3, 1, 8, 5)])  # noqa: DTZ001 -- a cell of a sheet has no zone
    book.save(tmp_path / "cong-van.xlsx")
    assert run("accounts", "grant-file", tmp_path / "cong-van.xlsx", "--sms").exit_code == 0
    with opened(ready_site) as services, services.transactions() as tx:
        [a] = tx.activations.of_account("a@soctrang.gov.vn")
        [b] = tx.activations.of_account("b@soctrang.gov.vn")
    assert f"{a.document_date:%d/%m/%Y}" == "01/03/2026"
    assert b.called_at is not None
    assert f"{b.called_at:%d/%m/%Y %H:%M}" == "01/03/2026 01:05", "eight in the morning of the province"


def test_the_same_file_again_hands_nothing_out_twice(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    path = sheet(tmp_path, row("a"))
    run("accounts", "grant-file", path, "--slips", tmp_path / "1.html")
    again = run("accounts", "grant-file", path, "--slips", tmp_path / "2.html")
    assert again.exit_code == 0
    assert again.stdout == "1 rows read: 0 handed out, 1 handed out before.\n"
    assert "line 2: email: it was handed out before, by the same request; it is left as it is\n" in again.stderr
    assert not (tmp_path / "2.html").exists()
    [password] = passwords(tmp_path / "1.html")
    assert opens(ready_site, "a", password)


def test_another_request_for_the_same_person_is_refused_by_line(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    run("accounts", "grant-file", sheet(tmp_path, row("a")), "--slips", tmp_path / "1.html")
    path = sheet(tmp_path, row("b"), row("a", document="126/CV"), row("b"))
    result = run("accounts", "grant-file", path, "--sms")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "line 2: email: the same address stands in lines 2, 4",
        "line 3: email: it was handed out already, and its first password still waits to be changed",
        "line 4: email: the same address stands in lines 2, 4",
        "Nothing was handed out: 3 of 3 rows are bad. Correct them.",
    ]


def test_an_import_file_s_unknown_columns_are_still_unknown_to_an_import(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    result = run("accounts", "import", sheet(tmp_path, row("a")))
    assert result.exit_code == 1
    assert "has unknown columns: 'Số văn bản'" in result.stderr


@pytest.mark.parametrize("words", [(), ("--sms", "--slips", "x.html")])
def test_how_the_passwords_are_handed_over_is_said_once(
    run: Run, ready_site: Settings, tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = run("accounts", "grant-file", sheet(tmp_path, row("a")), *words)
    assert result.exit_code == 2


# --- a directory that fails -------------------------------------------------------------------------------------------


class Elsewhere(FakeDirectory):
    """A directory that can break down at one account."""

    breaks_at = ""

    def set_password(self, address: str, password: Secret, now: datetime) -> None:
        self._break(address)
        super().set_password(address, password, now)

    def set_phones(self, address: str, phones: Sequence[Phone]) -> None:
        self._break(address)
        super().set_phones(address, phones)

    def _break(self, address: str) -> None:
        if address.partition("@")[0] == self.breaks_at:
            raise DirectoryUnavailable("the connection broke")


@pytest.fixture
def elsewhere(ready_site: Settings, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """What the settings' directory is, instead of the embedded one."""
    fake = Elsewhere()
    monkeypatch.setattr(bootstrap, "make_directory", lambda *_: fake)
    return fake


def test_a_directory_that_fails_half_way_leaves_the_slips_made_so_far_and_the_same_file_goes_on(
    run: Run, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.breaks_at = "binh.le"
    path = sheet(tmp_path, row("an.tran"), row("binh.le"), row("khong-so"))
    result = run("accounts", "grant-file", path, "--slips", tmp_path / "1.html")
    assert (result.exit_code, result.stdout) == (1, "")
    fault, how_far = result.stderr.splitlines()[-2:]
    assert fault == "directory: does not answer (the connection broke)"
    assert how_far == (
        f"Stopped half-way: 1 of 3 accounts were handed out; their slips are in {tmp_path / '1.html'}. "
        "Running it again, with another file for slips, goes on from there."
    )
    [first] = passwords(tmp_path / "1.html")
    assert elsewhere.passwords["an.tran@soctrang.gov.vn"] == first
    assert (tmp_path / "1.html").read_text("utf-8").rstrip().endswith("</html>")

    elsewhere.breaks_at = ""
    again = run("accounts", "grant-file", path, "--slips", tmp_path / "2.html")
    assert again.stdout.startswith("3 rows read: 2 handed out, 1 handed out before.\n")
    assert len(passwords(tmp_path / "2.html")) == 2
    assert elsewhere.passwords["an.tran@soctrang.gov.vn"] == first


def test_a_directory_that_fails_at_the_first_account_leaves_no_file(
    run: Run, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.breaks_at = "an.tran"
    result = run("accounts", "grant-file", sheet(tmp_path, row("an.tran")), "--slips", tmp_path / "1.html")
    assert result.stderr.splitlines()[-1] == (
        "Stopped half-way: 0 of 1 accounts were handed out. Running it again goes on from there."
    )
    assert not (tmp_path / "1.html").exists()


def test_a_slip_that_cannot_be_written_says_whose_password_is_lost_and_what_to_do(
    run: Run, ready_site: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Slips, granted: Granted) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Slips, "add", full)
    result = run("accounts", "grant-file", sheet(tmp_path, row("a"), row("b")), "--slips", tmp_path / "1.html")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "a@soctrang.gov.vn: was handed out, and its slip could not be written (No space left on device); "
        "its password is lost: hand it out again with `accounts grant-again`"
    )
    assert stored(ready_site) == ["a"]
