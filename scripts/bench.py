"""Measure what the documentation gives figures of. Nothing here is asserted: machines differ, and figures are read."""

import logging
import random
import statistics
import string
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import structlog

from recovery_site.adapters.directories.embedded import EmbeddedDirectory, argon2id
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.cli.demo import demo_settings, prepare
from recovery_site.domain.passwords import OwnWords, PasswordPolicy, judge
from recovery_site.domain.people import Account, NewAccount, Phone, PhoneNumber
from recovery_site.domain.secret import Secret
from recovery_site.web.app import create_app

ACCOUNTS = 10_000


@click.command()
def main() -> None:
    """Print medians in milliseconds: passwords, hashing, pages, and the import of 10,000 accounts."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    passwords()
    hashing()
    with tempfile.TemporaryDirectory(prefix="recovery-bench-") as folder:
        settings = demo_settings(Path(folder), "http://127.0.0.1:8000")
        prepare(settings)
        services = bootstrap(settings, demo=True)
        pages(services)
        importing(services)
        services.close()


def passwords() -> None:
    """A password of each length that the rule has to judge; random letters are the meter's worst input."""
    policy = PasswordPolicy()
    letters = random.Random(1)  # noqa: S311 -- the same input in every run, and no secret
    for length in (8, 16, 40, 128, 1_000_000):
        text = Secret("".join(letters.choices(string.ascii_letters + string.digits, k=length)))
        report(f"password of {length} characters", lambda text=text: judge(text, policy, OwnWords()))


def hashing() -> None:
    hasher = argon2id()
    report("Argon2id hash", lambda: hasher.hash("Hoa-phuong#7cu"))


def pages(services: Services) -> None:
    client = create_app(services).test_client()
    base_url = services.settings.site.base_url
    for path in ("/dang-nhap", "/quen-mat-khau", "/huong-dan"):
        report(f"GET {path}", lambda path=path: client.get(path, base_url=base_url))


def importing(services: Services) -> None:
    """Accounts without passwords: hashing takes the same 20 ms for each one, whatever the rest does."""
    rows = [
        NewAccount(
            Account(f"canbo{n}@soctrang.gov.vn", f"Cán bộ {n}", "UBND", phones=(Phone(PhoneNumber(f"+8491{n:07}")),))
        )
        for n in range(ACCOUNTS)
    ]
    directory = EmbeddedDirectory(services.engine)
    for name in ("new", "unchanged"):
        started = time.perf_counter()
        directory.put(rows, services.clock.now())
        click.echo(f"{ACCOUNTS} {name} accounts stored".ljust(40) + f"{time.perf_counter() - started:9.2f} s")


def report(name: str, action: Callable[[], object], runs: int = 30) -> None:
    """Run `action` after a warm-up and print the median."""
    action()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    click.echo(name.ljust(40) + f"{statistics.median(times) * 1000:9.2f} ms")


if __name__ == "__main__":
    main()
