"""Which limits stand before each address that looks up, sends or checks; a test holds every route to it."""

from collections.abc import Mapping

from recovery_site.ports import Limit

_SENDING = frozenset(
    (
        Limit.ALARM,
        Limit.WRONG_CODES_PER_ACCOUNT,
        Limit.SENDS_PER_ACCOUNT,
        Limit.SENDS_PER_ACCOUNT_A_DAY,
        Limit.SENDS_PER_ACCOUNT_AND_CLIENT,
        Limit.SENDS_PER_PHONE,
        Limit.SENDS_OF_SITE,
    )
)

LIMITS: Mapping[str, frozenset[Limit]] = {
    "recovery.begin": frozenset(
        (Limit.ADDRESSES_PER_CLIENT, Limit.ADDRESSES_PER_CLIENT_A_DAY, Limit.ADDRESSES_OF_SITE)
    ),
    "recovery.confirm": _SENDING,
    "recovery.resend": _SENDING,
    "recovery.check": frozenset((Limit.PASSWORD_CHECKS,)),
    "recovery.submit": frozenset(
        (Limit.PASSWORD_CHECKS, Limit.WRONG_CODES_PER_ACCOUNT, Limit.WRONG_CODES_OF_SITE, Limit.ALARM)
    ),
    "sign_in.sign_in": frozenset((Limit.WRONG_PASSWORDS,)),
    "account.check": frozenset((Limit.PASSWORD_CHECKS,)),
    "account.submit": frozenset((Limit.PASSWORD_CHECKS, Limit.WRONG_PASSWORDS)),
}
"""What each endpoint asks in every request that gets so far; proofs and waits are asked for besides."""
