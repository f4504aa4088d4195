"""Zimbra's accounts: which of them are the site's business, what is read of them, and what is changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recovery_site.domain.people import AccountKind, AccountStatus, Phone, read_number
from recovery_site.domain.secret import Secret
from recovery_site.ports import CannotAdd, PasswordRefused, PolicyProblem, UnknownAccount
from tests.adapters.zimbra_cases import DOMAIN, Case, reason, running_case
from tests.fakes import ACCOUNTS, AN, BINH, LOCKED, NOON, OLD_PASSWORD, PHONELESS, UNKNOWN
from tests.peers.zimbra import SERVICE_ACCOUNT
from tests.peers.zimbra_accounts import READABLE, WRITABLE, Admin

PHONES = ["mobile", "telephoneNumber"]


@pytest.fixture
def case() -> Iterator[Case]:
    with running_case(phones=PHONES) as running:
        yield running


def test_an_alias_leads_to_the_account_under_its_own_name(case: Case) -> None:
    case.double.accounts.mailboxes[AN].aliases = (f"an@{DOMAIN}", "an@elsewhere.vn")
    assert case.found(f"an@{DOMAIN}").address == AN
    assert case.directory.find("an@elsewhere.vn") is None


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("active", AccountStatus.ACTIVE),
        ("lockout", AccountStatus.ACTIVE),
        ("locked", AccountStatus.LOCKED),
        ("closed", AccountStatus.LOCKED),
        ("maintenance", AccountStatus.LOCKED),
        ("pending", AccountStatus.LOCKED),
        ("", AccountStatus.LOCKED),
    ],
)
def test_only_the_short_lock_is_as_good_as_open(case: Case, status: str, seen: AccountStatus) -> None:
    case.double.accounts.mailboxes[AN].put("zimbraAccountStatus", status)
    assert case.found(AN).status is seen


def test_numbers_come_from_all_attributes_and_those_that_are_no_mobiles_are_counted(case: Case) -> None:
    box = case.double.accounts.mailboxes[AN]
    box.put("mobile", "0393 070 121", "0299 3822 122")
    box.put("telephoneNumber", "+84393070121", "84912345678", "ask the secretary", "0162 123 4567")
    found = case.found(AN)
    assert [phone.number.local for phone in found.phones] == ["0393070121", "0912345678", "0321234567"]
    assert (found.unread_numbers, found.kind) == (2, AccountKind.GROUP)


@pytest.mark.parametrize("written", ["20260302050000Z", "20260302050000.123Z"])
def test_the_time_of_the_last_change_is_read_with_and_without_a_fraction(case: Case, written: str) -> None:
    case.double.accounts.mailboxes[AN].put("zimbraPasswordModifiedTime", written)
    assert case.found(AN).password_changed_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_a_time_that_is_none_is_no_reason_to_lose_the_account(case: Case) -> None:
    case.double.accounts.mailboxes[AN].put("zimbraPasswordModifiedTime", "yesterday")
    assert case.found(AN).password_changed_at is None


def test_an_account_without_a_display_name_has_its_common_name(case: Case) -> None:
    case.double.accounts.mailboxes[PHONELESS].put("cn", "Nguyễn Văn Không")
    assert case.found(PHONELESS).display_name == "Nguyễn Văn Không"


def test_an_alias_of_ours_on_a_mailbox_of_another_domain_leads_nowhere(case: Case) -> None:
    accounts = case.double.accounts
    accounts.admins[SERVICE_ACCOUNT] = Admin(accounts.admins[SERVICE_ACCOUNT].password, is_global=True)
    accounts.add("somebody@elsewhere.vn", OLD_PASSWORD, {"mobile": ["0393070121"]}, aliases=(f"moi@{DOMAIN}",))
    assert case.directory.find(f"moi@{DOMAIN}") is None


NOBODYS = [
    ("zimbraIsSystemAccount", "TRUE"),
    ("zimbraIsSystemResource", "TRUE"),
    ("zimbraIsExternalVirtualAccount", "TRUE"),
    ("zimbraIsAdminAccount", "TRUE"),
    ("zimbraAccountCalendarUserType", "RESOURCE"),
]


@pytest.mark.parametrize(("attribute", "value"), NOBODYS)
@pytest.mark.parametrize("is_global", [True, False])
def test_what_is_nobody_s_mailbox_is_not_there_for_the_site(
    case: Case, attribute: str, value: str, is_global: bool
) -> None:
    accounts = case.double.accounts
    accounts.admins[SERVICE_ACCOUNT] = Admin(accounts.admins[SERVICE_ACCOUNT].password, is_global=is_global)
    accounts.mailboxes[AN].put(attribute, value)
    assert case.directory.find(AN) is None
    assert AN not in [account.address for account in case.directory.all()]
    for change in (case.directory.lock, case.directory.unlock, lambda address: case.directory.set_phones(address, [])):
        with pytest.raises(UnknownAccount):
            change(AN)


def test_the_listing_turns_the_pages_and_leaves_out_other_domains(case: Case) -> None:
    for number in range(1200):
        case.double.accounts.add(f"cb{number:04}@{DOMAIN}", OLD_PASSWORD, {"mobile": ["0393070121"]})
    case.double.accounts.add("somebody@elsewhere.vn", OLD_PASSWORD, {})
    addresses = [account.address for account in case.directory.all()]
    assert len(addresses) == 1200 + len(ACCOUNTS)
    assert addresses == sorted(addresses)
    assert case.double.asked.count("SearchDirectoryRequest") == 3


def test_more_accounts_than_one_search_gives_are_listed(case: Case) -> None:
    for number in range(5100):
        case.double.accounts.add(f"cb{number:04}@{DOMAIN}", OLD_PASSWORD, {})
    assert len(case.directory.all()) == 5100 + len(ACCOUNTS)


def test_a_domain_that_zimbra_does_not_know_is_named_as_such(case: Case) -> None:
    case.double.accounts.mailboxes.clear()
    assert reason(case.directory.all) == ("Zimbra does not know a domain of site.mail_domains (account.NO_SUCH_DOMAIN)")


def test_two_accounts_for_one_address_are_ambiguous_and_nothing_of_them_is_changed(case: Case) -> None:
    code = "account.MULTIPLE_ACCOUNTS_MATCHED"
    case.double.refuse["GetAccountRequest"] = [code, code]
    assert case.found(AN).status is AccountStatus.AMBIGUOUS
    with pytest.raises(UnknownAccount):
        case.directory.lock(AN)


def test_a_zimbra_that_tells_nobody_who_is_missing_has_no_such_account_either(case: Case) -> None:
    case.double.accounts.tells_who_is_missing = False
    assert case.directory.find(UNKNOWN) is None
    with pytest.raises(UnknownAccount):
        case.directory.lock(UNKNOWN)


def test_a_global_administrator_is_told_that_there_is_no_account(case: Case) -> None:
    accounts = case.double.accounts
    accounts.admins[SERVICE_ACCOUNT] = Admin(accounts.admins[SERVICE_ACCOUNT].password, is_global=True)
    assert case.directory.find(UNKNOWN) is None
    with pytest.raises(UnknownAccount):
        case.directory.lock(UNKNOWN)


@pytest.mark.parametrize("hidden", ["zimbraAccountStatus", "mobile"])
def test_what_the_service_account_may_not_read_is_not_taken_for_empty(case: Case, hidden: str) -> None:
    accounts = case.double.accounts
    password = accounts.admins[SERVICE_ACCOUNT].password
    accounts.admins[SERVICE_ACCOUNT] = Admin(password, readable=READABLE - {hidden})
    assert reason(lambda: case.directory.find(AN)) == f"the service account may not read {hidden}"


def test_an_attribute_that_zimbra_does_not_know_points_at_the_settings(case: Case) -> None:
    assert "an attribute of the settings may be unknown" in reason(lambda: case.over(phones=["mobil"]).find(AN))


# --- changes ----------------------------------------------------------------------------------------------------------


def test_a_service_account_without_the_right_to_it_makes_no_accounts(case: Case) -> None:
    accounts = case.double.accounts
    admin = accounts.admins[SERVICE_ACCOUNT]
    accounts.admins[SERVICE_ACCOUNT] = replace(admin, rights=admin.rights - {"createAccount"})
    with pytest.raises(CannotAdd):
        case.directory.add(replace(ACCOUNTS[AN], address=UNKNOWN), Secret(OLD_PASSWORD), NOON)
    assert UNKNOWN not in accounts.mailboxes


def test_a_first_password_that_the_policy_refuses_makes_no_account(case: Case) -> None:
    case.double.accounts.policy.min_length = 30
    with pytest.raises(PasswordRefused) as refused:
        case.directory.add(replace(ACCOUNTS[AN], address=UNKNOWN), Secret(OLD_PASSWORD), NOON)
    assert refused.value.problem is PolicyProblem.TOO_SHORT
    assert UNKNOWN not in case.double.accounts.mailboxes


def test_locking_and_unlocking_change_the_status_alone(case: Case) -> None:
    box = case.double.accounts.mailboxes[AN]
    before = {**box.values}
    case.directory.lock(AN)
    assert box.values == {**before, "zimbraAccountStatus": ["locked"]}
    case.directory.unlock(AN)
    assert box.values == before
    case.directory.unlock(LOCKED)
    assert case.found(LOCKED).status is AccountStatus.ACTIVE


@pytest.mark.parametrize("status", ["closed", "maintenance", "pending"])
def test_what_zimbra_s_administrators_closed_stays_as_they_left_it(case: Case, status: str) -> None:
    box = case.double.accounts.mailboxes[AN]
    box.put("zimbraAccountStatus", status)
    case.directory.lock(AN)
    assert reason(lambda: case.directory.unlock(AN)) == (
        f"the account is {status}: only Zimbra's administrators open it again"
    )
    assert box.get("zimbraAccountStatus") == status


def test_unlocking_ends_the_short_lock(case: Case) -> None:
    box = case.double.accounts.mailboxes[AN]
    box.put("zimbraAccountStatus", "lockout")
    case.directory.unlock(AN)
    assert box.get("zimbraAccountStatus") == "active"


def test_new_numbers_stand_in_the_first_attribute_and_nowhere_else(case: Case) -> None:
    box = case.double.accounts.mailboxes[AN]
    box.put("telephoneNumber", "0299 3822 122", "0912345678")
    case.directory.set_phones(AN, [Phone(read_number("0833111222")), Phone(read_number("0833111333"), "Lê Thị Bình")])
    assert box.values["mobile"] == ["+84833111222", "+84833111333"]
    assert box.values["telephoneNumber"] == []
    assert [phone.number.local for phone in case.found(AN).phones] == ["0833111222", "0833111333"]


def test_taking_all_numbers_away_leaves_none(case: Case) -> None:
    case.directory.set_phones(AN, [])
    assert case.found(AN).phones == ()
    assert [phone.number.local for phone in case.found(BINH).phones] == ["0912345678"]


def test_a_change_that_the_service_account_may_not_make_is_not_passed_over(case: Case) -> None:
    accounts = case.double.accounts
    password = accounts.admins[SERVICE_ACCOUNT].password
    accounts.admins[SERVICE_ACCOUNT] = Admin(password, writable=WRITABLE - {"mobile"})
    said = reason(lambda: case.directory.set_phones(AN, []))
    assert said == "the service account may not do this (service.PERM_DENIED)"
    assert case.found(AN).phones
