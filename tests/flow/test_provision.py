"""Handing accounts out: by document or by telephone, to a person or to a group, with a clock that nothing outlives."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from recovery_site.domain.activation import ActivationState, AskedBy, Asking
from recovery_site.domain.audit import EventKind
from recovery_site.domain.keys import KeyRing
from recovery_site.domain.messages import Channel, FaultKind, MessageKind, MessageState
from recovery_site.domain.people import AccountStatus, TooManyPeople
from recovery_site.flow.provision import Grant, GrantProblem, GrantRefused
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, GROUP, KEY, NOON, PHONELESS
from tests.flow.handing_out import (
    DOCUMENT,
    LIFETIME,
    NEW,
    NUMBER,
    OPERATOR,
    TEAM,
    TELEPHONE,
    change,
    changed_in_the_mail_system,
    events,
    grant,
    kinds,
    make_stumbling_site,
    person,
    refusal,
    sign_in,
    team,
    the_clock,
    with_password_since,
)
from tests.flow.story import messages_of


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


# --- granted ----------------------------------------------------------------------------------------------------------


def test_an_account_asked_for_in_writing_gets_a_first_password_that_opens_it_for_six_hours(site: FakeSite) -> None:
    granted = grant(site)
    assert site.directory.check_password(NEW, granted.password)
    assert the_clock(site).asking == DOCUMENT
    assert granted.activation.ends_at == NOON + LIFETIME
    assert the_clock(site) == granted.activation
    [event] = events(site)
    assert (event.kind, event.actor, event.detail) == (EventKind.GRANTED, OPERATOR, "412/STTTT-CNTT")
    assert event.reference == granted.activation.reference


def test_an_account_asked_for_by_telephone_remembers_who_called_and_when(site: FakeSite) -> None:
    grant(site, asking=TELEPHONE)
    assert the_clock(site).asking == TELEPHONE
    assert events(site)[0].detail == TELEPHONE.caller


def test_a_group_of_five_gets_one_account(site: FakeSite) -> None:
    granted = grant(site, team(5))
    assert site.directory.check_password(TEAM, granted.password)
    assert site.directory.accounts[TEAM].phones == team(5).phones


def test_a_group_of_six_is_refused_before_anything_is_written_down(site: FakeSite) -> None:
    with pytest.raises(TooManyPeople):
        grant(site, team(6))
    assert TEAM not in site.directory.accounts
    assert (site.transactions.rows.activations, site.transactions.rows.audit) == ({}, [])


def test_an_imported_account_without_a_password_is_handed_out_with_the_contact_phone_of_the_request(
    site: FakeSite,
) -> None:
    site.directory.passwords.pop(AN)
    granted = grant(site, replace(person(), address=AN))
    assert site.directory.check_password(AN, granted.password)
    assert [phone.number.local for phone in site.directory.accounts[AN].phones] == [NUMBER]
    assert site.directory.accounts[AN].display_name == "Trần Văn An"


def test_the_first_password_is_derived_anew_and_never_the_same_for_two(site: FakeSite) -> None:
    assert grant(site).password != grant(site, team(2)).password


# --- refused ----------------------------------------------------------------------------------------------------------


def test_an_account_is_not_granted_twice(site: FakeSite) -> None:
    first = grant(site)
    site.clock.pass_by(hours=1)
    assert refusal(site) is GrantProblem.RUNNING
    site.clock.pass_by(hours=6)
    assert refusal(site) is GrantProblem.RUNNING
    assert the_clock(site) == first.activation
    assert kinds(site) == [EventKind.GRANTED]


@pytest.mark.parametrize("where", ["here", "in the mail system", "before there was a clock"])
def test_an_account_that_is_in_use_is_not_granted(site: FakeSite, where: str) -> None:
    if where == "before there was a clock":
        with_password_since(site, AN, NOON - timedelta(days=300))
        assert refusal(site, AN) is GrantProblem.IN_USE
        return
    granted = grant(site)
    site.clock.pass_by(hours=1)
    if where == "here":
        change(site, sign_in(site, NEW, granted.password.reveal()), granted.password.reveal())
    else:
        changed_in_the_mail_system(site, NEW)
    assert refusal(site) is GrantProblem.IN_USE


def test_an_address_that_several_entries_claim_is_not_granted(site: FakeSite) -> None:
    site.directory.accounts[AN] = replace(site.directory.accounts[AN], status=AccountStatus.AMBIGUOUS)
    assert refusal(site, AN) is GrantProblem.AMBIGUOUS
    with pytest.raises(GrantRefused) as refused:
        site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    assert refused.value.problem is GrantProblem.AMBIGUOUS


def test_an_account_without_a_contact_phone_is_not_granted(site: FakeSite) -> None:
    with pytest.raises(GrantRefused) as refused:
        grant(site, replace(person(), phones=()))
    assert refused.value.problem is GrantProblem.NO_PHONE
    with pytest.raises(GrantRefused) as refused:
        site.provision.grant_again(PHONELESS, OPERATOR, DOCUMENT)
    assert refused.value.problem is GrantProblem.NO_PHONE


def test_what_is_judged_is_refused_as_it_would_be_granted_and_nothing_changes(site: FakeSite) -> None:
    site.provision.judge(Grant(person(), DOCUMENT))
    assert NEW not in site.directory.accounts
    grant(site)
    before = site.transactions.rows.copy()
    with pytest.raises(GrantRefused):
        site.provision.judge(Grant(person(), DOCUMENT))
    assert site.transactions.rows == before


def test_the_same_document_for_several_accounts_is_allowed_and_said(site: FakeSite) -> None:
    assert grant(site).same_document == ()
    assert grant(site, replace(person(), address=AN)).same_document == (NEW,)
    assert grant(site, team(3), Asking(AskedBy.DOCUMENT, "413/STTTT-CNTT")).same_document == ()
    assert grant(site, replace(person(), address=BINH), TELEPHONE).same_document == ()
    assert grant(site, replace(person(), address="d@soctrang.gov.vn"), TELEPHONE).same_document == ()
    assert site.provision.grant_again(NEW, OPERATOR).same_document == (AN,)


def test_an_address_whose_account_was_deleted_may_be_granted_to_somebody_new(site: FakeSite) -> None:
    granted = grant(site)
    change(site, sign_in(site, NEW, granted.password.reveal()), granted.password.reveal())
    del site.directory.accounts[NEW]
    site.clock.pass_by(hours=24)
    again = grant(site, person(number="0977000111"))
    assert site.directory.check_password(NEW, again.password)
    assert the_clock(site).state(site.clock.now(), None) is ActivationState.RUNNING


# --- by SMS -----------------------------------------------------------------------------------------------------------


def test_the_sms_goes_to_the_contact_phone_with_the_password_and_its_end(site: FakeSite) -> None:
    granted = grant(site, team(3), by_sms=True)
    site.deliver_all()
    [(to, sms)] = site.gateway.accepted
    assert to == team(3).phones[0].number
    assert granted.password.reveal() in sms.text.reveal()
    assert "18:00 02/03" in sms.text.reveal()
    assert sms.life == LIFETIME


def test_without_the_wish_nothing_is_sent(site: FakeSite) -> None:
    grant(site)
    site.deliver_all()
    assert site.gateway.accepted == []


def test_the_password_of_an_sms_that_waited_is_still_the_one_that_opens_the_account(site: FakeSite) -> None:
    site.gateway.fault, site.gateway.kind = "busy", FaultKind.BUSY
    granted = grant(site, by_sms=True)
    site.deliver_all()
    site.gateway.fault = ""
    site = make_fake_site(over=site, keys=KeyRing((b"n" * 32, KEY)))
    site.clock.pass_by(minutes=2)
    site.deliver_all()
    assert granted.password.reveal() in site.gateway.texts()[0]


def test_a_first_password_whose_key_was_taken_out_is_not_sent(site: FakeSite) -> None:
    grant(site, by_sms=True)
    site = make_fake_site(over=site, keys=KeyRing((b"n" * 32,)))
    site.deliver_all()
    assert site.gateway.accepted == []
    assert messages_of(site)[0].state is MessageState.FAILED


@pytest.mark.parametrize("meanwhile", ["replaced", "changed here", "changed too late to be of use"])
def test_a_waiting_sms_with_a_password_that_opens_nothing_any_more_is_not_sent(site: FakeSite, meanwhile: str) -> None:
    granted = grant(site, by_sms=True)
    if meanwhile == "replaced":
        site.provision.grant_again(NEW, OPERATOR)
    elif meanwhile == "changed here":
        change(site, sign_in(site, NEW, granted.password.reveal()), granted.password.reveal())
    else:
        site.clock.pass_by(hours=6)
    site.deliver_all()
    assert not any(granted.password.reveal() in text for text in site.gateway.texts())
    [message] = [one for one in messages_of(site) if one.kind is MessageKind.FIRST_PASSWORD]
    assert (message.state, message.channel) == (MessageState.EXPIRED, Channel.SMS)


def test_neither_the_rows_nor_the_log_hold_the_password_or_the_number(site: FakeSite) -> None:
    with capture_logs() as logs:
        granted = grant(site, by_sms=True)
        again = site.provision.grant_again(NEW, OPERATOR, by_sms=True)
        site.clock.pass_by(hours=5)
        site.upkeep.sweep()
        site.deliver_all()
        rows = site.transactions.rows
        written = f"{logs} {rows} {granted} {again}" + "".join(f"{vars(one)}" for one in rows.messages.values())
    assert logs
    for secret in (granted.password.reveal(), again.password.reveal(), NUMBER, NUMBER[1:]):
        assert secret not in written
    assert any(again.password.reveal() in text for text in site.gateway.texts())


def test_granting_a_group_again_keeps_its_members(site: FakeSite) -> None:
    before = site.directory.accounts[GROUP].phones
    site.provision.grant_again(GROUP, OPERATOR, DOCUMENT)
    assert site.directory.accounts[GROUP].phones == before
