"""`recovery-site messages`: where the SMS of a caller is, and what the site sends in all."""

from collections.abc import Iterator
from datetime import timedelta

import click

from recovery_site.adapters.database import traffic
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.local_time import VIETNAM, written
from recovery_site.domain.messages import Channel, FaultKind, Message, MessageState
from recovery_site.domain.recovery import read_reference

STATES = {
    MessageState.QUEUED: "waits to be sent; nothing to do, look again in a minute",
    MessageState.SENDING: "is being sent, or kept by a gateway until it reports; look again in a minute",
    MessageState.SENT: "the carrier has taken it; if it does not arrive, have phone, network and number checked",
    MessageState.DELIVERED: "has reached the phone; have the caller look for it there",
    MessageState.FAILED: "could not be sent and is not tried again; do what stands below",
    MessageState.EXPIRED: "is not sent any more: replaced by a newer one, or too late to be of use; look at the newest",
}
"""What each state means, and what to do next; docs/administration/help-desk.md has them in Vietnamese."""

FAULTS = {
    FaultKind.NUMBER: "the number (of a letter: the mailbox) is refused: compare it with the caller, have it corrected",
    FaultKind.TEXT: "the text is refused: compare sms.texts with the carrier's rules",
    FaultKind.TEMPLATE: "the brand name or the template is not registered: have the carrier register both",
    FaultKind.BALANCE: "no credit is left with the carrier: have it topped up",
    FaultKind.ACCESS: "the site's name, key or address is refused: correct the gateway's settings, then run doctor",
    FaultKind.BUSY: "the gateway has too much to do, or rests after faults: wait some minutes",
    FaultKind.UNREACHABLE: "the gateway cannot be reached: wait some minutes; if it lasts, run doctor",
    FaultKind.ANSWER: "the gateway's answer makes no sense: if it lasts, compare settings and carrier's manual",
    FaultKind.REFUSED: "the gateway refuses without a known reason: if it lasts, ask the carrier about the fault below",
    FaultKind.NO_REPORT: "a gateway took it, and no carrier has confirmed it: ask the caller whether it came",
    FaultKind.DIRECTORY: "the directory did not tell the number: wait some minutes; if it lasts, run doctor",
    FaultKind.GONE: "the number, the account or the code is gone: run accounts show, let the caller begin again",
}
"""What each fault means, and what to do next, in the same way."""

NOBODY = "the number on the page is nobody's: the account could not recover (run accounts show), and nothing was sent"
"""What a recovery in private mode is that no account stands behind; docs/administration/help-desk.md has it too."""


@click.group()
def messages() -> None:
    """Look at the messages that the site sends. No text, code or number is ever shown."""


@messages.command()
@click.argument("reference")
def show(reference: str) -> None:
    """Show what became of the messages of the recovery with this REFERENCE ("Mã hỗ trợ"), oldest first.

    \b
    Example:
      recovery-site messages show K7F3-QX2M
    """
    with open_services() as services, services.transactions() as tx:
        recovery = tx.recoveries.of_reference(read_reference(reference))
        found = tx.messages.of_recovery(recovery.id) if recovery else []
        nobody = recovery is not None and services.under_way.went_to_nobody(recovery)
    if recovery is None:
        raise Refused(f"{reference!r}: there is no recovery with this reference")
    click.echo(f"{recovery.reference}: {recovery.address}, {recovery.masked_phone or 'no number chosen yet'}")
    if nobody:
        click.echo(NOBODY)
    for message in found:
        for line in _lines(message):
            click.echo(line)
    if not found:
        click.echo("No message has been asked for.")


@messages.command("traffic")
@click.option("--hours", type=click.IntRange(1, 24 * 90), default=24, show_default=True, help="How far to look back.")
def show_traffic(hours: int) -> None:
    """Show today's budget, the queue, and for each hour the codes that were sent and verified.

    Many codes and few of them verified: somebody is making the site send.

    \b
    Example:
      recovery-site messages traffic --hours 48
    """
    with open_services() as services:
        with services.transactions() as tx:
            used = services.budget.used(tx)
        waiting = traffic.waiting(services.engine)
        counted = traffic.hours(services.engine, services.clock.now() - timedelta(hours=hours))
        budget = services.settings.sms.daily_budget
    click.echo(f"budget: {used} of {budget} messages used ({used / budget:.0%})")
    click.echo(f"queue: {waiting[MessageState.QUEUED]} wait, {waiting[MessageState.SENDING]} are being sent")
    click.echo(f"{'hour (Asia/Ho_Chi_Minh)':26}{'sent':>6}{'verified':>10}{'conversion':>12}")
    for hour in counted:
        share = "-" if hour.conversion is None else f"{hour.conversion:.0%}"
        click.echo(
            f"{hour.begins.astimezone(VIETNAM):%Y-%m-%d %H:00}{'':10}{hour.sent:>6}{hour.verified:>10}{share:>12}"
        )


def _lines(message: Message) -> Iterator[str]:
    what = f"{message.kind} by {message.channel}"
    again = f", send {message.ordinal}" if message.channel is Channel.SMS and message.ordinal > 1 else ""
    yield f"{written(message.created_at)}  {what}{again}: {STATES[message.state]}"
    if message.gateway:
        yield f"    gateway {message.gateway}, carrier's id {message.carrier_id or '-'}"
    times = {
        "handed over": message.handed_at,
        "taken by the carrier": message.accepted_at,
        "ended": message.finished_at,
    }
    for name, moment in times.items():
        if moment:
            yield f"    {name} at {written(moment)}"
    if message.fault_kind:
        yield f"    {FAULTS[message.fault_kind]}"
        yield f"    fault: {message.fault or message.fault_kind} (failures: {message.failures})"
