"""Who may report, what is asked for, and that no report is lost between a gateway and the outbox."""

import threading

import pytest

from recovery_site.domain.keys import KeyRing
from recovery_site.domain.messages import FaultKind, MessageState, Report
from recovery_site.flow.reports import UnknownReporter, report_url
from recovery_site.ports import GatewayFault
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import KEY, FakeGateway
from tests.flow.story import begin_with_code, queue_code, the_message

BASE = "https://quenmatkhau.soctrang.gov.vn"
NEW_KEY = b"n" * 32


def token(gateway: str = "main", keys: KeyRing | None = None) -> str:
    return report_url(BASE, keys or KeyRing((KEY,)), gateway).rpartition("/")[2]


def sent_site(backup: FakeGateway | None = None) -> FakeSite:
    """Return a site whose carrier has a code."""
    site = make_fake_site(backup=backup)
    begin_with_code(site)
    return site


def arrival(site: FakeSite) -> dict[str, str]:
    return {"state": "delivered", "message": the_message(site).id}


# --- who may report ---------------------------------------------------------------------------------------------------


def test_the_address_names_the_gateway_and_a_token_that_cannot_be_guessed() -> None:
    url = report_url(f"{BASE}/", KeyRing((KEY,)), "main")
    assert url == f"{BASE}/sms-reports/main/{token()}"
    assert len(token()) >= 43, "256 bits"
    assert token().replace("-", "").replace("_", "").isalnum(), "it goes into addresses as it is"


def test_each_gateway_and_each_site_has_a_token_of_its_own() -> None:
    tokens = [token(name, KeyRing((key,))) for name in ("main", "backup", "mai", "") for key in (KEY, NEW_KEY)]
    assert len(set(tokens)) == len(tokens)
    assert token() == token(), "it may be written into a carrier's form once and for all"


@pytest.mark.parametrize("wrong", ["", "x", token("backup"), token()[:-1], token() + "=", token().lower(), "ö" * 43])
def test_a_wrong_token_changes_nothing(wrong: str) -> None:
    site = sent_site(backup=FakeGateway())
    with pytest.raises(UnknownReporter):
        site.reports.take("main", wrong, arrival(site))
    assert the_message(site).state is MessageState.SENT


def test_a_gateway_that_the_settings_do_not_have_is_no_reporter_even_with_its_token() -> None:
    site = sent_site()
    with pytest.raises(UnknownReporter):
        site.reports.take("gone", token("gone"), arrival(site))


def test_a_rotated_key_keeps_the_old_address_until_the_old_key_goes() -> None:
    site = sent_site()
    old, both = token(), KeyRing((NEW_KEY, KEY))
    rotated = make_fake_site(over=site, keys=both)
    assert token(keys=both) == token(keys=KeyRing((NEW_KEY,))) != old
    assert rotated.reports.take("main", old, arrival(site))
    assert rotated.reports.take("main", token(keys=both), arrival(site))
    alone = make_fake_site(over=site, keys=KeyRing((NEW_KEY,)))
    with pytest.raises(UnknownReporter):
        alone.reports.take("main", old, arrival(site))


# --- what they say ----------------------------------------------------------------------------------------------------


def test_a_report_by_our_id_is_applied_and_a_second_one_does_no_harm() -> None:
    site = sent_site()
    assert site.reports.take("main", token(), arrival(site))
    told = the_message(site)
    site.clock.pass_by(60)
    assert site.reports.take("main", token(), arrival(site))
    assert the_message(site) == told
    assert told.state is MessageState.DELIVERED


def test_a_report_by_the_carriers_id_is_applied() -> None:
    site = sent_site()
    assert site.reports.take("main", token(), {"state": "delivered", "carrier": "carrier-1"})
    assert the_message(site).state is MessageState.DELIVERED


def test_a_carriers_id_is_one_gateways_own() -> None:
    site = sent_site(backup=FakeGateway())
    assert not site.reports.take("backup", token("backup"), {"state": "delivered", "carrier": "carrier-1"})
    assert the_message(site).state is MessageState.SENT


def test_an_unknown_message_is_told_so_that_the_carrier_reports_again() -> None:
    site = sent_site()
    for fields in ({"message": "unknown"}, {"carrier": "unknown"}, {}):
        assert not site.reports.take("main", token(), {"state": "delivered", **fields})


def test_a_call_that_says_nothing_of_a_message_is_fine_and_changes_nothing() -> None:
    site = sent_site()
    before = the_message(site)
    assert site.reports.take("main", token(), {"event": "ping"})
    assert the_message(site) == before


def test_a_failure_wakes_a_dispatcher_for_the_next_gateway() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    queue_code(site)
    site.deliver_all()
    assert the_message(site).state is MessageState.SENT
    site.gateway.learnt.append(Report(MessageState.FAILED, the_message(site).id, kind=FaultKind.NUMBER))
    site.deliver.rest(0)  # whatever called before
    resting = threading.Thread(target=site.deliver.rest, args=(60,), daemon=True)
    resting.start()
    site.reports.collect()
    resting.join(20)
    assert not resting.is_alive()
    site.deliver_all()
    assert [sms.message_id for _, sms in backup.accepted] == [the_message(site).id]


def test_what_is_logged_names_the_reference_and_no_person(capsys: pytest.CaptureFixture[str]) -> None:
    site = sent_site()
    capsys.readouterr()
    site.reports.take("main", token(), arrival(site))
    logged = capsys.readouterr().out
    assert the_message(site).reference in logged
    for secret in ("93070121", "an.tran", token(), site.gateway.last_code()):
        assert secret not in logged


# --- what is asked for ------------------------------------------------------------------------------------------------


def learnt(site: FakeSite, state: MessageState = MessageState.DELIVERED) -> Report:
    report = Report(state, the_message(site).id)
    site.gateway.learnt.append(report)
    return report


def test_what_a_gateway_has_learnt_is_written_down_and_then_forgotten_by_it() -> None:
    site = sent_site()
    learnt(site)
    site.reports.collect()
    assert the_message(site).state is MessageState.DELIVERED
    assert site.gateway.learnt == []


def test_a_gateway_that_has_learnt_nothing_is_not_told_to_forget() -> None:
    site = sent_site()
    settled: list[object] = []
    site.gateway.settle = settled.append
    site.reports.collect()
    assert settled == []


def test_what_could_not_be_written_down_is_asked_for_again() -> None:
    site = sent_site()
    report = learnt(site)

    def fail() -> None:
        raise OSError("the database is gone")

    site.transactions.before_commit = fail
    with pytest.raises(OSError, match="gone"):
        site.reports.collect()
    assert site.gateway.learnt == [report]
    assert the_message(site).state is MessageState.SENT
    site.transactions.before_commit = lambda: None
    site.reports.collect()
    assert (the_message(site).state, site.gateway.learnt) == (MessageState.DELIVERED, [])


def test_what_was_written_down_and_not_forgotten_does_no_harm_the_second_time() -> None:
    site = sent_site()
    learnt(site)
    settle = site.gateway.settle

    def fail(_: object) -> None:
        raise GatewayFault("its table is locked", FaultKind.UNREACHABLE)

    site.gateway.settle = fail
    site.reports.collect()
    told = the_message(site)
    site.gateway.settle = settle
    site.clock.pass_by(2)
    site.reports.collect()
    assert the_message(site) == told
    assert site.gateway.learnt == []


def test_reports_about_messages_that_were_erased_are_forgotten_as_well() -> None:
    site = sent_site()
    site.gateway.learnt.append(Report(MessageState.DELIVERED, "erased long ago"))
    site.reports.collect()
    assert site.gateway.learnt == []


def test_a_gateway_that_cannot_be_asked_keeps_no_other_one_from_reporting() -> None:
    backup = FakeGateway()
    site = make_fake_site(backup=backup)
    site.gateway.fault = "down"
    queue_code(site)
    site.deliver_all()
    backup.learnt.append(Report(MessageState.DELIVERED, the_message(site).id))

    def fail() -> tuple[Report, ...]:
        raise GatewayFault("down", FaultKind.UNREACHABLE)

    site.gateway.collect = fail
    site.reports.collect()
    assert the_message(site).state is MessageState.DELIVERED
