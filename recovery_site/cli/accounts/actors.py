"""Who gives a command: the operating system's user, or the name that was given; the record keeps it."""

import getpass
from collections.abc import Callable
from typing import TypeVar

import click

from recovery_site.cli.problems import Refused
from recovery_site.domain.account_rows import Unfit, read_name

Command = TypeVar("Command", bound=Callable[..., object])


def by_option(command: Command) -> Command:
    """Give the command the option `--by`."""
    told = "Who does this, for the record; the operating system's user where it is left out."
    return click.option("--by", "by", metavar="NAME", help=told)(command)


def actor(by: str | None) -> str:
    """Return who does it. Raises `Refused` where nobody can be named."""
    try:
        name = read_name(getpass.getuser() if by is None else by)
    except (ImportError, KeyError, OSError, Unfit):
        name = ""
    if not name:
        raise Refused("nobody can be named for the record: give --by NAME, of at most 200 characters")
    return name
