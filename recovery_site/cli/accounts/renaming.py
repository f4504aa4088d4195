"""`accounts rename-domain`: the accounts of a domain that changed, moved to its successor."""

import click

from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.flow.rename_domain import AddressesTaken, DomainNotOurs, Moves, RenameDomain
from recovery_site.settings.sections import Site

ELSEWHERE = "the mail system renames its own accounts: do it there, and the site follows"

MOST_NAMED = 20
"""So many addresses are named where they are taken."""


@click.command("rename-domain")
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", is_flag=True, help="Print what would be moved, and change nothing.")
@by_option
def rename_domain(old: str, new: str, *, dry_run: bool, by: str | None) -> None:
    """Move all accounts of the domain OLD to NEW, which must stand in site.mail_domains.

    Their numbers, passwords, first passwords and records go along; open recoveries and sessions end. All are moved, or
    none: where an account of NEW has the name of one of OLD, it is named. The mailboxes themselves are the mail
    system's business; stop it, or its sign-ins, meanwhile.

    So that people may go on typing the old address, site.domain_aliases has to lead from OLD to NEW.

    \b
    Examples:
      recovery-site accounts rename-domain --dry-run baclieu.gov.vn camau.gov.vn
      recovery-site accounts rename-domain baclieu.gov.vn camau.gov.vn
    """
    who = actor(by)
    with open_services() as services:
        flow, site = services.rename_domain, services.settings.site
        if flow is None:
            raise Refused(f"directory.kind is {services.settings.directory.kind}: {ELSEWHERE}")
        moves = _judged(flow, old, new)
        if not dry_run:
            flow.move(moves, who)
    for line in _did(moves, dry_run=dry_run):
        click.echo(line)
    for line in _missing(moves, site):
        click.echo(line, err=True)


def _judged(flow: RenameDomain, old: str, new: str) -> Moves:
    try:
        return flow.judge(old, new)
    except DomainNotOurs as refused:
        raise Refused(f"{new}: must stand in site.mail_domains, and be another domain than {old}") from refused
    except AddressesTaken as taken:
        named = [f"{address}: is there already" for address in taken.addresses[:MOST_NAMED]]
        rest = ["…"] if len(taken.addresses) > MOST_NAMED else []
        raise Refused(*named, *rest, f"Nothing was moved: {len(taken.addresses)} addresses are taken.") from taken


def _did(moves: Moves, *, dry_run: bool) -> list[str]:
    count = f"{len(moves.addresses)} accounts"
    if not dry_run:
        return [f"{count} were moved from {moves.old} to {moves.new}."]
    return [
        *(f"{old} -> {new}" for old, new in moves.addresses),
        f"{count} would be moved from {moves.old} to {moves.new}. Nothing was changed.",
    ]


def _missing(moves: Moves, site: Site) -> list[str]:
    if site.domain_aliases.get(moves.old) == moves.new:
        return []
    hint = f'[site.domain_aliases] "{moves.old}" = "{moves.new}"'
    return [f"warning: people who type an old address are not understood; put into the settings: {hint}"]
