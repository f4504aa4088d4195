"""A reset through the pages, over the embedded directory; what Dovecot says to it, on SQLite and on PostgreSQL."""

import pytest

from recovery_site.bootstrap import start_dispatchers
from recovery_site.web.app import create_app
from tests.conftest import MakeSite
from tests.fakes import (
    AN,
    BINH,
    GOOD_PASSWORD,
    LOCKED,
    OLD_PASSWORD,
    PHONELESS,
    UNKNOWN,
    FakeClock,
    FakeGateway,
)
from tests.peers.dovecot import Dovecot
from tests.peers.kannel import until
from tests.stories.mail_system import PASSWORDS, MailSystem, has_ended, told_to
from tests.web.client import CheckingClient
from tests.web.website import UnsteadyDirectory, Website


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
    for nearly in {password.strip(), password[:-1], password.swapcase(), password.replace("  ", " ")} - {password}:
        assert not mail_system.signs_in(AN, nearly)


def test_a_wrong_try_before_the_reset_does_not_keep_the_new_password_out(mail_system: MailSystem) -> None:
    assert mail_system.signs_in(AN, OLD_PASSWORD)
    assert not mail_system.signs_in(AN, "a wrong one")
    mail_system.reset(AN, GOOD_PASSWORD)
    assert mail_system.signs_in(AN, GOOD_PASSWORD)
    assert not mail_system.signs_in(AN, OLD_PASSWORD)


def test_sessions_that_were_open_end_with_the_reset_and_others_stay(mail_system: MailSystem) -> None:
    [session, other] = [mail_system.dovecot.session(address, OLD_PASSWORD) for address in (AN, BINH)]
    mail_system.reset(AN, GOOD_PASSWORD)
    until("the session ends", lambda: has_ended(session))
    assert not has_ended(other)
    other.logout()


def test_the_site_s_dispatcher_tells_dovecot_by_itself(dovecot: Dovecot, make_site: MakeSite) -> None:
    gateway = FakeGateway()
    services = make_site(gateways={"main": gateway}, **told_to(dovecot))
    app = create_app(services)
    website = Website(services, app, FakeClock(), gateway, UnsteadyDirectory(services.directory))
    browser = CheckingClient(website)
    assert not dovecot.signs_in(AN, "a wrong one")
    stop = start_dispatchers(services)
    try:
        browser.begin(AN)
        browser.submit("Lấy mã xác nhận")
        until("the code arrives", lambda: website.codes_received() == 1)
        browser.type_code(gateway.last_code(), GOOD_PASSWORD)
        until("the new password is let in", lambda: dovecot.signs_in(AN, GOOD_PASSWORD))
    finally:
        stop()
        app.extensions["static_folder"].cleanup()
    assert not dovecot.signs_in(AN, OLD_PASSWORD)


def test_dovecot_lets_nobody_in_who_is_locked_or_unknown(mail_system: MailSystem) -> None:
    mail_system.website.update("accounts", {"address": PHONELESS}, status="locked")
    for address in (LOCKED, PHONELESS, UNKNOWN, "", "x' OR '1'='1"):
        assert not mail_system.signs_in(address, OLD_PASSWORD)


def test_the_site_s_key_can_do_nothing_else_with_dovecot(mail_system: MailSystem) -> None:
    command = mail_system.dovecot.command
    assert command("who")[1]["type"] == "unAuthorized"
    assert command("fetch", user=AN, field=["text"], query=["all"])[1]["type"] == "unAuthorized"
    assert command("authCacheFlush", user=[AN])[0] == "doveadmResponse"
