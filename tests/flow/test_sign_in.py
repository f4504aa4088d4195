"""Signing in and out, and what becomes of sessions."""

import pytest

from recovery_site.flow.sign_in import REMEMBERED_LIFETIME, SESSION_LIFETIME, SignedIn, SignInRefused
from recovery_site.ports import DirectoryUnavailable, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, GOOD_PASSWORD, LOCKED, NOON, OLD_PASSWORD, PHONELESS, UNKNOWN
from tests.flow.story import CLIENT, begin_with_code, recovery_of, submit


def sign_in(
    site: FakeSite,
    typed: str = AN,
    password: str = OLD_PASSWORD,
    *,
    client: str = CLIENT,
    browser: str | None = None,
    remember: bool = False,
) -> SignedIn:
    return site.sign_in.sign_in(typed, password, client=client, browser=browser, remember=remember)


def test_the_right_password_opens_a_session_for_a_working_day() -> None:
    site = make_fake_site()
    signed_in = sign_in(site)
    account = site.sign_in.who(signed_in.browser)
    assert account is not None
    assert account.address == AN
    assert signed_in.expires_at == NOON + SESSION_LIFETIME
    site.clock.pass_by(SESSION_LIFETIME.total_seconds())
    assert site.sign_in.who(signed_in.browser) is None


def test_a_remembered_session_lives_longer_and_keeps_no_password() -> None:
    site = make_fake_site()
    signed_in = sign_in(site, remember=True)
    assert signed_in.expires_at == NOON + REMEMBERED_LIFETIME
    assert OLD_PASSWORD not in repr(site.transactions.rows)
    assert signed_in.browser not in repr(site.transactions.rows)


def test_an_account_without_a_number_can_sign_in() -> None:
    site = make_fake_site()
    assert site.sign_in.who(sign_in(site, PHONELESS).browser) is not None


@pytest.mark.parametrize("typed", [UNKNOWN, LOCKED, "", "a@b", "x" * 1000, "an@gmail.com", "' OR 1=1 --", "\x00"])
def test_unknown_locked_and_malformed_are_one_refusal_and_all_ask_the_directory(typed: str) -> None:
    site = make_fake_site()
    asked: list[str] = []
    check = site.directory.check_password
    site.directory.check_password = lambda address, password: asked.append(address) or check(address, password)
    with pytest.raises(SignInRefused) as refused:
        sign_in(site, typed)
    assert refused.value.args == ()
    assert len(asked) == 1
    assert site.transactions.rows.sessions == {}


@pytest.mark.parametrize(
    "password", ["", OLD_PASSWORD + " ", " " + OLD_PASSWORD, OLD_PASSWORD.lower(), OLD_PASSWORD[:-1]]
)
def test_a_password_that_is_nearly_right_is_wrong(password: str) -> None:
    with pytest.raises(SignInRefused):
        sign_in(make_fake_site(), password=password)


@pytest.mark.parametrize("typed", [AN, UNKNOWN, LOCKED, "no address at all"])
def test_the_eleventh_wrong_password_has_to_wait_whoever_was_named(typed: str) -> None:
    site = make_fake_site()
    for _ in range(10):
        with pytest.raises(SignInRefused):
            sign_in(site, typed, "wrong")
    with pytest.raises(LimitReached) as reached:
        sign_in(site, typed, OLD_PASSWORD)
    assert reached.value.retry_after == 600
    assert site.sign_in.who(sign_in(site, BINH).browser)
    site.clock.pass_by(600)
    with pytest.raises(SignInRefused):
        sign_in(site, typed, "wrong")


def test_one_client_s_wrong_passwords_lock_nobody_out_elsewhere() -> None:
    site = make_fake_site()
    for _ in range(10):
        with pytest.raises(SignInRefused):
            sign_in(site, AN, "wrong")
    assert sign_in(site, AN, client="198.51.100.1")


def test_right_passwords_are_not_counted() -> None:
    site = make_fake_site()
    for _ in range(30):
        sign_in(site)


def test_a_right_password_does_not_wipe_out_the_wrong_ones() -> None:
    site = make_fake_site()
    for _ in range(9):
        with pytest.raises(SignInRefused):
            sign_in(site, password="wrong")
    sign_in(site)
    with pytest.raises(SignInRefused):
        sign_in(site, password="wrong")
    with pytest.raises(LimitReached):
        sign_in(site, password="wrong")


def test_signing_in_again_ends_the_browser_s_old_session_and_keeps_its_recovery() -> None:
    site = make_fake_site()
    browser, _ = begin_with_code(site)
    first = sign_in(site, browser=browser)
    second = sign_in(site, BINH, browser=first.browser)
    assert site.sign_in.who(first.browser) is None
    assert recovery_of(site, second.browser).address == AN
    assert site.under_way.current(browser) is None


def test_signing_out_ends_only_this_browser_s_session() -> None:
    site = make_fake_site()
    here, there = sign_in(site), sign_in(site)
    site.sign_in.sign_out(here.browser)
    site.sign_in.sign_out(None)
    assert site.sign_in.who(here.browser) is None
    assert site.sign_in.who(there.browser) is not None
    assert site.sign_in.who(None) is None


def test_a_new_password_ends_every_session_of_the_account_and_no_other() -> None:
    site = make_fake_site()
    sessions = [sign_in(site), sign_in(site, remember=True)]
    of_binh = sign_in(site, BINH)
    browser, code = begin_with_code(site)
    submit(site, browser, code)
    assert [site.sign_in.who(one.browser) for one in sessions] == [None, None]
    assert site.sign_in.who(of_binh.browser) is not None
    with pytest.raises(SignInRefused):
        sign_in(site)
    assert sign_in(site, password=GOOD_PASSWORD)


def test_an_account_locked_meanwhile_is_signed_in_nowhere() -> None:
    site = make_fake_site()
    signed_in = sign_in(site)
    site.directory.lock(AN)
    assert site.sign_in.who(signed_in.browser) is None


def test_a_directory_that_is_down_is_not_a_wrong_password() -> None:
    site = make_fake_site()
    site.directory.down = True
    with pytest.raises(DirectoryUnavailable):
        sign_in(site)
