"""`accounts rename-domain`, and old domains wherever an address is typed."""

from pathlib import Path

import pytest

from recovery_site.bootstrap import Services
from recovery_site.domain.audit import Event, EventKind
from recovery_site.domain.messages import Message
from recovery_site.domain.people import Account, NewAccount, Phone, read_number
from recovery_site.domain.recovery import Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.outcomes import NoRecovery
from recovery_site.flow.under_way import browser_hash
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.cli.granting import WRITTEN, opened, opens, passwords
from tests.conftest import MakeSite
from tests.fakes import AN, GROUP, NOON, OLD_PASSWORD, FakeClock, FakeGateway

OLD, NEW = "soctrang.gov.vn", "cantho.gov.vn"
BOTH = [NEW, OLD]
AN_NOW = f"an.tran@{NEW}"


def moved(address: str) -> str:
    return address.replace(OLD, NEW)


@pytest.fixture
def province(make_site: MakeSite) -> Services:
    """The sample accounts, in a province that was merged into another one."""
    return make_site(clock=FakeClock(), site__mail_domains=BOTH, site__domain_aliases={})


def test_all_accounts_move_with_numbers_names_and_passwords(run: Run, province: Services) -> None:
    before = province.directory.all()
    result = run("accounts", "rename-domain", OLD, NEW, "--by", "Nghị")
    assert result.exit_code == 0
    assert result.stdout == f"{len(before)} accounts were moved from {OLD} to {NEW}.\n"
    after = {account.address: account for account in province.directory.all()}
    assert sorted(after) == sorted(moved(account.address) for account in before)
    for account in before:
        new = after[moved(account.address)]
        assert (new.display_name, new.unit, new.kind, new.status, new.phones, new.password_changed_at) == (
            account.display_name, account.unit, account.kind, account.status, account.phones,
            account.password_changed_at,
        )  # fmt: skip
    assert province.directory.check_password(AN_NOW, Secret(OLD_PASSWORD))
    assert not province.directory.check_password(AN, Secret(OLD_PASSWORD))


def test_an_account_of_another_domain_stays(run: Run, province: Services) -> None:
    assert province.adapters.accounts is not None
    others = [Account(f"x@{name}") for name in (NEW, f"so.{OLD}", f"x{OLD}")]
    province.adapters.accounts.put([NewAccount(one) for one in others], NOON)
    run("accounts", "rename-domain", OLD, NEW)
    assert {one.address for one in others} <= {account.address for account in province.directory.all()}


def test_a_dry_run_lists_the_moves_and_changes_nothing(run: Run, province: Services) -> None:
    before = province.directory.all()
    result = run("accounts", "rename-domain", "--dry-run", OLD, NEW)
    lines = result.stdout.splitlines()
    assert f"{AN} -> {AN_NOW}" in lines
    assert lines[-1] == f"{len(before)} accounts would be moved from {OLD} to {NEW}. Nothing was changed."
    assert province.directory.all() == before


def test_addresses_that_are_taken_are_named_and_nothing_is_half_done(run: Run, province: Services) -> None:
    assert province.adapters.accounts is not None
    province.adapters.accounts.put([NewAccount(Account(AN_NOW))], NOON)
    before = province.directory.all()
    result = run("accounts", "rename-domain", OLD, NEW)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [f"{AN_NOW}: is there already", "Nothing was moved: 1 addresses are taken."]
    assert province.directory.all() == before


@pytest.mark.parametrize("new", ["gmail.com", OLD])
def test_the_new_domain_is_another_one_of_the_mail_system_s(run: Run, province: Services, new: str) -> None:
    result = run("accounts", "rename-domain", OLD, new)
    assert (result.exit_code, result.stderr) == (
        1,
        f"{new}: must stand in site.mail_domains, and be another domain than {OLD}\n",
    )


def test_a_running_first_password_goes_along_with_its_clock_its_record_and_its_sms(
    run: Run, province: Services, tmp_path: Path
) -> None:
    person = ("--name", "Chi", "--unit", "Sở", "--phone", "0981234567", *WRITTEN)
    run("accounts", "grant", f"chi@{OLD}", *person, "--slip", tmp_path / "chi.html")
    run("accounts", "grant", f"dung@{OLD}", *person, "--sms")
    run("accounts", "rename-domain", OLD, NEW, "--by", "Nghị")
    [password] = passwords(tmp_path / "chi.html")
    assert province.adapters.directory.check_password(f"chi@{NEW}", Secret(password))
    with province.transactions() as tx:
        assert len(tx.activations.of_account(f"chi@{NEW}")) == 1
        assert tx.activations.of_account(f"chi@{OLD}") == []
        record: list[Event] = tx.audit.of_account(f"chi@{NEW}", 9)
    assert [(one.kind, one.actor, one.detail) for one in record][:1] == [(EventKind.RENAMED, "Nghị", f"chi@{OLD}")]
    assert [one.kind for one in record] == [EventKind.RENAMED, EventKind.GRANTED]
    with opened(province.settings) as services:
        services.clock.sleep(0)
        with services.transactions() as tx:
            message: Message | None = tx.messages.claim(services.clock.now(), services.clock.now())
    assert message is not None
    assert message.address == f"dung@{NEW}"


def test_what_was_open_under_the_old_address_ends(run: Run, province: Services) -> None:
    browser = province.recover.begin(AN, None)
    province.recover.confirm(browser, "", "192.0.2.7")
    signed_in = province.sign_in.sign_in(GROUP, OLD_PASSWORD, client="x", browser=None, remember=False)
    run("accounts", "rename-domain", OLD, NEW)
    recovery = province.under_way.current(browser)
    assert recovery is not None
    assert recovery.step is Step.ABANDONED
    with pytest.raises(NoRecovery):
        province.under_way.live(browser)
    with province.transactions() as tx:
        assert tx.sessions.get(browser_hash(signed_in.browser)) is None
        assert [message.state for message in tx.messages.of_recovery(recovery.id)] == ["expired"]


def test_settings_that_do_not_understand_the_old_address_are_a_warning(run: Run, make_site: MakeSite) -> None:
    make_site(site__mail_domains=BOTH, site__domain_aliases={})
    assert f'"{OLD}" = "{NEW}"' in run("accounts", "rename-domain", "--dry-run", OLD, NEW).stderr


def test_settings_that_understand_it_are_not(run: Run, make_site: MakeSite) -> None:
    make_site(site__mail_domains=[NEW], site__domain_aliases={OLD: NEW})
    result = run("accounts", "rename-domain", OLD.upper(), NEW)
    assert (result.exit_code, "warning" in result.stderr) == (0, False)
    again = run("accounts", "rename-domain", OLD, NEW)
    assert again.stdout == f"0 accounts were moved from {OLD} to {NEW}.\n"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_mail_system_of_its_own_renames_its_own_accounts(
    run: Run, ready_site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVERY_DIRECTORY__KIND", "zimbra")
    table = '{"url": "https://127.0.0.1:9/service/admin/soap", "admin": "a@soctrang.gov.vn", "admin_password": "x"}'
    monkeypatch.setenv("RECOVERY_DIRECTORY__ZIMBRA", table)
    result = run("accounts", "rename-domain", OLD, NEW)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "directory.kind is zimbra: the mail system renames its own accounts: do it there, and the site follows\n"
    )


# --- old domains, wherever an address is typed ------------------------------------------------------------------------


@pytest.fixture
def merged(make_site: MakeSite) -> Services:
    """The same province, its accounts in the new domain, its people still typing the old one."""
    services = make_site(
        clock=FakeClock(), gateways={"main": FakeGateway()}, site__mail_domains=[NEW],
        site__domain_aliases={OLD: NEW, "cu.gov.vn": NEW},
    )  # fmt: skip
    assert services.rename_domain is not None
    services.rename_domain.move(services.rename_domain.judge(OLD, NEW), "test")
    return services


@pytest.mark.parametrize("typed", [AN, "AN.Tran@Cu.Gov.Vn", "an.tran", AN_NOW])
def test_signing_in_and_recovering_understand_old_domains(merged: Services, typed: str) -> None:
    assert merged.sign_in.sign_in(typed, OLD_PASSWORD, client="x", browser=None, remember=False)
    recovery = merged.under_way.live(merged.recover.begin(typed, None))
    assert recovery.address == AN_NOW


def test_the_commands_understand_old_domains(run: Run, merged: Services, tmp_path: Path) -> None:
    assert run("accounts", "show", AN).stdout.startswith(f"address:               {AN_NOW}\n")
    assert run("accounts", "members", GROUP).exit_code == 0
    sheet = tmp_path / "officials.csv"
    sheet.write_text(f"email,phone\n{AN},0981234567\n")
    assert run("accounts", "import", sheet).exit_code == 0
    found = merged.directory.find(AN_NOW)
    assert found is not None
    assert found.phones == (Phone(read_number("0981234567")),)
    person = ("--name", "Chi", "--unit", "Sở", "--phone", "0981234567", *WRITTEN)
    assert run("accounts", "grant", f"chi@{OLD}", *person, "--slip", tmp_path / "1.html").exit_code == 0
    assert merged.directory.find(f"chi@{NEW}") is not None
    assert run("accounts", "grant-again", "chi@cu.gov.vn", "--slip", tmp_path / "2.html").exit_code == 0
    [password] = passwords(tmp_path / "2.html")
    assert opens(merged.settings, f"chi@{OLD}", password)


def test_several_domains_live_side_by_side(run: Run, make_site: MakeSite, tmp_path: Path) -> None:
    services = make_site(site__mail_domains=[OLD, NEW], site__domain_aliases={})
    person = ("--name", "An", "--unit", "Sở", "--phone", "0981234567", *WRITTEN)
    assert run("accounts", "grant", AN_NOW, *person, "--slip", tmp_path / "1.html").exit_code == 0
    [password] = passwords(tmp_path / "1.html")
    assert services.directory.check_password(AN_NOW, Secret(password))
    assert services.directory.check_password(AN, Secret(OLD_PASSWORD))
