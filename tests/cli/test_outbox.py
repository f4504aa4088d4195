"""`dispatch`, `sweep` and `purge` over a real database, with recoveries of some time ago."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from recovery_site.bootstrap import Services
from recovery_site.domain.messages import MessageState
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


def rows(site: Services, table: str) -> int:
    with site.engine.begin() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608 -- a table's name


# --- sweep ------------------------------------------------------------------------------------------------------------


def test_sweep_abandons_what_ran_out_and_says_how_many(run: Run, make_site: MakeSite) -> None:
    old = site_of(make_site, timedelta(hours=1))
    browsers = [old.recover.begin(AN, None), old.recover.begin(BINH, None)]
    young = site_of(make_site, timedelta(minutes=1)).recover.begin(AN, None)
    assert run("sweep").stdout == "2 recoveries abandoned.\n"
    assert run("sweep").stdout == "0 recoveries abandoned.\n"
    steps = [recovery.step for one in (*browsers, young) if (recovery := old.under_way.current(one))]
    assert steps == [Step.ABANDONED, Step.ABANDONED, Step.AWAITING_CONFIRMATION]


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
    assert result.stdout == "Erased 0 recoveries with their messages, 1 sessions and 1 counters of limits.\n"
    assert (rows(young, "sessions"), run("purge").exit_code) == (1, 0)


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
        output, _ = process.communicate(timeout=20)
    recovery = site.under_way.current(browser)
    assert recovery is not None
    assert recovery.reference in line
    assert (process.returncode, output) == (0, "Dispatching.\nStopped.\n")
    assert site.recover.status(recovery).delivery.state is MessageState.SENT


def test_dispatch_stops_on_ctrl_c_too(make_site: MakeSite) -> None:
    make_site()
    with subprocess.Popen(
        [*PROGRAM, "dispatch"], env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Dispatching.\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "Stopped.\n", "")
