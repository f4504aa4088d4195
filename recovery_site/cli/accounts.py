"""`recovery-site accounts`: bringing accounts in from a file, and looking at one."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from recovery_site.adapters.spreadsheets import read_sheet
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.account_rows import BadRow
from recovery_site.domain.local_time import written
from recovery_site.domain.people import Account, AccountStatus, AddressRefused, Phone, mask_number, normalise_address
from recovery_site.flow.import_accounts import ImportAccounts, Imported, Judged, RowsRefused

# Asia/Ho_Chi_Minh, which has had no summer time since 1975: a machine without a time zone database knows it too


@click.group()
def accounts() -> None:
    """Import accounts from a file and look at one."""


@accounts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--skip-bad", is_flag=True, help="Import the good rows and leave the bad ones out.")
def import_(file: Path, skip_bad: bool) -> None:
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

    A column that the file does not have leaves what is stored; an empty cell erases it, except kind, status and
    password. A password in the file is set where the account has none yet.

    Every bad row is named with its line and its reasons, and nothing is imported until all rows are good, unless
    --skip-bad is given. Importing the same file twice changes nothing.

    \b
    Examples:
      recovery-site accounts import officials.xlsx
      recovery-site accounts import --skip-bad officials.csv
    """
    with open_services() as services:
        judged = services.import_accounts.judge(read_sheet(file))
        try:
            done = _store(services.import_accounts, judged, skip_bad=skip_bad)
        except RowsRefused as refused:
            raise Refused(*_reasons(refused.bad), _nothing_imported(refused)) from refused
    for line in _reasons(done.skipped):
        click.echo(line, err=True)
    click.echo(
        f"{done.read} rows read: {done.changed} added or changed, {done.unchanged} unchanged, "
        f"{len(done.skipped)} skipped."
    )


@accounts.command()
@click.argument("email")
def show(email: str) -> None:
    """Show the account EMAIL as the site sees it, with its numbers masked.

    \b
    Example:
      recovery-site accounts show nva@soctrang.gov.vn
    """
    with open_services() as services:
        site = services.settings.site
        try:
            address = normalise_address(email, domains=site.mail_domains, aliases=site.domain_aliases)
        except AddressRefused as refused:
            raise Refused(f"{email!r} is not an address of this mail system") from refused
        account = services.directory.find(address)
        if account is None:
            raise Refused(f"{address}: there is no such account")
        for line in _lines(account, services.settings.disclosure.mask):
            click.echo(line)


def _store(flow: ImportAccounts, judged: Judged, *, skip_bad: bool) -> Imported:
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=len(judged.accounts), label="Importing", file=sys.stderr, hidden=hidden) as bar:
        return flow.store(judged, skip_bad=skip_bad, progress=bar.update)


def _reasons(bad: Sequence[BadRow]) -> list[str]:
    return [f"line {row.line}: {'; '.join(row.reasons)}" for row in bad]


def _nothing_imported(refused: RowsRefused) -> str:
    return f"Nothing was imported: {len(refused.bad)} of {refused.read} rows are bad. Correct them or use --skip-bad."


def _lines(account: Account, mask: str) -> list[str]:
    changed = account.password_changed_at
    return [
        f"address:               {account.address}",
        f"name:                  {account.display_name or '-'}",
        f"unit:                  {account.unit or '-'}",
        f"kind:                  {account.kind}",
        f"status:                {account.status}",
        f"phones:                {', '.join(_phone(phone, mask) for phone in account.phones) or '-'}",
        f"last password change:  {written(changed) if changed else 'never on this site'}",
        f"can recover:           {'yes' if account.can_recover else 'no: ' + '; '.join(_hindrances(account))}",
    ]


def _phone(phone: Phone, mask: str) -> str:
    return f"{mask_number(phone.number, mask)} ({phone.holder})" if phone.holder else mask_number(phone.number, mask)


def _hindrances(account: Account) -> list[str]:
    locked = ["the account is locked"] if account.status is AccountStatus.LOCKED else []
    return locked if account.phones else [*locked, "it has no telephone number"]
