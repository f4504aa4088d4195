"""The odds of a takeover: what somebody who guesses codes on all mailboxes can hope for in a day.

Everything is counted in codes asked for: one code is one SMS, and buys at most `attempts` different guesses at it. The
guesser is given every advantage: numberless addresses, endless patience, and knowledge of each mailbox and each limit.
"""

from dataclasses import dataclass
from math import expm1, log1p

DAY = 24 * 3600


@dataclass(frozen=True)
class Guessing:
    """The settings that bound it. Times are in seconds; `site_*` is the budget below which there is no alarm."""

    digits: int = 6
    attempts: int = 5
    codes_per_account: int = 10
    wrong_per_account: int = 15
    codes_at_once: int = 6
    """Live codes of one account: two windows of sends can meet within a code's life."""
    sms_of_site: int = 2000
    site_wrong: int = 300
    site_period: int = 600


def guesses_per_account(rules: Guessing) -> int:
    """Return the most guesses at one account in a day.

    Sending stops at `wrong_per_account`; codes that are live then keep their tries.
    """
    overshoot = rules.wrong_per_account - 1 + rules.codes_at_once * rules.attempts
    return min(rules.codes_per_account * rules.attempts, overshoot)


def guesses_per_day(mailboxes: int, rules: Guessing, *, quietly: bool = True) -> dict[str, int]:
    """Return what each bound leaves of the guesses in a day; `quietly`: without ever raising the alarm."""
    bounds = {
        "accounts": mailboxes * guesses_per_account(rules),
        "sms": rules.sms_of_site * rules.attempts,
    }
    if quietly:
        bounds["site"] = rules.site_wrong * (DAY // rules.site_period)
    return bounds


def chance_of_takeover(guesses: int, rules: Guessing) -> float:
    """Return the probability that at least one of so many guesses is right.

    All tries at one code are different, so a code falls with `attempts` / 10^`digits`; codes are independent.
    """
    codes, rest = divmod(guesses, rules.attempts)
    every = 10**rules.digits
    survives = codes * log1p(-rules.attempts / every) + log1p(-rest / every)
    return -expm1(survives)


def chance_per_day(mailboxes: int, rules: Guessing, *, quietly: bool = True) -> float:
    """Return the probability of at least one takeover in a day, by the tightest of the bounds."""
    return chance_of_takeover(min(guesses_per_day(mailboxes, rules, quietly=quietly).values()), rules)
