"""Lists for a spreadsheet: what is written comes back as text, whatever it begins with."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from recovery_site.adapters.written_sheets import csv_text, write_workbook

HEADINGS = ("Email công vụ", "Họ và tên")
FORMULAS = ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠a", "  =1"]

# what XLSX can carry: no control characters, and no halves of letters
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=40)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_a_csv_list_begins_with_a_byte_order_mark_and_is_cut_at_semicolons() -> None:
    text = csv_text(HEADINGS, [("an@soctrang.gov.vn", 'Trần; Văn "An"')])
    assert text == '\ufeffEmail công vụ;Họ và tên\r\nan@soctrang.gov.vn;"Trần; Văn ""An"""\r\n'


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_of_a_csv_list_begins_like_a_formula(cell: str) -> None:
    [_, [_, written]] = read_csv(csv_text(HEADINGS, [("an", cell)]))
    assert written == f"'{cell}"


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_every_other_cell_of_a_csv_list_comes_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    _, *read = read_csv(csv_text(HEADINGS, rows))
    for row, written in zip(rows, read, strict=True):
        for cell, text in zip(row, written, strict=True):
            assert text.removeprefix("'") == cell.removeprefix("'")
            assert text.strip()[:1] not in ("=", "+", "-", "@")


def test_a_workbook_keeps_its_header_in_view_and_lets_every_column_be_filtered(tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx", "Danh sách", HEADINGS, [("a", "A"), ("b", "B" * 200)])
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Danh sách", "A2", "A1:B3")
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_a_workbook_is_a_formula_and_none_becomes_one_when_it_is_edited(tmp_path: Path, cell: str) -> None:
    write_workbook(tmp_path / "list.xlsx", "Danh sách", HEADINGS, [("an", cell)])
    found = load_workbook(tmp_path / "list.xlsx").worksheets[0]["B2"]
    assert (found.data_type, found.value, found.quotePrefix) == ("s", cell, True)


def test_numbers_in_a_workbook_stay_text_with_their_zero(tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx", "Danh sách", HEADINGS, [("0393070121", "1")])
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["0393070121", "1"]


def test_what_a_workbook_cannot_carry_is_left_out(tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx", "Danh sách", HEADINGS, [("an", "Trần\x00 \x1bAn")])
    assert load_workbook(tmp_path / "list.xlsx").worksheets[0]["B2"].value == "Trần An"


def test_a_list_without_rows_has_its_header(tmp_path: Path) -> None:
    write_workbook(tmp_path / "list.xlsx", "Danh sách", HEADINGS, [])
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    assert read_csv(csv_text(HEADINGS, [])) == [list(HEADINGS)]
