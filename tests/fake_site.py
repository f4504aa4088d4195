"""A whole site over fakes, for the stories of `tests/flow/` and the histories of `tests/properties/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery_site.domain.activation import ActivationRules
from recovery_site.domain.keys import KeyRing
from recovery_site.domain.messages import Channel
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.people import PhoneNumber
from recovery_site.domain.recovery import RecoveryRules
from recovery_site.flow.activated import ActivatedDirectory
from recovery_site.flow.alarm import Alarm
from recovery_site.flow.budget import Budget
from recovery_site.flow.carriers import Carriers
from recovery_site.flow.change import ChangePassword
from recovery_site.flow.compose import Compose, Wording
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.door import Door, DoorRules
from recovery_site.flow.judge_password import JudgePassword
from recovery_site.flow.notices import Notices
from recovery_site.flow.proofs import ProofRules, Proofs
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
from recovery_site.ports import Hook, Limit, SmsGateway
from tests.fake_transactions import FakeTransactions
from tests.fakes import (
    KEY,
    LEAKED,
    FakeChance,
    FakeClock,
    FakeDirectory,
    FakeGateway,
    FakeLeaked,
    FakeMailer,
    FakePuzzles,
)

RULES = RecoveryRules()


@dataclass
class FakeSite:
    """The flows over fakes, put together as `bootstrap` does it. `directory` is the mail system's own."""

    clock: FakeClock
    chance: FakeChance
    directory: FakeDirectory
    activated: ActivatedDirectory
    gateway: FakeGateway
    transactions: FakeTransactions
    keys: KeyRing
    deliver: Deliver
    tracking: Tracking
    reports: Reports
    mailer: FakeMailer | None
    under_way: UnderWay
    puzzles: FakePuzzles
    alarm: Alarm
    door: Door
    recover: Recover
    reset: Reset
    sign_in: SignIn
    change: ChangePassword
    provision: Provision
    upkeep: Upkeep

    def deliver_all(self) -> None:
        """Send everything that is due now."""
        while self.deliver.send_next():
            pass


def make_fake_site(
    *,
    keys: KeyRing | None = None,
    rules: RecoveryRules = RULES,
    limits: Mapping[Limit, str] | None = None,
    backup: SmsGateway | None = None,
    over: FakeSite | None = None,
    domains: Sequence[str] = ("soctrang.gov.vn",),
    aliases: Mapping[str, str] | None = None,
    contact_phone: str = "",
    mailer: FakeMailer | None = None,
    hooks: Mapping[Channel, Hook] | None = None,
    daily_budget: int = 2000,
    wrong_codes: int = 300,
    alarm_phone: PhoneNumber | None = None,
    activation: ActivationRules | None = None,
    directory_kind: type[FakeDirectory] = FakeDirectory,
    private: bool = False,
    mask: str = "4+3",
) -> FakeSite:
    """Return a site whose dispatcher works whenever a page waits for it.

    `over` gives the rows, the directory and the clock of another site: the same site after a restart.
    """
    clock = over.clock if over else FakeClock()
    chance = over.chance if over else FakeChance()
    gateway = over.gateway if over else FakeGateway()
    keys = keys or (over.keys if over else KeyRing((KEY,)))
    all_limits = {Limit.SENDS_OF_SITE: f"{daily_budget}/day", **(limits or {})}
    transactions = over.transactions if over else FakeTransactions(clock, all_limits)
    directory = over.directory if over else directory_kind(before=transactions.none_is_open)
    activated = ActivatedDirectory(directory, transactions, clock)
    gateways: dict[str, SmsGateway] = {"main": gateway} | ({"backup": backup} if backup else {})
    carriers = Carriers(gateways, clock)
    compose = Compose(
        activated,
        keys,
        Wording(rules.digits, contact_phone=contact_phone, system_name="Thư công vụ", alarm_phone=alarm_phone),
    )
    receivers = Receivers(compose, mailer, hooks or {})
    deliver = Deliver(transactions, compose, carriers, clock, receivers)
    tracking = Tracking(transactions, carriers, clock, private=private)
    reports = Reports(transactions, carriers, deliver, clock, keys)
    budget = Budget(daily_budget)
    under_way = UnderWay(transactions, activated, clock, keys, private=private)
    notices = Notices(keys, budget, clock, chance, receivers.channels, alarm_phone)
    alarm = Alarm(wrong_codes, notices)
    set_password = SetPassword(transactions, directory, clock)
    policy = PasswordPolicy(context_words=("Sóc Trăng",))
    judge = JudgePassword(policy, FakeLeaked(LEAKED))
    puzzles = over.puzzles if over else FakePuzzles()
    proofs = Proofs(puzzles, keys, clock, chance, ProofRules())
    door = Door(transactions, proofs, alarm, clock, DoorRules(), domains=domains, aliases=aliases or {})
    recover = Recover(
        transactions=transactions, under_way=under_way, deliver=deliver, tracking=tracking, budget=budget,
        clock=clock, chance=chance, keys=keys, rules=rules, mask=mask, domains=domains, aliases=aliases or {},
    )  # fmt: skip
    reset = Reset(
        transactions=transactions, set_password=set_password, under_way=under_way, deliver=deliver, notices=notices,
        door=door, alarm=alarm, clock=clock, chance=chance, keys=keys, rules=rules, judge=judge,
    )  # fmt: skip
    sign_in = SignIn(
        transactions=transactions, directory=activated, clock=clock, chance=chance, domains=domains,
        aliases=aliases or {},
    )  # fmt: skip
    change = ChangePassword(
        transactions=transactions, directory=activated, sign_in=sign_in, set_password=set_password, notices=notices,
        deliver=deliver, clock=clock, chance=chance, judge=judge,
    )  # fmt: skip
    provision = Provision(
        transactions=transactions, directory=directory, notices=notices, wake=deliver.wake, clock=clock,
        chance=chance, keys=keys, rules=activation or ActivationRules(), policy=policy,
    )  # fmt: skip
    upkeep = Upkeep(transactions, directory, notices, clock)
    clock.others = deliver.send_next
    return FakeSite(
        clock, chance, directory, activated, gateway, transactions, keys, deliver, tracking, reports, mailer,
        under_way, puzzles, alarm, door, recover, reset, sign_in, change, provision, upkeep,
    )  # fmt: skip
