"""Whether the time of an answer tells what the answer does not."""

import random
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from statistics import median

import click

from recovery_site.adapters.directories.embedded import argon2id
from scripts.attack.book import Book
from scripts.attack.bout import Bout, Visitor
from scripts.attack.ranks import p_value
from scripts.attack.target import DOMAIN, LOCKED, PLAYER, Target, running
from scripts.attack.wire import FORM, encode, request

LEAST_P = 0.01
ACCOUNTS = 100
"""Addresses of each case: the limit of wrong passwords for each name is never reached, and no page is a special one."""
PHONELESS, UNKNOWN = "khong-so", "khong-co"
WARM_UP = 15

Case = tuple[str, Callable[[int], None]]


@click.command()
@click.option("--samples", default=400, show_default=True, help="Answers of each case.")
@click.option("--seed", default=1, show_default=True, help="For the order in which the cases take turns.")
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
def timing(samples: int, seed: int, postgresql: bool) -> None:
    """Time the refusals of the address page and the sign-in in turn; exit code 1 where a rank test tells them apart.

    Each pair of equal cases is told apart by accident once in a hundred runs: run it again before you believe it.
    """
    dice = random.Random(seed)  # noqa: S311 -- the order of the samples
    with running(postgresql=postgresql, workers=1) as target:
        for role in (LOCKED, PHONELESS, PLAYER):
            target.put(role, ACCOUNTS, hasher=argon2id())
        told = [
            _compare("address page", _address_cases(target, dice), samples, dice),
            _compare("sign-in", _sign_in_cases(target, dice), samples, dice),
        ]
    raise SystemExit(0 if all(told) else 1)


def _address_cases(target: Target, dice: random.Random) -> list[Case]:
    """The three refusals, each at a browser of its own that has asked for nothing yet."""
    return [(role, _poster(target, dice, "/quen-mat-khau", role)) for role in (UNKNOWN, LOCKED, PHONELESS)]


def _sign_in_cases(target: Target, dice: random.Random) -> list[Case]:
    """A wrong password for an unknown, a known and a locked account."""
    return [(role, _poster(target, dice, "/dang-nhap", role)) for role in (UNKNOWN, PLAYER, LOCKED)]


def _poster(target: Target, dice: random.Random, path: str, role: str) -> Callable[[int], None]:
    """Return what posts the form once for the n-th address of a role; the roles' names have one length."""
    book = Book((), target.services.settings.site.base_url)
    visitor: Visitor = Bout("timing", "0.0", dice, target, book, left=10**9, accounts=ACCOUNTS).visitor()
    visitor.client = "10.0.0.1"
    visitor.get(path)
    head = visitor.headers(("Content-Type", FORM))

    def post(number: int) -> None:
        name = f"{role}-{number % ACCOUNTS:04}@{DOMAIN}"
        fields = [("csrf_token", visitor.token), ("email", name), ("password", "Xanh-la-9-muoi")]
        [answer] = visitor.bout.send(request("POST", path, head, encode(fields)))
        if answer.status != 200 or book.broken:
            raise click.ClickException(f"{path} answered {answer.status}: nothing to compare")

    return post


def _compare(what: str, cases: Sequence[Case], samples: int, dice: random.Random) -> bool:
    """Time the cases in turn, each round in another order, and print p for each pair; return whether all are alike."""
    times: dict[str, list[float]] = {name: [] for name, _ in cases}
    for number in range(-WARM_UP, samples):
        for name, post in dice.sample(cases, len(cases)):
            started = time.perf_counter()
            post(number)
            if number >= 0:
                times[name].append(time.perf_counter() - started)
    for name, figures in times.items():
        click.echo(f"{what}, {name:12} median {median(figures) * 1000:7.2f} ms of {len(figures)}")
    alike = True
    for one, other in combinations(times, 2):
        p = p_value(times[one], times[other])
        alike = alike and p > LEAST_P
        click.echo(f"{what}, {one} or {other}: p = {p:.3f}" + ("" if p > LEAST_P else "   TOLD APART"))
    return alike
