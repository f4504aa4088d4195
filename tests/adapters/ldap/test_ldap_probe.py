"""What `doctor` finds out about an OpenLDAP, without changing anything."""

from collections.abc import Mapping

import pytest

from recovery_site.domain.secret import Secret
from tests.adapters.ldap.conftest import open_directory
from tests.fakes import BINH, NOON
from tests.peers import slapd


def problems(server: slapd.Slapd, **changed: object) -> Mapping[str, str]:
    """Return what a probe finds wrong, by what it tried."""
    probes = list(open_directory(server, None, **changed).probe())
    assert len({probe.what for probe in probes}) == len(probes)
    return {probe.what: probe.problem for probe in probes if probe.problem}


def test_a_service_account_with_exactly_its_rights_passes(server: slapd.Slapd) -> None:
    told = [probe.what for probe in open_directory(server, read_urls=[server.url]).probe()]
    assert problems(server, read_urls=[server.url]) == {}
    assert told == [
        f"connection to {server.url}",
        f"connection to {server.tls_url}",
        "accounts",
        "telephone numbers",
        "lock state",
        "time of the last change",
        "passwords stay unseen",
        "may set passwords",
        "the password policy holds",
        "may lock accounts (pwdAccountLockedTime)",
        "may set telephone numbers (mobile)",
        "may set telephone numbers (telephoneNumber)",
        "may change no address",
        f"may not set the password of {slapd.ADMINISTRATOR}",
    ]


def test_a_probe_leaves_the_entries_as_they_are(server: slapd.Slapd) -> None:
    server.again(password_right="manage")
    before = server.everything()
    problems(server, administrators=[slapd.ADMINISTRATOR, slapd.dn_of(BINH)])
    assert server.everything() == before


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("none", {"may set passwords": "may not write userPassword"}),
        ("write", {"passwords stay unseen": "may read userPassword"}),
        (
            "manage",
            {
                "passwords stay unseen": "may read userPassword",
                "the password policy holds": "a password of one letter would be taken",
            },
        ),
    ],
)
def test_too_few_rights_and_too_many_are_named(server: slapd.Slapd, right: str, wrong: Mapping[str, str]) -> None:
    server.again(password_right=right)
    found = problems(server)
    assert found.keys() == wrong.keys()
    assert all(text in found[what] for what, text in wrong.items())


def test_the_rootdn_is_no_service_account(server: slapd.Slapd) -> None:
    found = problems(server, bind_dn=slapd.ROOT, bind_password=slapd.ROOT_PASSWORD)
    assert set(found) == {
        "passwords stay unseen",
        "the password policy holds",
        "may change no address",
        f"may not set the password of {slapd.ADMINISTRATOR}",
    }


def test_an_administrator_whose_password_could_be_set_is_named(server: slapd.Slapd) -> None:
    found = problems(server, administrators=[slapd.ADMINISTRATOR, slapd.dn_of(BINH)])
    assert set(found) == {f"may not set the password of {slapd.dn_of(BINH)}"}
    assert all("may write it; take that right away" in problem for problem in found.values())


def test_an_administrators_password_that_the_policy_protects_for_now_is_not_called_safe(server: slapd.Slapd) -> None:
    server.change(slapd.dn_of(BINH), pwdPolicySubentry=slapd.YOUNG)
    open_directory(server).set_password(BINH, Secret("Ben-pha-9-vang"), NOON)
    found = problems(server, administrators=[slapd.dn_of(BINH)])
    assert "cannot be told" in found[f"may not set the password of {slapd.dn_of(BINH)}"]


def test_rights_that_a_site_can_do_without_are_told_and_no_problem(server: slapd.Slapd) -> None:
    server.again(attributes_right="read")
    assert problems(server) == {}
    told = {probe.what for probe in open_directory(server).probe()}
    assert "may not set telephone numbers (mobile); not needed for resets" in told
    assert "may not lock accounts (pwdAccountLockedTime); not needed for resets" in told


@pytest.mark.parametrize(
    ("changed", "what", "problem"),
    [
        ({"bind_password": "wrong"}, "connection", "the name or the password of the service account"),
        ({"bind_dn": f"cn=nobody,{slapd.SUFFIX}"}, "connection", "the name or the password of the service account"),
        ({"base_dn": "ou=nowhere,dc=soctrang,dc=gov,dc=vn"}, "connection", "has no such entry"),
        ({"filter": "(&(objectClass=device)(mail={address}))"}, "accounts", "look at filter, base_dn and attributes"),
        ({"attributes": {"address": "description"}}, "accounts", "no entry with an address of site.mail_domains"),
        ({"attributes": {"phones": ["pager"]}}, "telephone numbers", "look at attributes.phones"),
        ({"url": "ldaps://127.0.0.1:9"}, "connection", "refuses the connection; look at directory.ldap.url"),
    ],
)
def test_each_wrong_setting_is_found_where_it_shows(
    server: slapd.Slapd, changed: Mapping[str, object], what: str, problem: str
) -> None:
    found = problems(server, **changed)
    assert len(found) == 1
    ((where, why),) = found.items()
    assert what in where
    assert problem in why


def test_hashes_of_former_passwords_are_to_stay_unseen_too(server: slapd.Slapd) -> None:
    open_directory(server).set_password(BINH, Secret("Ben-pha-9-vang"), NOON)
    assert problems(server) == {}
    server.again(history_right="read")
    assert "may read pwdHistory" in problems(server)["passwords stay unseen"]


def test_a_lock_state_that_may_not_be_read_would_let_disabled_accounts_in(server: slapd.Slapd) -> None:
    server.again(attributes_right="none")
    found = problems(server)
    assert found["lock state"] == "the service account may not read pwdAccountLockedTime"
    assert "telephone numbers" in found


def test_a_replica_that_is_down_is_named_and_the_rest_is_tried(server: slapd.Slapd) -> None:
    assert problems(server, read_urls=["ldaps://127.0.0.1:9"]) == {
        "connection to ldaps://127.0.0.1:9": "refuses the connection; look at directory.ldap.read_urls"
    }
