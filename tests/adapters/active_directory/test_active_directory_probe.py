"""What doctor tries of an Active Directory, and what the administrators' page says of it."""

import tomllib

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.settings.ldap import Ldap
from tests.adapters.active_directory.officials import ATTRIBUTES, MakeDirectory, Official
from tests.fakes import OLD_PASSWORD
from tests.peers import samba

PAGE = samba.PAGE.read_text("utf-8")


def problems(directory: LdapDirectory) -> list[str]:
    return [probe.problem for probe in directory.probe() if probe.problem]


@pytest.mark.parametrize("unit", [samba.OFFICIALS, samba.KEPT_HERE])
def test_doctor_finds_nothing_wrong_with_the_page_s_rights_and_changes_nothing(
    domain: samba.Domain, make_directory: MakeDirectory, unit: str
) -> None:
    made = Official(domain, under=unit).made()
    before = domain.read(made.dn, "*")
    directory = make_directory(base_dn=unit)
    assert problems(directory) == []
    lines = [probe.what for probe in directory.probe()]
    assert f"may not set the password of {samba.ADMINISTRATOR}" in lines
    assert ("may lock accounts (userAccountControl)" in lines) is (unit == samba.KEPT_HERE)
    assert made.signs_in(OLD_PASSWORD)
    assert domain.signs_in("Administrator", samba.ADMINISTRATOR_PASSWORD)
    counted = ("lastLogon", "lastLogonTimestamp", "logonCount", "uSNChanged", "whenChanged")
    after = domain.read(made.dn, "*")
    assert {name: after[name] for name in after if name not in counted} == {
        name: before[name] for name in before if name not in counted
    }


def test_doctor_says_what_an_administrator_s_account_may_do_too_much(
    domain: samba.Domain, make_directory: MakeDirectory, official: Official
) -> None:
    said = problems(
        make_directory(
            bind_dn="Administrator@soctrang.gov.vn",
            bind_password=samba.ADMINISTRATOR_PASSWORD,
            base_dn=samba.OFFICIALS,
        )
    )
    assert said == [
        "the service account may write mail; take that right away from it",
        "the service account may write it; take that right away from it",
    ]
    assert domain.signs_in("Administrator", samba.ADMINISTRATOR_PASSWORD)


def test_doctor_names_the_rights_that_an_account_without_any_lacks(
    domain: samba.Domain, make_directory: MakeDirectory, official: Official
) -> None:
    table = {"bind_dn": official.address, "bind_password": OLD_PASSWORD, "base_dn": samba.OFFICIALS}
    assert problems(make_directory(**table)) == [
        "the service account may not write unicodePwd",
        "the service account may not write lockoutTime",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "ldaps://127.0.0.9"}, "refuses the connection"),
        ({"ca_file": ""}, "has a certificate that is refused: "),
        ({"bind_password": "Wrong-Pass-1"}, "refuses the name or the password of the service account"),
        ({"base_dn": f"OU=Nowhere,{samba.BASE}"}, "has no such entry"),
        ({"attributes": {"address": "info"}}, "the filter finds no entry with an address of site.mail_domains"),
        ({"attributes": {"phones": ["otherMobile"]}}, "accounts shows one in"),
    ],
)
def test_doctor_says_what_the_page_says_is_wrong(
    make_directory: MakeDirectory, official: Official, changed: dict[str, object], said: str
) -> None:
    [problem] = problems(make_directory(**{"base_dn": samba.OFFICIALS, **changed}))
    assert said in problem
    assert said in PAGE


def test_the_page_s_settings_are_settings_and_name_what_the_rights_are_for() -> None:
    table = tomllib.loads(PAGE.partition("```toml")[2].partition("```")[0])["directory"]["ldap"]
    assert table.pop("bind_password_file")
    assert table.pop("ca_file")
    read = Ldap.model_validate({**table, "bind_password": "secret"})
    assert (read.flavour, read.base_dn, read.administrators) == ("ad", samba.OFFICIALS, [samba.ADMINISTRATOR])
    assert table["attributes"] == {**ATTRIBUTES, "address": "mail", "phones": ["mobile"]}
