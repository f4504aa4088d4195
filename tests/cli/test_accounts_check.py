"""`accounts check`, as an operator sees it and as the help desk gets it."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.cli.accounts.checking import HEADINGS
from recovery_site.cli.accounts.words import COUNTED, ENGLISH, VIETNAMESE
from recovery_site.domain.hindrances import Hindrance
from recovery_site.domain.people import Account, NewAccount, Phone, read_number
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import MakeSite, cheap_hasher
from tests.fakes import AN, LOCKED, NOON, PHONELESS, SHARED

SUMMARY = (
    "6 accounts: 4 can recover, 2 cannot (locked: 1, no telephone number: 1). "
    "Warnings: number shared with other accounts: 2.\n"
)
OFFICE = "Văn phòng UBND"
ROWS = [
    [LOCKED, "", OFFICE, "Không", "Tài khoản bị khoá", "0701XXX567 (Thành viên 1)"],
    [PHONELESS, "", OFFICE, "Không", "Chưa có số điện thoại", ""],
    [
        AN,
        "Trần Văn An",
        OFFICE,
        "Có",
        f"Dùng chung số điện thoại với 1 tài khoản khác: {SHARED}",
        "0393XXX121 (Thành viên 1)",
    ],
    [
        SHARED,
        "",
        OFFICE,
        "Có",
        f"Dùng chung số điện thoại với 1 tài khoản khác: {AN}",
        "0393XXX121 (Thành viên 1)",
    ],
]


def give(make_site: MakeSite, *accounts: Account) -> None:
    services = make_site()
    EmbeddedDirectory(services.engine, cheap_hasher()).put([NewAccount(account) for account in accounts], NOON)


def rows_of(path: Path) -> list[Sequence[object]]:
    return [["" if cell is None else cell for cell in row] for row in load_workbook(path).worksheets[0].values]


def test_the_table_has_what_hinders_each_account_in_english_and_a_summary(run: Run, make_site: MakeSite) -> None:
    make_site()
    result = run("accounts", "check")
    assert (result.exit_code, result.stderr) == (0, "")
    header, *lines, summary = result.stdout.splitlines(keepends=True)
    assert header.split() == ["email", "name", "unit", "numbers", "reasons"]
    assert [line.split("  ")[0] for line in lines] == [LOCKED, PHONELESS, AN, SHARED]
    assert [line.split("  ")[-1].strip() for line in lines] == [
        "the account is locked",
        "it has no telephone number",
        f"warning: other accounts with its number: 1 ({SHARED})",
        f"warning: other accounts with its number: 1 ({AN})",
    ]
    assert "0393XXX121" in lines[2]
    assert summary == SUMMARY


def test_the_csv_list_is_in_vietnamese_and_stands_alone_on_standard_output(run: Run, make_site: MakeSite) -> None:
    make_site()
    result = run("accounts", "check", "--format", "csv")
    text = result.stdout_bytes.decode("utf-8")
    assert (result.exit_code, result.stderr) == (0, SUMMARY)
    assert text.startswith("\ufeffEmail công vụ;")
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")) == [
        list(HEADINGS),
        *ROWS,
    ]


@pytest.mark.parametrize("words", [("--output", "list.XLSX"), ("--format", "xlsx", "--output", "list.XLSX")])
def test_the_workbook_is_in_vietnamese(run: Run, make_site: MakeSite, tmp_path: Path, words: tuple[str, ...]) -> None:
    make_site()
    path = tmp_path / "list.XLSX"
    result = run("accounts", "check", *words[:-1], path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, SUMMARY, "")
    assert rows_of(path) == [list(HEADINGS), *ROWS]


def test_csv_and_table_go_into_a_file_too(run: Run, make_site: MakeSite, tmp_path: Path) -> None:
    make_site()
    for name, form in (("list.csv", "csv"), ("list.txt", "table")):
        alone = run("accounts", "check", "--format", form).stdout_bytes
        result = run("accounts", "check", "--output", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, SUMMARY)
        assert (tmp_path / name).read_bytes() == alone.removesuffix(SUMMARY.encode())


def test_a_workbook_without_a_file_is_wrong_usage(run: Run, ready_site: Settings) -> None:
    result = run("accounts", "check", "--format", "xlsx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "give --output FILE" in result.stderr


def test_a_file_that_cannot_be_written_is_one_sentence(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    for name in ("none/list.csv", "none/list.xlsx"):
        result = run("accounts", "check", "--output", tmp_path / name)
        assert (result.exit_code, result.stderr) == (1, f"{tmp_path / name}: No such file or directory\n")


def test_an_empty_directory_is_a_summary_alone(run: Run, ready_site: Settings) -> None:
    result = run("accounts", "check")
    assert (result.exit_code, result.stdout) == (0, "0 accounts: 0 can recover, 0 cannot.\n")


def test_no_name_is_a_formula_and_no_name_reaches_the_terminal_as_a_command(
    run: Run, make_site: MakeSite, tmp_path: Path
) -> None:
    give(make_site, Account("xau@soctrang.gov.vn", '=HYPERLINK("http://x")', "Sở\x1b[2J\nNội vụ"))
    table = run("accounts", "check").stdout
    assert "Sở\N{REPLACEMENT CHARACTER}[2J Nội vụ" in table
    assert "\x1b" not in table
    assert "xau@soctrang.gov.vn;\"'=HYPERLINK" in run("accounts", "check", "--format", "csv").stdout
    run("accounts", "check", "--output", tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    (name,) = [row[1] for row in sheet.rows if row[0].value == "xau@soctrang.gov.vn"]
    assert (name.data_type, name.value) == ("s", '=HYPERLINK("http://x")')


def test_long_names_leave_the_columns_of_the_table_where_they_are(run: Run, make_site: MakeSite) -> None:
    give(make_site, Account("dai@soctrang.gov.vn", "ă" * 200, "Ủy ban nhân dân " * 10))
    header, *lines, _ = run("accounts", "check").stdout.splitlines()
    place = header.index("reasons")
    assert {line[place - 2 : place] for line in lines} == {"  "}
    assert all(line[place] in "tiw" for line in lines)
    assert any("ăă…" in line for line in lines)


def test_of_many_accounts_with_one_number_three_are_named_and_all_are_counted(run: Run, make_site: MakeSite) -> None:
    phones = (Phone(read_number("0987654321")),)
    give(make_site, *(Account(f"nguoi{n}@soctrang.gov.vn", phones=phones) for n in range(6)))
    told = "5 ({0}1@{1}, {0}2@{1}, {0}3@{1}, …)".format("nguoi", "soctrang.gov.vn")
    assert f"warning: other accounts with its number: {told}\n" in run("accounts", "check").stdout


def test_full_numbers_are_nowhere(run: Run, make_site: MakeSite, tmp_path: Path) -> None:
    make_site()
    for form in ("table", "csv"):
        assert "0393070121" not in run("accounts", "check", "--format", form).stdout
    run("accounts", "check", "--output", tmp_path / "list.xlsx")
    assert "0393070121" not in str(rows_of(tmp_path / "list.xlsx"))


def test_every_hindrance_has_its_words_in_both_languages() -> None:
    for words in (ENGLISH, VIETNAMESE, COUNTED):
        assert set(words) == set(Hindrance)
        assert len(set(words.values())) == len(Hindrance)
