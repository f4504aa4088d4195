"""What the commands that hand accounts out share: how a first password reaches its receiver, and what is said of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from recovery_site.bootstrap import Services
from recovery_site.cli.accounts.slips import STDOUT, open_slips
from recovery_site.cli.problems import Refused, sentences
from recovery_site.domain.account_rows import THE_RULE
from recovery_site.domain.local_time import written
from recovery_site.domain.people import mask_number
from recovery_site.flow.grant_many import CANNOT_ADD, GrantMany
from recovery_site.flow.provision import Granted, GrantRefused
from recovery_site.ports import CannotAdd, DirectoryUnavailable, PasswordRefused, UnknownAccount

MOST_NAMED = 5
"""So many addresses are named in a warning."""

_OPTIONS = {
    "display_name": "--name",
    "unit": "--unit",
    "phone": "--phone",
    "members": "--member",
    "document": "--document",
    "document_date": "--document-date",
    "caller": "--caller",
    "called_at": "--called-at",
}

Command = TypeVar("Command", bound=Callable[..., object])
Tell = Callable[[Granted], None]


def asking_options(command: Command) -> Command:
    """Give the command the options that say how the account was asked for."""
    for name, metavar, told in (
        ("--called-at", '"DD/MM/YYYY HH:MM"', "When the call was; now where it is left out."),
        ("--caller", "NAME", "Who asked for it by telephone, in place of a document."),
        ("--document-date", "DD/MM/YYYY", "The date of that document."),
        ("--document", "NUMBER", "The number of the document that asks for it."),
    ):
        click.option(name, metavar=metavar, help=told)(command)
    return command


def way_options(slips: str) -> Callable[[Command], Command]:
    """Give the command the options that say how the first password reaches its receiver."""

    def give(command: Command) -> Command:
        by_sms = "Send the first password by SMS to the contact phone."
        on_paper = "Write the printable slip, with the first password, into this new file; - is standard output."
        click.option("--sms", "by_sms", is_flag=True, help=by_sms)(command)
        return click.option(slips, "slips", metavar="FILE", help=on_paper)(command)

    return give


def require_one_way(slips: str | None, *, by_sms: bool, option: str) -> None:
    """Raise `UsageError` unless exactly one of the two ways is given."""
    if bool(slips) == by_sms:
        raise click.UsageError(f"Say how the first password is handed over: {option} FILE, or --sms.")


@contextmanager
def handing_over(services: Services, slips: str | None) -> Iterator[Tell]:
    """Yield what hands a first password over: it writes the slip, or has nothing to do where an SMS goes."""
    if not slips:
        yield lambda _: None
        return
    try:
        with open_slips(slips, services.settings.site) as opened:
            yield _writing(opened.add)
    except FileExistsError as error:
        raise Refused(f"{slips}: is there already, and may hold first passwords; give another name") from error


def why_stopped(flow: GrantMany, address: str, fault: Exception) -> list[str]:
    """Return the sentences for one of `grant_many.FAULTS`."""
    match fault:
        case GrantRefused():
            return [f"{address}: {flow.against(fault)}"]
        case DirectoryUnavailable():
            return sentences(fault)
        case CannotAdd():
            return [f"{address}: {CANNOT_ADD}"]
        case PasswordRefused():
            reason = fault.problem.name.lower().replace("_", " ")
            return [f"{address}: the directory's own policy refused the first password ({reason})"]
        case UnknownAccount():
            return [f"{address}: the directory has no such account any more"]
        case _:
            return [f"{address}: there are more than five people ({THE_RULE})"]


def say(granted: Granted, mask: str, slips: str | None) -> None:
    """Tell the operator of an account that was handed out; never its password."""
    activation = granted.activation
    ends = f"its first password has to be changed before {written(activation.ends_at)}"
    lines = [f"{activation.address}: handed out; {ends} (reference {activation.reference})."]
    if not slips:
        to = mask_number(granted.account.phones[0].number, mask)
        lines.append(f"The first password goes to {to} by SMS.")
    elif slips != STDOUT:
        lines.append(keep(slips))
    for line in lines:
        click.echo(line, err=slips == STDOUT)


def keep(slips: str) -> str:
    """Return what to do with a file of slips."""
    return f"{slips}: print it, hand it over and delete it; the password is shown nowhere else."


def warnings(documents: Mapping[str, Sequence[str]], mine: str = "") -> list[str]:
    """Return a line for each document that asked for accounts before; `mine` says what it asks for now."""
    return [f"warning: document {number} {mine}{_before(others)}" for number, others in documents.items()]


def options(reasons: Sequence[str], email: str) -> list[str]:
    """Return the reasons against one account, each led by its option in place of its column."""
    found = []
    for reason in reasons:
        column, _, why = reason.partition(":")
        found.append(f"{email if column == 'email' else _OPTIONS.get(column, column)}:{why}")
    return found


def _before(others: Sequence[str]) -> str:
    if not others:
        return "asks for several accounts"
    more = ", …" if len(others) > MOST_NAMED else ""
    return f"was used before, for: {', '.join(others[:MOST_NAMED])}{more}"


def _writing(add: Tell) -> Tell:
    def write(granted: Granted) -> None:
        try:
            add(granted)
        except OSError as error:
            address = granted.activation.address
            raise Refused(
                f"{address}: was handed out, and its slip could not be written ({error.strerror or 'no reason'}); "
                "its password is lost: hand it out again with `accounts grant-again`"
            ) from error

    return write
