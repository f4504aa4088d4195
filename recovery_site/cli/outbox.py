"""`recovery-site dispatch`, `sweep` and `purge`: sending on its own, deadlines, retention."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from recovery_site.adapters.database.audit_chain import Sealing
from recovery_site.adapters.database.retention import purge as erase
from recovery_site.bootstrap import start_dispatchers
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused

SWITCH_SECONDS = 0.0005
"""How long a thread may keep the others from running: an answer that has come should not wait 5 ms to be noticed."""


@click.command()
def dispatch() -> None:
    """Send the SMS of the outbox until SIGTERM or Ctrl-C; the message in hand is finished first.

    Needed beside `serve` where sms.dispatcher is "separate". Several may run at one time, on several machines: each
    message is leased to one of them.

    \b
    Example:
      recovery-site dispatch
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = threading.Event()
    with open_services() as services, _set_by_signals(stop):
        end = start_dispatchers(services)
        try:
            click.echo("Dispatching.")
            stop.wait()
        finally:
            end()
    click.echo("Stopped.")


@click.command()
def sweep() -> None:
    """Do what the clock asks for: end recoveries, remind of first passwords, lock accounts whose time is over.

    `serve` and `dispatch` do so every minute; a timer is needed only where neither runs. An overdue account counts as
    locked from its last second on, whether anything has run since; this locks it in the directory, too.

    \b
    Example:
      recovery-site sweep
    """
    with open_services() as services:
        done = services.upkeep.sweep()
    click.echo(
        f"{done.abandoned} recoveries abandoned; first passwords: {done.reminded} reminded of, {done.changed} changed "
        f"in the mail system, {done.locked} accounts locked."
    )
    if done.failed:
        raise Refused(f"directory: did not do it for {done.failed} accounts; the next sweep tries again")


@click.command()
def purge() -> None:
    """Erase what is kept no longer: old recoveries and messages, the old record, ended sessions, counters.

    Recoveries and messages are kept for retention.recoveries_days after their end, the record of what happened and of
    what was handed out for retention.audit_days. For a timer, once a day.

    \b
    Example:
      recovery-site purge
    """
    with open_services() as services:
        now, retention = services.clock.now(), services.settings.retention
        before, audit_before = now - retention.recoveries, now - retention.audit
        sealing = Sealing.of(services.keys, services.chance)
        erased = erase(services.engine, sealing, now=now, recoveries_before=before, audit_before=audit_before)
    click.echo(
        f"Erased {erased.recoveries} recoveries with their messages, {erased.messages} other messages, "
        f"{erased.activations} first passwords and {erased.events} events of the record, {erased.sessions} sessions "
        f"and {erased.counters} counters of limits."
    )


@contextmanager
def _set_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT instead of ending the process."""
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
