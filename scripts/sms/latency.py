"""From the press of "Lấy mã xác nhận" to the gateway having the message, through real pages over HTTP."""

import re
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import click
import httpx

from scripts.sms.bench_site import BenchSite, bench_site, wait_for

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@click.command()
@click.option("--idle", default=200, show_default=True, help="Presses one after the other on an idle site.")
@click.option("--crowd", default=1000, show_default=True, help="Recoveries started within a minute.")
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
def latency(idle: int, crowd: int, postgresql: bool) -> None:
    """Press the button as officials do and look into the carrier's book for when the message came."""
    with bench_site(postgresql=postgresql) as site:
        site.environment["RECOVERY_SMS__DISPATCHER"] = "thread"
        site.start_carrier("--seconds", "0.05")
        accounts = [one.address for one in site.put_accounts(idle + crowd)]
        port = site.settings.site.base_url.rpartition(":")[2]
        site.command("serve", "--host", "127.0.0.1", "--port", port)
        wait_for(f"{site.settings.site.base_url}/health")
        click.echo("SQLite" if not postgresql else "PostgreSQL")
        pressed: dict[str, float] = {}
        for address in accounts[:idle]:
            press(site, address, pressed)
        told(f"{idle} presses on an idle site (p99 under 150 ms)", site, pressed)
        pressed.clear()
        with ThreadPoolExecutor(16) as officials:
            for number, address in enumerate(accounts[idle:]):
                officials.submit(press, site, address, pressed)
                pause = 60 / crowd
                threading.Event().wait(pause if number else 0)
        told(f"{crowd} recoveries within a minute (p99 under 1 s)", site, pressed)


def press(site: BenchSite, address: str, pressed: dict[str, float]) -> None:
    """Walk to step 3 and press; remember when."""
    with httpx.Client(base_url=site.settings.site.base_url, follow_redirects=True, timeout=30) as browser:
        page = browser.get("/quen-mat-khau")
        page = browser.post("/quen-mat-khau", data={"csrf_token": _token(page), "email": address})
        token = _token(page)
        number = "8491" + address.partition("@")[0].removeprefix("canbo").zfill(7)
        pressed[number] = time.time()
        browser.post("/quen-mat-khau/so-dien-thoai", data={"csrf_token": token}).raise_for_status()


def told(name: str, site: BenchSite, pressed: dict[str, float]) -> None:
    """Print the distribution of the waits."""
    came: dict[str, float] = {}
    ends = time.monotonic() + 30
    while time.monotonic() < ends and not set(pressed) <= set(came):
        came = {one["to"]: one["at"] for one in site.taken()["taken"].values()}
    waits = sorted((came[number] - at) * 1000 for number, at in pressed.items() if number in came)
    lost = len(pressed) - len(waits)
    cuts = statistics.quantiles(waits, n=100)
    click.echo(f"  {name}: median {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, longest {waits[-1]:.0f} ms, {lost} missing")


def _token(page: httpx.Response) -> str:
    found = TOKEN.search(page.text)
    if not found:
        raise RuntimeError(f"no form on {page.url}: status {page.status_code}")
    return found[1]
