"""A reset through the pages, over an LDAP directory that Dovecot asks, too."""

from collections.abc import Iterator

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD, LOCKED, OLD_PASSWORD, UNKNOWN
from tests.peers import dovecot as peers
from tests.peers import slapd
from tests.peers.kannel import until
from tests.stories.conftest import MakePages
from tests.stories.mail_system import PASSWORDS, MailSystem, has_ended, told_to


@pytest.fixture
def database_kind() -> str:
    """The accounts are not in it."""
    return "sqlite"


@pytest.fixture(scope="module")
def server() -> Iterator[slapd.Slapd]:
    with slapd.running() as running:
        yield running


@pytest.fixture
def passdb(server: slapd.Slapd) -> peers.Passdb:
    server.fresh()
    return peers.over_ldap(
        server.authority.file,
        {
            "ldap://ldap.internal:389": server.url,
            "cn=dovecot,ou=services,dc=soctrang,dc=gov,dc=vn": slapd.SERVICE,
            "dnpass = change-me": f"dnpass = {slapd.SERVICE_PASSWORD}",
        },
    )


@pytest.fixture
def mail_system(server: slapd.Slapd, dovecot: peers.Dovecot, make_pages: MakePages) -> MailSystem:
    """The site over the directory, and a Dovecot that asks the same one."""
    table = server.table(timeout_seconds=10).model_dump(mode="json")
    pages = make_pages(directory__kind="ldap", directory__ldap=table, **told_to(dovecot))
    return MailSystem(pages, dovecot)


def test_a_reset_through_the_pages_opens_the_mailbox_with_the_new_password_alone(mail_system: MailSystem) -> None:
    assert mail_system.signs_in(AN, OLD_PASSWORD)
    mail_system.reset(AN, GOOD_PASSWORD)
    assert mail_system.signs_in(AN, GOOD_PASSWORD)
    assert not mail_system.signs_in(AN, OLD_PASSWORD)
    assert mail_system.signs_in(BINH, OLD_PASSWORD)


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
def test_whatever_a_person_may_choose_arrives_byte_for_byte(mail_system: MailSystem, password: str) -> None:
    mail_system.reset(AN, password)
    assert mail_system.signs_in(AN, password)
    assert not mail_system.signs_in(AN, password.strip() if password != password.strip() else f"{password} ")


def test_wrong_tries_before_the_reset_lock_the_account_and_the_reset_opens_it(mail_system: MailSystem) -> None:
    for turn in range(3):
        assert not mail_system.signs_in(AN, f"a wrong one {turn}")
    assert not mail_system.signs_in(AN, OLD_PASSWORD)
    mail_system.reset(AN, GOOD_PASSWORD)
    assert mail_system.signs_in(AN, GOOD_PASSWORD)
    assert not mail_system.signs_in(AN, OLD_PASSWORD)


def test_sessions_that_were_open_end_with_the_reset(mail_system: MailSystem) -> None:
    session = mail_system.dovecot.session(AN, OLD_PASSWORD)
    mail_system.reset(AN, GOOD_PASSWORD)
    until("the session ends", lambda: has_ended(session))


@pytest.mark.parametrize("address", [LOCKED, UNKNOWN, "*"])
def test_dovecot_lets_nobody_in_who_is_locked_or_unknown(mail_system: MailSystem, address: str) -> None:
    assert not mail_system.signs_in(address, OLD_PASSWORD)
