"""Compare how long the site takes for accounts and for addresses without one, by a rank test (ADR 0023).

Visitors of all kinds come one after the other in a shuffled order, each from an address of its own; a dispatcher sends
meanwhile, to a gateway that takes its time. A small p says that two kinds can be told apart by their times.
"""

import logging
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from math import erfc, sqrt
from pathlib import Path
from statistics import median

import click
import structlog
from flask.testing import FlaskClient

from recovery_site.adapters.database.schema import upgrade
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance
from recovery_site.bootstrap import Services, bootstrap, start_dispatchers
from recovery_site.domain.messages import Acceptance, Sms
from recovery_site.domain.people import Account, AccountStatus, NewAccount, Phone, PhoneNumber
from recovery_site.ports import SmsGateway
from recovery_site.settings import Settings
from recovery_site.web.app import create_app
from scripts.open_door import OPEN_DOOR

KINDS = ("active", "unknown", "locked", "phoneless")
GATEWAY_SECONDS = 0.15
LIMIT = 0.01
"""Below this p two kinds count as told apart; divided by the number of comparisons that are made."""

Times = Mapping[str, list[float]]
"""Seconds by kind."""

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PASSWORD = "Ben-pha-9-vang-khach"


class _Gateway(SmsGateway):
    """Takes every message, slowly."""

    def send(self, to: PhoneNumber, sms: Sms) -> Acceptance:  # noqa: ARG002 -- the port's
        time.sleep(GATEWAY_SECONDS)
        return Acceptance()

    def check(self) -> None:
        """It is always there."""


@click.command()
@click.option("--samples", default=400, show_default=True, help="Visitors of each kind.")
@click.option("--seed", default=1, show_default=True, help="Of the order in which they come.")
@click.option("--cpu", is_flag=True, help="Compare the time on the processor: little noise, more than a stranger sees.")
def main(samples: int, seed: int, *, cpu: bool) -> None:
    """Print p for every pair of kinds and every step; exit with 1 where two can be told apart."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock = time.thread_time if cpu else time.perf_counter
    private = _measure("private", KINDS, samples, seed, clock)
    documented = _measure("documented", KINDS[1:], samples, seed, clock)
    told = [*_report("private", private), *_report("documented", documented)]
    apart = [p for p in told if p <= LIMIT / len(told)]
    click.echo(
        f"{len(told)} comparisons, smallest p {min(told):.4f}, told apart below {LIMIT / len(told):.5f}: {len(apart)}"
    )
    raise SystemExit(bool(apart))


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided p of the U test, by the normal approximation with the correction for ties."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    count, at = len(ranked), 0
    ranks, ties = [0.0, 0.0], 0
    while at < count:
        end = at
        while end < count and ranked[end][0] == ranked[at][0]:
            end += 1
        for _, owner in ranked[at:end]:
            ranks[owner] += (at + 1 + end) / 2
        ties += (end - at) ** 3 - (end - at)
        at = end
    pairs = len(one) * len(other)
    statistic = ranks[0] - len(one) * (len(one) + 1) / 2
    variance = pairs / 12 * (count + 1 - ties / (count * (count - 1)))
    return 1.0 if variance == 0 else erfc(abs(statistic - pairs / 2) / sqrt(2 * variance))


def _measure(
    mode: str, kinds: Sequence[str], samples: int, seed: int, clock: Callable[[], float]
) -> Mapping[str, Times]:
    """Return what every step took, by step."""
    steps: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with _site(mode, samples) as services:
        app = create_app(services)
        order = [(kind, number) for kind in kinds for number in range(-20, samples)]
        random.Random(seed).shuffle(order)  # noqa: S311 -- the same order in every run
        # the first ones of each kind warm the caches up and are not counted
        order.sort(key=lambda one: one[1] >= 0)
        for count, (kind, number) in enumerate(order):
            client = f"10.{count >> 16}.{count >> 8 & 255}.{count & 255}"
            taken = _visit(clock, app.test_client(), services.settings.site.base_url, client, _address(kind, number))
            if number >= 0:
                for step, seconds in [*taken.items(), ("the whole journey", sum(taken.values()))]:
                    steps[step][kind].append(seconds)
    return steps


def _visit(clock: Callable[[], float], http: FlaskClient, base_url: str, client: str, address: str) -> dict[str, float]:
    """Go as far as the site lets anybody, and return what each request took."""
    taken: dict[str, float] = {}
    page = ""

    def ask(step: str, path: str, **fields: str) -> None:
        nonlocal page
        data = {"csrf_token": _token(page), **fields} if fields else None
        began = clock()
        answer = http.open(
            f"/quen-mat-khau{path}", method="POST" if fields else "GET", data=data, base_url=base_url,
            environ_overrides={"REMOTE_ADDR": client},
        )  # fmt: skip
        body = answer.get_data(as_text=True)
        taken[step] = clock() - began
        page = body if _TOKEN.search(body) else page

    ask("first page", "")
    ask("type the address", "", email=address)
    ask("number", "/so-dien-thoai")
    ask("get a code", "/so-dien-thoai", phone="")
    ask("page of the code", "/dat-lai")
    for number in (1, 2):
        ask(f"wrong code {number}", "/dat-lai", code="000000", password=_PASSWORD, again=_PASSWORD)
    return taken


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    if not found:
        raise SystemExit("a page without a form token")
    return found[1]


def _report(mode: str, steps: Mapping[str, Times]) -> Iterator[float]:
    kinds = list(next(iter(steps.values())))
    click.echo(f"\n{mode}: " + ", ".join(f"{len(next(iter(steps.values()))[kind])} {kind}" for kind in kinds))
    for step, times in steps.items():
        middles = ", ".join(f"{kind} {median(times[kind]) * 1000:.2f}" for kind in kinds)
        click.echo(f"  {step}: median ms: {middles}")
        for one, other in combinations(kinds, 2):
            p = mann_whitney(times[one], times[other])
            click.echo(f"    {one} and {other}: p = {p:.3f}")
            yield p


def _address(kind: str, number: int) -> str:
    return f"{kind}{number + 1000}@soctrang.gov.vn"


def _accounts(samples: int) -> Iterator[NewAccount]:
    for number in range(-20, samples):
        phone = Phone(PhoneNumber(f"+8491{number + 1000:07}"))
        active = Account(_address("active", number), "Nguyễn Văn A", "UBND", phones=(phone,))
        yield NewAccount(active)
        yield NewAccount(replace(active, address=_address("locked", number), status=AccountStatus.LOCKED))
        yield NewAccount(replace(active, address=_address("phoneless", number), phones=()))


@contextmanager
def _site(mode: str, samples: int) -> Iterator[Services]:
    with tempfile.TemporaryDirectory(prefix="recovery-rank-") as folder:
        key_file = Path(folder, "secret_key")
        ensure_key_file(key_file, SystemChance())
        settings = Settings.model_validate(
            {
                "site": {
                    "base_url": "http://127.0.0.1:8000",
                    "province": "Tỉnh Sóc Trăng",
                    "mail_domains": ["soctrang.gov.vn"],
                    "secret_key_file": str(key_file),
                },
                "database": {"url": f"sqlite:///{folder}/recovery.db"},
                "disclosure": {"mode": mode},
                "limits": OPEN_DOOR,
                "sms": {
                    "daily_budget": 100_000,
                    "gateway": {"main": {"kind": "http", "url": "http://127.0.0.1:9/", "query": {"to": "{to}"}}},
                },
            }
        )
        services = bootstrap(settings, gateways={"main": _Gateway()})
        upgrade(services.engine)
        EmbeddedDirectory(services.engine).put(_accounts(samples), services.clock.now())
        stop = start_dispatchers(services)
        try:
            yield services
        finally:
            stop()
            services.close()


if __name__ == "__main__":
    main()
