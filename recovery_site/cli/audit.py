"""`recovery-site audit`: is the record whole, and handing it to those who read it elsewhere."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from recovery_site.adapters.database.audit_chain import ChainRows, Sealing
from recovery_site.adapters.database.audit_reading import entries
from recovery_site.adapters.database.audit_reading import verify as judge
from recovery_site.adapters.syslog import Syslog, SyslogAddressRefused
from recovery_site.bootstrap import Services
from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.audit_chain import Chain, Fault, Finding, Verdict
from recovery_site.domain.audit_words import as_json, as_syslog

MOST_NAMED = 20
"""How many of the things that are wrong are named one by one."""


@click.group()
def audit() -> None:
    """Verify the record of what happened, and hand it out. docs/administration/audit.md says how to watch it."""


@audit.command()
@click.option("--head", metavar="HEAD", default="", help="A head that an earlier run printed: it must still be there.")
def verify(head: str) -> None:
    """Go through the whole record, and say whether a row was removed, changed or put elsewhere.

    Exit code 0: the record is whole. Note the head that is printed down, outside of this machine: with it even the
    return of an older copy of the database is found. For a timer, once a day, before `purge`.

    \b
    Examples:
      recovery-site audit verify
      recovery-site audit verify --head 1234:5f3a...
    """
    if head and not _is_head(head):
        raise click.BadParameter("is not a head like 1234:5f3a... that audit verify prints", param_hint="--head")
    with open_services() as services:
        verdict, chain = judge(services.engine, _sealing(services), head)
    problems = [_sentence(one) for one in verdict.findings]
    if problems:
        more = [f"and {len(problems) - MOST_NAMED} more"] if len(problems) > MOST_NAMED else []
        raise Refused(*problems[:MOST_NAMED], *more, "The record is not whole: docs/administration/audit.md says more")
    for line in _said(verdict, chain):
        click.echo(line)


@audit.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="The first moment, in UTC.")
@click.option("--after", type=click.IntRange(0), default=0, help="The last position that you have.")
@click.option("--format", "form", type=click.Choice(["jsonl", "syslog"]), default="jsonl", show_default=True)
@click.option("--to", "server", metavar="ADDRESS", help="tcp://HOST:PORT, udp://HOST:PORT or /dev/log, for syslog.")
@click.option("--whole", is_flag=True, help="With whole addresses and all details; without it they are masked.")
def export(since: datetime | None, after: int, form: str, server: str | None, *, whole: bool) -> None:
    """Print the record, oldest event first: a line of JSON for each, or a message of syslog (RFC 5424).

    Every line is plain ASCII. What the record does not show any more, because it was erased, is empty.

    \b
    Examples:
      recovery-site audit export --since 2026-03-01 > march.jsonl
      recovery-site audit export --after 1234 --format syslog --to tcp://log.example.gov.vn:514
    """
    if server and form != "syslog":
        raise click.UsageError("--to needs --format syslog")
    with open_services() as services:
        lines = _lines(services, since and since.replace(tzinfo=UTC), after, form, whole=whole)
        if server:
            click.echo(f"{_sent(server, lines)} events sent.")
            return
        for line in lines:
            click.echo(line)


@audit.command("seal-anew")
@by_option
@click.confirmation_option(prompt="Has it been found out what happened to the record?")
def seal_anew(by: str | None) -> None:
    """Seal the ends of a record that is not whole, once it is known why; it is written down who did.

    For after a restored copy or a lost key. What is wrong with rows stays found until their retention ends.

    \b
    Example:
      recovery-site audit seal-anew --by "Nguyen Van An"
    """
    who = actor(by)
    with open_services() as services:
        sealing = _sealing(services)
        with Session(services.engine) as session, session.begin():
            chain = ChainRows(session, sealing).seal_anew(who, services.clock.now())
    click.echo(f"Sealed. head: {chain.head}")


def _lines(services: Services, since: datetime | None, after: int, form: str, *, whole: bool) -> Iterator[str]:
    sealing, host = _sealing(services), socket.gethostname()
    for entry in entries(services.engine, since, after):
        told = (entry.position, entry.event, sealing.seals.subject_id(entry.event.address))
        yield as_json(*told, whole=whole) if form == "jsonl" else as_syslog(*told, host=host, whole=whole)


def _sent(server: str, lines: Iterator[str]) -> int:
    try:
        with Syslog(server) as syslog:
            return syslog.send_all(lines)
    except SyslogAddressRefused as refused:
        raise Refused(f"{server!r} is not tcp://HOST:PORT, udp://HOST:PORT or a socket like /dev/log") from refused


def _sentence(found: Finding) -> str:
    if found.fault is Fault.ENDS:
        return f"ends: {found.fault}"
    rows = f"row {found.position}" if found.position == found.last else f"rows {found.position} to {found.last}"
    return f"{rows}: {found.fault}"


def _said(verdict: Verdict, chain: Chain) -> Iterator[str]:
    yield f"{verdict.rows} events, the record is whole."
    if chain.base_position:
        yield f"{chain.base_position} older ones were taken away when their time was over."
    if verdict.erased:
        yield f"{verdict.erased} of them lost their personal data, as the record says."
    if verdict.unsealed:
        yield f"{verdict.unsealed} were written under keys that are gone; what came later holds them."
    yield f"head: {chain.head}"


def _is_head(text: str) -> bool:
    position, _, link = text.partition(":")
    with suppress(ValueError):
        return int(position) >= 0 and (not link or len(bytes.fromhex(link)) == 32)
    return False


def _sealing(services: Services) -> Sealing:
    return Sealing.of(services.keys, services.chance)
