"""The table `[limits]`: every limit in one place. The tables of the documentation are made from it."""

from collections.abc import Iterator
from typing import Annotated

import limits
from pydantic import AfterValidator, Field

from recovery_site.settings.section import Section


def _limit(text: str) -> str:
    try:
        rules = limits.parse_many(text)
    except ValueError:
        rules = []
    if len(rules) != 1:
        raise ValueError('is not one limit like "5/day" or "3/10 minutes"')
    return text


LimitRule = Annotated[str, AfterValidator(_limit)]


class Limits(Section):
    """The limits of DESIGN section 7, as strings of the `limits` library, and where they are counted."""

    storage: str = Field("database", pattern=r"database|(rediss?|unix)://.+", repr=False)
    sends_per_account: LimitRule = Field("3/10 minutes", description="SMS for each account")
    sends_per_account_a_day: LimitRule = Field("10/day", description="SMS for each account")
    sends_per_account_and_client: LimitRule = Field("5/day", description="SMS for each account and client address")
    sends_per_phone: LimitRule = Field("10/day", description="SMS to each number")
    wrong_codes_per_account: LimitRule = Field(
        "15/day", description="wrong codes for each account, before new SMS stop"
    )
    addresses_until_proof: int = Field(
        20,
        ge=1,
        description="different addresses typed by each client address without a finished recovery, in the time of "
        "`addresses_per_client`: from this one on, proof of work or a wait first",
    )
    addresses_per_client: LimitRule = Field(
        "50/10 minutes", description="the same: from this one on, only proof of work lets one in"
    )
    addresses_per_client_a_day: LimitRule = Field(
        "500/day", description="the same: above this nothing lets one in, and an alarm is logged"
    )
    addresses_of_site: LimitRule = Field(
        "300/10 minutes",
        description="different addresses typed on the whole site without a finished recovery, before everybody proves "
        "work or waits",
    )
    waits_of_site: LimitRule = Field(
        "60/10 minutes", description="waits instead of proof of work, of people without script, on the whole site"
    )
    wrong_codes_of_site: LimitRule = Field(
        "300/10 minutes",
        description="wrong codes on the whole site: above this the alarm, until there are half as many",
    )
    checks_in_alarm: LimitRule = Field("1/10 seconds", description="codes checked for each recovery during the alarm")
    wrong_passwords: LimitRule = Field(
        "10/10 minutes", description="sign-ins that failed, for each name and client address"
    )
    password_checks: LimitRule = Field("200/10 minutes", description="live checks of a password for each recovery")

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Return what each limit counts, its rule in words, and the setting's name."""
        for name, field in type(self).model_fields.items():
            if name == "storage":
                continue
            yield field.description or "", in_words(getattr(self, name)), f"limits.{name}"


class Proof(Section):
    """The table `[proof]`: what a browser has to do before it is let in, where the limits ask for that.

    A turn is one PBKDF2 of `cost` iterations; a puzzle takes from half of `turns` to all of them.
    """

    cost: int = Field(default=5000, ge=1, le=100_000)
    turns: int = Field(default=600, ge=2, le=100_000)
    lifetime_seconds: int = Field(default=300, ge=30, le=1800)
    wait_seconds: int = Field(default=30, ge=1, le=600)


def amount(rule: str) -> int:
    """Return how many a rule lets through."""
    return int(limits.parse(rule).amount)


def in_words(rule: object) -> str:
    """Return a rule as the documentation writes it: `3/10 minutes` is "3 in 10 minutes"."""
    count, slash, period = str(rule).partition("/")
    return f"{count} {'in' if period[:1].isdigit() else 'a'} {period}" if slash else count
