"""How near a dispatcher comes to what the gateway's parallelism allows, and whether its memory grows."""

import time
from pathlib import Path

import click

from scripts.sms.bench_site import bench_site

CALL_SECONDS = 0.05


@click.command()
@click.option("--messages", default=5000, show_default=True)
@click.option("--parallel", default=4, show_default=True, help="The gateway's hands, sms.gateway.main.parallel.")
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
def throughput(messages: int, parallel: int, postgresql: bool) -> None:
    """Send a long queue through a gateway that answers in 50 ms."""
    with bench_site(postgresql=postgresql, parallel=parallel) as site:
        site.start_carrier("--seconds", str(CALL_SECONDS))
        site.queue(site.put_accounts(messages))
        dispatcher = site.command("dispatch")
        sizes = []
        with click.progressbar(length=messages, label="Sending") as bar:
            done = 0
            while done < messages:
                time.sleep(1)
                now = len(site.taken()["taken"])
                bar.update(now - done)
                done = now
                sizes.append((done, _resident(dispatcher.pid)))
        times = sorted(one["at"] for one in site.taken()["taken"].values())
    # from the first call's beginning to the last one's: one call fewer than messages, shared by the hands
    rate = (messages - parallel) / (times[-1] - times[0])
    ideal = parallel / CALL_SECONDS
    early = next(size for done, size in sizes if done >= messages / 10)
    click.echo(f"{messages} messages, {parallel} at a time, {'PostgreSQL' if postgresql else 'SQLite'}")
    click.echo(f"  rate: {rate:.1f} a second of {ideal:.1f} that are possible ({rate / ideal:.1%}; at least 95 %)")
    click.echo(f"  memory: {early:.1f} MB after a tenth, {sizes[-1][1]:.1f} MB at the end")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6
