"""`accounts check`: the accounts that could not recover today, as a list that a help desk can work off."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click

from recovery_site.adapters.written_sheets import csv_text, write_workbook
from recovery_site.cli.accounts.words import COUNTED, in_english, in_vietnamese, numbers, one_line
from recovery_site.cli.opening import open_services
from recovery_site.domain.hindrances import Finding
from recovery_site.domain.people import mask_number
from recovery_site.flow.check_accounts import Checked, stopped

FORMATS = ("table", "csv", "xlsx")

TITLE = "Tài khoản cần xử lý"

HEADINGS = (
    "Email công vụ",
    "Họ và tên",
    "Đơn vị",
    "Tự khôi phục được",
    "Lý do",
    "Số đang lưu (đã che)",
)
"""The headings of the help desk's list."""

COLUMNS = {"email": 40, "name": 28, "unit": 32, "numbers": 24, "reasons": 0}
"""The columns of the terminal's table, each with its greatest width; the last has none."""


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), help="table where FILE is not named .csv or .xlsx.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to this file.")
def check(form: str | None, output: Path | None) -> None:
    """List the accounts that could not recover today, and why.

    The reasons are: locked, no telephone number, no Vietnamese mobile number, several entries of the directory for one
    address. Warnings come after them: some of the numbers are not mobile, or other accounts have the same number and
    with it a share in its daily limit of SMS.

    The table is in English. CSV and XLSX are in Vietnamese, for the help desk, and open in Excel; under English
    regional settings take XLSX. Numbers are masked everywhere. The summary says how many accounts can recover. The
    exit code is 0 whatever is found.

    \b
    Examples:
      recovery-site accounts check
      recovery-site accounts check --output can-xu-ly.xlsx
    """
    form = form or _named(output)
    if form == "xlsx" and output is None:
        raise click.UsageError("A workbook goes into a file: give --output FILE.")
    with open_services() as services:
        checked = services.check_accounts.check()
        mask = services.settings.disclosure.mask
    _write(checked, form, output, mask)
    # the list itself may be read by a program: nothing else stands on standard output beside CSV
    click.echo(_summary(checked), err=form == "csv" and output is None)


def _named(output: Path | None) -> str:
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    return suffix if suffix in FORMATS else "table"


def _write(checked: Checked, form: str, output: Path | None, mask: str) -> None:
    if form == "xlsx" and output:
        write_workbook(output, TITLE, HEADINGS, _list(checked, mask))
        return
    text = csv_text(HEADINGS, _list(checked, mask)) if form == "csv" else "".join(_table(checked, mask))
    if output:
        output.write_bytes(text.encode())
    else:
        click.echo(text.encode(), nl=False)


def _list(checked: Checked, mask: str) -> list[list[str]]:
    return [
        [
            one.account.address,
            one_line(one.account.display_name),
            one_line(one.account.unit),
            "Không" if stopped(one) else "Có",
            "; ".join(in_vietnamese(one)),
            numbers(one.account.phones, mask),
        ]
        for one in checked.findings
    ]


def _table(checked: Checked, mask: str) -> Iterator[str]:
    rows = [list(COLUMNS), *(_cells(one, mask) for one in checked.findings)]
    columns = zip(*rows, strict=True)
    widths = [min(max(map(len, texts)), most) for texts, most in zip(columns, COLUMNS.values(), strict=True)]
    for row in rows if checked.findings else ():
        line = "  ".join(_fitted(text, width) for text, width in zip(row, widths, strict=True))
        yield f"{line.rstrip()}\n"


def _cells(one: Finding, mask: str) -> list[str]:
    account = one.account
    masked = ", ".join(mask_number(phone.number, mask) for phone in account.phones)
    texts = (account.address, account.display_name, account.unit, masked)
    return [*(unicodedata.normalize("NFC", one_line(text)) or "-" for text in texts), "; ".join(in_english(one))]


def _fitted(text: str, width: int) -> str:
    """Return the text at this width, its end cut off where it is longer; as it is where the width is 0."""
    return text if not width else text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"


def _summary(checked: Checked) -> str:
    counted = checked.count()
    reasons = [f"{COUNTED[one]}: {counted[one]}" for one in COUNTED if counted[one] and one.stops]
    warnings = [f"{COUNTED[one]}: {counted[one]}" for one in COUNTED if counted[one] and not one.stops]
    why = f" ({', '.join(reasons)})" if reasons else ""
    also = f" Warnings: {', '.join(warnings)}." if warnings else ""
    return (
        f"{checked.accounts} accounts: {checked.can_recover} can recover, {checked.cannot_recover} cannot{why}.{also}"
    )
