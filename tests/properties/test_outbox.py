"""The outbox under any order of faults, reports, restarts and resends: what must hold at every moment."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from recovery_site.domain.messages import FaultKind, Message, MessageState, Report
from recovery_site.flow.outcomes import CodeSpent, NoRecovery, TooEarly
from recovery_site.ports import Limit
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, FakeGateway
from tests.flow.story import CLIENT, messages_of

MANY = dict.fromkeys(Limit, "10000/day")
GATEWAYS = st.sampled_from(["main", "backup"])
REPORTED = st.sampled_from([MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED])


class Killed(BaseException):
    """The dispatcher dies."""


class Outbox(RuleBasedStateMachine):
    """One official, two gateways, one of them perhaps a mere store."""

    site: FakeSite
    backup: FakeGateway
    browser: str

    @initialize(keeps=st.tuples(st.booleans(), st.booleans()))
    def open(self, keeps: tuple[bool, bool]) -> None:
        self.backup = FakeGateway(keeps=keeps[1])
        self.site = make_fake_site(backup=self.backup, limits=MANY)
        self.site.gateway.keeps = self.site.gateway.reports = keeps[0]
        self.site.clock.others = lambda: None
        self.before: dict[str, Message] = {}
        self.confirmed: set[str] = set()
        self.browser = self.site.recover.begin(AN, None)
        self.site.recover.confirm(self.browser, "", CLIENT)
        for gateway in (self.site.gateway, self.backup):
            gateway.meanwhile = self._in_time

    def _gateway(self, name: str) -> FakeGateway:
        return self.backup if name == "backup" else self.site.gateway

    def _in_time(self) -> None:
        """Hold that no gateway is asked for a message after its deadline."""
        asked = {sms.message_id for gateway in (self.site.gateway, self.backup) for _, sms in gateway.asked[-1:]}
        now = self.site.clock.now()
        assert any(one.id in asked and now < one.deadline for one in messages_of(self.site))

    @rule(name=GATEWAYS, kind=st.sampled_from(FaultKind))
    def a_gateway_breaks(self, name: str, kind: FaultKind) -> None:
        self._gateway(name).fault, self._gateway(name).kind = "broken", kind

    @rule(name=GATEWAYS)
    def a_gateway_works_again(self, name: str) -> None:
        self._gateway(name).fault = ""

    @rule(seconds=st.sampled_from([0, 1, 5, 30, 76, 120]))
    def time_passes(self, seconds: int) -> None:
        self.site.clock.pass_by(seconds)

    @rule()
    def a_dispatcher_works(self) -> None:
        self.site.deliver_all()

    @rule()
    def a_dispatcher_dies_after_its_claim(self) -> None:
        def die() -> None:
            raise Killed

        self.site.transactions.after_commit = die
        with suppress(Killed):
            self.site.deliver.send_next()
        self.site.transactions.after_commit = lambda: None

    @rule(name=GATEWAYS, state=REPORTED, kind=st.sampled_from(FaultKind), data=st.data())
    def a_gateway_reports(self, name: str, state: MessageState, kind: FaultKind, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(sorted(one.id for one in messages_of(self.site))))
        if state is not MessageState.FAILED:
            self.confirmed.add(message)
        self._gateway(name).learnt.append(Report(state, message, kind=kind))
        self.site.reports.collect()

    @rule()
    def the_official_asks_again(self) -> None:
        with suppress(TooEarly, CodeSpent, NoRecovery):
            self.site.recover.resend(self.browser, CLIENT)

    @invariant()
    def an_arrival_is_for_ever(self) -> None:
        for one in messages_of(self.site):
            earlier = self.before.get(one.id)
            if earlier and earlier.state is MessageState.DELIVERED:
                assert one == earlier

    @invariant()
    def attempts_and_failures_only_grow(self) -> None:
        for one in messages_of(self.site):
            earlier = self.before.get(one.id, one)
            assert (one.attempts >= earlier.attempts, one.failures >= earlier.failures) == (True, True)
            self.before[one.id] = one

    @invariant()
    def the_times_agree_with_the_state(self) -> None:
        for one in messages_of(self.site):
            assert (one.finished_at is not None) is one.state.is_final, one
            assert (one.accepted_at is not None) is (one.state in (MessageState.SENT, MessageState.DELIVERED)), one
            assert one.handed_at is None or one.state is not MessageState.QUEUED, one

    @invariant()
    def nothing_is_called_sent_that_no_carrier_took(self) -> None:
        by_carriers = [gateway for gateway in (self.site.gateway, self.backup) if not gateway.keeps]
        taken = {sms.message_id for gateway in by_carriers for _, sms in gateway.accepted} | self.confirmed
        for one in messages_of(self.site):
            if one.state in (MessageState.SENT, MessageState.DELIVERED):
                assert one.id in taken, one

    @invariant()
    def one_message_has_one_text(self) -> None:
        asked = [sms for gateway in (self.site.gateway, self.backup) for _, sms in gateway.asked]
        assert len({(sms.message_id, sms.text.reveal()) for sms in asked}) == len({sms.message_id for sms in asked})

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        for _ in range(12):
            self.site.clock.pass_by(60)
            self.site.deliver_all()
        assert all(one.state.is_final for one in messages_of(self.site)), "nothing waits for ever"


TestOutbox = Outbox.TestCase
