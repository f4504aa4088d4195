"""How the kinds of directories write locks, times and refusals: bytes and words from their documents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.adapters.directories.ldap import ppolicy
from recovery_site.adapters.directories.ldap.connections import SignIn
from recovery_site.adapters.directories.ldap.flavours import Flavour, flavour_of
from recovery_site.adapters.directories.ldap.passwords import is_right, judge
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem, UnknownAccount
from recovery_site.settings.ldap import Ldap

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def flavour(name: str, **attributes: str) -> Flavour:
    return flavour_of(
        Ldap.model_validate(
            {
                "flavour": name,
                "url": "ldaps://ldap.example",
                "bind_dn": "cn=recovery",
                "bind_password": "x",
                "base_dn": "dc=example",
                "attributes": attributes,
            }
        )
    )


@pytest.mark.parametrize(
    ("name", "attributes", "values", "locked"),
    [
        ("openldap", {}, [], False),
        ("openldap", {}, ["000001010000Z"], True),
        ("openldap", {}, ["20260302050000Z"], False),  # the short lock after wrong passwords
        ("389ds", {}, ["TRUE"], True),
        ("389ds", {}, ["true"], True),
        ("389ds", {}, ["FALSE"], False),
        ("freeipa", {}, ["TRUE"], True),
        ("freeipa", {}, [], False),
        ("ad", {}, ["512"], False),
        ("ad", {}, ["514"], True),
        ("ad", {}, ["66050"], True),  # disabled, and the password never expires
        ("ad", {}, ["66048"], False),
        ("ad", {"lock": "useraccountcontrol"}, ["514"], True),  # the flavour's own, in other letters
        ("openldap", {"lock": "mailDisabled"}, ["yes"], True),
        ("openldap", {"lock": "mailDisabled"}, ["1"], True),
        ("openldap", {"lock": "mailDisabled"}, ["0"], False),
        ("openldap", {"lock": "mailDisabled"}, ["000001010000Z"], False),
    ],
)
def test_a_lock_is_told_from_an_open_account(
    name: str, attributes: dict[str, str], values: list[str], locked: bool
) -> None:
    assert flavour(name, **attributes).is_locked(values) is locked


@pytest.mark.parametrize(
    ("name", "attributes", "present", "locked", "opened"),
    [
        ("openldap", {}, [], ["000001010000Z"], []),
        ("389ds", {}, [], ["TRUE"], []),
        ("freeipa", {}, ["TRUE"], ["TRUE"], []),
        ("ad", {}, ["512"], ["514"], ["512"]),
        ("ad", {}, ["66050"], ["66050"], ["66048"]),  # nothing but the one bit changes
        ("openldap", {"lock": "mailDisabled"}, ["no"], ["TRUE"], []),
    ],
)
def test_locking_and_unlocking_change_what_they_must_and_no_more(
    name: str, attributes: dict[str, str], present: list[str], locked: list[str], opened: list[str]
) -> None:
    kind = flavour(name, **attributes)
    assert kind.locking(present) == {kind.lock_attribute: [("MODIFY_REPLACE", locked)]}
    assert kind.unlocking(present)[kind.lock_attribute] == [("MODIFY_REPLACE", opened)]


def test_unlocking_in_active_directory_ends_the_short_lock_too() -> None:
    assert flavour("ad").unlocking(["514"])["lockoutTime"] == [("MODIFY_REPLACE", ["0"])]


@pytest.mark.parametrize(
    ("name", "text", "time"),
    [
        ("openldap", "20260101000000Z", NEW_YEAR),
        ("openldap", "20260101000000.123456Z", NEW_YEAR),
        ("openldap", "20261301000000Z", None),
        ("openldap", "yesterday", None),
        ("389ds", "20260101000000Z", NEW_YEAR),
        ("freeipa", "20260101000000Z", NEW_YEAR),
        ("ad", "134116992000000000", NEW_YEAR),
        ("ad", "0", None),  # must be changed at the next sign-in
        ("ad", "-1", None),
        ("ad", "9" * 30, None),
        ("ad", "soon", None),
    ],
)
def test_the_time_of_the_last_change_is_read_as_utc(name: str, text: str, time: datetime | None) -> None:
    assert flavour(name).changed_at(text) == time


@pytest.mark.parametrize("text", ["20260101000000Z", "134116992000000000"])
def test_another_attribute_for_the_time_may_be_written_either_way(text: str) -> None:
    assert flavour("openldap", changed="lastChange").changed_at(text) == NEW_YEAR


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("3003810106", ppolicy.PolicyError.PASSWORD_TOO_SHORT),
        ("3003810100", ppolicy.PolicyError.PASSWORD_EXPIRED),
        ("3008a0038101028101 08".replace(" ", ""), ppolicy.PolicyError.PASSWORD_IN_HISTORY),  # and a warning before it
        ("3005a003800178", None),  # a warning alone
        ("3000", None),
        ("3003810163", None),  # an error that nobody has named yet
        ("", None),
        ("30", None),
        ("3003810206", None),
        ("04020106", None),
    ],
)
def test_the_control_of_password_policies_is_read(value: str, error: ppolicy.PolicyError | None) -> None:
    assert ppolicy.decode(bytes.fromhex(value)) == error


@given(st.binary(max_size=40))
def test_no_bytes_in_the_control_are_too_odd(value: bytes) -> None:
    assert ppolicy.decode(value) in (None, *ppolicy.PolicyError)


@pytest.mark.parametrize(
    ("code", "words", "problem"),
    [
        (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", PolicyProblem.TOO_WEAK),
        (19, "0000052D: Constraint violation - check_password_restrictions", PolicyProblem.TOO_WEAK),
        (19, "invalid password syntax: password must be at least 8 characters long", PolicyProblem.TOO_SHORT),
        (19, "Password is too short", PolicyProblem.TOO_SHORT),
        (19, "password in history", PolicyProblem.IN_HISTORY),
        (19, "Password reuse not permitted", PolicyProblem.IN_HISTORY),
        (19, "Too soon to change password", PolicyProblem.TOO_YOUNG),
        (19, "within password minimum age", PolicyProblem.TOO_YOUNG),
        (19, "Password is too simple", PolicyProblem.TOO_WEAK),
        (19, "", PolicyProblem.OTHER),
    ],
)
def test_a_directorys_refusal_of_a_password_has_its_reason(code: int, words: str, problem: PolicyProblem) -> None:
    with pytest.raises(PasswordRefused) as refused:
        judge({"result": code, "message": words})
    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("code", "words", "cause"),
    [
        (53, "operation restricted", "read-only"),
        (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0", "unwilling"),
        (80, "no space left on device", "full disk"),
        (51, "", "is busy"),
        (52, "", "is unavailable"),
        (11, "", "administrative limit"),
        (50, "", "want of access rights"),
        (10, "", "referral"),
        (4242, "", "4242"),
    ],
)
def test_what_is_no_refusal_of_the_password_is_the_directorys_fault(code: int, words: str, cause: str) -> None:
    with pytest.raises(DirectoryUnavailable, match=cause):
        judge({"result": code, "message": words})


def test_an_entry_that_went_away_in_between_is_unknown() -> None:
    with pytest.raises(UnknownAccount):
        judge({"result": 32, "message": ""})


@pytest.mark.parametrize("error", ["3003810103", "3003810104"])
def test_a_policy_that_lets_no_administrator_set_passwords_is_no_fault_of_the_password(error: str) -> None:
    result: dict[str, Any] = {"result": 19, "message": "", "controls": {ppolicy.OID: {"value": bytes.fromhex(error)}}}
    with pytest.raises(DirectoryUnavailable, match="lets the service account set no password"):
        judge(result)


AD_WORDS = "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data {}, v3839"


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (SignIn(0, "", None), True),
        (SignIn(49, "", None), False),
        (SignIn(49, "", ppolicy.PolicyError.PASSWORD_EXPIRED), True),
        (SignIn(49, "", ppolicy.PolicyError.ACCOUNT_LOCKED), False),
        (SignIn(49, AD_WORDS.format("52e"), None), False),
        (SignIn(49, AD_WORDS.format("525"), None), False),
        (SignIn(49, AD_WORDS.format("532"), None), True),
        (SignIn(49, AD_WORDS.format("773"), None), True),
        (SignIn(49, AD_WORDS.format("533"), None), False),
        (SignIn(49, AD_WORDS.format("775"), None), False),
        (SignIn(53, "Account inactivated. Contact system administrator.", None), False),
        (SignIn(19, "Exceed password retry limit. Please try later.", None), False),
    ],
)
def test_a_sign_in_says_whether_the_password_was_right(answer: SignIn, right: bool) -> None:
    assert is_right(answer) is right


@pytest.mark.parametrize("code", [51, 52, 80, 13, 8])
def test_a_sign_in_that_the_directory_cannot_judge_is_neither_right_nor_wrong(code: int) -> None:
    with pytest.raises(DirectoryUnavailable):
        is_right(SignIn(code, "", None))


@pytest.mark.parametrize(
    ("attributes", "numbers", "written"),
    [
        (["mobile"], ["+84912345678", "+84912345679"], [["+84912345678", "+84912345679"]]),
        (["mobile", "otherMobile"], ["+84912345678", "+84912345679"], [["+84912345678"], ["+84912345679"]]),
        (["mobile", "otherMobile"], ["1", "2", "3"], [["1"], ["2", "3"]]),
        (["mobile", "otherMobile"], [], [[], []]),
    ],
)
def test_active_directory_gets_one_number_for_each_attribute(
    attributes: Sequence[str], numbers: Sequence[str], written: list[list[str]]
) -> None:
    changes = flavour("ad").numbering(attributes, numbers)
    assert list(changes) == list(attributes)
    assert [change for ((_, change),) in changes.values()] == written
