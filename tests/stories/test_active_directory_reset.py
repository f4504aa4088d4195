"""A reset through the pages, in an Active Directory."""

from collections.abc import Iterator

import pytest

from tests.adapters.active_directory.officials import Official, settings
from tests.fakes import GOOD_PASSWORD, OLD_PASSWORD
from tests.peers import samba
from tests.stories.conftest import MakePages
from tests.stories.mail_system import reset
from tests.web.client import CheckingClient
from tests.web.website import Website


@pytest.fixture
def database_kind() -> str:
    """The accounts are not in it."""
    return "sqlite"


@pytest.fixture(scope="module")
def domain() -> Iterator[samba.Domain]:
    with samba.running() as running:
        yield running


@pytest.fixture
def pages(domain: samba.Domain, make_pages: MakePages) -> Website:
    return make_pages(directory__kind="ldap", directory__ldap=settings(domain).model_dump(mode="json"))


def test_a_reset_through_the_pages_opens_the_domain_with_the_new_password_alone(
    domain: samba.Domain, pages: Website
) -> None:
    official = Official(domain).made()
    for _ in range(4):
        assert not official.signs_in("Wrong-Pass-1")
    reset(pages, official.address, GOOD_PASSWORD)
    assert official.signs_in(GOOD_PASSWORD)
    assert not official.signs_in(OLD_PASSWORD)


def test_what_the_domain_refuses_costs_no_try_and_the_code_opens_the_next_one(
    domain: samba.Domain, pages: Website
) -> None:
    official = Official(domain).made()
    domain.change(samba.BASE, minPwdLength=[20])
    browser = CheckingClient(pages)
    code = browser.begin_with_code(official.address)
    for _ in range(6):
        browser.type_code(code, "Ghe-ngo-9-dua!")
        assert browser.page.path.endswith("/dat-lai")
        assert official.signs_in(OLD_PASSWORD)
    browser.type_code(code, "Ghe-ngo-9-dua-tren-song-Maspero!")
    domain.change(samba.BASE, minPwdLength=[8])
    assert browser.page.path.endswith("/thanh-cong")
    assert official.signs_in("Ghe-ngo-9-dua-tren-song-Maspero!")


def test_a_disabled_official_gets_the_sentence_for_strangers(domain: samba.Domain, pages: Website) -> None:
    official = Official(domain).made()
    official.change(userAccountControl=[514])
    page = CheckingClient(pages).begin(official.address)
    assert "Không tìm thấy Email hoặc Email bị khoá" in str(page)
