"""New passwords and sign-ins over LDAP, held by the password policy of a real slapd."""

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem, UnknownAccount
from tests.adapters.ldap.conftest import open_directory
from tests.fakes import AN, BINH, LOCKED, NOON, OLD_PASSWORD, UNKNOWN, FakeClock
from tests.peers import slapd
from tests.peers.tcp_proxy import proxy

NEW = Secret("Ben-pha-9-vàng-khách")
WRONG = Secret("Khong-phai-9-dau")


@pytest.mark.parametrize("scheme", ["url", "tls_url"])
def test_a_reset_opens_the_mailbox_with_the_new_password_and_never_with_the_old_one(
    server: slapd.Slapd, scheme: str
) -> None:
    directory = open_directory(server, url=getattr(server, scheme))
    directory.set_password(AN, NEW, NOON)
    assert directory.check_password(AN, NEW)
    assert not directory.check_password(AN, Secret(OLD_PASSWORD))


def test_the_directory_hashes_the_password_itself(server: slapd.Slapd, directory: LdapDirectory) -> None:
    directory.set_password(AN, NEW, NOON)
    (stored,) = server.read(slapd.dn_of(AN), "userPassword")
    assert stored.startswith(b"{ARGON2}$argon2")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Ngan-9", PolicyProblem.TOO_SHORT),
        (OLD_PASSWORD, PolicyProblem.IN_HISTORY),
    ],
)
def test_the_policys_refusal_has_its_reason_and_changes_nothing(
    directory: LdapDirectory, password: str, problem: PolicyProblem
) -> None:
    with pytest.raises(PasswordRefused) as refused:
        directory.set_password(AN, Secret(password), NOON)
    assert refused.value.problem is problem
    assert directory.check_password(AN, Secret(OLD_PASSWORD))


def test_a_password_that_was_used_before_is_refused(directory: LdapDirectory) -> None:
    directory.set_password(AN, NEW, NOON)
    with pytest.raises(PasswordRefused) as refused:
        directory.set_password(AN, Secret(OLD_PASSWORD), NOON)
    assert refused.value.problem is PolicyProblem.IN_HISTORY
    assert directory.check_password(AN, NEW)


def test_a_password_that_was_changed_just_now_is_too_young_for_the_next(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    server.change(slapd.dn_of(AN), pwdPolicySubentry=slapd.YOUNG)
    directory.set_password(AN, NEW, NOON)
    with pytest.raises(PasswordRefused) as refused:
        directory.set_password(AN, Secret("Ben-pha-9-khac"), NOON)
    assert refused.value.problem is PolicyProblem.TOO_YOUNG
    assert directory.check_password(AN, NEW)


def test_wrong_passwords_lock_for_a_while_and_the_reset_ends_it(directory: LdapDirectory) -> None:
    for _ in range(4):
        assert not directory.check_password(AN, WRONG)
    assert not directory.check_password(AN, Secret(OLD_PASSWORD))
    found = directory.find(AN)
    assert found is not None
    assert found.status is AccountStatus.ACTIVE
    directory.set_password(AN, NEW, NOON)
    assert directory.check_password(AN, NEW)


def test_a_disabled_account_stays_as_it_is_though_slapd_itself_would_open_it(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    before = server.read(slapd.dn_of(LOCKED), "userPassword")
    with pytest.raises(UnknownAccount):
        directory.set_password(LOCKED, NEW, NOON)
    assert server.read(slapd.dn_of(LOCKED), "userPassword") == before
    assert server.read(slapd.dn_of(LOCKED), "pwdAccountLockedTime") == [b"000001010000Z"]


def test_an_account_that_is_disabled_between_two_looks_gets_no_password(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    assert directory.find(AN)
    server.change(slapd.dn_of(AN), pwdAccountLockedTime="000001010000Z")
    with pytest.raises(UnknownAccount):
        directory.set_password(AN, NEW, NOON)
    assert not directory.check_password(AN, Secret(OLD_PASSWORD))


def test_an_expired_password_is_still_the_right_one(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.change(f"cn=default,ou=policies,{slapd.SUFFIX}", pwdMaxAge="60", pwdGraceAuthNLimit="0")
    server.change(slapd.dn_of(AN), pwdChangedTime="20200101000000Z")
    assert directory.check_password(AN, Secret(OLD_PASSWORD))
    assert not directory.check_password(AN, WRONG)


def test_a_password_that_must_be_changed_is_still_the_right_one(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.change(f"cn=default,ou=policies,{slapd.SUFFIX}", pwdMustChange="TRUE")
    server.change(slapd.dn_of(AN), pwdReset="TRUE")
    assert directory.check_password(AN, Secret(OLD_PASSWORD))


@pytest.mark.parametrize(
    ("address", "password"), [(AN, WRONG.reveal()), (AN, ""), (UNKNOWN, OLD_PASSWORD), (LOCKED, OLD_PASSWORD), ("", "")]
)
def test_every_refused_sign_in_takes_as_long(
    directory: LdapDirectory, clock: FakeClock, address: str, password: str
) -> None:
    assert not directory.check_password(address, Secret(password))
    assert clock.slept == [0.4]


def test_an_empty_new_password_is_not_sent(directory: LdapDirectory) -> None:
    with pytest.raises(ValueError, match="empty"):
        directory.set_password(AN, Secret(""), NOON)
    assert directory.check_password(AN, Secret(OLD_PASSWORD))


def test_a_password_that_was_set_before_the_line_was_cut_is_set(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}")
        assert directory.find(AN)
        line.cut(2, after=True)  # the first request looks for the account
        directory.set_password(AN, NEW, NOON)
        assert directory.check_password(AN, NEW)


def test_a_password_that_never_arrived_is_not_taken_for_one_that_is_set(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}")
        assert directory.find(AN)
        line.cut(2, after=False)
        with pytest.raises(DirectoryUnavailable, match="the new password does not open the account"):
            directory.set_password(AN, NEW, NOON)
        assert directory.check_password(AN, Secret(OLD_PASSWORD))


def test_a_change_whose_line_was_cut_is_not_sent_again(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}")
        assert directory.find(AN)
        line.cut(2, after=False)
        with pytest.raises(DirectoryUnavailable):
            directory.lock(AN)
        found = directory.find(AN)
        assert found is not None
        assert found.status is AccountStatus.ACTIVE


def test_a_read_only_directory_refuses_and_the_person_keeps_the_code(server: slapd.Slapd) -> None:
    server.again(database_lines="readonly on")
    directory = open_directory(server)
    assert directory.find(AN)
    with pytest.raises(DirectoryUnavailable, match="read-only"):
        directory.set_password(AN, NEW, NOON)
    with pytest.raises(DirectoryUnavailable, match="read-only"):
        directory.lock(AN)


def test_a_service_account_without_the_right_says_so(server: slapd.Slapd) -> None:
    server.again(password_right="none")
    with pytest.raises(DirectoryUnavailable, match="access rights"):
        open_directory(server).set_password(AN, NEW, NOON)


def test_no_fault_names_the_password_or_the_person(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.again(password_right="none")
    with pytest.raises(DirectoryUnavailable) as failed:
        directory.set_password(BINH, NEW, NOON)
    told = repr(failed.value) + repr(failed.value.__cause__)
    assert NEW.reveal() not in told
    assert "binh" not in told
