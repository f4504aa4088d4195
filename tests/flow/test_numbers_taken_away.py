"""A code whose number was taken from the account opens nothing any more, whoever took it away."""

from collections.abc import Sequence

import pytest

from recovery_site.domain.keys import KeyRing
from recovery_site.domain.people import Phone, read_number
from recovery_site.domain.recovery import Step
from recovery_site.flow.outcomes import Changed, NoRecovery
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GROUP, KEY, OLD_PASSWORD
from tests.flow.story import CLIENT, begin, begin_with_code, recovery_of, submit

NEW_KEY = b"n" * 32


@pytest.fixture
def site() -> FakeSite:
    return make_fake_site()


def has_now(site: FakeSite, address: str, numbers: Sequence[str]) -> None:
    """Give the account these numbers, as an import or the mail system's administrator does."""
    site.directory.set_phones(address, [Phone(read_number(number)) for number in numbers])


@pytest.mark.parametrize("numbers", [["0912345679"], ["0912345679", "0833111222"]])
def test_the_code_to_a_number_that_is_gone_ends_its_recovery(site: FakeSite, numbers: list[str]) -> None:
    browser, code = begin_with_code(site)
    has_now(site, AN, numbers)
    with pytest.raises(NoRecovery):
        submit(site, browser, code)
    assert site.directory.passwords[AN] == OLD_PASSWORD
    assert recovery_of(site, browser).step is Step.ABANDONED
    has_now(site, AN, ["0393070121"])
    with pytest.raises(NoRecovery):
        submit(site, browser, code)


def test_a_number_that_stays_among_others_keeps_its_code(site: FakeSite) -> None:
    browser, code = begin_with_code(site)
    has_now(site, AN, ["0912345679", "0393070121"])
    assert isinstance(submit(site, browser, code), Changed)


def test_in_a_group_only_the_code_to_the_number_that_is_gone_ends(site: FakeSite) -> None:
    codes = []
    for place in (0, 1):
        browser = begin(site, GROUP)
        site.recover.confirm(browser, site.recover.choices(recovery_of(site, browser))[place].phone, CLIENT)
        codes.append((browser, site.gateway.last_code()))
    has_now(site, GROUP, ["0833111333", "0912345679"])
    with pytest.raises(NoRecovery):
        submit(site, *codes[0])
    assert isinstance(submit(site, *codes[1]), Changed)


@pytest.mark.parametrize("gone", [False, True])
def test_a_rotated_key_does_not_hide_whether_the_number_is_still_there(site: FakeSite, gone: bool) -> None:
    browser, code = begin_with_code(site)
    site = make_fake_site(over=site, keys=KeyRing((NEW_KEY, KEY)))
    if gone:
        has_now(site, AN, ["0912345679"])
        with pytest.raises(NoRecovery):
            submit(site, browser, code)
    else:
        assert isinstance(submit(site, browser, code), Changed)


def test_a_new_code_after_a_new_key_knows_its_number_by_the_new_key_alone(site: FakeSite) -> None:
    browser, _ = begin_with_code(site)
    site = make_fake_site(over=site, keys=KeyRing((NEW_KEY, KEY)))
    site.clock.pass_by(minutes=8)
    site.recover.resend(browser, CLIENT)
    site = make_fake_site(over=site, keys=KeyRing((NEW_KEY,)))
    has_now(site, AN, ["0912345679"])
    with pytest.raises(NoRecovery):
        submit(site, browser, site.gateway.last_code())
