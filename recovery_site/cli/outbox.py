"""`recovery-site dispatch`, `sweep` and `purge`: sending on its own, deadlines, retention."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from recovery_site.adapters.database.retention import purge as erase
from recovery_site.bootstrap import start_dispatchers
from recovery_site.cli.opening import open_services

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
    """Abandon the recoveries whose time has run out. For a timer, every few minutes.

    \b
    Example:
      recovery-site sweep
    """
    with open_services() as services:
        with services.transactions() as tx:
            ended = tx.recoveries.expire(services.clock.now())
        click.echo(f"{ended} recoveries abandoned.")


@click.command()
def purge() -> None:
    """Erase what is kept no longer: old recoveries with their messages, ended sessions, counters that ran out.

    Recoveries are kept for retention.recoveries_days after their end. For a timer, once a day.

    \b
    Example:
      recovery-site purge
    """
    with open_services() as services:
        now = services.clock.now()
        erased = erase(services.engine, now=now, recoveries_before=now - services.settings.retention.recoveries)
    click.echo(
        f"Erased {erased.recoveries} recoveries with their messages, {erased.sessions} sessions "
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
