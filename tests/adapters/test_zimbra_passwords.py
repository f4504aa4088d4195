"""Passwords in Zimbra: set within its policy, found out about when an answer is lost, and checked by signing in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from recovery_site.adapters.directories.zimbra.directory import admin_url, person_url
from recovery_site.domain.secret import Secret
from recovery_site.ports import PasswordRefused, PolicyProblem, UnknownAccount
from tests.adapters.zimbra_cases import DOMAIN, Case, reason, running_case
from tests.fakes import AN, GOOD_PASSWORD, LOCKED, NOON, OLD_PASSWORD, UNKNOWN
from tests.peers.zimbra import SERVICE_ACCOUNT
from tests.peers.zimbra_accounts import WRITABLE, Mailbox

NEW = Secret(GOOD_PASSWORD)
OLD = Secret(OLD_PASSWORD)


@pytest.fixture
def case() -> Iterator[Case]:
    with running_case() as running:
        yield running


@pytest.fixture
def box(case: Case) -> Mailbox:
    return case.double.accounts.mailboxes[AN]


def give_rights(case: Case, *rights: str, writable: frozenset[str] = WRITABLE) -> None:
    admins = case.double.accounts.admins
    admins[SERVICE_ACCOUNT] = replace(admins[SERVICE_ACCOUNT], rights=frozenset(rights), writable=writable)


# --- setting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "  Mật khẩu   có dấu  ",
        "<&>\"']]>&amp;<!--" * 3,
        "".join(chr(code) for code in range(32, 127)),
        "Ben-pha-9-" * 12,
        "Đồng-bằng-\U0001f4ee-9",
        "{to} %s \\n $(id)",
    ],
)
def test_every_sign_of_a_password_arrives_as_it_was_given(case: Case, box: Mailbox, password: str) -> None:
    case.directory.set_password(AN, Secret(password), NOON)
    assert box.password == password
    assert case.directory.check_password(AN, Secret(password))


@pytest.mark.parametrize("sign", ["\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
def test_what_a_document_cannot_carry_is_refused_before_anything_is_asked(case: Case, box: Mailbox, sign: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        case.directory.set_password(AN, Secret(f"Ben-pha-9{sign}khach"), NOON)
    assert refused.value.problem is PolicyProblem.OTHER
    assert not case.directory.check_password(AN, Secret(f"{OLD_PASSWORD}{sign}"))
    assert case.double.asked == []
    assert box.password == OLD_PASSWORD


def test_a_new_password_ends_the_sessions_of_the_account(case: Case, box: Mailbox) -> None:
    accounts = case.double.accounts
    stolen = accounts.issue(AN, admin=False, lifetime=timedelta(days=2), validity=box.validity)
    assert accounts.is_open(stolen)
    case.directory.set_password(AN, NEW, NOON)
    assert not accounts.is_open(stolen)


def test_after_the_short_lock_the_new_password_opens_the_account(case: Case, box: Mailbox) -> None:
    box.put("zimbraAccountStatus", "lockout")
    case.directory.set_password(AN, NEW, NOON)
    assert (box.password, box.get("zimbraAccountStatus")) == (GOOD_PASSWORD, "active")
    assert case.directory.check_password(AN, NEW)


@pytest.mark.parametrize("status", ["closed", "locked", "maintenance", "pending"])
def test_an_account_that_is_not_open_gets_no_password_although_zimbra_would_set_it(
    case: Case, box: Mailbox, status: str
) -> None:
    box.put("zimbraAccountStatus", status)
    with pytest.raises(UnknownAccount):
        case.directory.set_password(AN, NEW, NOON)
    assert box.password == OLD_PASSWORD
    assert "SetPasswordRequest" not in case.double.asked


@pytest.mark.parametrize("keeps", [False, True])
def test_a_person_who_chose_a_password_does_not_have_to_change_it(case: Case, box: Mailbox, keeps: bool) -> None:
    case.double.accounts.keeps_must_change = keeps
    box.put("zimbraPasswordMustChange", "TRUE")
    case.directory.set_password(AN, NEW, NOON)
    assert box.get("zimbraPasswordMustChange") == ""


@pytest.mark.parametrize(
    ("rule", "value", "problem"),
    [
        ("min_length", 40, PolicyProblem.TOO_SHORT),
        ("max_length", 10, PolicyProblem.TOO_LONG),
        ("min_upper", 9, PolicyProblem.TOO_WEAK),
        ("min_age", timedelta(days=1), PolicyProblem.TOO_YOUNG),
    ],
)
def test_what_the_policy_refuses_is_said_and_changes_nothing(
    case: Case, box: Mailbox, rule: str, value: object, problem: PolicyProblem
) -> None:
    box.put("zimbraPasswordModifiedTime", "20260302040000.000Z")
    setattr(case.double.accounts.policy, rule, value)
    with pytest.raises(PasswordRefused) as refused:
        case.directory.set_password(AN, NEW, NOON)
    assert refused.value.problem is problem
    assert box.password == OLD_PASSWORD


def test_a_password_out_of_the_history_is_refused(case: Case) -> None:
    case.double.accounts.policy.history = 3
    case.directory.set_password(AN, NEW, NOON)
    for used in (OLD, NEW):
        with pytest.raises(PasswordRefused) as refused:
            case.directory.set_password(AN, used, NOON)
        assert refused.value.problem is PolicyProblem.IN_HISTORY


def test_a_policy_refusal_leaves_the_short_lock_alone(case: Case, box: Mailbox) -> None:
    box.put("zimbraAccountStatus", "lockout")
    case.double.accounts.policy.min_length = 40
    with pytest.raises(PasswordRefused):
        case.directory.set_password(AN, NEW, NOON)
    assert box.get("zimbraAccountStatus") == "lockout"


def test_with_too_many_rights_the_password_is_set_against_the_policy_and_the_log_says_so(
    case: Case, box: Mailbox
) -> None:
    give_rights(case, "getAccountInfo", "setAccountPassword")
    case.double.accounts.policy.min_length = 40
    with capture_logs() as logs:
        case.directory.set_password(AN, NEW, NOON)
    assert box.password == GOOD_PASSWORD
    assert [(line["event"], line["log_level"]) for line in logs] == [("zimbra_policy_not_enforced", "warning")]


def test_without_the_right_nothing_is_set_and_the_reason_is_named(case: Case, box: Mailbox) -> None:
    give_rights(case, "getAccountInfo")
    said = reason(lambda: case.directory.set_password(AN, NEW, NOON))
    assert said == "the service account may not do this (service.PERM_DENIED)"
    assert box.password == OLD_PASSWORD


def test_a_password_that_is_set_is_not_denied_because_the_short_lock_stays(case: Case, box: Mailbox) -> None:
    give_rights(case, "getAccountInfo", "changeAccountPassword", writable=frozenset())
    box.put("zimbraAccountStatus", "lockout")
    with capture_logs() as logs:
        case.directory.set_password(AN, NEW, NOON)
    assert (box.password, box.get("zimbraAccountStatus")) == (GOOD_PASSWORD, "lockout")
    assert [line["event"] for line in logs] == ["zimbra_short_lock_stays"]
    assert AN not in str(logs)


# --- answers that are lost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["active", "lockout"])
def test_an_answer_that_is_lost_is_no_failure_where_the_password_was_set(case: Case, box: Mailbox, status: str) -> None:
    box.put("zimbraAccountStatus", status)
    case.double.cut_after.add("SetPasswordRequest")
    case.directory.set_password(AN, NEW, NOON)
    assert (box.password, box.get("zimbraAccountStatus")) == (GOOD_PASSWORD, "active")


@pytest.mark.parametrize("status", ["active", "lockout"])
def test_a_request_that_is_lost_is_a_failure_and_costs_no_wrong_try(case: Case, box: Mailbox, status: str) -> None:
    box.put("zimbraAccountStatus", status)
    case.double.cut_before.add("SetPasswordRequest")
    said = reason(lambda: case.directory.set_password(AN, NEW, NOON))
    assert said == "the answer is not HTTP, or it breaks off"
    assert (box.password, box.get("zimbraAccountStatus"), box.failures) == (OLD_PASSWORD, status, 0)


@pytest.mark.parametrize("code", ["service.FAILURE", "service.PROXY_ERROR"])
def test_a_server_that_breaks_down_is_asked_whether_it_set_the_password(case: Case, box: Mailbox, code: str) -> None:
    case.double.refuse["SetPasswordRequest"] = [code]
    assert reason(lambda: case.directory.set_password(AN, NEW, NOON)) == code
    assert box.password == OLD_PASSWORD
    case.double.break_after["SetPasswordRequest"] = code
    case.directory.set_password(AN, NEW, NOON)
    assert box.password == GOOD_PASSWORD


def test_somebody_else_s_change_in_the_meantime_is_not_taken_for_ours(
    case: Case, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_another(one: Mailbox, _password: str, *, enforced: bool) -> str:
        one.password = "somebody else's"
        one.put("zimbraPasswordModifiedTime", "20260302050001.000Z")
        return ""

    monkeypatch.setattr(case.double.accounts, "set_password", set_another)
    case.double.cut_after.add("SetPasswordRequest")
    assert reason(lambda: case.directory.set_password(AN, NEW, NOON))


def test_where_nobody_can_tell_it_is_a_failure(case: Case) -> None:
    case.found(AN)  # signs the service account in
    case.double.cut_after |= {"SetPasswordRequest", "AuthRequest"}
    assert reason(lambda: case.directory.set_password(AN, NEW, NOON))


# --- checking ---------------------------------------------------------------------------------------------------------


def test_what_the_check_opened_is_closed_again(case: Case) -> None:
    assert case.directory.check_password(AN, OLD)
    assert case.double.asked == ["AuthRequest", "EndSessionRequest"]
    assert case.double.accounts.tokens == {}


def test_a_session_that_cannot_be_closed_does_not_make_the_password_wrong(case: Case) -> None:
    case.double.cut_before.add("EndSessionRequest")
    assert case.directory.check_password(AN, OLD)
    case.double.cut_before.clear()
    case.double.refuse["EndSessionRequest"] = ["service.FAILURE"]
    assert case.directory.check_password(AN, OLD)


def test_a_password_that_has_to_be_changed_is_a_right_one(case: Case, box: Mailbox) -> None:
    box.put("zimbraPasswordMustChange", "TRUE")
    assert case.directory.check_password(AN, OLD)
    assert not case.directory.check_password(AN, NEW)


def test_a_second_factor_makes_no_password_wrong(case: Case, box: Mailbox) -> None:
    box.second_factor = True
    assert case.directory.check_password(AN, OLD)
    assert case.double.asked == ["AuthRequest"]  # there is no session to end yet
    assert not case.directory.check_password(AN, NEW)
    case.double.refuse["AuthRequest"] = ["account.TWO_FACTOR_SETUP_REQUIRED"]
    assert case.directory.check_password(AN, OLD)


@pytest.mark.parametrize("status", ["closed", "locked", "maintenance", "pending", "lockout"])
def test_the_right_password_opens_no_account_that_is_not_open(case: Case, box: Mailbox, status: str) -> None:
    box.put("zimbraAccountStatus", status)
    assert not case.directory.check_password(AN, OLD)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        (AN, "wrong"),
        (AN, ""),
        (AN, "\x00"),
        (UNKNOWN, OLD_PASSWORD),
        (LOCKED, OLD_PASSWORD),
        ("nobody@invalid", OLD_PASSWORD),
        ("", ""),
        (AN.upper(), OLD_PASSWORD),
        (f"<account by='id'>@{DOMAIN}", OLD_PASSWORD),
    ],
)
def test_every_refusal_takes_the_same_time(case: Case, address: str, password: str) -> None:
    assert not case.directory.check_password(address, Secret(password))
    assert case.clock.slept == [0.5]


def test_a_refusal_that_took_long_enough_waits_no_longer(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = case.double.accounts.sign_in

    def sign_in(name: str, password: str) -> Mailbox:
        case.clock.pass_by(0.6)
        return slow(name, password)

    monkeypatch.setattr(case.double.accounts, "sign_in", sign_in)
    assert not case.directory.check_password(AN, NEW)
    assert case.clock.slept == []


def test_the_right_password_waits_for_nothing(case: Case) -> None:
    assert case.directory.check_password(AN, OLD)
    assert case.clock.slept == []


def test_people_sign_in_at_the_administrators_host_unless_the_settings_say_otherwise(case: Case) -> None:
    settings = case.double.settings(url="https://mail.soctrang.gov.vn:7071", soap_url="")
    assert person_url(settings) == "https://mail.soctrang.gov.vn/service/soap/"
    assert admin_url(settings) == "https://mail.soctrang.gov.vn:7071/service/admin/soap/"
    other = settings.model_copy(update={"url": "https://[::1]:9071/admin", "soap_url": "https://web.gov.vn/soap"})
    assert (admin_url(other), person_url(other)) == ("https://[::1]:9071/admin", "https://web.gov.vn/soap")
    assert person_url(other.model_copy(update={"soap_url": ""})) == "https://[::1]/service/soap/"
