"""`python -m scripts.attack [timing | cost]`: without a word, hostile requests of twenty kinds."""

import time

import click

from scripts.attack.cost import cost
from scripts.attack.run import attack, figures
from scripts.attack.target import running
from scripts.attack.timing import timing


@click.group(invoke_without_command=True)
@click.option("--requests", default=100_000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=1, show_default=True, help="The same seed asks the same.")
@click.option("--postgresql", is_flag=True, help="Over PostgreSQL instead of SQLite.")
@click.option("--servers", default=1, show_default=True, help="Server processes; each has two workers.")
@click.option("--threads", default=8, show_default=True, help="Attackers at once.")
@click.pass_context
def main(context: click.Context, requests: int, seed: int, postgresql: bool, servers: int, threads: int) -> None:
    """Attack a fresh site on 127.0.0.1 with hostile requests of twenty kinds. Exit code 1 where a promise broke."""
    if context.invoked_subcommand:
        return
    with running(postgresql=postgresql, servers=servers, code={"resend_after_seconds": 1}) as target:
        started = time.monotonic()
        book, found = attack(target, requests=requests, seed=seed, threads=threads)
        click.echo(f"{time.monotonic() - started:.0f} s, {target.services.engine.dialect.name}, {servers} server(s)")
        figures(book, found)
    raise SystemExit(1 if book.broken else 0)


main.add_command(timing)
main.add_command(cost)

if __name__ == "__main__":
    main()
