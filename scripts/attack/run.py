"""The attack itself: shares of each kind, worked off by a few threads, and the figures."""

import random
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

import click

from scripts.attack import witness
from scripts.attack.book import MOST_TOLD, Book
from scripts.attack.bout import SHARES, Bout, Enough
from scripts.attack.kinds import KINDS
from scripts.attack.target import LOCKED, PLAYER, VICTIM, WINNER, Target


def attack(target: Target, *, requests: int, seed: int, threads: int = 8) -> tuple[Book, Mapping[str, Counter[str]]]:
    """Make `requests` hostile requests; return the book with everything that broke, and what the database saw."""
    accounts = max(20, min(2000, requests // 20))
    for role, count in ((VICTIM, accounts), (PLAYER, accounts), (WINNER, SHARES + requests // 100), (LOCKED, accounts)):
        target.put(role, count)
    witness.install(target.services.engine)
    book = Book(_secrets(target), target.services.settings.site.base_url)
    # a share that ends before its first visitor has a code would attack nothing
    shares = [(kind, share) for share in range(SHARES if requests >= 10_000 else 1) for kind in KINDS]
    each, rest = divmod(requests, len(shares))
    with (
        ThreadPoolExecutor(threads) as pool,
        click.progressbar(length=requests, label="Attacking") as bar,
    ):
        futures = {
            pool.submit(_share, Bout(kind, str(share), random.Random(), target, book, size, accounts), seed): size  # noqa: S311 -- seeded: the same attack again
            for number, (kind, share) in enumerate(shares)
            if (size := each + (number < rest))
        }
        for future in as_completed(futures):
            future.result()
            bar.update(futures[future])
    return book, witness.judge(target, book)


def _share(bout: Bout, seed: int) -> None:
    """Work off one share of one kind; each bout's dice depend on the seed, the kind, the share and its number."""
    share, number = bout.number, 0
    while bout.left > 0:
        bout.number = f"{share}.{number}"
        bout.dice.seed(f"{seed}/{bout.kind}/{bout.number}")
        try:
            KINDS[bout.kind](bout)
        except Enough:
            return
        number += 1


def _secrets(target: Target) -> tuple[bytes, ...]:
    key = (target.folder / "secret_key").read_text().strip()
    return (key.encode(), bytes(target.folder), b"secret_key\n")


def figures(book: Book, found: Mapping[str, Counter[str]]) -> None:
    """Print the figures of each kind, and everything that broke."""
    for kind in KINDS:
        told = ", ".join(f"{status or 'no answer'}: {count}" for status, count in sorted(book.statuses[kind].items()))
        click.echo(f"{kind:22}{book.asked[kind]:7}   {told}")
    total = {what: sum(addresses.values()) for what, addresses in found.items()}
    click.echo(f"{'in all':22}{sum(book.asked.values()):7}")
    click.echo(
        f"codes sent: {total['code']} for {sum(book.pressed.values())} presses; tries spent: {total['a wrong code']}; "
        f"passwords changed: {total['password']} with {len(book.right_codes)} right codes; notices: {total['notice']}"
    )
    for sentence in book.broken[:MOST_TOLD]:
        click.echo(f"BROKEN: {sentence}")
    click.echo(f"broken promises: {len(book.broken)}")
