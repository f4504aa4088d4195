"""Changing one's own password while the directory fails, or while somebody else changes it too."""

import pytest

from recovery_site.domain.audit import EventKind
from recovery_site.domain.messages import MessageKind
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.secret import Secret
from recovery_site.flow.change import NotSignedIn
from recovery_site.flow.outcomes import Changed
from recovery_site.ports import (
    DirectoryUnavailable,
    Limit,
    PasswordRefused,
    PolicyProblem,
    UnknownAccount,
)
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD
from tests.flow.handing_out import (
    DOCUMENT,
    NEW,
    OPERATOR,
    StumblingDirectory,
    change,
    grant,
    is_new,
    kinds,
    make_stumbling_site,
    opens,
    sign_in,
    stumbling,
    the_clock,
    unavailable,
)
from tests.flow.story import CLIENT, begin_with_code, messages_of, submit

ANOTHER = "Canh-buom-4-no-gio"


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


@pytest.fixture
def browser(site: FakeSite) -> str:
    """A browser that is signed in as An."""
    return sign_in(site, AN, OLD_PASSWORD)


# --- troubles of the directory ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["down", "read-only", "refuses"])
def test_a_directory_that_does_not_do_it_leaves_everything_as_it_was_and_counts_nothing(
    site: FakeSite, trouble: str
) -> None:
    first = grant(site).password.reveal()
    browser = sign_in(site, NEW, first)
    before = site.transactions.rows.copy()
    site.directory.down_for_changes = trouble == "read-only"
    site.directory.refuses_passwords = PolicyProblem.IN_HISTORY if trouble == "refuses" else None
    if trouble == "down":
        stumbling(site).before_password = unavailable
    with pytest.raises((DirectoryUnavailable, PasswordRefused)):
        change(site, browser, first)
    after = site.transactions.rows
    assert (after.sessions, after.activations, after.audit, after.messages) == (
        before.sessions, before.activations, before.audit, before.messages,
    )  # fmt: skip
    with site.transactions() as tx:
        assert tx.limits.left(Limit.WRONG_PASSWORDS, NEW, CLIENT) == 10
    assert opens(site, NEW, first)


def test_an_account_that_is_locked_at_this_moment_keeps_its_password(site: FakeSite, browser: str) -> None:
    stumbling(site).before_password = lambda: site.directory.lock(AN)
    with pytest.raises(UnknownAccount):
        change(site, browser, OLD_PASSWORD)
    assert site.directory.passwords[AN] == OLD_PASSWORD


# --- at the same moment -----------------------------------------------------------------------------------------------


def test_a_browser_that_is_signed_out_at_this_moment_stays_so(site: FakeSite, browser: str) -> None:
    stumbling(site).after_password = lambda: site.sign_in.sign_out(browser)
    renewed = is_new(change(site, browser, OLD_PASSWORD))
    assert site.sign_in.who(renewed) is None


class SlowToJudge(StumblingDirectory):
    """A directory in which something happens while it looks at a password."""

    def check_password(self, address: str, password: Secret) -> bool:
        right = super().check_password(address, password)
        happens, self.after_password = self.after_password, None
        if happens:
            happens()
        return right


def test_a_new_first_password_that_is_given_out_meanwhile_takes_the_old_one_s_rights_away() -> None:
    site = make_fake_site(directory_kind=SlowToJudge)
    browser = sign_in(site, AN, OLD_PASSWORD)
    stumbling(site).after_password = lambda: site.provision.grant_again(AN, OPERATOR, DOCUMENT)
    with pytest.raises(NotSignedIn):
        change(site, browser, OLD_PASSWORD)
    assert GOOD_PASSWORD not in site.directory.passwords.values()
    assert the_clock(site, AN).changed_at is None


def granted_again_a_second_later(site: FakeSite) -> None:
    site.clock.pass_by(1)
    site.provision.grant_again(AN, OPERATOR, DOCUMENT)


def test_the_clock_of_a_first_password_that_is_given_out_while_the_old_one_is_changed_runs_on(
    site: FakeSite, browser: str
) -> None:
    stumbling(site).after_password = lambda: granted_again_a_second_later(site)
    change(site, browser, OLD_PASSWORD)
    assert the_clock(site, AN).changed_at is None
    site.clock.pass_by(hours=6)
    found = site.activated.find(AN)
    assert found is not None
    assert found.status is AccountStatus.OVERDUE


def test_so_it_does_while_a_recovery_sets_another_one(site: FakeSite) -> None:
    recovering, code = begin_with_code(site)
    stumbling(site).after_password = lambda: granted_again_a_second_later(site)
    submit(site, recovering, code)
    assert the_clock(site, AN).changed_at is None


def test_a_password_that_a_recovery_sets_while_it_is_changed_leaves_one_password_and_tells_the_phones_of_both(
    site: FakeSite, browser: str
) -> None:
    recovering, code = begin_with_code(site)
    outcomes = []
    stumbling(site).before_password = lambda: outcomes.append(submit(site, recovering, code, ANOTHER))
    change(site, browser, OLD_PASSWORD)
    assert isinstance(outcomes[0], Changed)
    assert [password for _, password in site.directory.changes] == [ANOTHER, GOOD_PASSWORD]
    notices = [one for one in messages_of(site) if one.kind is MessageKind.PASSWORD_CHANGED]
    assert len({one.reference for one in notices}) == 2
    assert kinds(site, AN)[-2:] == [EventKind.PASSWORD_RECOVERED, EventKind.PASSWORD_CHANGED]
    # the recovery had ended the session
    assert site.sign_in.who(browser) is None
