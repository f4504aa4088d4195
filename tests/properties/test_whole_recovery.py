"""Everything that people, strangers, carriers and directories can do, in any order: what must hold always."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from recovery_site.domain.messages import MessageState
from recovery_site.domain.recovery import Recovery, Step
from recovery_site.flow.outcomes import (
    Changed,
    CodeSpent,
    NoRecovery,
    NoUsableAccount,
    PhoneNotChosen,
    Submission,
    TooEarly,
    WrongCode,
)
from recovery_site.ports import DirectoryUnavailable, LimitReached
from tests.fake_site import make_fake_site
from tests.fakes import AN, BINH, OLD_PASSWORD
from tests.flow.story import wrong

REFUSALS = (
    NoRecovery, NoUsableAccount, PhoneNotChosen, TooEarly, CodeSpent, LimitReached, DirectoryUnavailable,
)  # fmt: skip
BROWSERS = st.integers(0, 3)
ACCOUNTS = st.sampled_from([AN, BINH])


class WholeRecovery(RuleBasedStateMachine):
    """Four browsers, two accounts, one telephone network."""

    @initialize()
    def open_the_site(self) -> None:
        self.site = make_fake_site()
        self.cookies: dict[int, str | None] = {}
        self.codes: dict[str, list[str]] = defaultdict(list)  # every code that was delivered, by reference
        self.wrong_codes: dict[str, int] = defaultdict(int)
        self.changes_by: dict[str, int] = defaultdict(int)
        self.sends: dict[str, list[datetime]] = defaultdict(list)
        self.passwords = {AN: OLD_PASSWORD, BINH: OLD_PASSWORD}
        self.seen = 0

    # --- what happens ---

    @rule(browser=BROWSERS, typed=ACCOUNTS)
    def begin(self, browser: int, typed: str) -> None:
        self.site.clock.pass_by(1)
        try:
            self.cookies[browser] = self.site.recover.begin(typed, self.cookies.get(browser))
        except REFUSALS:
            return

    @rule(browser=BROWSERS, again=st.booleans())
    def ask_for_a_code(self, browser: int, again: bool) -> None:
        recovery = self.recovery(browser)
        verb = self.site.recover.resend if again else lambda b, c: self.site.recover.confirm(b, "", c)
        try:
            verb(self.cookies.get(browser), f"192.0.2.{browser}")
        except REFUSALS:
            assert self.recovery(browser) is None or recovery is None or self.sent(browser) == recovery.sends
            return
        assert recovery is not None
        self.sends[recovery.id].append(self.site.clock.now())
        self.read_the_telephones()

    @rule(browser=BROWSERS, which=st.sampled_from(["right", "wrong", "old", "another's"]), number=st.integers(0, 99))
    def submit(self, browser: int, which: str, number: int) -> None:
        recovery = self.recovery(browser)
        code = self.code(recovery, which)
        password = f"Ben-pha-{number}-vang-khach"
        try:
            outcome = self.site.reset.submit(self.cookies.get(browser), Submission(code, password, password))
        except REFUSALS:
            return
        assert recovery is not None
        if isinstance(outcome, WrongCode):
            self.wrong_codes[recovery.id] += 1
        if isinstance(outcome, Changed) and outcome.browser is not None:
            assert code == self.codes[recovery.reference][-1], "only the newest code of this recovery opens it"
            assert recovery.is_live(self.site.clock.now())
            assert recovery.code_expires_at is not None
            assert self.site.clock.now() < recovery.code_expires_at
            self.changes_by[recovery.id] += 1
            self.passwords[recovery.address] = password
            self.cookies[browser] = outcome.browser

    @rule(browser=BROWSERS)
    def forget_the_cookie(self, browser: int) -> None:
        self.cookies.pop(browser, None)

    @rule(seconds=st.sampled_from([1, 5, 30, 60, 61, 240, 600, 1800]))
    def wait(self, seconds: int) -> None:
        self.site.clock.pass_by(seconds)

    @rule()
    def dispatch(self) -> None:
        self.site.deliver_all()
        self.read_the_telephones()

    @rule()
    def sweep(self) -> None:
        with self.site.transactions() as tx:
            tx.recoveries.expire(self.site.clock.now())

    @rule(fault=st.sampled_from(["", "", "status 500"]))
    def the_carrier_changes_its_mind(self, fault: str) -> None:
        self.site.gateway.fault = fault

    @rule(down=st.booleans(), read_only=st.booleans())
    def the_directory_comes_and_goes(self, down: bool, read_only: bool) -> None:
        self.site.directory.down = down
        self.site.directory.down_for_changes = read_only

    @rule()
    def all_is_well_again(self) -> None:
        self.site.gateway.fault = ""
        self.site.directory.down = self.site.directory.down_for_changes = False

    # --- what must hold ---

    @invariant()
    def a_password_changes_only_by_a_right_live_code_of_a_recovery_of_its_account(self) -> None:
        assert {address: self.site.directory.passwords[address] for address in self.passwords} == self.passwords

    @invariant()
    def a_recovery_makes_one_change_at_most(self) -> None:
        assert all(count == 1 for count in self.changes_by.values())
        assert sum(self.changes_by.values()) == len(self.site.directory.changes)

    @invariant()
    def no_more_than_five_wrong_codes_are_compared_and_each_is_paid(self) -> None:
        for recovery in self.rows():
            assert 0 <= recovery.attempts_left <= 5
            paid = self.wrong_codes[recovery.id] + (1 if recovery.step is Step.DONE else 0)
            assert recovery.attempts_left == 5 - paid

    @invariant()
    def sends_are_never_closer_than_a_minute(self) -> None:
        for times in self.sends.values():
            gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
            assert all(gap >= 60 for gap in gaps)

    @invariant()
    def no_row_holds_a_code_or_a_number(self) -> None:
        rows = self.site.transactions.rows
        stored = repr(list(rows.messages.values())) + repr(list(rows.recoveries.values()))
        assert "93070121" not in stored
        assert "12345678" not in stored
        for codes in self.codes.values():
            assert not any(f"'{code}'" in stored for code in codes)

    @invariant()
    def what_is_called_sent_was_accepted(self) -> None:
        accepted = {sms.message_id for _, sms in self.site.gateway.accepted}
        sent = {one.id for one in self.site.transactions.rows.messages.values() if one.state is MessageState.SENT}
        assert sent == accepted

    @invariant()
    def an_account_never_gets_more_codes_than_its_limits_allow(self) -> None:
        for address in (AN, BINH):
            assert sum(one.sends for one in self.rows() if one.address == address) <= 10 * (1 + self.days())

    # --- looking ---

    def rows(self) -> list[Recovery]:
        return list(self.site.transactions.rows.recoveries.values())

    def days(self) -> int:
        first = min((one.created_at for one in self.rows()), default=self.site.clock.now())
        return (self.site.clock.now() - first).days

    def recovery(self, browser: int) -> Recovery | None:
        return self.site.under_way.current(self.cookies.get(browser))

    def sent(self, browser: int) -> int:
        recovery = self.recovery(browser)
        return recovery.sends if recovery else 0

    def read_the_telephones(self) -> None:
        for _, sms in self.site.gateway.accepted[self.seen :]:
            if sms.code.reveal():
                self.codes[sms.reference].append(sms.code.reveal())
        self.seen = len(self.site.gateway.accepted)

    def code(self, recovery: Recovery | None, which: str) -> str:
        mine = self.codes.get(recovery.reference, []) if recovery else []
        others = [
            codes[-1] for reference, codes in self.codes.items() if not recovery or reference != recovery.reference
        ]
        match which:
            case "right" if mine:
                return mine[-1]
            case "old" if len(set(mine)) > 1:
                return next(code for code in mine if code != mine[-1])
            case "another's" if others:
                return others[-1]
            case _:
                return wrong(mine[-1]) if mine else "000000"


TestWholeRecovery = WholeRecovery.TestCase
TestWholeRecovery.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
