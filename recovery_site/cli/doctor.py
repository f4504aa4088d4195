"""`recovery-site doctor`: is everything there that the site needs?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import read_key_ring
from recovery_site.bootstrap.gateways import make_gateways
from recovery_site.cli.problems import KNOWN, Refused, sentences
from recovery_site.ports import GatewayFault, SmsGateway
from recovery_site.settings import Settings, SettingsRefused, load


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: a line for the operator, and whether the site can do its work with it."""

    line: str
    works: bool


@click.command()
def doctor() -> None:
    """Check the settings, the key, the database, the directory and the SMS gateways; nothing is sent or changed.

    One line for each check says "ok" or what to do. The exit code is 1 where a check fails; a warning is no failure.

    \b
    Example:
      RECOVERY_CONFIG=/etc/recovery-site.toml recovery-site doctor
    """
    findings = []
    for finding in _examine():
        click.echo(finding.line)
        findings.append(finding)
    failed = sum(not finding.works for finding in findings)
    if failed:
        raise Refused(f"{failed} of {len(findings)} checks failed.")


def _examine() -> Iterator[Finding]:
    try:
        settings = load()
    except SettingsRefused as refused:
        yield from (Finding(f"settings: {problem}", works=False) for problem in refused.problems)
        return
    yield Finding("settings: ok", works=True)
    yield from (_key_file(path) for path in settings.site.key_files)
    yield from _database(settings.database.url)
    for name, gateway in make_gateways(settings, lambda _name: settings.site.base_url).items():
        yield _gateway(name, gateway)
    yield from _warnings(settings)


def _key_file(path: Path) -> Finding:
    return _tried(f"{path}: ok", lambda: read_key_ring([path]))


def _database(url: str) -> Iterator[Finding]:
    """Check the database, and where it works what stands in it: its schema, and the embedded directory."""
    try:
        engine = open_engine(url)
    except KNOWN as error:
        yield from (Finding(line, works=False) for line in sentences(error))
        return
    try:
        if schema.is_missing(engine):
            yield Finding("database: there is none yet; run: recovery-site db upgrade", works=False)
            return
        reached = _tried("database: ok", lambda: _reach(engine))
        yield reached
        if reached.works:
            yield from _content(engine)
    finally:
        engine.dispose()


def _reach(engine: Engine) -> None:
    with engine.begin():
        pass


def _content(engine: Engine) -> Iterator[Finding]:
    current = _tried("schema: ok", lambda: schema.require_current(engine))
    yield current
    if current.works:
        yield _tried("directory: ok", EmbeddedDirectory(engine).check)


def _gateway(name: str, gateway: SmsGateway) -> Finding:
    try:
        gateway.check()
    except GatewayFault as fault:
        return Finding(f"gateway {name}: cannot be reached ({fault}); look at sms.gateway.{name}", works=False)
    return Finding(f"gateway {name}: ok", works=True)


def _warnings(settings: Settings) -> Iterator[Finding]:
    consoles = [name for name in settings.sms.gateways if settings.sms.gateway[name].kind == "console"]
    if settings.site.is_https and consoles:
        names = ", ".join(consoles)
        yield Finding(f"gateway {names}: warning: it prints the codes instead of sending them", works=True)


def _tried(ok: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except KNOWN as error:
        return Finding("; ".join(sentences(error)), works=False)
    return Finding(ok, works=True)
