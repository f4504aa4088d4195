"""Making entries for accounts that are handed out: only where the settings and the server's rules let the site."""

from dataclasses import replace

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.domain.people import Account, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, DirectoryUnavailable
from tests.fakes import NOON, FakeClock
from tests.peers.slapd import PEOPLE, Slapd

NEW = Account("moi.pham@soctrang.gov.vn", "Phạm Thị Mới", "Sở Tài chính", phones=(Phone(read_number("0912345680")),))
PASSWORD = Secret("Kfm7t-qx9vz-hp2n4")


def directory(server: Slapd, **changed: object) -> LdapDirectory:
    return LdapDirectory(server.table(**changed), ["soctrang.gov.vn"], FakeClock())


def test_an_entry_holds_what_is_known_of_the_person(server: Slapd) -> None:
    directory(server).add(NEW, PASSWORD, NOON)
    dn = f"uid=moi.pham,{PEOPLE}"
    assert server.read(dn, "sn") == ["Phạm".encode()]
    assert server.read(dn, "cn") == server.read(dn, "displayName") == ["Phạm Thị Mới".encode()]
    assert server.read(dn, "mail") == [b"moi.pham@soctrang.gov.vn"]
    assert server.read(dn, "mobile") == [b"+84912345680"]
    assert server.read(dn, "ou") == ["Sở Tài chính".encode()]


def test_an_account_without_a_name_is_named_by_its_address(server: Slapd) -> None:
    directory(server).add(replace(NEW, display_name="", unit=""), PASSWORD, NOON)
    assert server.read(f"uid=moi.pham,{PEOPLE}", "sn") == [b"moi.pham"]


def test_without_a_place_for_it_no_entry_is_made(server: Slapd) -> None:
    with pytest.raises(CannotAdd):
        directory(server, new_entries={}).add(NEW, PASSWORD, NOON)
    assert directory(server).find(NEW.address) is None


def test_a_place_that_is_taken_by_another_entry_is_left_to_it(server: Slapd) -> None:
    server.add(f"uid=moi.pham,{PEOPLE}", objectClass=["inetOrgPerson"], uid="moi.pham", cn="x", sn="x")
    with pytest.raises(CannotAdd):
        directory(server).add(NEW, PASSWORD, NOON)
    assert server.read(f"uid=moi.pham,{PEOPLE}", "mail") == []


def test_a_server_that_does_not_let_the_site_add_says_so(server: Slapd) -> None:
    elsewhere = {"dn": f"uid={{local}},ou=services,{PEOPLE.partition(',')[2]}"}
    with pytest.raises(DirectoryUnavailable):
        directory(server, new_entries=elsewhere).add(NEW, PASSWORD, NOON)
