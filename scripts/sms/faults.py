"""The fault run: a carrier that fails a third of its calls, and dispatchers that are killed again and again."""

import random
import subprocess
import time
from datetime import UTC, datetime

import click

from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import Label
from recovery_site.domain.messages import Message, MessageState
from scripts.sms.bench_site import BenchSite, bench_site

DISPATCHERS = 2
KILL_EVERY_SECONDS = (1.0, 3.0)


@click.command()
@click.option("--messages", default=2000, show_default=True)
@click.option("--kills", default=20, show_default=True)
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
def faults(messages: int, kills: int, postgresql: bool) -> None:
    """Send codes through faults and kills, and count what was lost, late or doubled. Exit code 1 where anything was."""
    with bench_site(postgresql=postgresql, parallel=8, timeout_seconds=1) as site:
        site.start_carrier("--seconds", "0.02", "--faults", "0.33")
        queued = site.queue(site.put_accounts(messages))
        started = time.monotonic()
        dispatchers = [site.command("dispatch") for _ in range(DISPATCHERS)]
        killed = _run(site, dispatchers, messages, kills)
        seconds = time.monotonic() - started
        wrong = _figures(site, queued, killed, seconds)
    raise SystemExit(1 if wrong else 0)


def _run(site: BenchSite, dispatchers: list[subprocess.Popen[bytes]], messages: int, kills: int) -> int:
    """Kill a dispatcher now and then until all messages have ended; return how often."""
    dice = random.Random(7)  # noqa: S311 -- the same run every time
    killed, done = 0, 0
    next_kill = time.monotonic() + 2
    with click.progressbar(length=messages, label="Sending") as bar:
        while done < messages or killed < kills:
            time.sleep(0.25)
            if killed < kills and time.monotonic() >= next_kill:
                victim = dispatchers.pop(0)
                victim.kill()
                victim.wait()
                dispatchers.append(site.command("dispatch"))
                killed += 1
                next_kill = time.monotonic() + dice.uniform(*KILL_EVERY_SECONDS)
            ended = _ended(site)
            bar.update(ended - done)
            done = ended
    return killed


def _ended(site: BenchSite) -> int:
    with site.services.engine.begin() as connection:
        query = "SELECT count(*) FROM messages WHERE state NOT IN ('queued', 'sending')"
        return int(connection.exec_driver_sql(query).scalar_one())


def _figures(site: BenchSite, queued: dict[str, Message], killed: int, seconds: float) -> int:
    """Print what became of all messages and return how many of the promises are broken."""
    book = site.taken()
    taken = book["taken"]
    with site.services.transactions() as tx:
        stored = [one for message_id in queued if (one := tx.messages.get(message_id))]
    sent = {one.id for one in stored if one.state is MessageState.SENT}
    ended = {one.id for one in stored if one.state.is_final}
    lost = (len(queued) - len(ended)) + len(sent - set(taken))
    late = sum(datetime.fromtimestamp(one["at"], UTC) > queued[name].deadline for name, one in taken.items())
    wrong = sum(_code_of(site, queued[name]) not in one["text"] for name, one in taken.items())
    strangers = len(set(taken) - set(queued))
    unsaid = len(set(taken) - sent)
    click.echo(f"{len(queued)} messages, {killed} kills, {seconds:.0f} s, {site.services.engine.dialect.name}")
    click.echo(f"  calls: {dict(sorted(book['calls'].items()))}")
    click.echo(f"  taken by the carrier: {len(taken)}, sent in the outbox: {len(sent)}")
    click.echo(f"  lost: {lost}; taken after the deadline: {late}; with another code: {wrong}; unknown: {strangers}")
    click.echo(
        f"  taken, but not called sent: {unsaid}; taken twice: 0 of {book['calls'].get('taken before', 0)} repeats"
    )
    return lost + late + wrong + strangers


def _code_of(site: BenchSite, message: Message) -> str:
    key = site.services.keys.subkey(Label.CODE, message.key_id)
    return derive_code(key, recovery_id=message.recovery_id, generation=message.generation, digits=6).reveal()
