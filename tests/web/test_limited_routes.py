"""Every route that looks up, sends or checks has its limits: each is walked in every state, and its questions seen."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from flask import request

from recovery_site.adapters.limits.counted import CountedLimits
from recovery_site.ports import Limit
from recovery_site.web.limits import LIMITS
from tests.flow.story import wrong
from tests.web.client import CheckingClient
from tests.web.conftest import TakeBrowser
from tests.web.states import STATES
from tests.web.test_matrix import addresses, form
from tests.web.website import UnsteadyDirectory

BESIDES = {
    "recovery.submit": {Limit.SENDS_OF_SITE, *LIMITS["recovery.begin"]},
    "account.submit": {Limit.SENDS_OF_SITE},
}
"""What is counted or given back after a change, and refuses nothing."""

OF_NOBODY_ELSE = {
    "recovery.phone", "recovery.reset", "recovery.delivery", "account.show", "account.change", "account.back_to_change",
    "account.sign_out_everywhere", "well_known.change_password",
}  # fmt: skip
"""May read the directory without a limit: only the account of this browser's own recovery or session."""

NOTHING_TO_LIMIT = {"sign_in.sign_out", "account.sign_out_everywhere", "reports.take"}
"""Forms that look up, send and check nothing: they end sessions, or need an address that cannot be guessed."""


@dataclass
class Seen:
    """By endpoint: the limits that were asked, and whether the directory was."""

    asked: dict[str, set[Limit]] = field(default_factory=lambda: defaultdict(set))
    looked: set[str] = field(default_factory=set)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found = Seen()
    for name in ("hit", "test", "add", "members", "remove"):
        plain = getattr(CountedLimits, name)

        def watched(self: CountedLimits, limit: Limit, *key: str, plain: object = plain) -> object:
            if request:
                found.asked[str(request.endpoint)].add(limit)
            return plain(self, limit, *key)  # type: ignore[operator]  # the method as it was

        monkeypatch.setattr(CountedLimits, name, watched)
    reach = UnsteadyDirectory._reach  # noqa: SLF001 -- every question passes there

    def looked(self: UnsteadyDirectory) -> None:
        if request:
            found.looked.add(str(request.endpoint))
        reach(self)

    monkeypatch.setattr(UnsteadyDirectory, "_reach", looked)
    return found


def walk(browser: CheckingClient, state: str) -> None:
    """Open every address and send every form in one state, with right and with wrong values."""
    website = browser.website
    STATES[state](browser)
    website.clock.pass_by(1)
    before, cookie = website.rows(), browser.cookie
    for path, endpoints in addresses(website).items():
        browser.send("GET", path)
        for endpoint in endpoints:
            for change in (lambda code: code, wrong):
                fields = form(browser, endpoint)
                browser.post(path, {**fields, "code": change(fields["code"])})
                website.put_back(before)
                browser.cookie = cookie


@pytest.mark.parametrize("state", STATES)
def test_a_route_that_looks_up_or_checks_has_limits_and_asks_no_others(
    browser: CheckingClient, seen: Seen, state: str
) -> None:
    walk(browser, state)
    assert seen.looked <= set(LIMITS) | OF_NOBODY_ELSE
    for endpoint, asked in seen.asked.items():
        assert asked <= LIMITS.get(endpoint, set()) | BESIDES.get(endpoint, set()), endpoint


def test_every_route_asks_all_the_limits_that_it_declares(new_browser: TakeBrowser, seen: Seen) -> None:
    for state in ("awaiting confirmation", "awaiting code", "code expired", "signed in"):
        walk(new_browser(), state)
    for endpoint, declared in LIMITS.items():
        assert seen.asked[endpoint] >= declared, endpoint


def test_every_form_of_the_site_is_in_the_table_or_has_nothing_to_limit(browser: CheckingClient) -> None:
    posts = {one for endpoints in addresses(browser.website).values() for one in endpoints}
    assert posts == set(LIMITS) | NOTHING_TO_LIMIT


def test_every_limit_stands_before_some_route_or_is_no_limit_of_a_route() -> None:
    elsewhere = {
        Limit.GRANTS_UNDER_WAY, Limit.USES_OF_PROOF, Limit.WAITS_OF_SITE, Limit.CHECKS_IN_ALARM, Limit.ALARM_OF_WALK,
    }  # fmt: skip
    assert set().union(*LIMITS.values()) == set(Limit) - elsewhere
