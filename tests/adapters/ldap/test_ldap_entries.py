"""What entries of a directory become: addresses, aliases, numbers, and entries that contradict each other."""

import pytest
from structlog.testing import capture_logs

from recovery_site.adapters.directories.ldap import LdapDirectory, searches
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable, UnknownAccount
from recovery_site.settings.ldap import LdapAttributes
from tests.adapters.ldap.conftest import open_directory
from tests.fakes import ACCOUNTS, AN, BINH, LOCKED, NOON, OLD_PASSWORD
from tests.peers import slapd

NEW = Secret("Ben-pha-9-vang")
SECOND = f"uid=second,{slapd.PEOPLE}"
WITH_ALIASES = LdapAttributes(name="displayName", phones=["mobile", "telephoneNumber"], aliases=["description"])


INJECTIONS = [
    "*)(mail=*", "*", "*@soctrang.gov.vn", "an*", f"{AN})(objectClass=*", f"x)(|(mail={AN})", "(", ")", "\\2a", "\\",
    "\0", "an\0", f"{AN}\0", "&", "|", "{address}", "{local}@soctrang.gov.vn", "é", "\ud7ff", "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", ["", "(&(objectClass=person)(|(mail={address})(uid={local})))"])
def test_a_filter_takes_nothing_for_its_own_that_was_typed(server: slapd.Slapd, text: str) -> None:
    directory = open_directory(server, filter=text, attributes=WITH_ALIASES)
    for typed in INJECTIONS:
        assert directory.find(typed) is None
        assert not directory.check_password(typed, Secret(OLD_PASSWORD))


def test_two_entries_with_one_address_are_nobodys_and_the_log_says_how_many(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    server.add(SECOND, **slapd.person(AN, uid="second"))
    with capture_logs() as logged:
        found = directory.find(AN)
    assert found is not None
    assert (found.address, found.status, found.phones) == (AN, AccountStatus.AMBIGUOUS, ())
    assert logged == [{"event": "directory_entries_share_an_address", "log_level": "error", "entries": 2}]
    assert not directory.check_password(AN, Secret(OLD_PASSWORD))
    for act in (directory.lock, directory.unlock, lambda address: directory.set_password(address, NEW, NOON)):
        with pytest.raises(UnknownAccount):
            act(AN)
    assert not server.read(slapd.dn_of(AN), "pwdChangedTime")


def test_a_list_has_the_address_of_several_entries_once(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.add(SECOND, **slapd.person(AN, uid="second"))
    statuses = {account.address: account.status for account in directory.all()}
    assert statuses[AN] is AccountStatus.AMBIGUOUS
    assert [account.address for account in directory.all()] == sorted(ACCOUNTS)


def test_very_many_entries_with_one_address_are_not_all_fetched(server: slapd.Slapd) -> None:
    for number in range(8):
        server.add(f"uid=many{number},{slapd.PEOPLE}", **slapd.person(AN, uid=f"many{number}"))
    found = open_directory(server).find(AN)
    assert found is not None
    assert found.status is AccountStatus.AMBIGUOUS


def test_an_alias_leads_to_the_account_under_its_own_address(server: slapd.Slapd) -> None:
    server.change(slapd.dn_of(AN), description=["an@soctrang.gov.vn", "nothing to do with mail"])
    directory = open_directory(server, attributes=WITH_ALIASES)
    found = directory.find("an@soctrang.gov.vn")
    assert found is not None
    assert found.address == AN
    assert found.display_name == ACCOUNTS[AN].display_name
    directory.set_password("an@soctrang.gov.vn", NEW, NOON)
    assert directory.check_password(AN, NEW)
    assert open_directory(server).find("an@soctrang.gov.vn") is None


def test_an_alias_that_is_somebodys_address_is_nobodys(server: slapd.Slapd) -> None:
    server.change(slapd.dn_of(BINH), description=AN)
    directory = open_directory(server, attributes=WITH_ALIASES)
    found = directory.find(AN)
    assert found is not None
    assert found.status is AccountStatus.AMBIGUOUS
    assert {account.address: account.status for account in directory.all()}[AN] is AccountStatus.AMBIGUOUS


def test_what_else_the_filter_demands_holds_for_aliases_too(server: slapd.Slapd) -> None:
    server.change(slapd.dn_of(AN), description="an@soctrang.gov.vn")
    directory = open_directory(server, attributes=WITH_ALIASES, filter="(&(objectClass=device)(mail={address}))")
    assert directory.find("an@soctrang.gov.vn") is None


def test_an_entry_with_several_addresses_is_one_account_under_each(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    names = ["z.tran@soctrang.gov.vn", "b.tran@ninhkieu.gov.vn", "a.tran@elsewhere.example", "C.Tran@soctrang.gov.vn"]
    server.change(slapd.dn_of(AN), mail=names)
    primary = "b.tran@ninhkieu.gov.vn"
    for name in (primary, "z.tran@soctrang.gov.vn", "c.tran@soctrang.gov.vn"):
        found = directory.find(name)
        assert found is not None
        assert found.address == primary
    assert directory.find("a.tran@elsewhere.example") is None
    assert {account.address for account in directory.all()} == {*ACCOUNTS, primary} - {AN}


def test_an_entry_without_an_address_in_our_domains_is_no_account(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    assert directory.find("quan-tri@elsewhere.example") is None
    with pytest.raises(UnknownAccount):
        directory.set_password("quan-tri@elsewhere.example", NEW, NOON)
    assert "quan-tri@elsewhere.example" not in {account.address for account in directory.all()}


def test_names_without_a_domain_get_the_first_one(server: slapd.Slapd) -> None:
    directory = open_directory(
        server, filter="(&(objectClass=inetOrgPerson)(uid={local}))", attributes=LdapAttributes(address="uid")
    )
    found = directory.find(AN)
    assert found is not None
    assert found.address == AN
    assert directory.find("an.tran@ninhkieu.gov.vn") is None


@pytest.mark.parametrize(
    ("numbers", "read", "unread"),
    [
        (["0299 3822 333"], [], 1),
        (["0299 3822 333", "0912 345 678"], ["0912345678"], 1),
        (["+84 912 345 678", "0912345678", "84912345678"], ["0912345678"], 0),
        (["0163 307 0121"], ["0333070121"], 0),
        (["+1 202 555 0100", "xin gọi cơ quan"], [], 2),
    ],
)
def test_numbers_are_read_and_those_that_cannot_be_are_counted(
    server: slapd.Slapd, numbers: list[str], read: list[str], unread: int
) -> None:
    server.change(slapd.dn_of(AN), description=numbers)
    found = open_directory(server, attributes=LdapAttributes(phones=["description"])).find(AN)
    assert found is not None
    assert [phone.number.local for phone in found.phones] == read
    assert found.unread_numbers == unread


def test_numbers_come_in_the_order_of_their_attributes_and_once(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.change(slapd.dn_of(AN), mobile=["0912000002", "0912000001"], telephoneNumber=["0833000001", "0912000002"])
    found = directory.find(AN)
    assert found is not None
    assert [phone.number.local for phone in found.phones] == ["0912000001", "0912000002", "0833000001"]


def test_new_numbers_stand_in_the_first_attribute_and_the_others_are_emptied(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    server.change(slapd.dn_of(AN), telephoneNumber=["0833000001", "0299 3822 333"])
    directory.set_phones(AN, ACCOUNTS[BINH].phones)
    assert server.read(slapd.dn_of(AN), "mobile") == [b"+84912345678"]
    assert server.read(slapd.dn_of(AN), "telephoneNumber") == []


def test_values_that_are_not_utf8_are_left_out_and_logged_without_them(server: slapd.Slapd) -> None:
    # 1.3.6.1.4.1.1466.115.121.1.40: the one kind of attribute that slapd lets hold any bytes
    server.change(slapd.dn_of(AN), userPKCS12=[b"0912\xff345678", b"0912345678"])
    directory = open_directory(server, attributes=LdapAttributes(phones=["userPKCS12"], name="userPKCS12"))
    with capture_logs() as logged:
        found = directory.find(AN)
    assert found is not None
    assert [phone.number.local for phone in found.phones] == ["0912345678"]
    assert found.unread_numbers == 1
    assert {event["event"] for event in logged} == {"directory_value_not_utf8"}
    assert "345678" not in repr(logged)


def test_a_referral_among_the_entries_is_passed_over(server: slapd.Slapd, directory: LdapDirectory) -> None:
    server.add(
        f"uid=elsewhere,{slapd.PEOPLE}",
        objectClass=["referral", "extensibleObject"],
        uid="elsewhere",
        ref="ldap://127.0.0.1:9/ou=people,dc=elsewhere",
    )
    assert [account.address for account in directory.all()] == sorted(ACCOUNTS)
    assert directory.find(AN)


def test_a_list_goes_over_all_pages(server: slapd.Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "PAGE", 2)
    server.again(database_lines="limits * size.soft=3 size.hard=3 size.pr=3 size.prtotal=unlimited")
    assert [account.address for account in open_directory(server).all()] == sorted(ACCOUNTS)


def test_a_server_that_shows_no_more_than_a_few_is_not_taken_for_a_small_one(server: slapd.Slapd) -> None:
    server.again(database_lines="limits * size=3")
    with pytest.raises(DirectoryUnavailable, match="limit"):
        open_directory(server).all()


def test_the_settings_may_name_another_attribute_for_the_lock(server: slapd.Slapd) -> None:
    attributes = LdapAttributes(lock="description")
    server.change(slapd.dn_of(AN), description="true")
    directory = open_directory(server, attributes=attributes)
    found, other = directory.find(AN), directory.find(LOCKED)
    assert found is not None
    assert other is not None
    assert (found.status, other.status) == (AccountStatus.LOCKED, AccountStatus.ACTIVE)
    with pytest.raises(UnknownAccount):
        directory.set_password(AN, NEW, NOON)
