"""`recovery-site doctor`: is everything there that the site needs?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.key_files import read_key_ring
from recovery_site.adapters.leaked_file import LeakedFile
from recovery_site.adapters.smtp import SmtpMailer
from recovery_site.adapters.system import SystemChance, SystemClock
from recovery_site.bootstrap.counters import probe_counters
from recovery_site.bootstrap.directories import make_directory
from recovery_site.bootstrap.gateways import make_gateways
from recovery_site.bootstrap.hooks import make_hooks
from recovery_site.cli.problems import KNOWN, Refused, sentences
from recovery_site.domain.messages import Sms
from recovery_site.domain.people import NotAMobileNumber, PhoneNumber, read_number
from recovery_site.domain.recovery import REFERENCE_ALPHABET, new_reference
from recovery_site.domain.secret import Secret
from recovery_site.ports import Directory, GatewayFault, SmsGateway
from recovery_site.settings import Settings, SettingsRefused, load


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: a line for the operator, and whether the site can do its work with it."""

    line: str
    works: bool


@click.command()
@click.option("--send-to", metavar="NUMBER", help="Also send one SMS to this number, with the code 000000.")
@click.option("--gateway", help="The gateway that sends it, where it is not the first.")
def doctor(send_to: str | None, gateway: str | None) -> None:
    """Check the settings, the key, the database, the directory, the SMS gateways, the mail server and the hooks.

    Nothing is changed, and nothing is sent without --send-to. One line for each check says "ok" or what to do. The exit
    code is 1 where a check fails.

    \b
    Examples:
      RECOVERY_CONFIG=/etc/recovery-site.toml recovery-site doctor
      recovery-site doctor --send-to 0912345678
    """
    findings = []
    for finding in _examine(_number(send_to), gateway):
        click.echo(finding.line)
        findings.append(finding)
    failed = sum(not finding.works for finding in findings)
    if failed:
        raise Refused(f"{failed} of {len(findings)} checks failed.")


def _number(typed: str | None) -> PhoneNumber | None:
    if typed is None:
        return None
    try:
        return read_number(typed)
    except NotAMobileNumber as error:
        raise click.BadParameter("not a Vietnamese mobile number", param_hint="--send-to") from error


def _examine(send_to: PhoneNumber | None, chosen: str | None) -> Iterator[Finding]:
    try:
        settings = load()
    except SettingsRefused as refused:
        yield from (Finding(f"settings: {problem}", works=False) for problem in refused.problems)
        return
    yield Finding("settings: ok", works=True)
    yield from (_key_file(path) for path in settings.site.key_files)
    yield from _database(settings)
    if settings.limits.storage != "database":
        yield _tried("limits: ok", lambda: probe_counters(settings.limits))
    if settings.password.leaked_file:
        path = Path(settings.password.leaked_file)
        yield _tried(f"{path}: ok", LeakedFile(path).check)
    gateways = make_gateways(settings, lambda _name: settings.site.base_url)
    for name, gateway in gateways.items():
        yield _peer(f"gateway {name}", f"sms.gateway.{name}", gateway.check)
    if settings.mail.host:
        yield _peer("mail", "mail", SmtpMailer(settings.mail, SystemClock()).check)
    for channel, hook in make_hooks(settings, SystemClock()).items():
        yield _peer(channel, channel, hook.check)
    if send_to:
        name = chosen or settings.sms.gateways[0]
        yield _sent(name, gateways.get(name), send_to, settings)


def _key_file(path: Path) -> Finding:
    return _tried(f"{path}: ok", lambda: read_key_ring([path]))


def _database(settings: Settings) -> Iterator[Finding]:
    """Check the database, its schema, and the directory: the embedded one stands in the database, others do not."""
    try:
        engine = open_engine(settings.database.url)
    except KNOWN as error:
        yield from (Finding(line, works=False) for line in sentences(error))
        return
    try:
        works = True
        for finding in _schema(engine):
            works = works and finding.works
            yield finding
        if works or settings.directory.kind != "embedded":
            yield from _directory(make_directory(settings, engine, SystemClock()))
    finally:
        engine.dispose()


def _schema(engine: Engine) -> Iterator[Finding]:
    if schema.is_missing(engine):
        yield Finding("database: there is none yet; run: recovery-site db upgrade", works=False)
        return
    reached = _tried("database: ok", lambda: _reach(engine))
    yield reached
    if reached.works:
        yield _tried("schema: ok", lambda: schema.require_current(engine))


def _reach(engine: Engine) -> None:
    with engine.begin():
        pass


def _directory(directory: Directory) -> Iterator[Finding]:
    for probe in directory.probe():
        yield Finding(f"directory, {probe.what}: {probe.problem or 'ok'}", works=not probe.problem)


def _peer(name: str, table: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except GatewayFault as fault:
        return Finding(f"{name}: {fault.kind} ({fault}); look at {table}", works=False)
    return Finding(f"{name}: ok", works=True)


def _sent(name: str, gateway: SmsGateway | None, to: PhoneNumber, settings: Settings) -> Finding:
    """Send the template of the settings, so that the carrier's rules about it are tried, too."""
    if gateway is None:
        return Finding(f"test message: sms.gateways names no {name}", works=False)
    code, chance = Secret("0" * settings.code.digits), SystemChance()
    reference = new_reference(chance.letters(REFERENCE_ALPHABET, 8))
    text = settings.sms.texts.texts.of_code(
        code=code, minutes=10, reference=reference, ordinal=1, host=settings.otp_host
    )
    try:
        accepted = gateway.send(to, Sms(chance.token(), text, code=code, minutes=10, reference=reference))
    except GatewayFault as fault:
        return Finding(f"test message: {name} did not take it: {fault.kind} ({fault})", works=False)
    whose = "the carrier has it" if accepted.by_carrier else "the gateway keeps it until the carrier takes it"
    return Finding(f"test message {reference}: {name} took it, {whose}", works=True)


def _tried(ok: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except KNOWN as error:
        return Finding("; ".join(sentences(error)), works=False)
    return Finding(ok, works=True)
