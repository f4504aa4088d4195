"""The only place where ports meet adapters: from settings to services."""

import atexit
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from recovery_site.adapters import logs
from recovery_site.adapters.database.audit_chain import Sealing
from recovery_site.adapters.database.bell import open_bell
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.schema import require_current
from recovery_site.adapters.database.transaction import transactions
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import read_key_ring
from recovery_site.adapters.leaked_file import LeakedFile
from recovery_site.adapters.limits.counted import limits_over
from recovery_site.adapters.puzzles import AltchaPuzzles
from recovery_site.adapters.sms.console import DemoPhones
from recovery_site.adapters.smtp import SmtpMailer
from recovery_site.adapters.system import SystemChance, SystemClock
from recovery_site.bootstrap.counters import make_counters
from recovery_site.bootstrap.directories import make_directory
from recovery_site.bootstrap.flows import assemble
from recovery_site.bootstrap.gateways import make_gateways
from recovery_site.bootstrap.hooks import make_hooks
from recovery_site.bootstrap.rules import limit_rules
from recovery_site.bootstrap.services import Adapters, Services
from recovery_site.domain.keys import Label
from recovery_site.flow.reports import report_url
from recovery_site.ports import (
    Clock,
    Directory,
    SmsGateway,
)
from recovery_site.settings import Settings

__all__ = ["Adapters", "Services", "bootstrap", "start", "start_dispatchers"]


def bootstrap(
    settings: Settings,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    directory: Callable[[Directory], Directory] | None = None,
    gateways: Mapping[str, SmsGateway] | None = None,
) -> Services:
    """Return the services of `settings`; tests hand in what they replace. Raises `KeyFileProblem`.

    `directory` wraps the one that the settings name. Nothing is started: see `start_dispatchers`.
    """
    clock = clock or SystemClock()
    keys = read_key_ring(settings.site.key_files)
    engine = open_engine(settings.database.url)
    named = make_directory(settings, engine, clock)
    phones = DemoPhones(clock) if demo else None
    carriers = (
        {"demo": phones} if phones else make_gateways(settings, partial(report_url, settings.site.base_url, keys))
    )
    adapters = Adapters(
        engine=engine,
        transactions=transactions(
            engine,
            clock,
            limits_over(make_counters(settings.limits), limit_rules(settings), keys.subkey(Label.LIMIT)),
            Sealing.of(keys, SystemChance()),
        ),
        directory=directory(named) if directory else named,
        accounts=named if isinstance(named, EmbeddedDirectory) else None,
        gateways=gateways or carriers,
        mailer=SmtpMailer(settings.mail, clock) if settings.mail.host else None,
        hooks=make_hooks(settings, clock),
        bell=open_bell(engine, clock),
        clock=clock,
        chance=SystemChance(),
        keys=keys,
        puzzles=AltchaPuzzles(keys.subkey(Label.PROOF), settings.proof.cost),
        leaked=LeakedFile(Path(settings.password.leaked_file)) if settings.password.leaked_file else None,
        inbox=phones,
    )
    return assemble(settings, adapters)


def start(settings: Settings) -> Services:
    """Return the services of one serving process: logs as JSON, dispatchers running where the settings want them here.

    Raises `KeyFileProblem`, `SchemaOutdated`.
    """
    logs.configure(as_json=True)
    services = bootstrap(settings)
    require_current(services.engine)
    if settings.sms.dispatcher == "thread":
        atexit.register(start_dispatchers(services))
    return services


def start_dispatchers(services: Services) -> Callable[[], None]:
    """Start this process's dispatchers and return what stops them, after the message that each has in hand."""
    services.dispatch.start()
    return services.dispatch.stop
