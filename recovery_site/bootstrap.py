"""The only place where ports meet adapters: from settings to services."""

import atexit
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from recovery_site.adapters import logs
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.schema import require_current
from recovery_site.adapters.database.transaction import transactions
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import read_key_ring
from recovery_site.adapters.limits import read_rules
from recovery_site.adapters.sms.console import ConsoleGateway, DemoPhones
from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.adapters.system import SystemChance, SystemClock
from recovery_site.domain.keys import KeyRing, Label
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.recovery import RecoveryRules
from recovery_site.flow.deliver import Deliver, Wording
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.flow.recover import Recover
from recovery_site.flow.reset import Reset
from recovery_site.flow.sign_in import SignIn
from recovery_site.flow.under_way import UnderWay
from recovery_site.ports import AccountStore, Chance, Clock, Directory, Inbox, Limit, SmsGateway, Transactions
from recovery_site.settings import Settings, sections
from recovery_site.settings import gateways as gateway_settings

DISPATCHERS = 4
"""Threads that send, in each process: one slow gateway's answer does not hold up the next official's code."""


@dataclass(frozen=True)
class Adapters:
    """What stands behind the ports."""

    engine: Engine
    transactions: Transactions
    directory: Directory
    accounts: AccountStore
    gateways: Mapping[str, SmsGateway]
    clock: Clock
    chance: Chance
    keys: KeyRing
    inbox: Inbox | None


@dataclass(frozen=True)
class Services:
    """Everything that the pages and the commands work with."""

    settings: Settings
    engine: Engine
    transactions: Transactions
    directory: Directory
    gateways: Mapping[str, SmsGateway]
    clock: Clock
    chance: Chance
    keys: KeyRing
    deliver: Deliver
    rules: RecoveryRules
    policy: PasswordPolicy
    under_way: UnderWay
    recover: Recover
    reset: Reset
    sign_in: SignIn
    import_accounts: ImportAccounts
    inbox: Inbox | None = None

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()


def bootstrap(
    settings: Settings,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    directory: Callable[[EmbeddedDirectory], Directory] | None = None,
    gateways: Mapping[str, SmsGateway] | None = None,
) -> Services:
    """Return the services of `settings`; tests hand in what they replace. Raises `KeyFileProblem`.

    `directory` wraps the one that the settings name. Nothing is started: see `start_dispatchers`.
    """
    clock = clock or SystemClock()
    keys = read_key_ring(settings.site.key_files)
    engine = open_engine(settings.database.url)
    embedded = EmbeddedDirectory(engine)
    phones = DemoPhones(clock) if demo else None
    adapters = Adapters(
        engine=engine,
        transactions=transactions(engine, clock, read_rules(limit_rules(settings.limits)), keys.subkey(Label.LIMIT)),
        directory=directory(embedded) if directory else embedded,
        accounts=embedded,
        gateways=gateways or ({"demo": phones} if phones else make_gateways(settings)),
        clock=clock,
        chance=SystemChance(),
        keys=keys,
        inbox=phones,
    )
    return assemble(settings, adapters)


def assemble(settings: Settings, adapters: Adapters) -> Services:
    """Return the flows over `adapters`."""
    given = adapters
    wording = Wording(settings.code.digits, settings.otp_host, settings.site.contact.phone)
    deliver = Deliver(given.transactions, given.directory, given.gateways, given.clock, given.keys, wording)
    under_way = UnderWay(given.transactions, given.directory, given.clock, given.keys)
    site = settings.site
    return Services(
        settings=settings,
        engine=given.engine,
        transactions=given.transactions,
        directory=given.directory,
        gateways=given.gateways,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        deliver=deliver,
        rules=recovery_rules(settings.code),
        policy=password_policy(settings),
        under_way=under_way,
        recover=make_recover(settings, given, under_way, deliver),
        reset=make_reset(settings, given, under_way, deliver),
        sign_in=SignIn(
            transactions=given.transactions,
            directory=given.directory,
            clock=given.clock,
            chance=given.chance,
            domains=site.mail_domains,
            aliases=site.domain_aliases,
        ),
        import_accounts=ImportAccounts(
            store=given.accounts, clock=given.clock, domains=site.mail_domains, aliases=site.domain_aliases
        ),
        inbox=given.inbox,
    )


def make_recover(settings: Settings, given: Adapters, under_way: UnderWay, deliver: Deliver) -> Recover:
    """Return the flow up to the code."""
    return Recover(
        transactions=given.transactions,
        under_way=under_way,
        deliver=deliver,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        rules=recovery_rules(settings.code),
        mask=settings.disclosure.mask,
        domains=settings.site.mail_domains,
        aliases=settings.site.domain_aliases,
    )


def make_reset(settings: Settings, given: Adapters, under_way: UnderWay, deliver: Deliver) -> Reset:
    """Return the flow of the last step."""
    return Reset(
        transactions=given.transactions,
        directory=given.directory,
        under_way=under_way,
        deliver=deliver,
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
    stop = threading.Event()
    threads = [
        threading.Thread(target=services.deliver.run, args=(stop,), name=f"dispatcher-{number}", daemon=True)
        for number in range(DISPATCHERS)
    ]
    for thread in threads:
        thread.start()

    def end() -> None:
        stop.set()
        for _ in threads:
            services.deliver.wake()
        for thread in threads:
            thread.join()

    return end


def make_gateways(settings: Settings) -> dict[str, SmsGateway]:
    """Return the gateways in the order in which they are tried."""
    made: dict[str, SmsGateway] = {}
    for name in settings.sms.gateways:
        match settings.sms.gateway[name]:
            case gateway_settings.ConsoleGateway():
                made[name] = ConsoleGateway()
            case gateway_settings.HttpGateway() as http:
                made[name] = HttpGateway(http)
    return made


def recovery_rules(code: sections.Code) -> RecoveryRules:
    """Return the numbers of the recovery's rules."""
    return RecoveryRules(
        code_lifetime=timedelta(seconds=code.lifetime_seconds),
        resend_after=timedelta(seconds=code.resend_after_seconds),
        attempts=code.attempts,
        digits=code.digits,
    )


def password_policy(settings: Settings) -> PasswordPolicy:
    """Return the password rule; the province's name and its domains are words that a password may not be built on."""
    site, password = settings.site, settings.password
    province = site.province.split(maxsplit=1)[-1]
    labels = [domain.split(".")[0] for domain in (*site.mail_domains, *site.domain_aliases)]
    return PasswordPolicy(
        min_length=password.min_length,
        max_length=password.max_length,
        min_score=password.min_score,
        context_words=(*password.context_words, site.province, province, *labels),
    )


def limit_rules(limits: sections.Limits) -> dict[Limit, str]:
    """Return the rule of each limit: the setting of the same name."""
    return {limit: getattr(limits, limit.name.lower()) for limit in Limit}
