"""Changing one's own password while signed in: what is asked, what ends, who is told, and what may go wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from recovery_site.domain.audit import OWNER, EventKind
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.recovery import Step
from recovery_site.flow.change import NewPassword, NotChanged, NotSignedIn, PasswordIsNew
from recovery_site.flow.sign_in import SESSION_LIFETIME
from recovery_site.ports import (
    Limit,
    LimitReached,
)
from tests.fake_site import FakeSite
from tests.fakes import AN, BINH, GOOD_PASSWORD, GROUP, OLD_PASSWORD
from tests.flow.handing_out import (
    NEW,
    change,
    changed_in_the_mail_system,
    events,
    grant,
    is_new,
    kinds,
    make_stumbling_site,
    opens,
    sign_in,
    the_clock,
)
from tests.flow.story import CLIENT, begin_with_code, messages_of, recovery_of

ANOTHER = "Canh-buom-4-no-gio"


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


@pytest.fixture
def browser(site: FakeSite) -> str:
    """A browser that is signed in as An."""
    return sign_in(site, AN, OLD_PASSWORD)


def refused(outcome: NotChanged | PasswordIsNew) -> NotChanged:
    assert isinstance(outcome, NotChanged)
    return outcome


def wrong_ones_left(site: FakeSite, client: str = CLIENT) -> int:
    with site.transactions() as tx:
        return tx.limits.left(Limit.WRONG_PASSWORDS, AN, client)


# --- changed ----------------------------------------------------------------------------------------------------------


def test_the_right_present_password_makes_the_new_one_the_only_one(site: FakeSite, browser: str) -> None:
    is_new(change(site, browser, OLD_PASSWORD))
    assert (opens(site, AN, OLD_PASSWORD), opens(site, AN, GOOD_PASSWORD)) == (False, True)
    assert site.directory.changes == [(AN, GOOD_PASSWORD)]


def test_this_browser_stays_signed_in_under_a_new_id_for_as_long_as_before_and_every_other_one_is_out(
    site: FakeSite, browser: str
) -> None:
    other, stranger = sign_in(site, AN, OLD_PASSWORD), sign_in(site, BINH, OLD_PASSWORD)
    site.clock.pass_by(minutes=9)
    renewed = is_new(change(site, browser, OLD_PASSWORD))
    assert [site.sign_in.who(one) for one in (browser, other)] == [None, None]
    assert site.sign_in.who(stranger) is not None
    assert site.sign_in.who(renewed) is not None
    for _ in range(int(SESSION_LIFETIME.total_seconds()) // 540 - 2):
        site.clock.pass_by(minutes=9)
        assert site.sign_in.who(renewed) is not None
    site.clock.pass_by(minutes=9)
    site.clock.pass_by(SESSION_LIFETIME.total_seconds() % 540)
    assert site.sign_in.who(renewed) is None


def test_every_phone_of_the_account_is_told(site: FakeSite) -> None:
    is_new(change(site, sign_in(site, GROUP, OLD_PASSWORD), OLD_PASSWORD))
    site.deliver_all()
    assert sorted(to.local for to, _ in site.gateway.accepted) == ["0833111222", "0833111333"]
    [reference] = {one.reference for one in messages_of(site)}
    assert all(reference in text for text in site.gateway.texts())
    assert events(site, GROUP)[-1].reference == reference


def test_changing_one_s_own_password_is_written_down_as_that(site: FakeSite, browser: str) -> None:
    is_new(change(site, browser, OLD_PASSWORD))
    last = events(site, AN)[-1]
    assert (last.kind, last.actor, last.at) == (EventKind.PASSWORD_CHANGED, OWNER, site.clock.now())


def test_changing_the_first_password_stops_its_clock_and_is_written_down_as_that(site: FakeSite) -> None:
    first = grant(site).password.reveal()
    site.clock.pass_by(hours=1)
    renewed = is_new(change(site, sign_in(site, NEW, first), first))
    assert the_clock(site).changed_at == site.clock.now()
    assert kinds(site)[-1] is EventKind.FIRST_PASSWORD_CHANGED
    account = site.change.account(renewed)
    assert site.change.first_password(account) is None
    is_new(change(site, renewed, GOOD_PASSWORD, ANOTHER))
    assert kinds(site)[-1] is EventKind.PASSWORD_CHANGED


def test_whose_first_password_it_is_is_known_until_it_is_changed_wherever_that_happens(site: FakeSite) -> None:
    browser = sign_in(site, NEW, grant(site).password.reveal())
    assert site.change.first_password(site.change.account(browser)) == the_clock(site)
    site.clock.pass_by(minutes=9)
    changed_in_the_mail_system(site, NEW)
    assert site.change.first_password(site.change.account(browser)) is None
    assert site.change.first_password(site.change.account(sign_in(site, AN, OLD_PASSWORD))) is None


def test_recoveries_that_are_under_way_end(site: FakeSite, browser: str) -> None:
    recovering, code = begin_with_code(site)
    is_new(change(site, browser, OLD_PASSWORD))
    assert recovery_of(site, recovering).step is Step.ABANDONED
    assert opens(site, AN, GOOD_PASSWORD)
    assert code


# --- refused ----------------------------------------------------------------------------------------------------------


def test_a_wrong_present_password_changes_nothing(site: FakeSite, browser: str) -> None:
    outcome = refused(change(site, browser, "Sai-mat-khau-1"))
    assert outcome.wrong_current
    assert outcome.verdict.acceptable
    assert opens(site, AN, OLD_PASSWORD)
    assert site.sign_in.who(browser) is not None


def test_wrong_present_passwords_count_as_wrong_sign_ins_do_and_lock_out_nobody_else(
    site: FakeSite, browser: str
) -> None:
    for _ in range(10):
        assert refused(change(site, browser, "Sai-mat-khau-1")).wrong_current
    with pytest.raises(LimitReached):
        change(site, browser, OLD_PASSWORD)
    with pytest.raises(LimitReached):
        sign_in(site, AN, OLD_PASSWORD)
    assert site.directory.accounts[AN].status is AccountStatus.ACTIVE
    elsewhere = site.sign_in.sign_in(AN, OLD_PASSWORD, client="198.51.100.4", browser=None, remember=False)
    assert site.sign_in.who(elsewhere.browser) is not None
    is_new(change(site, elsewhere.browser, OLD_PASSWORD, client="198.51.100.4"))


def test_a_right_present_password_is_not_counted(site: FakeSite, browser: str) -> None:
    before = wrong_ones_left(site)
    is_new(change(site, browser, OLD_PASSWORD))
    assert wrong_ones_left(site) == before


@pytest.mark.parametrize(
    ("form", "named"),
    [
        (NewPassword(OLD_PASSWORD, OLD_PASSWORD, OLD_PASSWORD), "same"),
        (NewPassword(OLD_PASSWORD, GOOD_PASSWORD, ANOTHER), "mismatch"),
        (NewPassword(OLD_PASSWORD, "Bến-phà-9-vắng-khách", "Bến-phà-9-vắng-khách"), "diacritics_unseen"),
    ],
)
def test_a_form_that_is_wrong_is_refused_before_the_present_password_is_looked_at(
    site: FakeSite, browser: str, form: NewPassword, named: str
) -> None:
    before = wrong_ones_left(site)
    for current in (OLD_PASSWORD, "Sai-mat-khau-1"):
        same = named == "same"
        tried = replace(form, current=current, **({"password": current, "again": current} if same else {}))
        outcome = refused(site.change.submit(browser, tried, CLIENT))
        assert (getattr(outcome, named), outcome.wrong_current) == (True, False)
    assert wrong_ones_left(site) == before
    assert site.directory.changes == []


def test_diacritics_that_were_warned_of_are_allowed(site: FakeSite, browser: str) -> None:
    form = NewPassword(OLD_PASSWORD, "Bến-phà-9-vắng-khách", "Bến-phà-9-vắng-khách", diacritics_seen=True)
    is_new(site.change.submit(browser, form, CLIENT))
    assert opens(site, AN, "Bến-phà-9-vắng-khách")


def test_a_password_made_of_the_person_s_own_name_or_number_is_refused(site: FakeSite, browser: str) -> None:
    for password in ("TranVanAn@1", "Aa@0393070121"):
        assert not refused(change(site, browser, OLD_PASSWORD, password)).verdict.acceptable
        assert not site.change.judge(browser, password).acceptable


@pytest.mark.parametrize("how", ["signed out", "never signed in", "locked", "signed in too long ago"])
def test_nobody_changes_anything_who_is_not_signed_in(site: FakeSite, browser: str, how: str) -> None:
    happens: dict[str, Callable[[], object]] = {
        "signed out": lambda: site.sign_in.sign_out(browser),
        "never signed in": lambda: None,
        "locked": lambda: site.directory.lock(AN),
        "signed in too long ago": lambda: site.clock.pass_by(SESSION_LIFETIME.total_seconds()),
    }
    happens[how]()
    for one in (None, "made-up") if how == "never signed in" else (browser,):
        with pytest.raises(NotSignedIn):
            change(site, one, OLD_PASSWORD)
        with pytest.raises(NotSignedIn):
            site.change.judge(one, GOOD_PASSWORD)
    assert site.directory.changes == []


def test_checks_of_a_password_are_limited(browser: str, site: FakeSite) -> None:
    for _ in range(200):
        site.change.judge(browser, "x")
    with pytest.raises(LimitReached):
        site.change.judge(browser, "x")


def test_a_form_is_not_seen_in_a_repr() -> None:
    shown = repr(NewPassword(OLD_PASSWORD, GOOD_PASSWORD, ANOTHER)) + repr(PasswordIsNew("browser-id"))
    for secret in (OLD_PASSWORD, GOOD_PASSWORD, ANOTHER, "browser-id"):
        assert secret not in shown
