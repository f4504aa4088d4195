"""`dispatch`, `sweep` and `purge` over a real database, with recoveries of some time ago."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from recovery_site.bootstrap import Services
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.messages import MessageState
from recovery_site.domain.people import AccountStatus
from recovery_site.domain.recovery import Step
from recovery_site.flow.outcomes import Submission
from recovery_site.ports import Limit
from tests.cli.conftest import Run
from tests.conftest import MakeSite
from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD, FakeClock, FakeGateway

CLIENT = "192.0.2.7"
CONSOLE: dict[str, Any] = {
    "site__base_url": "http://127.0.0.1:8000",
    "sms__gateway": {"main": {"kind": "console"}},
}
"""Over http the settings let the console carry messages; it writes them to stderr."""

PROGRAM = [sys.executable, "-c", "from recovery_site.cli import main; main()"]


def site_of(make_site: MakeSite, ago: timedelta) -> Services:
    return make_site(clock=FakeClock(datetime.now(UTC) - ago))


def confirmed(site: Services, address: str = AN) -> str:
    """Begin a recovery and queue its code; return the browser."""
    browser = site.recover.begin(address, None)
    site.recover.confirm(browser, "", CLIENT)
    return browser


def finished(site: Services) -> str:
    browser = confirmed(site)
    while site.deliver.send_next():
        pass
    gateway = site.gateways["main"]
    assert isinstance(gateway, FakeGateway)
    site.reset.submit(browser, Submission(gateway.last_code(), GOOD_PASSWORD, GOOD_PASSWORD))
    return browser


def granted_again(site: Services, address: str) -> None:
    """Give the account a first password, whose clock starts now."""
    site.provision.grant_again(address, "operator", Asking(AskedBy.TELEPHONE, caller="Văn phòng"))


def status(site: Services, address: str) -> AccountStatus:
    """Return what the mail system itself says."""
    account = site.adapters.directory.find(address)
    assert account is not None
    return account.status


def rows(site: Services, table: str) -> int:
    with site.engine.begin() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608 -- a table's name


# --- sweep ------------------------------------------------------------------------------------------------------------


def test_sweep_abandons_what_ran_out_and_says_how_many(run: Run, make_site: MakeSite) -> None:
    old = site_of(make_site, timedelta(hours=1))
    browsers = [old.recover.begin(AN, None), old.recover.begin(BINH, None)]
    young = site_of(make_site, timedelta(minutes=1)).recover.begin(AN, None)
    assert run("sweep").stdout.startswith("2 recoveries abandoned; ")
    assert run("sweep").stdout.startswith("0 recoveries abandoned; ")
    steps = [recovery.step for one in (*browsers, young) if (recovery := old.under_way.current(one))]
    assert steps == [Step.ABANDONED, Step.ABANDONED, Step.AWAITING_CONFIRMATION]


def test_sweep_reminds_and_locks_and_says_of_how_many(run: Run, make_site: MakeSite) -> None:
    granted_again(site_of(make_site, timedelta(hours=6)), AN)
    site = site_of(make_site, timedelta(hours=5, minutes=30))
    granted_again(site, BINH)
    wanted = (
        "0 recoveries abandoned; first passwords: 1 reminded of, 0 changed in the mail system, 1 accounts locked.\n"
    )
    assert run("sweep").stdout == wanted
    assert run("sweep").stdout.endswith(" 0 reminded of, 0 changed in the mail system, 0 accounts locked.\n")
    assert status(site, AN) is AccountStatus.LOCKED


# --- purge ------------------------------------------------------------------------------------------------------------


def test_purge_erases_old_recoveries_with_their_messages_and_keeps_young_ones(run: Run, make_site: MakeSite) -> None:
    old = site_of(make_site, timedelta(days=91))
    finished(old)
    confirmed(old, BINH)
    young = site_of(make_site, timedelta(days=89))
    kept = finished(young)
    assert run("purge").stdout.startswith("Erased 2 recoveries with their messages, ")
    recovery = young.under_way.current(kept)
    assert recovery is not None
    assert rows(young, "recoveries") == 1
    # its code, and the notice about the new password
    assert rows(young, "messages") == 2


def test_purge_follows_the_retention_of_the_settings(run: Run, make_site: MakeSite) -> None:
    site = make_site(clock=FakeClock(datetime.now(UTC) - timedelta(days=3)), retention__recoveries_days=2)
    finished(site)
    assert run("purge").stdout.startswith("Erased 1 recoveries with their messages, ")
    assert rows(site, "messages") == 0


def test_purge_erases_sessions_and_counters_that_are_over(run: Run, make_site: MakeSite) -> None:
    old, young = site_of(make_site, timedelta(days=2)), site_of(make_site, timedelta())
    for site in (old, young):
        site.sign_in.sign_in(AN, OLD_PASSWORD, client=CLIENT, browser=None, remember=False)
        with site.transactions() as tx:
            tx.limits.hit(Limit.SENDS_PER_ACCOUNT, str(site.clock.now()))
    result = run("purge")
    assert result.stdout == (
        "Erased 0 recoveries with their messages, 0 other messages, 0 first passwords and 0 events of the record, "
        "1 sessions and 1 counters of limits.\n"
    )
    assert (rows(young, "sessions"), run("purge").exit_code) == (1, 0)


def test_purge_erases_old_messages_that_belong_to_no_recovery(run: Run, make_site: MakeSite) -> None:
    for days, address in ((92, AN), (89, BINH)):
        granted_again(site_of(make_site, timedelta(days=days)), address)
        site_of(make_site, timedelta(days=days, hours=-5)).upkeep.sweep()
    site = site_of(make_site, timedelta())
    assert rows(site, "messages") == 2
    assert ", 1 other messages, 0 first passwords and 0 events of the record, " in run("purge").stdout
    assert rows(site, "messages") == 1
    assert rows(site, "activations") == 2


def test_purge_leaves_a_message_for_as_long_as_its_recovery(run: Run, make_site: MakeSite) -> None:
    # the code was of use for ten minutes, its recovery lived for thirty
    site = site_of(make_site, timedelta(days=90, minutes=20))
    confirmed(site)
    assert run("purge").stdout.startswith("Erased 0 recoveries with their messages, 0 other messages, ")
    assert rows(site, "messages") == 1


def test_purge_erases_the_old_record_but_never_a_clock_that_nobody_has_stopped(run: Run, make_site: MakeSite) -> None:
    for days, address in ((366, AN), (366, AN), (366, BINH), (364, BINH)):
        granted_again(site_of(make_site, timedelta(days=days)), address)
    site = site_of(make_site, timedelta())
    assert (rows(site, "activations"), rows(site, "audit")) == (4, 4)
    # An's first one was replaced at once; Binh's lately
    assert " 1 first passwords and 3 events of the record, " in run("purge").stdout
    # the fourth event, and that three were taken away
    assert (rows(site, "activations"), rows(site, "audit")) == (3, 2)
    account = site.directory.find(AN)
    assert account is not None
    assert account.status is AccountStatus.OVERDUE


def test_purge_follows_the_retention_of_the_record(run: Run, make_site: MakeSite) -> None:
    site = make_site(clock=FakeClock(datetime.now(UTC) - timedelta(days=3)), retention__audit_days=2)
    granted_again(site, AN)
    granted_again(site, AN)
    assert " 1 first passwords and 2 events of the record, " in run("purge").stdout


# --- dispatch ---------------------------------------------------------------------------------------------------------


def test_dispatch_sends_what_waits_until_it_is_told_to_stop(make_site: MakeSite) -> None:
    site = make_site(**CONSOLE)
    browser = confirmed(site)
    with subprocess.Popen(
        [*PROGRAM, "dispatch"], env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        line = next(text for text in process.stderr if text.startswith("SMS "))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    recovery = site.under_way.current(browser)
    assert recovery is not None
    assert recovery.reference in line
    assert (process.returncode, output) == (0, "Dispatching.\nStopped.\n")
    assert site.recover.status(recovery).delivery.state is MessageState.SENT


def test_dispatch_keeps_up_with_the_clock_of_first_passwords(make_site: MakeSite) -> None:
    granted_again(make_site(clock=FakeClock(datetime.now(UTC) - timedelta(hours=6)), **CONSOLE), AN)
    site = make_site(clock=FakeClock(datetime.now(UTC) - timedelta(hours=5, minutes=30)), **CONSOLE)
    granted_again(site, BINH)
    with subprocess.Popen(
        [*PROGRAM, "dispatch"], env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        patience = threading.Timer(120, process.kill)  # one that never sends must not be waited for
        patience.start()
        line = next((text for text in process.stderr if text.startswith("SMS ")), "")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        patience.cancel()
    assert "binh.le" in line
    assert (status(site, AN), status(site, BINH)) == (AccountStatus.LOCKED, AccountStatus.ACTIVE)


def test_dispatch_stops_on_ctrl_c_too(make_site: MakeSite) -> None:
    make_site()
    with subprocess.Popen(
        [*PROGRAM, "dispatch"], env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Dispatching.\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "Stopped.\n", "")
