"""What `doctor` finds out about a Zimbra, and that it changes nothing there."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.zimbra import ZimbraDirectory
from recovery_site.bootstrap.directories import make_directory
from tests.adapters.zimbra_cases import DOMAIN, Case, running_case
from tests.conftest import MakeSettings
from tests.fakes import AN
from tests.peers.certificates import make_authority
from tests.peers.zimbra import SERVICE_ACCOUNT, SERVICE_PASSWORD, hang_up
from tests.peers.zimbra_accounts import READABLE, WRITABLE

CONNECTION, LOGIN = "its connection and certificate", "the service account's login"
PEOPLE, ACCOUNTS = "the address where people sign in", f"the accounts of {DOMAIN}"
READ, SET = f"the right to read accounts in {DOMAIN}", f"the right to set passwords in {DOMAIN}"
CHANGE, TOO_MANY = f"the right to unlock and to set numbers in {DOMAIN}", f"no right too many in {DOMAIN}"


@pytest.fixture
def case() -> Iterator[Case]:
    with running_case() as running:
        yield running


def probed(directory: ZimbraDirectory) -> dict[str, str]:
    found = {probe.what: probe.problem for probe in directory.probe()}
    assert SERVICE_PASSWORD not in str(found)
    return found


def give(case: Case, **changed: Any) -> None:
    admins = case.double.accounts.admins
    admins[SERVICE_ACCOUNT] = replace(admins[SERVICE_ACCOUNT], **changed)


def problems(case: Case) -> dict[str, str]:
    return {what: problem for what, problem in probed(case.directory).items() if problem}


def test_a_service_account_with_the_rights_of_the_manual_is_fine_and_nothing_is_changed(case: Case) -> None:
    before = deepcopy(case.double.accounts.mailboxes)
    assert probed(case.directory) == dict.fromkeys(
        [CONNECTION, LOGIN, PEOPLE, ACCOUNTS, READ, SET, CHANGE, TOO_MANY], ""
    )
    assert case.double.accounts.mailboxes == before
    assert not {"SetPasswordRequest", "ModifyAccountRequest"} & set(case.double.asked)


def test_a_server_that_is_not_there_ends_the_questions(case: Case, tmp_path: Path) -> None:
    case.double.behave = hang_up
    assert list(probed(case.directory)) == [CONNECTION]
    other = case.over(ca_file=str(make_authority(tmp_path).file))
    assert probed(other) == {CONNECTION: "the certificate is not trusted; look at directory.zimbra.url and ca_file"}


def test_a_wrong_password_in_the_settings_is_found_behind_a_good_connection(case: Case) -> None:
    found = probed(case.over(admin_password="wrong"))
    assert found[CONNECTION] == ""
    assert "wrong name or password" in found[LOGIN]
    assert "directory.zimbra.admin" in found[LOGIN]
    assert list(found) == [CONNECTION, LOGIN]


def test_a_wrong_address_for_people_is_found(case: Case) -> None:
    found = probed(case.over(soap_url=case.double.url + "/service/admin/soap/"))
    assert "look at directory.zimbra.soap_url" in found[PEOPLE]
    case.double.violations.clear()


def test_a_service_account_that_sees_nobody_is_told_what_it_lacks(case: Case) -> None:
    give(case, rights=frozenset({"changeAccountPassword"}))
    assert "listAccount" in problems(case)[ACCOUNTS]


def test_rights_that_are_missing_are_named_one_by_one(case: Case) -> None:
    give(
        case,
        rights=frozenset({"listAccount"}),
        readable=READABLE - {"mobile"},
        writable=WRITABLE - {"zimbraAccountStatus"},
    )
    assert problems(case) == {
        READ: "missing; grant getAccountInfo, get.account.mobile",
        SET: "missing; grant changeAccountPassword",
        CHANGE: "missing; grant set.account.zimbraAccountStatus",
    }


def test_a_right_that_passes_over_the_policy_is_one_too_many(case: Case) -> None:
    give(case, rights=frozenset({"listAccount", "getAccountInfo", "changeAccountPassword", "setAccountPassword"}))
    assert "password policy does not count" in problems(case)[TOO_MANY]


def test_a_global_administrator_is_too_much(case: Case) -> None:
    give(case, is_global=True)
    assert list(problems(case)) == [TOO_MANY]
    assert "global administrator" in problems(case)[TOO_MANY]


def test_an_account_of_the_server_s_own_is_not_what_the_rights_are_tried_on(case: Case) -> None:
    case.double.accounts.mailboxes[AN].put("zimbraIsAdminAccount", "TRUE")
    assert problems(case) == {}


def test_the_settings_lead_to_this_directory(case: Case, make_settings: MakeSettings) -> None:
    table = case.double.settings()
    settings = make_settings(directory__kind="zimbra", directory__zimbra=table.model_dump())
    engine = open_engine("sqlite:///:memory:")
    directory = make_directory(settings, engine, case.clock)
    assert isinstance(directory, ZimbraDirectory)
    assert all(probe.problem == "" for probe in directory.probe())
    engine.dispose()
