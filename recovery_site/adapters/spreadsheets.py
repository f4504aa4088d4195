"""Import files: CSV in UTF-8 and XLSX with a header row, read into rows of plain text.

Sources: DESIGN section 6; RFC 4180, with the delimiters that Excel writes under a Vietnamese locale.
"""

import csv
import io
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import load_workbook

from recovery_site.domain.account_rows import SheetRow

Headings = Mapping[str, Sequence[str]]

HEADINGS: Headings = {
    "email": ("Email công vụ",),
    "display_name": ("Họ và tên",),
    "unit": ("Đơn vị",),
    "phone": ("Số điện thoại",),
    "kind": ("Loại",),
    "members": (),
    "status": ("Trạng thái",),
    "password": (),
    "first_password": ("Mật khẩu lần đầu",),
}
"""The columns of an import by their English names, each with what else its heading may say."""

GRANT_HEADINGS: Headings = {
    **{name: others for name, others in HEADINGS.items() if name != "first_password"},
    "document": ("Số văn bản",),
    "document_date": ("Ngày văn bản",),
    "caller": ("Người đề nghị qua điện thoại",),
    "called_at": ("Thời điểm gọi",),
}
"""The columns of accounts that are handed out: how each was asked for comes to those of an import."""

REQUIRED = "email"

MAX_CELL_LENGTH = 2000
"""Longest cell, in characters."""

_DELIMITERS = ",;\t"
_EXCEL = (".xlsx", ".xlsm")
_DIGITS_WITHOUT_ZERO = 9
_DATES = {"document_date": "%d/%m/%Y", "called_at": "%d/%m/%Y %H:%M"}
"""The columns in which a cell may be a date, and how a person would have typed it."""

_Cells = Iterator[tuple[int, Sequence[object]]]


class SpreadsheetRefused(Exception):
    """The file cannot be imported at all; the message says why and what to do, and repeats no row."""


class _Unreadable(Exception):
    """A cell holds nothing that can be read as text."""


class _FormulaError:
    """Stands for a cell that shows #N/A or the like."""


def read_sheet(path: Path, headings: Headings = HEADINGS) -> list[SheetRow]:
    """Return the rows below the header, blank ones left out; of a workbook, those of its first sheet.

    All text is NFC and otherwise as written. Raises `SpreadsheetRefused`.
    """
    try:
        with path.open("rb") as file:
            cells = _excel_cells(file) if path.suffix.lower() in _EXCEL else _csv_cells(file)
            return list(_rows(cells, headings))
    except OSError as error:
        raise SpreadsheetRefused(f"{path}: cannot be read ({error.strerror or type(error).__name__})") from error
    except SpreadsheetRefused as refused:
        raise SpreadsheetRefused(f"{path}: {refused}") from refused


def _rows(cells: _Cells, known: Headings) -> Iterator[SheetRow]:
    filled = (numbered for numbered in cells if not _is_blank(numbered[1]))
    header = next(filled, None)
    if header is None:
        raise SpreadsheetRefused("is empty; the first row must name the columns")
    columns = _columns(header[1], known)
    for line, values in filled:
        yield _row(line, values, columns)


def _columns(headings: Sequence[object], known: Headings) -> list[str | None]:
    """Return the name of each column, None where the heading is blank; raises `SpreadsheetRefused`."""
    names = {_key(heading): name for name, others in known.items() for heading in (name, *others)}
    texts = [" ".join(str(heading or "").split()) for heading in headings]
    columns = [names.get(_key(text)) for text in texts]
    if REQUIRED not in columns:
        # the headings are not repeated: without this one the row may not be a header but somebody's data
        raise SpreadsheetRefused(f'has no column "{REQUIRED}" ("{known[REQUIRED][0]}") in its first row')
    unknown = [text[:60] for text, column in zip(texts, columns, strict=True) if text and column is None]
    if unknown:
        names_of_all = ", ".join(known)
        raise SpreadsheetRefused(
            f"has unknown columns: {', '.join(map(repr, unknown))}; the known ones are {names_of_all}"
        )
    twice = [name for name in known if columns.count(name) > 1]
    if twice:
        raise SpreadsheetRefused(f"has more than one column for: {', '.join(twice)}")
    return columns


def _row(line: int, values: Sequence[object], columns: Sequence[str | None]) -> SheetRow:
    cells: dict[str, str] = dict.fromkeys([column for column in columns if column], "")
    faults = []
    for place, value in enumerate(values):
        column = columns[place] if place < len(columns) else None
        try:
            text = _text(value, column)
        except _Unreadable as problem:
            faults.append(f"{column or f'cell {place + 1}'}: {problem}")
            continue
        if column:
            cells[column] = text
        elif text.strip():
            faults.append(f"cell {place + 1}: stands under no heading")
    return SheetRow(line, cells, tuple(faults))


def _text(value: object, column: str | None) -> str:
    """Return the text of a cell as a person would have typed it; raises `_Unreadable`."""
    match value:
        case None:
            return ""
        case str():
            if len(value) > MAX_CELL_LENGTH:
                raise _Unreadable(f"is longer than {MAX_CELL_LENGTH} characters")
            return unicodedata.normalize("NFC", value)
        case bool():
            return str(value).upper()
        case int() | float():
            return _number(value, column)
        case date() if column in _DATES:  # a datetime is one, too
            return value.strftime(_DATES[column])
        case _FormulaError():
            raise _Unreadable("shows an error of a formula")
        case _:
            raise _Unreadable("holds a date; format the cell as text and type it again")


def _number(value: float, column: str | None) -> str:
    text = str(int(value)) if float(value).is_integer() else str(value)
    # a telephone number that was typed into a cell of numbers has lost its leading zero
    return f"0{text}" if column == "phone" and text.isdigit() and len(text) == _DIGITS_WITHOUT_ZERO else text


def _is_blank(values: Sequence[object]) -> bool:
    return all(value is None or (isinstance(value, str) and not value.strip()) for value in values)


def _key(heading: str) -> str:
    return "".join(unicodedata.normalize("NFC", heading).split()).casefold()


# --- the two kinds of file --------------------------------------------------------------------------------------------


def _csv_cells(file: BinaryIO) -> _Cells:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpreadsheetRefused('is not UTF-8 text; in Excel, save it as "CSV UTF-8" or as .xlsx') from None
    line = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        for values in reader:
            yield line, values
            line = reader.line_num + 1  # a quoted cell may hold line breaks: a row is named by its first line
    except csv.Error as error:
        raise SpreadsheetRefused(f"line {line}: is not valid CSV ({error})") from error


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the header into the most columns."""

    def columns(delimiter: str) -> int:
        return len(next(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter), ()))

    return max(_DELIMITERS, key=columns)


def _excel_cells(file: BinaryIO) -> _Cells:
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl warns of styles and extensions that it leaves out
            book = load_workbook(file, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
            rows = [(line, [_cell(cell) for cell in row]) for line, row in enumerate(sheet.iter_rows(), 1)]
    except Exception as error:
        raise SpreadsheetRefused("is not a readable .xlsx workbook; save it again from Excel") from error
    yield from rows


def _cell(cell: Any) -> object:
    return _FormulaError() if cell.data_type == "e" else cell.value
