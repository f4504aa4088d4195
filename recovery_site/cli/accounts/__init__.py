"""`recovery-site accounts`: bringing accounts in from a file, looking at one, and checking all of them."""

import click

from recovery_site.cli.accounts.checking import check
from recovery_site.cli.accounts.importing import import_
from recovery_site.cli.accounts.showing import show


@click.group()
def accounts() -> None:
    """Import accounts from a file, look at one, and list those that could not recover."""


for command in (import_, check, show):
    accounts.add_command(command)
