"""`accounts grant` and `accounts grant-again`: one account handed out, with a first password that has to be changed."""

from datetime import datetime

import click

from recovery_site.bootstrap import Services
from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.accounts.addresses import typed_address
from recovery_site.cli.accounts.handing import (
    asking_options,
    handing_over,
    options,
    require_one_way,
    say,
    warnings,
    way_options,
    why_stopped,
)
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.account_rows import SheetRow
from recovery_site.domain.activation import Asking
from recovery_site.domain.grant_rows import GrantReader
from recovery_site.flow.grant_many import AGAINST, FAULTS, Judged
from recovery_site.flow.provision import Grant, Granted, GrantProblem, GrantRefused

NEVER_ASKED_FOR = "nobody has asked for it yet: give --document with --document-date, or --caller"

ASKING = ("document", "document_date", "caller", "called_at")
"""The columns of how an account was asked for, which are options here."""


@click.command()
@click.argument("email")
@click.option("--name", help="The person's name, or the group's.")
@click.option("--unit", help="The unit that the account belongs to.")
@click.option("--phone", metavar="NUMBER", help="The contact phone; of a group, one of the members'.")
@click.option("--member", "members", multiple=True, metavar='"NAME <NUMBER>"', help="Of a group: 2 to 5 times.")
@asking_options
@way_options("--slip")
@by_option
def grant(
    email: str, slips: str | None, *, members: tuple[str, ...], by_sms: bool, by: str | None, **words: str | None
) -> None:
    """Hand the account EMAIL out, to one person or to a group of 2 to 5 people.

    It gets a first password, which is shown once: on the printed slip, or in the SMS to the contact phone. From then on
    six hours run (activation.lifetime_seconds): an account whose password was not changed by their end is locked. An
    hour before, its contact phone is reminded. `accounts grant-again` starts the clock again.

    An account is asked for in writing (--document, --document-date) or by telephone (--caller, --called-at). That one
    document asks for several accounts is allowed, and said as a warning.

    The slip is one page of A6. Its file can be read by you alone, and is never written over.

    \b
    Examples:
      recovery-site accounts grant an.tran --name "Trần Văn An" --unit "Văn phòng UBND" \\
          --phone "0393 070 121" --document 125/CV-VP --document-date 01/03/2026 --slip an.html
      recovery-site accounts grant tiep-dan --name "Phòng Tiếp dân" --unit "Văn phòng UBND" \\
          --member "Lê An <0393070121>" --member "Lý Bình <0912345678>" --caller "Lê Thị Bình" --sms
    """
    require_one_way(slips, by_sms=by_sms, option="--slip")
    who = actor(by)
    with open_services() as services:
        judged = _judged(services, email, members, words)
        with handing_over(services, slips) as hand_over:
            granted = _granted(services, judged.grants[0], who, by_sms=by_sms)
            hand_over(granted)
        for line in warnings(judged.documents):
            click.echo(line, err=True)
        say(granted, services.settings.disclosure.mask, slips)


@click.command("grant-again")
@click.argument("email")
@asking_options
@way_options("--slip")
@by_option
def grant_again(email: str, slips: str | None, *, by_sms: bool, by: str | None, **words: str | None) -> None:
    """Give the account EMAIL a new first password and start its clock again; a locked one is opened.

    For a first password that was not changed in time, was lost, or never reached its receiver. Open recoveries,
    sessions and the password so far end. Without --document or --caller it is written down as asked for as before.

    \b
    Examples:
      recovery-site accounts grant-again an.tran --slip an-2.html
      recovery-site accounts grant-again an.tran --caller "Trần Văn An" --called-at "02/03/2026 08:15" --sms
    """
    require_one_way(slips, by_sms=by_sms, option="--slip")
    who = actor(by)
    with open_services() as services:
        address = typed_address(services, email)
        asking = _asking(words, services.clock.now())
        with handing_over(services, slips) as hand_over:
            granted = _again(services, address, who, asking, by_sms=by_sms)
            hand_over(granted)
        for line in warnings({granted.activation.document: granted.same_document} if granted.same_document else {}):
            click.echo(line, err=True)
        say(granted, services.settings.disclosure.mask, slips)


def _judged(services: Services, email: str, members: tuple[str, ...], words: dict[str, str | None]) -> Judged:
    """Return what the command asks for, read as a file of one row. Raises `Refused`."""
    address = typed_address(services, email)
    given = {"display_name": words.pop("name"), **words, "email": address}
    cells = {column: text for column, text in given.items() if text is not None}
    if members:
        cells |= {"kind": "group", "members": ";".join(one.replace(";", " ") for one in members)}
    judged = services.grant_many.judge([SheetRow(1, cells)])
    if judged.before:
        raise Refused(f"{judged.before[0][1].address}: {AGAINST[GrantProblem.RUNNING]}")
    if judged.bad:
        raise Refused(*options(judged.bad[0].reasons, address))
    return judged


def _asking(words: dict[str, str | None], now: datetime) -> Asking | None:
    cells = {column: text for column in ASKING if (text := words[column]) is not None}
    if not cells:
        return None
    reader = GrantReader(SheetRow(1, {"email": "a@a.vn", **cells}), domains=["a.vn"], aliases={}, now=now)
    asking = reader.asking()
    if reader.reasons:
        raise Refused(*options(reader.reasons, ""))
    return asking


def _granted(services: Services, wanted: Grant, who: str, *, by_sms: bool) -> Granted:
    try:
        return services.provision.grant_one_of_many(wanted, who, by_sms=by_sms)
    except FAULTS as fault:
        raise Refused(*why_stopped(services.grant_many, wanted.account.address, fault)) from fault


def _again(services: Services, address: str, who: str, asking: Asking | None, *, by_sms: bool) -> Granted:
    try:
        return services.provision.grant_again(address, who, asking, by_sms=by_sms)
    except GrantRefused as refused:
        if refused.problem is GrantProblem.UNKNOWN and services.directory.find(address) is not None:
            raise Refused(f"{address}: {NEVER_ASKED_FOR}") from refused
        raise Refused(*why_stopped(services.grant_many, address, refused)) from refused
    except FAULTS as fault:
        raise Refused(*why_stopped(services.grant_many, address, fault)) from fault
