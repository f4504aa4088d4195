"""How near a dispatcher comes to what the gateway's parallelism allows, and whether its memory grows.

What is possible is measured, too: as many bare clients as the gateway has hands call the same carrier for nothing else.
The carrier's 50 ms, its own work and the machine's clock are in that figure, the site is not.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import click

from scripts.sms.bench_site import bench_site

CALL_SECONDS = 0.05
BARE_CALLS = 400


@click.command()
@click.option("--messages", default=5000, show_default=True)
@click.option("--parallel", default=4, show_default=True, help="The gateway's hands, sms.gateway.main.parallel.")
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
def throughput(messages: int, parallel: int, postgresql: bool) -> None:
    """Send a long queue through a gateway that answers in 50 ms."""
    with bench_site(postgresql=postgresql, parallel=parallel) as site:
        site.start_carrier("--seconds", str(CALL_SECONDS))
        possible = _bare_rate(site.carrier, parallel)
        site.queue(site.put_accounts(messages))
        dispatcher = site.command("dispatch")
        sizes = []
        with click.progressbar(length=messages, label="Sending") as bar:
            done = 0
            while done < messages:
                time.sleep(1)
                now = site.count() - BARE_CALLS
                bar.update(now - done)
                done = now
                sizes.append((done, _resident(dispatcher.pid)))
        times = sorted(one["at"] for one in site.taken()["taken"].values())[BARE_CALLS:]
    rate = _rate(times, parallel)
    early = next(size for done, size in sizes if done >= messages / 10)
    click.echo(f"{messages} messages, {parallel} at a time, {'PostgreSQL' if postgresql else 'SQLite'}")
    click.echo(f"  rate: {rate:.1f} a second; bare clients reach {possible:.1f} ({rate / possible:.1%}; at least 95 %)")
    click.echo(f"  {parallel / CALL_SECONDS:.1f} if a call cost nothing but its {CALL_SECONDS * 1000:.0f} ms")
    click.echo(f"  memory: {early:.1f} MB after a tenth, {sizes[-1][1]:.1f} MB at the end")


def _rate(times: list[float], parallel: int) -> float:
    # from the first call's beginning to the last one's: one call fewer than messages, shared by the hands
    return (len(times) - parallel) / (times[-1] - times[0])


def _bare_rate(port: int, parallel: int) -> float:
    """Return how many calls a second bare clients reach, `parallel` at a time."""
    began: list[float] = []

    def call(number: int) -> None:
        began.append(time.time())
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/send", json.dumps({"to": "", "text": "", "id": f"bare {number}"}))
        connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(parallel) as clients:
        list(clients.map(call, range(BARE_CALLS)))
    return _rate(sorted(began), parallel)


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6
