"""The LDAP adapter on a real Active Directory (Samba's), with the rights that the administrators' page gives it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.domain.people import AccountStatus, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem, UnknownAccount
from tests.adapters.active_directory.officials import MakeDirectory, Official
from tests.fakes import GOOD_PASSWORD, NOON, OLD_PASSWORD
from tests.peers import samba
from tests.peers.certificates import make_authority
from tests.stories.mail_system import PASSWORDS

DISABLED, NORMAL = [514], [512]
NEW = Secret(GOOD_PASSWORD)


def test_an_official_is_found_with_name_unit_number_and_the_time_of_the_last_change(
    domain: samba.Domain, directory: LdapDirectory
) -> None:
    before = datetime.now(UTC)
    made = Official(domain, attributes={"displayName": "Trần Văn Ân", "department": "Sở Nội vụ"}).made()
    found = directory.find(made.address)
    assert found is not None
    assert (found.address, found.display_name, found.unit) == (made.address, "Trần Văn Ân", "Sở Nội vụ")
    assert [phone.number.local for phone in found.phones] == ["0393070121"]
    assert found.status is AccountStatus.ACTIVE
    assert found.password_changed_at is not None
    assert abs((found.password_changed_at - before).total_seconds()) < 300


@pytest.mark.parametrize(
    "address", ["*)(mail=*", "*", "nobody@soctrang.gov.vn", "", "\\2a", "official1@soctrang.gov.vn)"]
)
def test_what_is_not_there_is_not_found(directory: LdapDirectory, official: Official, address: str) -> None:
    assert directory.find(address) is None


def test_an_alias_leads_to_the_account_and_resets_it(domain: samba.Domain, directory: LdapDirectory) -> None:
    proxies = ["SMTP:{0}@soctrang.gov.vn", "smtp:{0}.old@soctrang.gov.vn", "X400:c=VN;s={0}"]
    made = Official(domain, name="aliased", attributes={"proxyAddresses": [one.format("aliased") for one in proxies]})
    made.made()
    for alias in ("aliased.old@soctrang.gov.vn", made.address):
        found = directory.find(alias)
        assert found is not None
        assert found.address == made.address
    directory.set_password("aliased.old@soctrang.gov.vn", NEW, NOON)
    assert made.signs_in(GOOD_PASSWORD)


def test_two_entries_with_one_address_are_no_account_that_could_be_reset(
    domain: samba.Domain, directory: LdapDirectory, official: Official
) -> None:
    Official(domain, attributes={"mail": official.address}).made()
    found = directory.find(official.address)
    assert found is not None
    assert found.status is AccountStatus.AMBIGUOUS
    with pytest.raises(UnknownAccount):
        directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(OLD_PASSWORD)


def test_after_a_reset_the_new_password_signs_in_and_the_old_one_does_not(
    directory: LdapDirectory, official: Official
) -> None:
    directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(GOOD_PASSWORD)
    assert not official.signs_in(OLD_PASSWORD)
    assert directory.check_password(official.address, NEW)
    assert not directory.check_password(official.address, Secret(OLD_PASSWORD))


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
def test_whatever_a_person_may_choose_arrives_byte_for_byte(
    directory: LdapDirectory, official: Official, password: str
) -> None:
    directory.set_password(official.address, Secret(password), NOON)
    assert official.signs_in(password)
    assert not official.signs_in(password.strip() if password != password.strip() else f"{password} ")


@pytest.mark.parametrize("weak", ["Ab1!", "onlysmallletters"])
def test_a_password_that_the_domain_s_policy_refuses_changes_nothing(
    directory: LdapDirectory, official: Official, weak: str
) -> None:
    with pytest.raises(PasswordRefused) as refused:
        directory.set_password(official.address, Secret(weak), NOON)
    assert refused.value.problem is PolicyProblem.TOO_WEAK
    assert official.signs_in(OLD_PASSWORD)


def test_a_disabled_account_is_refused_by_us_although_the_domain_would_reset_it(
    domain: samba.Domain, directory: LdapDirectory, official: Official
) -> None:
    official.change(userAccountControl=DISABLED)
    found = directory.find(official.address)
    assert found is not None
    assert found.status is AccountStatus.LOCKED
    with pytest.raises(UnknownAccount):
        directory.set_password(official.address, NEW, NOON)
    assert not directory.check_password(official.address, Secret(OLD_PASSWORD))
    official.change(userAccountControl=NORMAL)
    assert official.signs_in(OLD_PASSWORD)


def test_a_reset_ends_the_lock_that_wrong_passwords_cause(directory: LdapDirectory, official: Official) -> None:
    for _ in range(4):
        assert not official.signs_in("Wrong-Pass-1")
    assert not official.signs_in(OLD_PASSWORD)
    assert not directory.check_password(official.address, Secret(OLD_PASSWORD))
    found = directory.find(official.address)
    assert found is not None
    assert found.status is AccountStatus.ACTIVE
    directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(GOOD_PASSWORD)


def test_a_right_password_that_must_be_changed_is_right_and_a_reset_ends_that_too(
    directory: LdapDirectory, official: Official
) -> None:
    official.change(pwdLastSet=[0])
    assert not official.signs_in(OLD_PASSWORD)
    assert directory.check_password(official.address, Secret(OLD_PASSWORD))
    assert not directory.check_password(official.address, Secret("Wrong-Pass-1"))
    directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(GOOD_PASSWORD)


def test_an_empty_password_opens_nothing(directory: LdapDirectory, official: Official) -> None:
    assert not directory.check_password(official.address, Secret(""))


@pytest.mark.parametrize("where", ["Administrator", "another unit"])
def test_the_service_account_cannot_reset_who_is_not_its_business(
    domain: samba.Domain, directory: LdapDirectory, where: str
) -> None:
    if where == "Administrator":
        domain.change(samba.ADMINISTRATOR, mail=["administrator@soctrang.gov.vn"])
        address, name, password = "administrator@soctrang.gov.vn", "Administrator", samba.ADMINISTRATOR_PASSWORD
    else:
        other = Official(domain, under=f"CN=Users,{samba.BASE}").made()
        address, name, password = other.address, other.name, OLD_PASSWORD
    with pytest.raises(DirectoryUnavailable, match="want of access rights"):
        directory.set_password(address, NEW, NOON)
    assert domain.signs_in(name, password)
    assert not domain.signs_in(name, GOOD_PASSWORD)


def test_with_the_rights_that_are_needed_it_can_neither_lock_nor_change_numbers(
    directory: LdapDirectory, official: Official
) -> None:
    with pytest.raises(DirectoryUnavailable):
        directory.lock(official.address)
    with pytest.raises(DirectoryUnavailable):
        directory.set_phones(official.address, [])
    assert official.signs_in(OLD_PASSWORD)


def test_with_the_other_rights_it_can_lock_unlock_and_change_numbers(
    domain: samba.Domain, directory: LdapDirectory
) -> None:
    made = Official(domain, under=samba.KEPT_HERE).made()
    directory.lock(made.address)
    assert not made.signs_in(OLD_PASSWORD)
    directory.unlock(made.address)
    assert made.signs_in(OLD_PASSWORD)
    directory.set_phones(made.address, [Phone(read_number("0912345678"))])
    assert domain.read(made.dn, "mobile")["mobile"] == [b"+84912345678"]


def test_starttls_is_as_good_as_ldaps(domain: samba.Domain, make_directory: MakeDirectory, official: Official) -> None:
    directory = make_directory(url=f"ldap://{domain.host}")
    directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(GOOD_PASSWORD)


def test_a_certificate_from_somebody_else_is_refused(
    make_directory: MakeDirectory, tmp_path: Path, official: Official
) -> None:
    directory = make_directory(ca_file=str(make_authority(tmp_path).file))
    with pytest.raises(DirectoryUnavailable):
        directory.check()
    with pytest.raises(DirectoryUnavailable):
        directory.set_password(official.address, NEW, NOON)
    assert official.signs_in(OLD_PASSWORD)


def test_a_wrong_password_of_the_service_account_is_said_without_it(make_directory: MakeDirectory) -> None:
    with pytest.raises(DirectoryUnavailable) as unavailable:
        make_directory(bind_password="Wrong-Pass-1").check()
    assert "Wrong-Pass-1" not in str(unavailable.value)


def test_everybody_is_listed_once(directory: LdapDirectory, official: Official) -> None:
    directory.check()
    assert [one.address for one in directory.all()].count(official.address) == 1
