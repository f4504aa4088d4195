"""The table `[directory.ldap]`: filters, names and addresses are checked before anybody needs them."""

import json
from pathlib import Path

import pytest

from recovery_site.settings.ldap import Ldap
from tests.test_settings import CANARY, config, loaded, problems

__all__ = ["config"]  # the fixture

GOOD: dict[str, object] = {
    "url": "ldaps://ldap.soctrang.gov.vn",
    "bind_dn": "cn=recovery,dc=soctrang",
    "bind_password": CANARY,
    "base_dn": "ou=people,dc=soctrang",
}


def directory(**changed: object) -> str:
    lines = "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in {**GOOD, **changed}.items() if value is not None
    )
    return f'[directory]\nkind = "ldap"\n[directory.ldap]\n{lines}'


def ldap(config: Path, **changed: object) -> Ldap:
    table = loaded(config, directory(**changed)).directory.ldap
    assert table is not None
    return table


def test_what_must_be_given_is_little(config: Path) -> None:
    table = ldap(config)
    assert (table.flavour, table.attributes.address, table.attributes.phones) == ("openldap", "mail", ["mobile"])
    assert table.account_filter == "(&(objectClass=inetOrgPerson)(mail={address}))"


def test_active_directory_has_a_filter_of_its_own(config: Path) -> None:
    table = ldap(config, flavour="ad", bind_dn="svc-recovery@soctrang.gov.vn")
    assert table.account_filter == "(&(objectCategory=person)(objectClass=user)(mail={address}))"


def test_the_password_is_in_no_text_of_the_settings(config: Path) -> None:
    assert CANARY not in repr(ldap(config))


@pytest.mark.parametrize("name", ["url", "bind_dn", "bind_password", "base_dn"])
def test_what_is_missing_is_named(config: Path, name: str) -> None:
    assert problems(config, directory(**{name: None})) == [f"directory.ldap.{name}: Field required"]


@pytest.mark.parametrize(
    "text",
    [
        "(mail={address})",
        "(uid={local})",
        "(|(mail={address})(uid={local}))",
        "(&(objectClass=person)(!(employeeType=left))(mail={address}))",
        "(&(userAccountControl:1.2.840.113556.1.4.803:=512)(mail={address}))",
        "(proxyAddresses=smtp:{address})",
        "(&(objectClass=person)(cn>=a)(mail={address}))",
        "(mail;lang-vi={address})",
    ],
)
def test_filters_that_a_directory_understands_are_taken(config: Path, text: str) -> None:
    assert ldap(config, filter=text).account_filter == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(objectClass=person)", "names neither {address} nor {local}"),
        ("(mail={address}", "look at its brackets"),
        ("mail={address}", "look at its brackets"),
        ("(mail={address}))", "look at its brackets"),
        ("((mail={address}))", "look at its brackets"),
        ("(mail={address})(uid=x)", "look at its brackets"),
        ("(={address})", "look at its attributes"),
        ("(e mail={address})", "look at its attributes"),
        ("(mail={address})x", "look at its"),
        ("(&(mail={adress})(uid={local}))", "other braces"),
        ("(mail={{address}})", "other braces"),
        ("(mail={address)", "names neither"),
    ],
)
def test_filters_that_could_not_work_are_refused(config: Path, text: str, told: str) -> None:
    (problem,) = problems(config, directory(filter=text))
    assert problem.startswith("directory.ldap.filter: ")
    assert told in problem


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("url", "https://ldap.soctrang.gov.vn", "is not ldap:// or ldaps:// and a host"),
        ("url", "ldaps://", "is not ldap:// or ldaps:// and a host"),
        ("url", "ldaps://ldap.soctrang.gov.vn:notaport", "is not ldap:// or ldaps:// and a host"),
        ("url", "ldaps://ldap.soctrang.gov.vn/dc=soctrang", "without a path"),
        ("url", f"ldaps://user:{CANARY}@ldap.soctrang.gov.vn", "is not ldap:// or ldaps:// and a host"),
        ("read_urls", ["ldap.soctrang.gov.vn"], "is not ldap:// or ldaps:// and a host"),
        ("ca_file", f"/nowhere/{CANARY}.pem", "is not a file with certificates"),
        ("base_dn", "people", "is not a DN"),
        ("base_dn", "", "base_dn"),
        ("bind_dn", "", "bind_dn"),
        ("bind_password", "", "bind_password"),
        ("administrators", ["Administrator"], "is not a DN"),
        ("attributes", {"address": "e mail"}, "is not the name of an attribute"),
        ("attributes", {"address": ""}, "is not the name of an attribute"),
        ("attributes", {"aliases": ["a)(b"]}, "is not the name of an attribute"),
        ("attributes", {"phones": []}, "phones"),
        ("attributes", {"phones": ["mobile", "*"]}, "is not the name of an attribute"),
        ("attributes", {"lock": "+"}, "is not the name of an attribute"),
        ("attributes", {"photo": "jpegPhoto"}, "photo"),
        ("flavour", "novell", "flavour"),
        ("timeout_seconds", 0, "timeout_seconds"),
        ("timeout_seconds", 16, "timeout_seconds"),
        ("connections", 0, "connections"),
    ],
)
def test_each_bad_value_is_named_and_not_printed(config: Path, name: str, value: object, told: str) -> None:
    text = directory(**{name: value}) if not isinstance(value, dict) else directory() + _table(name, value)
    (problem,) = problems(config, text)
    assert problem.startswith(f"directory.ldap.{name}")
    assert told in problem


def test_all_bad_values_are_told_at_once(config: Path) -> None:
    told = problems(config, directory(url="x", base_dn="y", filter="z", administrators=["w"]))
    assert [problem.partition(":")[0] for problem in told] == [
        "directory.ldap.url",
        "directory.ldap.base_dn",
        "directory.ldap.filter",
        "directory.ldap.administrators.0",
    ]


def _table(name: str, values: dict[str, object]) -> str:
    return f"[directory.ldap.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
