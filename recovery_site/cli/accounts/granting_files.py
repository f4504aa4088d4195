"""`accounts grant-file`: the accounts of a file handed out, after all of its rows were judged."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from recovery_site.adapters.spreadsheets import GRANT_HEADINGS, read_sheet
from recovery_site.bootstrap import Services
from recovery_site.cli.accounts.actors import actor, by_option
from recovery_site.cli.accounts.handing import handing_over, keep, require_one_way, warnings, way_options, why_stopped
from recovery_site.cli.accounts.slips import STDOUT
from recovery_site.cli.accounts.words import numbers
from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.domain.account_rows import SheetRow
from recovery_site.flow.grant_many import Judged, StoppedHandingOut

BEFORE = "email: it was handed out before, by the same request; it is left as it is"


@click.command("grant-file")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Judge all rows, print what would be handed out, and change nothing.")
@way_options("--slips")
@by_option
def grant_file(file: Path, slips: str | None, *, dry_run: bool, by_sms: bool, by: str | None) -> None:
    """Hand out the accounts of FILE: CSV in UTF-8 (with , ; or tab) or .xlsx, each as `accounts grant` does.

    \b
    The columns are those of `accounts import`, without passwords, and how each account was asked for:
      document       Số văn bản                     the number of the document
      document_date  Ngày văn bản                   its date, 01/03/2026
      caller         Người đề nghị qua điện thoại   in place of a document: who asked by telephone
      called_at      Thời điểm gọi                  when, 02/03/2026 15:04; now where it is empty

    All rows are judged before the first account is handed out. Every bad row is named with its line and its reasons,
    and nothing is handed out until all rows are good. Accounts of one file may have been asked for by one document;
    that is said as a warning.

    Where the directory or the network fails half-way, the slips made so far are in their file, and the same file, with
    another name for the slips, goes on from there: what was handed out by the same request before is left as it is.

    \b
    Examples:
      recovery-site accounts grant-file --dry-run cong-van-125.xlsx
      recovery-site accounts grant-file cong-van-125.xlsx --slips phieu-125.html
      recovery-site accounts grant-file cong-van-125.xlsx --sms
    """
    if not dry_run:
        require_one_way(slips, by_sms=by_sms, option="--slips")
    who = actor(by)
    with open_services() as services:
        rows = read_sheet(file, GRANT_HEADINGS)
        judged = _judge(services, rows)
        if judged.bad:
            raise Refused(*(f"line {row.line}: {'; '.join(row.reasons)}" for row in judged.bad), _nothing_done(judged))
        for line in [*_before(judged), *warnings(judged.documents)]:
            click.echo(line, err=True)
        if dry_run:
            lines = _tried(judged, services.settings.disclosure.mask)
        else:
            _hand_out(services, judged, who, slips, by_sms=by_sms)
            lines = _did(judged, slips)
    for line in lines:
        click.echo(line, err=slips == STDOUT)


def _judge(services: Services, rows: Sequence[SheetRow]) -> Judged:
    with _bar("Looking up", len(rows)) as bar:
        return services.grant_many.judge(rows, progress=bar.update)


def _hand_out(services: Services, judged: Judged, who: str, slips: str | None, *, by_sms: bool) -> None:
    if not judged.grants:  # no file of slips either
        return
    flow = services.grant_many
    try:
        with handing_over(services, slips) as hand_over, _bar("Handing out", len(judged.grants)) as bar:
            flow.hand_out(judged, who, by_sms=by_sms, each=hand_over, progress=bar.update)
    except StoppedHandingOut as stopped:
        raise Refused(*why_stopped(flow, stopped.address, stopped.fault), _how_far(stopped, slips)) from stopped


def _bar(label: str, length: int) -> AbstractContextManager[Any]:
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _before(judged: Judged) -> list[str]:
    return [f"line {line}: {BEFORE}" for line, _ in judged.before]


def _nothing_done(judged: Judged) -> str:
    return f"Nothing was handed out: {len(judged.bad)} of {judged.read} rows are bad. Correct them."


def _did(judged: Judged, slips: str | None) -> list[str]:
    done = f"{judged.read} rows read: {len(judged.grants)} handed out, {len(judged.before)} handed out before."
    if not judged.grants or slips == STDOUT:
        return [done]
    return [done, keep(slips) if slips else "The first passwords go to the contact phones by SMS."]


def _tried(judged: Judged, mask: str) -> list[str]:
    summary = (
        f"{judged.read} rows read: {len(judged.grants)} would be handed out, {len(judged.before)} were before. "
        "Nothing was changed."
    )
    accounts = [grant.account for grant in judged.grants]
    return [*(f"{one.address}: would be handed out to {numbers(one.phones, mask)}" for one in accounts), summary]


def _how_far(stopped: StoppedHandingOut, slips: str | None) -> str:
    done = f"Stopped half-way: {stopped.done} of {stopped.wanted} accounts were handed out"
    if not slips or not stopped.done:
        return f"{done}. Running it again goes on from there."
    where = "standard output" if slips == STDOUT else slips
    return f"{done}; their slips are in {where}. Running it again, with another file for slips, goes on from there."
