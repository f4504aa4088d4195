"""`recovery-site accounts`: bringing accounts in from a file, handing them out, looking after them, checking them."""

import click

from recovery_site.cli.accounts.checking import check
from recovery_site.cli.accounts.granting import grant, grant_again
from recovery_site.cli.accounts.granting_files import grant_file
from recovery_site.cli.accounts.importing import import_
from recovery_site.cli.accounts.members import add_member, members, remove_member
from recovery_site.cli.accounts.renaming import rename_domain
from recovery_site.cli.accounts.showing import show


@click.group()
def accounts() -> None:
    """Import accounts, hand them out, look after groups and domains, and list those that could not recover."""


for command in (
    import_,
    grant,
    grant_file,
    grant_again,
    members,
    add_member,
    remove_member,
    rename_domain,
    check,
    show,
):
    accounts.add_command(command)
