"""`accounts show`: one account as the site sees it."""

import click

from recovery_site.cli.accounts.addresses import typed_address
from recovery_site.cli.accounts.words import in_english, numbers, one_line
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.hindrances import find_hindrances
from recovery_site.domain.local_time import written
from recovery_site.domain.people import Account


@click.command()
@click.argument("email")
def show(email: str) -> None:
    """Show the account EMAIL as the site sees it, with its numbers masked.

    Whether other accounts have its numbers is told by `accounts check`.

    \b
    Example:
      recovery-site accounts show nva@soctrang.gov.vn
    """
    with open_services() as services:
        address = typed_address(services, email)
        account = services.directory.find(address)
        if account is None:
            raise Refused(f"{address}: there is no such account")
        for line in _lines(account, services.settings.disclosure.mask):
            click.echo(line)


def _lines(account: Account, mask: str) -> list[str]:
    changed = account.password_changed_at
    return [
        f"address:               {account.address}",
        f"name:                  {one_line(account.display_name) or '-'}",
        f"unit:                  {one_line(account.unit) or '-'}",
        f"kind:                  {account.kind}",
        f"status:                {account.status}",
        f"phones:                {numbers(account.phones, mask) or '-'}",
        f"last password change:  {written(changed) if changed else 'never on this site'}",
        f"can recover:           {_can_recover(account)}",
    ]


def _can_recover(account: Account) -> str:
    told = "; ".join(in_english(find_hindrances(account)))
    if account.can_recover:
        return f"yes; {told}" if told else "yes"
    return f"no: {told}"
