"""`recovery-site privacy`: what is kept of a person, for the person; and erasing it. Law 91/2025/QH15."""

import json
from collections.abc import Mapping
from datetime import datetime

import click

from recovery_site.adapters.database import privacy as stored
from recovery_site.adapters.database.audit_chain import Sealing
from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.accounts.addresses import typed_address
from recovery_site.cli.opening import open_services
from recovery_site.domain.audit import Event, EventKind

STAYS = (
    "the account itself, with its name and numbers: it is the mail system's, and goes with the mailbox",
    "a recovery that is under way, and a first password that nobody has changed: run this again when they are over",
    "in the record, that something happened, when, and which operator did it, without whose account it was:",
    "  the agency has to be able to account for it (OWASP ASVS 5.0 V16), and it goes after retention.audit_days",
    "copies of the database, and what was exported before: they go by rules of their own",
)
"""What an erasure leaves, and why."""


@click.group()
def privacy() -> None:
    """Answer what a person may ask for: a copy of what is kept, and its erasure."""


@privacy.command("export")
@click.argument("email")
@by_option
def export_data(email: str, by: str | None) -> None:
    """Print all that is kept of the person with the address EMAIL, as JSON. The record keeps that it was asked for.

    It has whole telephone numbers: hand it to that person and nobody else.

    \b
    Example:
      recovery-site privacy export nva@soctrang.gov.vn --by "Nguyen Van An" > nva.json
    """
    who = actor(by)
    with open_services() as services:
        address, now = typed_address(services, email), services.clock.now()
        with services.transactions() as tx:
            tx.audit.add(Event(now, EventKind.DATA_EXPORTED, address, who))
        kept = stored.export(services.engine, Sealing.of(services.keys, services.chance), address)
        elsewhere = services.adapters.accounts is None
    click.echo(json.dumps(_about(address, now, kept, elsewhere=elsewhere), ensure_ascii=False, indent=2))


@privacy.command("erase")
@click.argument("email")
@by_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_data(email: str, by: str | None, *, yes: bool) -> None:
    """Erase what is kept of the person with the address EMAIL, and say what stays and why.

    The record stays whole, without whom it was about. Browsers that are signed in to the account are signed out.

    \b
    Example:
      recovery-site privacy erase nva@soctrang.gov.vn --by "Nguyen Van An"
    """
    who = actor(by)
    with open_services() as services:
        address = typed_address(services, email)
        if not yes:
            click.confirm(f"Erase what is kept of {address}? It cannot be taken back", abort=True)
        sealing = Sealing.of(services.keys, services.chance)
        gone = stored.erase(services.engine, sealing, address, who, services.clock.now())
    click.echo(
        f"Erased: {gone.recoveries} recoveries, {gone.messages} messages, {gone.activations} first passwords, "
        f"{gone.sessions} sessions; {gone.events} events of the record no longer say whose they are."
    )
    click.echo("What stays:")
    for line in STAYS:
        click.echo(f"  {line}")


def _about(address: str, now: datetime, kept: Mapping[str, object], *, elsewhere: bool) -> dict[str, object]:
    notes = ["Counters of limits are kept under keyed names, for a day at most: nobody can be read off them."]
    if elsewhere:
        notes.append("Name, unit, numbers and password stand in the mail system's own directory, not here.")
    return {"address": address, "at": now.isoformat(), "notes": notes, "kept": kept}
