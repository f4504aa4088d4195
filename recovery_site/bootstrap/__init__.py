"""The only place where ports meet adapters: from settings to services."""

import atexit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from recovery_site.adapters import logs
from recovery_site.adapters.database.bell import open_bell
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.schema import require_current
from recovery_site.adapters.database.transaction import transactions
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import read_key_ring
from recovery_site.adapters.limits import read_rules
from recovery_site.adapters.sms.console import DemoPhones
from recovery_site.adapters.smtp import SmtpMailer
from recovery_site.adapters.system import SystemChance, SystemClock
from recovery_site.bootstrap.directories import make_directory
from recovery_site.bootstrap.gateways import make_gateways
from recovery_site.bootstrap.hooks import make_hooks
from recovery_site.bootstrap.imports import make_import
from recovery_site.bootstrap.rules import limit_rules, password_policy, recovery_rules, wording
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.messages import Channel
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.recovery import RecoveryRules
from recovery_site.flow.budget import Budget
from recovery_site.flow.carriers import Carriers
from recovery_site.flow.check_accounts import CheckAccounts
from recovery_site.flow.compose import Compose
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.dispatch import Dispatch
from recovery_site.flow.fill_phones import FillPhones
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.flow.notices import Notices
from recovery_site.flow.receivers import Receivers
from recovery_site.flow.recover import Recover
from recovery_site.flow.reports import Reports, report_url
from recovery_site.flow.reset import Reset
from recovery_site.flow.sign_in import SignIn
from recovery_site.flow.tracking import Tracking
from recovery_site.flow.under_way import UnderWay
from recovery_site.ports import (
    AccountStore,
    Bell,
    Chance,
    Clock,
    Directory,
    Hook,
    Inbox,
    Mailer,
    SmsGateway,
    Transactions,
)
from recovery_site.settings import Settings


@dataclass(frozen=True)
class Adapters:
    """What stands behind the ports."""

    engine: Engine
    transactions: Transactions
    directory: Directory
    accounts: AccountStore | None
    """The site's own directory; None where the accounts are another system's."""
    gateways: Mapping[str, SmsGateway]
    mailer: Mailer | None
    hooks: Mapping[Channel, Hook]
    bell: Bell
    clock: Clock
    chance: Chance
    keys: KeyRing
    inbox: Inbox | None


@dataclass(frozen=True)
class Services:
    """Everything that the pages and the commands work with."""

    settings: Settings
    adapters: Adapters
    rules: RecoveryRules
    policy: PasswordPolicy
    under_way: UnderWay
    budget: Budget
    deliver: Deliver
    tracking: Tracking
    reports: Reports
    dispatch: Dispatch
    recover: Recover
    reset: Reset
    sign_in: SignIn
    import_accounts: ImportAccounts | FillPhones
    check_accounts: CheckAccounts

    @property
    def engine(self) -> Engine:
        return self.adapters.engine

    @property
    def transactions(self) -> Transactions:
        return self.adapters.transactions

    @property
    def directory(self) -> Directory:
        return self.adapters.directory

    @property
    def gateways(self) -> Mapping[str, SmsGateway]:
        return self.adapters.gateways

    @property
    def clock(self) -> Clock:
        return self.adapters.clock

    @property
    def chance(self) -> Chance:
        return self.adapters.chance

    @property
    def keys(self) -> KeyRing:
        return self.adapters.keys

    @property
    def inbox(self) -> Inbox | None:
        return self.adapters.inbox

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()


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
        transactions=transactions(engine, clock, read_rules(limit_rules(settings)), keys.subkey(Label.LIMIT)),
        directory=directory(named) if directory else named,
        accounts=named if isinstance(named, EmbeddedDirectory) else None,
        gateways=gateways or carriers,
        mailer=SmtpMailer(settings.mail, clock) if settings.mail.host else None,
        hooks=make_hooks(settings, clock),
        bell=open_bell(engine, clock),
        clock=clock,
        chance=SystemChance(),
        keys=keys,
        inbox=phones,
    )
    return assemble(settings, adapters)


def assemble(settings: Settings, given: Adapters) -> Services:
    """Return the flows over the adapters."""
    site = settings.site
    under_way = UnderWay(given.transactions, given.directory, given.clock, given.keys)
    budget = Budget(settings.sms.daily_budget)
    parallel = {name: table.parallel for name, table in settings.sms.gateway.items()}
    carriers = Carriers(given.gateways, given.clock, parallel)
    compose = Compose(given.directory, given.keys, wording(settings))
    receivers = Receivers(compose, given.mailer, given.hooks)
    notices = Notices(under_way, budget, given.clock, given.chance, receivers.channels)
    deliver = Deliver(given.transactions, compose, carriers, given.clock, receivers)
    tracking = Tracking(given.transactions, carriers, given.clock)
    reports = Reports(given.transactions, carriers, deliver, given.clock, given.keys)
    return Services(
        settings=settings,
        adapters=given,
        rules=recovery_rules(settings.code),
        policy=password_policy(settings),
        under_way=under_way,
        budget=budget,
        deliver=deliver,
        tracking=tracking,
        reports=reports,
        dispatch=Dispatch(deliver, reports, given.bell),
        recover=make_recover(settings, given, under_way, deliver, tracking, budget),
        reset=make_reset(settings, given, under_way, deliver, notices),
        sign_in=SignIn(
            transactions=given.transactions,
            directory=given.directory,
            clock=given.clock,
            chance=given.chance,
            domains=site.mail_domains,
            aliases=site.domain_aliases,
        ),
        import_accounts=make_import(settings, given.directory, given.accounts, given.clock),
        check_accounts=CheckAccounts(given.directory),
    )


def make_recover(
    settings: Settings, given: Adapters, under_way: UnderWay, deliver: Deliver, tracking: Tracking, budget: Budget
) -> Recover:
    """Return the flow up to the code."""
    return Recover(
        transactions=given.transactions,
        under_way=under_way,
        deliver=deliver,
        tracking=tracking,
        budget=budget,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        rules=recovery_rules(settings.code),
        mask=settings.disclosure.mask,
        domains=settings.site.mail_domains,
        aliases=settings.site.domain_aliases,
    )


def make_reset(settings: Settings, given: Adapters, under_way: UnderWay, deliver: Deliver, notices: Notices) -> Reset:
    """Return the flow of the last step."""
    return Reset(
        transactions=given.transactions,
        directory=given.directory,
        under_way=under_way,
        deliver=deliver,
        notices=notices,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        rules=recovery_rules(settings.code),
        policy=password_policy(settings),
        one_database=settings.directory.kind == "embedded",
    )


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
