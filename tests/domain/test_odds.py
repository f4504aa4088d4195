"""The odds of a takeover: the function against a simulated guesser, and the figures that are documented."""

import random
from dataclasses import replace

import pytest

from recovery_site.domain.odds import Guessing, chance_of_takeover, chance_per_day, guesses_per_account, guesses_per_day

SMALL = Guessing(
    digits=3, attempts=5, codes_per_account=4, wrong_per_account=8, codes_at_once=2, sms_of_site=1000,
    site_wrong=1, site_period=3600,
)  # fmt: skip


def a_day_of_guessing(dice: random.Random, mailboxes: int, rules: Guessing, *, quietly: bool) -> bool:
    """Guess for a day as well as the rules allow, code by code, and return whether a mailbox fell."""
    sms = rules.sms_of_site
    left = rules.site_wrong * (24 * 3600 // rules.site_period) if quietly else 10**9
    for _ in range(mailboxes):
        wrong = sent = 0
        while sent < rules.codes_per_account and wrong < rules.wrong_per_account and sms and left > 0:
            # one code below the last wrong one that still lets codes be sent, then as many as may live at once
            at_once = rules.codes_at_once if wrong + rules.attempts >= rules.wrong_per_account else 1
            live = [dice.randrange(10**rules.digits) for _ in range(min(at_once, rules.codes_per_account - sent, sms))]
            sent, sms = sent + len(live), sms - len(live)
            for code in live:
                tries = dice.sample(range(10**rules.digits), min(rules.attempts, left))
                if code in tries:
                    return True
                wrong, left = wrong + len(tries), left - len(tries)
    return False


@pytest.mark.parametrize("quietly", [True, False])
@pytest.mark.parametrize(
    "rules",
    [
        SMALL,
        replace(SMALL, site_wrong=100),
        replace(SMALL, sms_of_site=7, site_wrong=100),
        replace(SMALL, attempts=1, site_wrong=3),
        replace(SMALL, digits=2, sms_of_site=10),
    ],
)
def test_the_function_never_promises_more_than_a_simulated_guesser_reaches(rules: Guessing, *, quietly: bool) -> None:
    dice, rounds, mailboxes = random.Random(7), 2500, 12  # noqa: S311 -- a test wants the same dice every time
    fell = sum(a_day_of_guessing(dice, mailboxes, rules, quietly=quietly) for _ in range(rounds)) / rounds
    told = chance_per_day(mailboxes, rules, quietly=quietly)
    noise = 4 * (told * (1 - told) / rounds) ** 0.5
    assert fell <= told + noise
    assert fell >= told * 0.75 - noise, "an upper bound that nobody comes near says nothing"


def test_more_of_anything_is_never_safer() -> None:
    for name in ("attempts", "codes_per_account", "wrong_per_account", "codes_at_once", "sms_of_site", "site_wrong"):
        more = replace(SMALL, **{name: getattr(SMALL, name) + 1})
        assert chance_per_day(12, more) >= chance_per_day(12, SMALL), name
    assert chance_per_day(12, replace(SMALL, digits=4)) < chance_per_day(12, SMALL)
    assert chance_per_day(13, SMALL) >= chance_per_day(12, SMALL)


def test_a_budget_s_last_window_that_does_not_fit_into_the_day_is_not_counted() -> None:
    assert guesses_per_day(12, replace(SMALL, site_period=7 * 3600))["site"] == 3


def test_a_guesser_is_taken_to_be_quiet_where_nothing_is_said() -> None:
    assert chance_per_day(12, SMALL) == chance_per_day(12, SMALL, quietly=True)
    assert chance_per_day(12, SMALL) < chance_per_day(12, SMALL, quietly=False)


def test_the_ends_of_the_scale() -> None:
    assert chance_of_takeover(0, Guessing()) == 0
    assert chance_of_takeover(1, Guessing()) == pytest.approx(1e-6)
    assert chance_of_takeover(5, Guessing()) == pytest.approx(5e-6)
    assert chance_of_takeover(5_000_000, Guessing()) == pytest.approx(0.9933, abs=1e-4)


def test_the_documented_figures() -> None:
    rules = Guessing()
    assert guesses_per_account(rules) == 44
    assert guesses_per_day(10_000, rules) == {"accounts": 440_000, "sms": 10_000, "site": 43_200}
    assert chance_per_day(10_000, rules) == pytest.approx(0.00995, abs=1e-5)
    assert chance_of_takeover(43_200, rules) == pytest.approx(0.04228, abs=1e-5)
    assert chance_of_takeover(440_000, rules) == pytest.approx(0.35596, abs=1e-4)
