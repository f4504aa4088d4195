"""From adapters to flows."""

from recovery_site.bootstrap.imports import make_import
from recovery_site.bootstrap.provisioning import make_grant_many, make_members, make_rename
from recovery_site.bootstrap.rules import (
    activation_rules,
    alarm_phone,
    door_rules,
    password_policy,
    proof_rules,
    recovery_rules,
    wording,
)
from recovery_site.bootstrap.services import Adapters, Services
from recovery_site.flow.account_page import AccountPage
from recovery_site.flow.activated import ActivatedDirectory
from recovery_site.flow.alarm import Alarm
from recovery_site.flow.budget import Budget
from recovery_site.flow.carriers import Carriers
from recovery_site.flow.change import ChangePassword
from recovery_site.flow.check_accounts import CheckAccounts
from recovery_site.flow.compose import Compose
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.dispatch import Dispatch
from recovery_site.flow.door import Door
from recovery_site.flow.judge_password import JudgePassword
from recovery_site.flow.notices import Notices
from recovery_site.flow.proofs import Proofs
from recovery_site.flow.provision import Provision
from recovery_site.flow.receivers import Receivers
from recovery_site.flow.recover import Recover
from recovery_site.flow.reports import Reports
from recovery_site.flow.reset import Reset
from recovery_site.flow.set_password import SetPassword
from recovery_site.flow.sign_in import SignIn
from recovery_site.flow.tracking import Tracking
from recovery_site.flow.under_way import UnderWay
from recovery_site.flow.upkeep import Upkeep
from recovery_site.ports import (
    Directory,
)
from recovery_site.settings import Settings
from recovery_site.settings.limits import amount


def assemble(settings: Settings, given: Adapters) -> Services:
    """Return the flows over the adapters."""
    clocked = ActivatedDirectory(given.directory, given.transactions, given.clock)
    private = settings.disclosure.is_private
    under_way = UnderWay(given.transactions, clocked, given.clock, given.keys, private=private)
    budget = Budget(settings.sms.daily_budget)
    parallel = {name: table.parallel for name, table in settings.sms.gateway.items()}
    carriers = Carriers(given.gateways, given.clock, parallel)
    compose = Compose(clocked, given.keys, wording(settings))
    receivers = Receivers(compose, given.mailer, given.hooks)
    number = alarm_phone(settings.site)
    notices = Notices(given.keys, budget, given.clock, given.chance, receivers.channels, number)
    alarm = Alarm(amount(settings.limits.wrong_codes_of_site), notices)
    deliver = Deliver(given.transactions, compose, carriers, given.clock, receivers)
    tracking = Tracking(given.transactions, carriers, given.clock, private=private)
    sign_in = make_sign_in(settings, given, clocked)
    upkeep = Upkeep(given.transactions, given.directory, notices, given.clock)
    door = make_door(settings, given, alarm)
    reports = Reports(given.transactions, carriers, deliver, given.clock, given.keys)
    provision = make_provision(settings, given, notices, deliver)
    return Services(
        settings=settings,
        adapters=given,
        directory=clocked,
        rules=recovery_rules(settings.code),
        policy=password_policy(settings),
        under_way=under_way,
        budget=budget,
        deliver=deliver,
        tracking=tracking,
        reports=reports,
        dispatch=Dispatch(deliver, reports, given.bell, upkeep),
        alarm=alarm,
        door=door,
        recover=make_recover(settings, given, under_way, deliver, tracking, budget),
        reset=make_reset(settings, given, under_way, deliver, notices, door, alarm),
        sign_in=sign_in,
        change=make_change(settings, given, sign_in, clocked, notices, deliver),
        account_page=AccountPage(given.transactions, settings.disclosure.mask),
        provision=provision,
        grant_many=make_grant_many(settings, given, provision),
        members=make_members(settings, given, under_way),
        rename_domain=make_rename(settings, given),
        upkeep=upkeep,
        import_accounts=make_import(settings, given),
        check_accounts=CheckAccounts(clocked),
    )


def make_door(settings: Settings, given: Adapters, alarm: Alarm) -> Door:
    """Return what stands before the verbs of a recovery."""
    proofs = Proofs(given.puzzles, given.keys, given.clock, given.chance, proof_rules(settings.proof))
    return Door(
        given.transactions,
        proofs,
        alarm,
        given.clock,
        door_rules(settings.limits),
        domains=settings.site.mail_domains,
        aliases=settings.site.domain_aliases,
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


def make_reset(
    settings: Settings,
    given: Adapters,
    under_way: UnderWay,
    deliver: Deliver,
    notices: Notices,
    door: Door,
    alarm: Alarm,
) -> Reset:
    """Return the flow of the last step."""
    return Reset(
        transactions=given.transactions,
        set_password=make_set_password(settings, given),
        under_way=under_way,
        deliver=deliver,
        notices=notices,
        door=door,
        alarm=alarm,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        rules=recovery_rules(settings.code),
        judge=JudgePassword(password_policy(settings), given.leaked),
    )


def make_sign_in(settings: Settings, given: Adapters, directory: Directory) -> SignIn:
    """Return the flow of signing in."""
    return SignIn(
        transactions=given.transactions,
        directory=directory,
        clock=given.clock,
        chance=given.chance,
        domains=settings.site.mail_domains,
        aliases=settings.site.domain_aliases,
    )


def make_provision(settings: Settings, given: Adapters, notices: Notices, deliver: Deliver) -> Provision:
    """Return the flow of handing accounts out."""
    return Provision(
        transactions=given.transactions,
        directory=given.directory,
        notices=notices,
        wake=deliver.wake,
        clock=given.clock,
        chance=given.chance,
        keys=given.keys,
        rules=activation_rules(settings.activation),
        policy=password_policy(settings),
        store=given.accounts,
    )


def make_change(
    settings: Settings, given: Adapters, sign_in: SignIn, directory: Directory, notices: Notices, deliver: Deliver
) -> ChangePassword:
    """Return the flow of changing one's own password."""
    return ChangePassword(
        transactions=given.transactions,
        directory=directory,
        sign_in=sign_in,
        set_password=make_set_password(settings, given),
        notices=notices,
        deliver=deliver,
        clock=given.clock,
        chance=given.chance,
        judge=JudgePassword(password_policy(settings), given.leaked),
    )


def make_set_password(settings: Settings, given: Adapters) -> SetPassword:
    """Return what sets passwords."""
    one_database = settings.directory.kind == "embedded"
    return SetPassword(given.transactions, given.directory, given.clock, one_database=one_database)
