"""Lists written for a spreadsheet: CSV and XLSX in which no cell is ever taken for a formula.

Sources: RFC 4180; OWASP ASVS 5.0 1.2.10 for formulas.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a CSV file that begins with it for UTF-8, and every other one for the machine's old code page."""

DELIMITER = ";"
"""Where the decimal mark is a comma, as in Vietnam, Excel cuts at semicolons, whatever else the machine says."""

WIDEST = 60
"""Widest column of a workbook, in characters."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

Row = Sequence[str]


def csv_text(headings: Row, rows: Sequence[Row]) -> str:
    """Return the rows below their headings; a cell that a spreadsheet could compute is led by an apostrophe."""
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    csv.writer(text, delimiter=DELIMITER).writerows([_harmless(cell) for cell in row] for row in [headings, *rows])
    return text.getvalue()


def write_workbook(path: Path, title: str, headings: Row, rows: Sequence[Row]) -> None:
    """Write the rows as text into the one sheet, `title`; the headings stay in view and filter. Raises `OSError`."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for line, row in enumerate([headings, *rows], 1):
        for place, text in enumerate(row, 1):
            _put(sheet, line, place, text)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    _lay_out(sheet, [headings, *rows])
    book.save(path)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULAS) else cell


def _put(sheet: Worksheet, line: int, place: int, text: str) -> None:
    cell = sheet.cell(line, place, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # openpyxl takes a text that begins with "=" for a formula
    if text.startswith(_FORMULAS):
        cell.quotePrefix = True  # Excel's own apostrophe: the text stays one when somebody edits the cell


def _lay_out(sheet: Worksheet, rows: Sequence[Row]) -> None:
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for place, texts in enumerate(zip(*rows, strict=True), 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = min(max(map(len, texts)) + 3, WIDEST)
        if max(map(len, texts)) > WIDEST:
            for cell in sheet[letter]:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
