"""`accounts members`, `add-member` and `remove-member`: the people of a group mailbox."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.accounts.addresses import typed_address
from recovery_site.cli.accounts.words import numbers
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.account_rows import THE_RULE, Unfit, read_member
from recovery_site.flow.members import (
    AlreadyMember,
    GroupFull,
    GroupTooSmall,
    NoSuchMember,
    NotAGroup,
)
from recovery_site.ports import UnknownAccount


@click.command()
@click.argument("email")
def members(email: str) -> None:
    """List the people of the group mailbox EMAIL, with their numbers masked.

    \b
    Example:
      recovery-site accounts members tiep-dan@soctrang.gov.vn
    """
    with open_services() as services:
        address = typed_address(services, email)
        with _sentences(address):
            group = services.members.list(address)
        for phone in group.phones:
            click.echo(numbers((phone,), services.settings.disclosure.mask))


@click.command("add-member")
@click.argument("email")
@click.argument("member", metavar='"NAME <NUMBER>"')
@by_option
def add_member(email: str, member: str, by: str | None) -> None:
    """Add one person to the group mailbox EMAIL; a group has five at most.

    Where the accounts are in LDAP, Active Directory or Zimbra, only the number is kept there.

    \b
    Example:
      recovery-site accounts add-member tiep-dan "Lê An <0393070121>"
    """
    who = actor(by)
    with open_services() as services:
        address = typed_address(services, email)
        try:
            phone = read_member(member)
        except Unfit as reason:
            raise Refused(str(reason)) from reason
        with _sentences(address):
            group = services.members.add(address, phone, who)
        click.echo(f"{group.address}: {numbers((phone,), services.settings.disclosure.mask)} is a member now.")


@click.command("remove-member")
@click.argument("email")
@click.argument("name")
@by_option
def remove_member(email: str, name: str, by: str | None) -> None:
    """Take one person out of the group mailbox EMAIL; two stay at least.

    NAME may be the person's number, too, in full or masked. Recoveries and codes that went to the number end at once.
    The person may still know the password: have it changed.

    \b
    Examples:
      recovery-site accounts remove-member tiep-dan "Lê An"
      recovery-site accounts remove-member tiep-dan 0393XXX121
    """
    who = actor(by)
    with open_services() as services:
        address = typed_address(services, email)
        with _sentences(address):
            gone = services.members.remove(address, name, who)
        click.echo(f"{address}: {numbers((gone,), services.settings.disclosure.mask)} is no member any more.")
        click.echo("Codes that went to this number have ended. The password may still be known: have it changed.")


@contextmanager
def _sentences(address: str) -> Iterator[None]:
    """Say in a sentence why a group stays as it is."""
    try:
        yield
    except UnknownAccount as error:
        raise Refused(f"{address}: there is no such account") from error
    except NotAGroup as error:
        raise Refused(f"{address}: is not a group mailbox") from error
    except GroupFull as error:
        raise Refused(f"{address}: has five members, and a sixth is refused by {THE_RULE}") from error
    except GroupTooSmall as error:
        raise Refused(f"{address}: has two members, and one person is no group; add another one first") from error
    except AlreadyMember as error:
        raise Refused(f"{address}: somebody of the group has this number or this name") from error
    except NoSuchMember as error:
        several = "several members have this name; give the number" if error.found else "nobody in it has this name"
        raise Refused(f"{address}: {several}") from error
