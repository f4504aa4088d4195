"""What the flows need from the world: each port with its contract and its exceptions.

Contracts hold for every adapter and every fake; the suites in `tests/contracts/` prove it.
"""

from recovery_site.ports.directory import (
    AccountStore,
    CannotAdd,
    Directory,
    DirectoryUnavailable,
    PasswordRefused,
    PolicyProblem,
    Probe,
    UnknownAccount,
)
from recovery_site.ports.gateway import Bell, GatewayFault, Hook, Inbox, Mailer, ReceivedSms, SmsGateway
from recovery_site.ports.leaked import LeakedPasswords
from recovery_site.ports.puzzles import Facts, Puzzles
from recovery_site.ports.storage import (
    Activations,
    Audit,
    Limit,
    LimitReached,
    Limits,
    LimitsUnavailable,
    Messages,
    Recoveries,
    Session,
    Sessions,
    Transaction,
    Transactions,
)
from recovery_site.ports.system import Chance, Clock

__all__ = [
    "AccountStore",
    "Activations",
    "Audit",
    "Bell",
    "CannotAdd",
    "Chance",
    "Clock",
    "Directory",
    "DirectoryUnavailable",
    "Facts",
    "GatewayFault",
    "Hook",
    "Inbox",
    "LeakedPasswords",
    "Limit",
    "LimitReached",
    "Limits",
    "LimitsUnavailable",
    "Mailer",
    "Messages",
    "PasswordRefused",
    "PolicyProblem",
    "Probe",
    "Puzzles",
    "ReceivedSms",
    "Recoveries",
    "Session",
    "Sessions",
    "SmsGateway",
    "Transaction",
    "Transactions",
    "UnknownAccount",
]
