"""`accounts import`: whole accounts into the site's own directory, or numbers into another system's."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from recovery_site.adapters.spreadsheets import read_sheet
from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.accounts.words import numbers
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused, sentences
from recovery_site.domain.account_changes import Change
from recovery_site.domain.account_rows import BadRow, SheetRow
from recovery_site.domain.people import Account
from recovery_site.flow.fill_phones import FillPhones, StoppedHalfWay
from recovery_site.flow.import_accounts import ImportAccounts, Imported, Judged, RowsRefused
from recovery_site.ports import DirectoryUnavailable

_Flow = ImportAccounts | FillPhones


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows and leave the bad ones out.")
@by_option
def import_(file: Path, dry_run: bool, skip_bad: bool, by: str | None) -> None:
    """Add or update the accounts of FILE: CSV in UTF-8 (with , ; or tab) or .xlsx.

    \b
    The first row names the columns, in English or in Vietnamese:
      email         Email công vụ    required; may be a name without a domain
      display_name  Họ và tên
      unit          Đơn vị
      phone         Số điện thoại    several are separated by ; or ,
      kind          Loại             personal (cá nhân) or group (nhóm)
      members                        of a group, 2 to 5: Name <number>; Name <number>
      status        Trạng thái       active (hoạt động) or locked (khoá)
      password                       the present password, where it is known
      first_password  Mật khẩu lần đầu  yes (có) or no (không): that password has to be changed in time

    A column that the file does not have leaves what is stored; an empty cell erases it, except kind, status and
    password. A password in the file is set where the account has none yet. With first_password it starts the clock of
    `accounts grant`: an account whose password was not changed in time is locked.

    Every bad row is named with its line and its reasons, and nothing is imported until all rows are good, unless
    --skip-bad is given. Importing the same file twice changes nothing. --dry-run judges all rows in the same way and
    prints, account by account, which columns would change, with numbers masked and without passwords.

    Where the accounts are in LDAP, Active Directory or Zimbra, only numbers (phone, members) are written, for accounts
    that the directory has. display_name, unit and kind are not written there, an empty cell erases no number, and a
    password or a status that is not the directory's makes the row bad: set both in the directory itself.

    \b
    Examples:
      recovery-site accounts import --dry-run officials.xlsx
      recovery-site accounts import officials.xlsx
      recovery-site accounts import --skip-bad officials.csv
    """
    who = actor(by)
    with open_services() as services:
        flow, mask = services.import_accounts, services.settings.disclosure.mask
        judged = _judge(flow, read_sheet(file))
        try:
            lines = _tried(judged, mask, skip_bad=skip_bad) if dry_run else [_did(_store(flow, judged, skip_bad, who))]
        except RowsRefused as refused:
            raise Refused(*_reasons(refused.bad), _nothing_imported(refused)) from refused
        except StoppedHalfWay as stopped:
            raise Refused(_fault(stopped), _how_far(stopped)) from stopped
    for line in _reasons(judged.bad):
        click.echo(line, err=True)
    for line in [*lines, *_left(judged)]:
        click.echo(line)


def _judge(flow: _Flow, rows: Sequence[SheetRow]) -> Judged:
    with _bar("Looking up", len(rows)) as bar:
        return flow.judge(rows, progress=bar.update)


def _store(flow: _Flow, judged: Judged, skip_bad: bool, who: str) -> Imported:
    steps = judged.accounts if isinstance(flow, ImportAccounts) else judged.changes
    with _bar("Importing", len(steps)) as bar:
        return flow.store(judged, skip_bad=skip_bad, actor=who, progress=bar.update)


def _bar(label: str, length: int) -> AbstractContextManager[Any]:
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _did(done: Imported) -> str:
    return (
        f"{done.read} rows read: {done.changed} added or changed, {done.unchanged} unchanged, "
        f"{len(done.skipped)} skipped."
    )


def _tried(judged: Judged, mask: str, *, skip_bad: bool) -> list[str]:
    """Return what would change, and a summary. Raises `RowsRefused` where the import itself would."""
    judged.require(skip_bad=skip_bad)
    added = sum(change.before is None for change in judged.changes)
    summary = (
        f"{judged.read} rows read: {added} would be added, {len(judged.changes) - added} changed, "
        f"{len(judged.accounts) - len(judged.changes)} unchanged, {len(judged.bad)} skipped. Nothing was changed."
    )
    return [*(_change(change, mask) for change in judged.changes), summary]


def _change(change: Change, mask: str) -> str:
    columns = ", ".join(_column(change, column, mask) for column in change.columns)
    if change.before is None:
        return f"{change.after.address}: would be added" + (f" with {columns}" if columns else "")
    return f"{change.after.address}: would change {columns}"


def _column(change: Change, column: str, mask: str) -> str:
    before, after = change.before, change.after
    if column == change.numbers_column:
        new = _numbers(after, mask)
        if before is None:
            return f"{column} ({new})"
        old = _numbers(before, mask)
        return f"{column} ({old}; other hidden digits)" if old == new else f"{column} ({old} -> {new})"
    if column in ("kind", "status"):
        value = getattr(after, column)
        return f"{column} ({value})" if before is None else f"{column} ({getattr(before, column)} -> {value})"
    return column


def _numbers(account: Account, mask: str) -> str:
    """Return what the account has in place of numbers: one that cannot be read goes with the others."""
    unread = f"{account.unread_numbers} not mobile" if account.unread_numbers else ""
    return ", ".join(filter(None, (numbers(account.phones, mask), unread))) or "none"


def _left(judged: Judged) -> list[str]:
    belong = "is not written: it belongs" if len(judged.left) == 1 else "are not written: they belong"
    return [f"{', '.join(judged.left)} {belong} to the directory."] if judged.left else []


def _reasons(bad: Sequence[BadRow]) -> list[str]:
    return [f"line {row.line}: {'; '.join(row.reasons)}" for row in bad]


def _nothing_imported(refused: RowsRefused) -> str:
    return f"Nothing was imported: {len(refused.bad)} of {refused.read} rows are bad. Correct them or use --skip-bad."


def _fault(stopped: StoppedHalfWay) -> str:
    if isinstance(stopped.fault, DirectoryUnavailable):
        return "; ".join(sentences(stopped.fault))
    return f"{stopped.address}: the directory has no such account any more"


def _how_far(stopped: StoppedHalfWay) -> str:
    return (
        f"Stopped half-way: {stopped.done} of {stopped.wanted} accounts were changed. "
        "Importing the same file again goes on from there."
    )
