"""Handing accounts out in a real OpenLDAP and in Zimbra's double, and the people of a group there."""

from pathlib import Path

import pytest

from recovery_site.domain.people import read_number
from recovery_site.domain.secret import Secret
from recovery_site.settings import Settings, load
from tests.cli.conftest import Run
from tests.cli.granting import WRITTEN, opened, passwords
from tests.cli.test_accounts_of_real_directories import elsewhere
from tests.fakes import BINH, GROUP, LOCKED, OLD_PASSWORD

__all__ = ["elsewhere"]  # a fixture

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def site(elsewhere: None) -> Settings:
    return load()


def test_an_account_that_is_there_gets_a_first_password_and_a_locked_one_is_opened(
    run: Run, site: Settings, tmp_path: Path
) -> None:
    asked = ("--caller", "Chi", "--slip")
    for name, address in enumerate((BINH, LOCKED)):
        result = run("accounts", "grant-again", address, *asked, tmp_path / f"{name}.html")
        assert (result.exit_code, f"{address}: handed out" in result.stdout) == (0, True), result.stderr
        [password] = passwords(tmp_path / f"{name}.html")
        with opened(site) as services:
            assert services.directory.check_password(address, Secret(password))
            assert not services.directory.check_password(address, Secret(OLD_PASSWORD))


def test_who_is_not_there_is_made_where_the_site_may_and_named_before_anything_happens_where_not(
    run: Run, site: Settings, tmp_path: Path
) -> None:
    people = ("--member", "Lê An <0981234501>", "--member", "Lý Bình <0981234502>", "--phone", "0981234502")
    words = ("--name", "Đoàn kiểm tra", "--unit", "Sở", *people, *WRITTEN, "--slip", tmp_path / "1.html")
    result = run("accounts", "grant", "doan", *words)
    if site.directory.kind == "zimbra":
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            "doan@soctrang.gov.vn: the directory has no such account, and the site makes none there; "
            "make it there first\n"
        )
        assert not (tmp_path / "1.html").exists()
        return
    assert result.exit_code == 0, result.stderr
    [password] = passwords(tmp_path / "1.html")
    with opened(site) as services:
        account = services.directory.find("doan@soctrang.gov.vn")
        assert services.directory.check_password("doan@soctrang.gov.vn", Secret(password))
    assert account is not None
    assert account.display_name == "Đoàn kiểm tra"
    assert sorted(phone.number.local for phone in account.phones) == ["0981234501", "0981234502"]


def test_members_come_and_go_by_their_numbers(run: Run, site: Settings) -> None:
    assert run("accounts", "add-member", GROUP, "Hà Chi <0981234567>").exit_code == 0
    assert sorted(run("accounts", "members", GROUP).stdout.split()) == ["0833XXX222", "0833XXX333", "0981XXX567"]
    assert run("accounts", "remove-member", GROUP, "0833XXX333").exit_code == 0
    with opened(site) as services:
        group = services.directory.find(GROUP)
    assert group is not None
    assert {phone.number for phone in group.phones} == {read_number("0833111222"), read_number("0981234567")}
