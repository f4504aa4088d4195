"""Import files as people make them: with Excel, with LibreOffice, under a Vietnamese locale, and broken."""

import csv
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from recovery_site.adapters.spreadsheets import HEADINGS, MAX_CELL_LENGTH, SpreadsheetRefused, read_sheet

HEADER = "email,display_name,phone"

# what a sheet can hold: no control characters, which XLSX cannot carry, and no halves of letters
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str, *, encoding: str = "utf-8", name: str = "accounts.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def write_workbook(folder: Path, *rows: Sequence[object], name: str = "accounts.xlsx") -> Path:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    book.save(folder / name)
    return folder / name


def refusal_of(path: Path) -> str:
    with pytest.raises(SpreadsheetRefused) as refused:
        read_sheet(path)
    return str(refused.value)


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_file_is_read_whatever_its_delimiter_and_its_byte_order_mark(
    folder: Path, delimiter: str, encoding: str
) -> None:
    text = "email,display_name\nan,Trần Văn An\n".replace(",", delimiter)
    (row,) = read_sheet(write(folder, text, encoding=encoding))
    assert (row.line, row.cells, row.faults) == (2, {"email": "an", "display_name": "Trần Văn An"}, ())


def test_headings_are_english_or_vietnamese_in_any_case_spacing_and_unicode_form(folder: Path) -> None:
    header = " EMAIL  công vụ ,Họ Và Tên,đơn vị,SốĐiệnThoại,Loại,Members,trạng thái,Password,mật khẩu LẦN đầu"
    values = "an,An,Sở,0393070121,nhóm,A,khoá,x,có"
    (row,) = read_sheet(write(folder, unicodedata.normalize("NFD", f"{header}\n{values}\n")))
    assert list(row.cells) == list(HEADINGS)
    assert row.cells["unit"] == "Sở"


def test_a_row_is_named_by_its_first_line_although_cells_before_it_hold_line_breaks(folder: Path) -> None:
    rows = read_sheet(write(folder, f'{HEADER}\r\na,"two\r\nlines",1\r\n\r\n  , ,\r\nb,B,2\r\n'))
    assert [(row.line, row.cells["email"]) for row in rows] == [(2, "a"), (6, "b")]


def test_spaces_around_a_password_are_kept(folder: Path) -> None:
    (row,) = read_sheet(write(folder, "email,password\nan,  two spaces  \n"))
    assert row.cells["password"] == "  two spaces  "


def test_short_rows_have_empty_cells(folder: Path) -> None:
    (row,) = read_sheet(write(folder, f"{HEADER}\nan\n"))
    assert row.cells == {"email": "an", "display_name": "", "phone": ""}


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        (393070121, "0393070121"),
        (393070121.0, "0393070121"),
        (84393070121, "84393070121"),
        (1623070121, "1623070121"),
        ("0393 070 121", "0393 070 121"),
        ("393070121", "393070121"),
    ],
)
def test_a_telephone_number_that_excel_took_for_a_number_gets_its_zero_back(
    folder: Path, cell: object, digits: str
) -> None:
    (row,) = read_sheet(write_workbook(folder, ["email", "phone"], ["an", cell]))
    assert row.cells["phone"] == digits


def test_numbers_in_other_columns_come_back_as_they_were_typed(folder: Path) -> None:
    cells = ["an", 393070121, 12.5, True]
    (row,) = read_sheet(write_workbook(folder, ["email", "password", "display_name", "unit"], cells))
    assert row.cells == {"email": "an", "password": "393070121", "display_name": "12.5", "unit": "TRUE"}


def test_blank_rows_and_columns_of_a_workbook_are_left_out_and_lines_are_those_that_excel_shows(folder: Path) -> None:
    path = write_workbook(folder, [], ["email", None, "unit"], [], ["an", None, "Sở"], ["  ", None, None])
    assert [(row.line, row.cells, row.faults) for row in read_sheet(path)] == [(4, {"email": "an", "unit": "Sở"}, ())]


def test_a_workbook_that_states_a_wrong_size_is_read_whole(folder: Path) -> None:
    sound, wrong = write_workbook(folder, ["email", "unit"], ["an", "Sở"]), folder / "wrong.xlsx"
    with ZipFile(sound) as old, ZipFile(wrong, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"'))
    assert [row.cells for row in read_sheet(wrong)] == [{"email": "an", "unit": "Sở"}]


# blank e-mail cells would make blank rows, which are left out
@given(st.lists(st.tuples(TEXTS.filter(str.strip), TEXTS, TEXTS), min_size=1, max_size=8))
def test_a_sheet_comes_back_the_same_through_csv_and_through_xlsx(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("sheets")
    columns = ("email", "display_name", "password")
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
    workbook = Workbook()
    for number, values in enumerate([columns, *rows], 1):
        for place, value in enumerate(values, 1):
            workbook.active.cell(number, place, value).data_type = "s"  # text, also where it begins with "="
    workbook.save(folder / "sheet.xlsx")
    wanted = [
        {column: unicodedata.normalize("NFC", value) for column, value in zip(columns, row, strict=True)}
        for row in rows
    ]
    assert [row.cells for row in read_sheet(folder / "sheet.csv")] == wanted
    assert [row.cells for row in read_sheet(folder / "sheet.xlsx")] == wanted


# --- rows that are bad in themselves ----------------------------------------------------------------------------------


def test_a_cell_of_more_than_two_thousand_characters_is_a_fault_of_its_row(folder: Path) -> None:
    longest = "ă" * MAX_CELL_LENGTH
    good, bad = read_sheet(write(folder, f"email,unit\na,{longest}\nb,{longest}x\n"))
    assert good.faults == ()
    assert bad.faults == ("unit: is longer than 2000 characters",)


def test_a_cell_under_no_heading_is_a_fault_of_its_row_and_is_not_repeated(folder: Path) -> None:
    (row,) = read_sheet(write(folder, "email,phone\nan,1,0393070121\n"))
    assert row.faults == ("cell 3: stands under no heading",)


def test_dates_and_errors_of_formulas_are_faults_of_their_row(folder: Path) -> None:
    rows = [["email", "password", "unit"], ["an", datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None), "#N/A"]]
    (row,) = read_sheet(write_workbook(folder, *rows))
    assert row.faults == (
        "password: holds a date; format the cell as text and type it again",
        "unit: shows an error of a formula",
    )


# --- files that are refused whole -------------------------------------------------------------------------------------


def test_an_unknown_column_is_named(folder: Path) -> None:
    assert "'document', 'Fax 2'" in refusal_of(write(folder, "email,document,Fax 2\nan,yes,1\n"))


def test_a_column_that_stands_twice_is_named_whatever_its_language(folder: Path) -> None:
    assert "more than one column for: phone" in refusal_of(write(folder, "email,phone,Số điện thoại\nan,1,2\n"))


def test_a_file_without_a_header_is_refused_without_repeating_its_first_row(folder: Path) -> None:
    refusal = refusal_of(write(folder, "an@soctrang.gov.vn,Trần Văn An,0393070121\n"))
    assert 'no column "email" ("Email công vụ")' in refusal
    assert "0393070121" not in refusal


@pytest.mark.parametrize("text", ["", "\n\n", " ; ;\n"])
def test_an_empty_file_is_refused(folder: Path, text: str) -> None:
    assert refusal_of(write(folder, text)).endswith("accounts.csv: is empty; the first row must name the columns")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1258"])
def test_another_encoding_is_refused_with_the_way_out(folder: Path, encoding: str) -> None:
    path = write(folder, "email;display_name\nan;Đoàn Hà\n", encoding=encoding)
    assert 'save it as "CSV UTF-8"' in refusal_of(path)


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line(folder: Path) -> None:
    assert "line 3: is not valid CSV" in refusal_of(write(folder, f'{HEADER}\na,A,1\nb,"B,2\nc,C,3\n'))


@pytest.mark.parametrize("content", ["", "email\nan\n", "PK\x03\x04 not a workbook"])
def test_a_file_that_is_a_workbook_by_its_name_alone_is_refused(folder: Path, content: str) -> None:
    assert "is not a readable .xlsx workbook" in refusal_of(write(folder, content, name="accounts.xlsx"))


def test_a_workbook_that_was_cut_short_is_refused(folder: Path) -> None:
    path = write_workbook(folder, ["email"], ["an"])
    path.write_bytes(path.read_bytes()[:-200])
    assert "is not a readable .xlsx workbook" in refusal_of(path)


def test_an_empty_workbook_is_refused(folder: Path) -> None:
    assert "is empty" in refusal_of(write_workbook(folder))


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(folder: Path) -> None:
    assert refusal_of(folder / "none.csv") == f"{folder}/none.csv: cannot be read (No such file or directory)"
    assert refusal_of(folder) == f"{folder}: cannot be read (Is a directory)"
