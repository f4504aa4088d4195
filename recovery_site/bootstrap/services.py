"""What the pages and the commands work with: the adapters, and the flows over them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from recovery_site.domain.keys import KeyRing
from recovery_site.domain.messages import Channel
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.recovery import RecoveryRules
from recovery_site.flow.account_page import AccountPage
from recovery_site.flow.alarm import Alarm
from recovery_site.flow.budget import Budget
from recovery_site.flow.change import ChangePassword
from recovery_site.flow.check_accounts import CheckAccounts
from recovery_site.flow.deliver import Deliver
from recovery_site.flow.dispatch import Dispatch
from recovery_site.flow.door import Door
from recovery_site.flow.fill_phones import FillPhones
from recovery_site.flow.grant_many import GrantMany
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.flow.members import Members
from recovery_site.flow.provision import Provision
from recovery_site.flow.recover import Recover
from recovery_site.flow.rename_domain import RenameDomain
from recovery_site.flow.reports import Reports
from recovery_site.flow.reset import Reset
from recovery_site.flow.sign_in import SignIn
from recovery_site.flow.tracking import Tracking
from recovery_site.flow.under_way import UnderWay
from recovery_site.flow.upkeep import Upkeep
from recovery_site.ports import (
    AccountStore,
    Bell,
    Chance,
    Clock,
    Directory,
    Hook,
    Inbox,
    LeakedPasswords,
    Mailer,
    Puzzles,
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
    puzzles: Puzzles
    leaked: LeakedPasswords | None
    inbox: Inbox | None


@dataclass(frozen=True)
class Services:
    """Everything that the pages and the commands work with."""

    settings: Settings
    adapters: Adapters
    directory: Directory
    """The mail system's directory as the clock of first passwords sees it; the adapter's own knows no clock."""
    rules: RecoveryRules
    policy: PasswordPolicy
    under_way: UnderWay
    budget: Budget
    deliver: Deliver
    tracking: Tracking
    reports: Reports
    dispatch: Dispatch
    alarm: Alarm
    door: Door
    recover: Recover
    reset: Reset
    sign_in: SignIn
    change: ChangePassword
    account_page: AccountPage
    provision: Provision
    grant_many: GrantMany
    members: Members
    rename_domain: RenameDomain | None
    """None where the mail system renames its own accounts."""
    upkeep: Upkeep
    import_accounts: ImportAccounts | FillPhones
    check_accounts: CheckAccounts

    @property
    def engine(self) -> Engine:
        return self.adapters.engine

    @property
    def transactions(self) -> Transactions:
        return self.adapters.transactions

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
